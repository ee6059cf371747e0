//! Puts a statement together from what is known.

use std::fmt;
use std::str::FromStr;

use super::statement::{
    BuildDefinition, Builder, BuilderVersion, ExternalParameters, InternalParameters, LOCAL_BUILDER,
    Metadata, Provenance, Resource, RunDetails, Statement,
};
use super::{Folder, manifest, sbom};
use crate::digest;
use crate::error::{Code, Error, Result};
use crate::journal::Story;

/// An image as the cloud names it. Its text `CLOUD:LOCATION:ID` is the subject's name, and the SHA-256 of that text the
/// subject's digest: clouds have no digest of an image, and in-toto has no subject without one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Image {
    /// The plugin's id.
    pub cloud: String,
    /// Region, zone or project.
    pub location: String,
    /// May hold colons itself.
    pub id: String,
}

impl fmt::Display for Image {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}:{}", self.cloud, self.location, self.id)
    }
}

impl FromStr for Image {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self> {
        let mut parts = text.splitn(3, ':').filter(|part| !part.is_empty());
        match (parts.next(), parts.next(), parts.next()) {
            (Some(cloud), Some(location), Some(id)) => Ok(Self {
                cloud: cloud.to_owned(),
                location: location.to_owned(),
                id: id.to_owned(),
            }),
            _ => Err(
                Error::new(Code::UsageArgument, format!("`{text}` does not name an image"))
                    .remedy("write CLOUD:LOCATION:ID, for example aws:eu-central-1:ami-0123456789abcdef0"),
            ),
        }
    }
}

impl Image {
    /// The subject of a statement.
    pub fn subject(&self) -> Resource {
        let text = self.to_string();
        let sha256 = digest::sha256(text.as_bytes());
        Resource::new(text, sha256)
    }
}

/// What is known of an image. Whatever is not known is not in the statement.
#[derive(Clone, Debug, Default)]
pub struct Parts {
    /// The image and its copies.
    pub images: Vec<Image>,
    /// Digest of the manifest of its root file system.
    pub manifest: Option<String>,
    /// Digest of the list of its packages.
    pub sbom: Option<String>,
    /// Results of checks, by the names of their files.
    pub results: Vec<Resource>,
    /// What the user chose.
    pub external: ExternalParameters,
    /// What the machine had.
    pub internal: InternalParameters,
    /// What went in.
    pub dependencies: Vec<Resource>,
    /// Which run.
    pub metadata: Metadata,
    /// Who vouches; none: [`LOCAL_BUILDER`].
    pub builder: Option<String>,
}

impl Parts {
    /// What a run of `vm build` has written down of itself.
    pub fn of_run(story: &Story) -> Result<Self> {
        let statement = Folder::of_run(&story.directory).unsigned()?;
        let Provenance {
            build_definition,
            run_details,
        } = statement.predicate;
        let images = statement
            .subject
            .iter()
            .filter(|subject| subject.name != manifest::FILE);
        Ok(Self {
            images: images
                .map(|subject| subject.name.parse())
                .collect::<Result<_>>()?,
            external: build_definition.external_parameters,
            internal: build_definition.internal_parameters,
            dependencies: build_definition.resolved_dependencies,
            metadata: run_details.metadata,
            builder: Some(run_details.builder.id),
            ..Self::default()
        })
    }
}

/// The statement of these parts.
pub fn attest(parts: Parts) -> Result<Statement> {
    let mut subject: Vec<_> = parts.images.iter().map(Image::subject).collect();
    subject.extend(parts.manifest.map(|sha256| Resource::new(manifest::FILE, sha256)));
    if subject.is_empty() {
        return Err(Error::new(
            Code::Internal,
            "a statement needs an image or a root file system",
        ));
    }
    let mut byproducts: Vec<_> = parts
        .sbom
        .map(|sha256| Resource::new(sbom::FILE, sha256).media_type(sbom::MEDIA_TYPE))
        .into_iter()
        .collect();
    byproducts.extend(parts.results);
    Ok(Statement::new(
        subject,
        Provenance {
            build_definition: BuildDefinition::new(parts.external, parts.internal, parts.dependencies),
            run_details: RunDetails {
                builder: Builder {
                    id: parts.builder.unwrap_or_else(|| LOCAL_BUILDER.to_owned()),
                    version: BuilderVersion {
                        sindri: env!("CARGO_PKG_VERSION").to_owned(),
                    },
                },
                metadata: parts.metadata,
                byproducts,
            },
        },
    ))
}
