//! What a build writes down of its image, beside Packer's own manifest.

use std::path::PathBuf;

use semver::Version;
use serde::Serialize;
use serde_json::Value;

use super::Session;
use super::render::Rendered;
use crate::contract::Image as Built;
use crate::digest;
use crate::error::{Code, Error, Result};
use crate::evidence::dsse::SigningKey;
use crate::evidence::manifest::{self, Kind, Manifest};
use crate::evidence::sbom::{self, Bom, Packages};
use crate::evidence::statement::{
    ExternalParameters, InternalParameters, Metadata, Resource, Statement, ToolVersion,
};
use crate::evidence::{ATTESTATION, Folder, Image, Parts, STATEMENT, attest};
use crate::files;
use crate::journal::{self, Run};
use crate::policy::redact::Redactor;
use crate::provision::MANIFEST_FOLDER;
use crate::runner::packer::TEMPLATE_FILE;

/// A manifest of a million paths has 250 MB.
const LIMIT: u64 = 1 << 30;
/// Where what the manifest must agree with lies on the disk.
const FROM_VM: [(&str, &str); 2] = [
    ("status", "var/lib/dpkg/status"),
    ("os-release", "usr/lib/os-release"),
];

/// What was written down.
#[derive(Clone, Debug, Serialize)]
pub struct Attested {
    /// The statement, or the envelope with it.
    pub statement: PathBuf,
    /// Somebody stands for it.
    pub signed: bool,
    /// Digest of the manifest of the disk; none if nobody entered the VM to make it.
    pub manifest_sha256: Option<String>,
}

/// The user's key, if one is configured.
pub(super) fn key(session: &Session<'_>, redactor: &Redactor) -> Result<Option<SigningKey>> {
    let path = session.settings.build.signing_key.as_ref();
    path.map(|path| SigningKey::read(path, redactor)).transpose()
}

/// Writes the evidence into the run's directory.
pub(super) fn write(
    session: &Session<'_>,
    run: &Run,
    rendered: &Rendered,
    packer: &Version,
    image: &Built,
    key: Option<&SigningKey>,
) -> Result<Attested> {
    let mut parts = Parts {
        images: images(session, image),
        external: external(session, rendered)?,
        internal: internal(rendered, packer),
        dependencies: dependencies(session, rendered),
        metadata: Metadata {
            invocation_id: Some(run.id().to_owned()),
            started_on: Some(run.started().to_owned()),
            finished_on: Some(journal::now()),
        },
        ..Parts::default()
    };
    let folder = Folder::of_run(run.directory());
    let from_vm = run.directory().join(MANIFEST_FOLDER);
    if files::is_directory(&from_vm) {
        let (manifest, bill) = from_disk(&from_vm)?;
        folder.write(manifest::FILE, &manifest)?;
        folder.write(sbom::FILE, &bill)?;
        parts.manifest = Some(digest::sha256(&manifest));
        parts.sbom = Some(digest::sha256(&bill));
        files::remove_tree(&from_vm).map_err(|error| unreadable(&from_vm).source(error))?;
    }
    let manifest_sha256 = parts.manifest.clone();
    let statement: Statement = attest(parts)?;
    // Always there, for `sindri evidence create --run`; only the envelope proves anything.
    folder.write_statement(&statement, &[])?;
    if let Some(key) = key {
        folder.write_statement(&statement, std::slice::from_ref(key))?;
    }
    let name = if key.is_some() { ATTESTATION } else { STATEMENT };
    let statement = folder.path().join(name);
    if key.is_none() {
        let path = statement.display();
        session.app.console.line(&format!(
            "What went into the image is written down, and not signed: {path}"
        ));
    }
    Ok(Attested {
        statement,
        signed: key.is_some(),
        manifest_sha256,
    })
}

