//! One in-toto statement (v1) with a SLSA provenance predicate (v1): what an image is and what it was made of.
//!
//! The types write the fields in one order, and read no field that they do not know: a statement that says more than
//! this program understands is refused, and so is one with a field twice.

use serde::{Deserialize, Serialize};

use crate::error::{Code, Error, Result};

/// The predicate's type, as `packer verify-attestation -predicate-type` takes it.
pub const PREDICATE_TYPE: &str = "https://slsa.dev/provenance/v1";
/// Whoever runs `sindri` on a machine of their own.
pub const LOCAL_BUILDER: &str =
    "https://github.com/pacphi/sindri/blob/main/docs/security/evidence.md#local-builder";

/// The statement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Statement {
    #[serde(rename = "_type")]
    form: Form,
    /// What it is about: images, and the manifest of what is on their disk.
    pub subject: Vec<Resource>,
    predicate_type: PredicateType,
    /// What they were made of.
    pub predicate: Provenance,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum Form {
    #[serde(rename = "https://in-toto.io/Statement/v1")]
    V1,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum PredicateType {
    #[serde(rename = "https://slsa.dev/provenance/v1")]
    ProvenanceV1,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
enum BuildType {
    #[serde(rename = "https://github.com/pacphi/sindri/blob/main/docs/security/evidence.md#build-type-v1")]
    V1,
}

/// An in-toto resource descriptor.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Resource {
    /// File name, or what stands for it.
    pub name: String,
    /// Where it is from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub uri: Option<String>,
    /// Of its bytes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub digest: Option<Digest>,
    /// Of a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub media_type: Option<String>,
}

impl Resource {
    /// A file, or whatever else has bytes.
    pub fn new(name: impl Into<String>, sha256: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            digest: Some(Digest {
                sha256: sha256.into(),
            }),
            ..Self::default()
        }
    }

    /// With the type of its content.
    #[must_use]
    pub fn media_type(mut self, media_type: &str) -> Self {
        self.media_type = Some(media_type.to_owned());
        self
    }

    /// With the place it is from.
    #[must_use]
    pub fn uri(mut self, uri: impl Into<String>) -> Self {
        self.uri = Some(uri.into());
        self
    }

    /// Hexadecimal; none for what has a name only.
    pub fn sha256(&self) -> Option<&str> {
        self.digest.as_ref().map(|digest| digest.sha256.as_str())
    }
}

/// A set of digests with one in it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Digest {
    /// 64 lower-case hexadecimal digits.
    pub sha256: String,
}

/// SLSA provenance.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Provenance {
    /// What went in.
    pub build_definition: BuildDefinition,
    /// Who did it, when, and what else came out.
    pub run_details: RunDetails,
}

/// What went in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct BuildDefinition {
    build_type: BuildType,
    /// What the user chose.
    pub external_parameters: ExternalParameters,
    /// What the machine had.
    pub internal_parameters: InternalParameters,
    /// Plugin, template, scripts, the user's files, the source image.
    pub resolved_dependencies: Vec<Resource>,
}

/// What the user chose. All of it may be published: no value of a secret is in it, and no digest of one either.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct ExternalParameters {
    /// The plugin's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cloud: Option<String>,
    /// Name of the image.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_name: Option<String>,
    /// Digest of the cloud's section of the configuration, see [`configuration`].
    #[serde(skip_serializing_if = "Option::is_none")]
    pub configuration: Option<Resource>,
    /// Names of variables whose values are secret.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub secret_variables: Vec<String>,
}

/// What the machine had.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct InternalParameters {
    /// Programs that were run.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub tools: Vec<ToolVersion>,
    /// Under which an image of the same content is found again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cache_key: Option<String>,
}

/// A program.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ToolVersion {
    /// For example `packer`, or the source of one of its plugins.
    pub name: String,
    /// As it says, or as it was demanded.
    pub version: String,
}

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunDetails {
    /// Who vouches for all this.
    pub builder: Builder,
    /// Which run.
    #[serde(default, skip_serializing_if = "Metadata::is_empty")]
    pub metadata: Metadata,
    /// What came out besides: list of packages, results of checks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub byproducts: Vec<Resource>,
}

/// Who vouches.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Builder {
    /// An address that stands for a kind of place, see [`LOCAL_BUILDER`].
    pub id: String,
    /// Programs of the builder.
    pub version: BuilderVersion,
}

/// Programs of the builder.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BuilderVersion {
    /// This program.
    pub sindri: String,
}

/// Which run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase", default)]
pub struct Metadata {
    /// The run's id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub invocation_id: Option<String>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub started_on: Option<String>,
    /// RFC 3339.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finished_on: Option<String>,
}

impl Metadata {
    fn is_empty(&self) -> bool {
        *self == Self::default()
    }
}

impl Statement {
    /// A statement about these subjects.
    pub fn new(subject: Vec<Resource>, predicate: Provenance) -> Self {
        Self {
            form: Form::V1,
            subject,
            predicate_type: PredicateType::ProvenanceV1,
            predicate,
        }
    }

    /// JSON, the same bytes for the same statement.
    pub fn to_bytes(&self) -> Result<Vec<u8>> {
        serde_json::to_vec(self)
            .map_err(|error| Error::new(Code::Internal, "a statement is not JSON").source(error))
    }

    /// Reads a statement of this program's.
    pub fn parse(bytes: &[u8]) -> Result<Self> {
        serde_json::from_slice(bytes).map_err(|error| {
            Error::new(Code::EvidenceForm, "this is not a statement of sindri's").source(error)
        })
    }

    /// The digest of a subject; none if there is no such subject, or more than one.
    pub fn subject(&self, name: &str) -> Option<&str> {
        only(&self.subject, name)
    }

    /// The digest of a byproduct, in the same way.
    pub fn byproduct(&self, name: &str) -> Option<&str> {
        only(&self.predicate.run_details.byproducts, name)
    }
}

fn only<'a>(resources: &'a [Resource], name: &str) -> Option<&'a str> {
    let mut named = resources.iter().filter(|resource| resource.name == name);
    match (named.next(), named.next()) {
        (Some(one), None) => one.sha256(),
        (Some(_) | None, _) => None,
    }
}

impl BuildDefinition {
    /// What went in.
    pub fn new(
        external_parameters: ExternalParameters,
        internal_parameters: InternalParameters,
        resolved_dependencies: Vec<Resource>,
    ) -> Self {
        Self {
            build_type: BuildType::V1,
            external_parameters,
            internal_parameters,
            resolved_dependencies,
        }
    }
}

#[cfg(test)]
mod tests;
