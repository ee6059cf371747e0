//! `sindri evidence create`

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::cli::App;
use crate::digest;
use crate::error::{Code, Error, Result};
use crate::evidence::dsse::SigningKey;
use crate::evidence::manifest::{self, Exclusions, Manifest};
use crate::evidence::sbom::{self, Bom, Packages};
use crate::evidence::statement::Resource;
use crate::evidence::{ATTESTATION, Folder, Image, Parts, STATEMENT, attest};
use crate::files;
use crate::journal;
use crate::report::Document;

/// Results of checks are lists of a few hundred lines.
const RESULTS: u64 = 64 << 20;

/// Arguments of `sindri evidence create`.
#[derive(Debug, Args)]
pub struct Create {
    /// Root file system, for example of a mounted disk
    #[arg(long, value_name = "DIR")]
    root: PathBuf,
    /// Folder for the evidence, which must not hold any yet
    #[arg(long, value_name = "DIR")]
    output: PathBuf,
    /// Sign with this Ed25519 key in PKCS#8 PEM; several times for several signatures
    #[arg(long, value_name = "FILE")]
    sign_key: Vec<PathBuf>,
    /// Image that has this disk
    #[arg(long, value_name = "CLOUD:LOCATION:ID")]
    image: Vec<Image>,
    /// Run of `vm build` that made it: what went in comes from there, and the image
    #[arg(long, value_name = "RUN")]
    run: Option<String>,
    /// Result of a check to bind to it, for example what `sindri vm verify --json` has printed
    #[arg(long, value_name = "FILE")]
    result: Vec<PathBuf>,
    /// Leave out a path besides the standard ones, relative to the root
    #[arg(long, value_name = "PATH")]
    exclude: Vec<String>,
    /// Who vouches for the build
    #[arg(long, value_name = "URI")]
    builder_id: Option<String>,
}

impl Create {
    pub(super) fn run(&self, app: &App) -> Result<Document> {
        let keys = self
            .sign_key
            .iter()
            .map(|path| SigningKey::read(path, app.console.redactor()))
            .collect::<Result<Vec<_>>>()?;
        let mut parts = self.parts(app)?;
        let exclusions = self.exclusions()?;
        let excluded: Vec<_> = exclusions
            .iter()
            .map(|path| format!("/{}", String::from_utf8_lossy(path)))
            .collect();
        app.console
            .notice(&format!("not covered: {}", excluded.join(" ")));
        app.console.step("Read the root file system");
        let manifest = Manifest::of_root(&self.root, exclusions)?;
        let packages = Packages::of_root(&self.root)?;
        let (text, bill) = (manifest.to_bytes(), Bom::of(&packages).to_bytes()?);
        parts.manifest = Some(digest::sha256(&text));
        parts.sbom = Some(digest::sha256(&bill));
        let (manifest_sha256, sbom_sha256) = (parts.manifest.clone(), parts.sbom.clone());
        let statement = attest(parts)?;

        let folder = Folder::at(&self.output);
        folder.write(manifest::FILE, &text)?;
        folder.write(sbom::FILE, &bill)?;
        folder.write_statement(&statement, &keys)?;
        if keys.is_empty() {
            app.console.notice(
                "the statement is not signed: it proves nothing to anybody else; give --sign-key FILE",
            );
        }
        let written = if keys.is_empty() { STATEMENT } else { ATTESTATION };
        let key_ids: Vec<_> = keys.iter().map(|key| key.public().id()).collect();
        let json = json!({
            "success": true,
            "signed": !keys.is_empty(),
            "key_ids": key_ids,
            "statement": self.output.join(written),
            "paths": manifest.entries().len(),
            "packages": packages.packages.len(),
            "manifest_sha256": manifest_sha256,
            "sbom_sha256": sbom_sha256,
            "excluded": excluded,
        });
        let text = format!(
            "{}: {} paths, {} packages, {}",
            self.output.join(written).display(),
            manifest.entries().len(),
            packages.packages.len(),
            if keys.is_empty() { "not signed" } else { "signed" },
        );
        Ok(Document::new(text, json))
    }

    /// What is known without looking at the root.
    fn parts(&self, app: &App) -> Result<Parts> {
        let mut parts = match &self.run {
            Some(id) => Parts::of_run(&journal::find(&app.environment, id)?)?,
            None => Parts::default(),
        };
        parts.images.extend(self.image.iter().cloned());
        parts.builder = self.builder_id.clone().or(parts.builder);
        for path in &self.result {
            parts.results.push(result(path)?);
        }
        Ok(parts)
    }

    fn exclusions(&self) -> Result<Exclusions> {
        let mut exclusions = Exclusions::standard();
        for path in &self.exclude {
            if !exclusions.add(path.trim_start_matches('/').as_bytes()) {
                return Err(
                    Error::new(Code::UsageArgument, format!("`{path}` is no path below a root"))
                        .remedy("write it without `.`, `..` and double or final slashes"),
                );
            }
        }
        Ok(exclusions)
    }
}

/// A file of results, by its name.
fn result(path: &std::path::Path) -> Result<Resource> {
    let content = files::read_plain(path, RESULTS).map_err(|error| {
        Error::new(Code::EvidenceFiles, "the result cannot be read")
            .file(path)
            .source(error)
    })?;
    let name = path
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    // Under these names stand other things.
    if [manifest::FILE, sbom::FILE].contains(&name.as_str()) {
        return Err(Error::new(Code::UsageArgument, format!("a result cannot be named `{name}`")).file(path));
    }
    Ok(Resource::new(name, digest::sha256(&content)))
}
