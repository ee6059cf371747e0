//! A folder of evidence: the statement or its signed form, and the files that it names.

use std::path::{Path, PathBuf};

use super::dsse::{self, PublicKey, SigningKey};
use super::manifest::{self, Manifest};
use super::sbom::{self, Bom};
use super::statement::{Resource, Statement};
use crate::digest;
use crate::error::{Code, Error, Result};
use crate::files;

/// The signed statement.
pub const ATTESTATION: &str = "attestation.dsse.json";
/// The statement of which nobody says that it is theirs.
pub const STATEMENT: &str = "statement.json";
/// A manifest of a million paths has 250 MB.
const LIMIT: u64 = 2 << 30;

/// A folder of evidence.
#[derive(Clone, Debug)]
pub struct Folder(PathBuf);

/// Evidence whose signatures hold, and whose files are those that were signed.
#[derive(Debug)]
pub struct Evidence {
    /// What was signed.
    pub statement: Statement,
    /// Ids of the keys.
    pub signers: Vec<String>,
    /// What was on the disk; none if the statement does not say.
    pub manifest: Option<Manifest>,
    /// Which packages; none if the statement does not say.
    pub bom: Option<Bom>,
}

impl Folder {
    /// The folder at a path, which need not exist yet.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        Self(path.into())
    }

    /// The one of a run.
    pub fn of_run(directory: &Path) -> Self {
        Self(directory.join("evidence"))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }

    /// Writes a file that must not be there yet.
    pub fn write(&self, name: &str, content: &[u8]) -> Result<()> {
        let path = self.0.join(name);
        files::create_directory(&self.0)
            .and_then(|()| files::write_for_user(&path, content, false))
            .map_err(|error| {
                Error::new(Code::EvidenceFiles, "the evidence cannot be written")
                    .file(&path)
                    .source(error)
                    .remedy("name a folder without evidence: what is there is never replaced")
            })
    }

    /// Writes the statement, signed if there are keys.
    pub fn write_statement(&self, statement: &Statement, keys: &[SigningKey]) -> Result<()> {
        let payload = statement.to_bytes()?;
        if keys.is_empty() {
            return self.write(STATEMENT, &payload);
        }
        self.write(ATTESTATION, &dsse::sign(&payload, keys)?)
    }

    fn read(&self, name: &str) -> Result<Vec<u8>> {
        let path = self.0.join(name);
        files::read_plain(&path, LIMIT).map_err(|error| {
            Error::new(Code::EvidenceFiles, "the evidence cannot be read")
                .file(&path)
                .source(error)
        })
    }

    /// The statement without a signature: good to build on for whoever wrote it, and no proof to anybody else.
    pub fn unsigned(&self) -> Result<Statement> {
        Statement::parse(&self.read(STATEMENT)?).map_err(|error| error.file(self.0.join(STATEMENT)))
    }

    /// Reads the attestation, checks its signatures, and that each file beside it that the statement names is the one
    /// that was signed.
    pub fn verify(&self, keys: &[PublicKey], threshold: usize) -> Result<Evidence> {
        let attestation = self.0.join(ATTESTATION);
        if !files::exists(&attestation) && files::exists(&self.0.join(STATEMENT)) {
            return Err(
                Error::new(Code::EvidenceSignature, "the statement is not signed by anybody")
                    .file(self.0.join(STATEMENT))
                    .remedy("give --sign-key FILE when the evidence is made"),
            );
        }
        let verified = dsse::verify(&self.read(ATTESTATION)?, keys, threshold)
            .map_err(|error| error.file(&attestation))?;
        let statement = Statement::parse(&verified.payload).map_err(|error| error.file(&attestation))?;
        let manifest = self
            .signed(&statement.subject, manifest::FILE)?
            .map(|bytes| Manifest::parse(&bytes))
            .transpose()?;
        let bom = self
            .signed(&statement.predicate.run_details.byproducts, sbom::FILE)?
            .map(|bytes| Bom::parse(&bytes))
            .transpose()?;
        Ok(Evidence {
            statement,
            signers: verified.signers.into_iter().collect(),
            manifest,
            bom,
        })
    }

    /// The file that the statement names, if it names it. Named without a digest, or twice, it is nobody's.
    fn signed(&self, resources: &[Resource], name: &str) -> Result<Option<Vec<u8>>> {
        let named: Vec<_> = resources
            .iter()
            .filter(|resource| resource.name == name)
            .collect();
        if named.is_empty() {
            return Ok(None);
        }
        let content = self.read(name)?;
        let found = digest::sha256(&content);
        match named.as_slice() {
            [one] if one.sha256() == Some(found.as_str()) => Ok(Some(content)),
            _ => Err(
                Error::new(Code::EvidenceSubject, "the file is not the one that was signed")
                    .file(self.0.join(name))
                    .detail(format!("sha256 {found}")),
            ),
        }
    }
}
