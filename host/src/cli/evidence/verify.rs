//! `sindri evidence verify`

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use crate::cli::App;
use crate::error::{Code, Error, Exit, Result};
use crate::evidence::dsse::PublicKey;
use crate::evidence::sbom::Packages;
use crate::evidence::{Difference, Evidence, Folder, Image, compare};
use crate::report::{Document, table};

/// Arguments of `sindri evidence verify`.
#[derive(Debug, Args)]
pub struct Verify {
    /// Folder with the evidence
    #[arg(value_name = "DIR")]
    folder: PathBuf,
    /// Public key of a signer, in PEM; several times for several signers
    #[arg(long, value_name = "FILE", required = true)]
    key: Vec<PathBuf>,
    /// How many of the keys must have signed [default: all]
    #[arg(long, value_name = "N")]
    threshold: Option<usize>,
    /// Root file system that must be what was signed
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// Image that the evidence must be of
    #[arg(long, value_name = "CLOUD:LOCATION:ID")]
    image: Option<Image>,
}

impl Verify {
    pub(super) fn run(&self, app: &App) -> Result<Document> {
        let keys = self
            .key
            .iter()
            .map(|path| PublicKey::read(path))
            .collect::<Result<Vec<_>>>()?;
        let evidence = Folder::at(&self.folder).verify(&keys, self.threshold.unwrap_or(keys.len()))?;
        if let Some(image) = &self.image {
            is_of(&evidence, image)?;
        }
        let differences = match &self.root {
            Some(root) => {
                app.console.step("Read the root file system");
                self.differences(&evidence, root)?
            }
            None => Vec::new(),
        };
        let checked = self.root.is_some();
        let json = json!({
            "success": differences.is_empty(),
            "signed_by": evidence.signers,
            "subjects": evidence.statement.subject,
            "root_checked": checked,
            "differences": differences,
        });
        if differences.is_empty() {
            let what = if checked {
                "the root file system is what was signed"
            } else {
                "the signature holds; no root file system was looked at (--root DIR)"
            };
            return Ok(Document::new(
                format!("{what}\nsigned by {}", evidence.signers.join(", ")),
                json,
            ));
        }
        let rows: Vec<_> = differences.iter().map(row).collect();
        let text = table(&["WHAT", "WHERE", "WAS", "IS"], &rows);
        Ok(Document::new(text, json).exit(Exit::Failure))
    }

    fn differences(&self, evidence: &Evidence, root: &std::path::Path) -> Result<Vec<Difference>> {
        let manifest = evidence.manifest.as_ref().ok_or_else(|| {
            Error::new(
                Code::EvidenceSubject,
                "the evidence does not say what is on the disk",
            )
            .file(&self.folder)
            .remedy("make it with `sindri evidence create --root`")
        })?;
        let mut differences = Vec::new();
        if let Some(bom) = &evidence.bom {
            differences.extend(bom.packages().differences(&Packages::of_root(root)?));
        }
        differences.extend(compare(manifest, root)?);
        Ok(differences)
    }
}

fn is_of(evidence: &Evidence, image: &Image) -> Result<()> {
    let subject = image.subject();
    if evidence.statement.subject(&subject.name) == subject.sha256() {
        return Ok(());
    }
    let names: Vec<_> = evidence
        .statement
        .subject
        .iter()
        .map(|subject| subject.name.clone())
        .collect();
    Err(
        Error::new(Code::EvidenceSubject, format!("the evidence is not of {image}"))
            .detail(format!("it is of {}", names.join(", "))),
    )
}

fn row(difference: &Difference) -> Vec<String> {
    let text = |value: &Option<String>| value.clone().unwrap_or_else(|| "-".to_owned());
    vec![
        difference.what.name().to_owned(),
        difference.subject.clone(),
        text(&difference.was),
        text(&difference.is),
    ]
}