/// What the VM said of its disk, with the list of its packages. All three files must agree with each other; whether the
/// VM told the truth only `evidence verify --root` finds out.
fn from_disk(folder: &std::path::Path) -> Result<(Vec<u8>, Vec<u8>)> {
    let read = |name: &str| {
        let path = folder.join(name);
        files::read_plain(&path, LIMIT).map_err(|error| unreadable(&path).source(error))
    };
    let text = read(manifest::FILE)?;
    let manifest = Manifest::parse(&text).map_err(|error| error.file(folder.join(manifest::FILE)))?;
    let mut contents = Vec::new();
    for (name, path) in FROM_VM {
        let content = read(name)?;
        let agrees = manifest.entries().get(path.as_bytes()).is_some_and(|entry| {
            matches!(&entry.kind, Kind::File { sha256, .. } if sha256.to_string() == digest::sha256(&content))
        });
        if !agrees {
            let message = format!("the VM's manifest and its /{path} contradict each other");
            return Err(Error::new(Code::EvidenceSubject, message).file(folder.join(name)));
        }
        contents.push(content);
    }
    let [status, os_release] = contents.as_slice() else {
        return Err(Error::new(
            Code::Internal,
            "two files were read and are not there",
        ));
    };
    let bill = Bom::of(&Packages::parse(status, os_release)?).to_bytes()?;
    Ok((text, bill))
}

fn unreadable(path: &std::path::Path) -> Error {
    Error::new(Code::EvidenceFiles, "what the VM said of its disk cannot be read").file(path)
}

fn images(session: &Session<'_>, image: &Built) -> Vec<Image> {
    let named = |location: &str, id: &str| Image {
        cloud: session.plugin.identity().id.clone(),
        location: location.to_owned(),
        id: id.to_owned(),
    };
    let mut images = vec![named(&image.location, &image.id)];
    images.extend(image.copies.iter().map(|copy| named(&copy.location, &copy.id)));
    images
}

fn external(session: &Session<'_>, rendered: &Rendered) -> Result<ExternalParameters> {
    let mut section: Vec<_> = session.settings.cloud_section.iter().collect();
    section.sort_by_key(|(key, _)| key.as_str());
    let section: Vec<(&String, &Value)> = section;
    let text = serde_json::to_vec(&section)
        .map_err(|error| Error::new(Code::Internal, "the configuration is not JSON").source(error))?;
    Ok(ExternalParameters {
        cloud: Some(session.plugin.identity().id.clone()),
        image_name: Some(rendered.template.image_name().to_owned()),
        configuration: Some(Resource::new("configuration", digest::sha256(&text))),
        secret_variables: rendered.secrets.iter().map(|(name, _)| name.clone()).collect(),
    })
}

fn internal(rendered: &Rendered, packer: &Version) -> InternalParameters {
    let mut tools = vec![ToolVersion {
        name: "packer".to_owned(),
        version: packer.to_string(),
    }];
    tools.extend(
        rendered
            .template
            .required_plugins()
            .iter()
            .map(|plugin| ToolVersion {
                name: plugin.source.clone(),
                version: plugin.version.clone(),
            }),
    );
    InternalParameters {
        tools,
        cache_key: Some(rendered.cache_key.clone()),
    }
}

/// The plugin, the template that Packer got, and every file that went into the VM.
fn dependencies(session: &Session<'_>, rendered: &Rendered) -> Vec<Resource> {
    let plugin = session.plugin.identity();
    let mut dependencies = vec![
        Resource::new("plugin", plugin.sha256.clone()).uri(format!(
            "pkg:generic/sindri-plugin-{}@{}",
            plugin.id, session.info.version
        )),
        Resource::new(
            TEMPLATE_FILE,
            digest::sha256(rendered.template.to_packer_json().as_bytes()),
        ),
    ];
    dependencies.extend(
        rendered
            .files
            .iter()
            .map(|file| Resource::new(file.path.clone(), digest::sha256(file.content.as_ref()))),
    );
    dependencies
}
