//! Ed25519 keys in files: PKCS#8 in PEM, as OpenSSL and Packer read and write them.

use std::fmt;
use std::path::Path;

use ed25519_dalek::pkcs8::spki::DecodePublicKey as _;
use ed25519_dalek::pkcs8::spki::EncodePublicKey as _;
use ed25519_dalek::pkcs8::spki::der::pem::LineEnding;
use ed25519_dalek::pkcs8::{DecodePrivateKey as _, EncodePrivateKey as _, KeypairBytes};
use ed25519_dalek::{Signer as _, VerifyingKey};

use crate::digest;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::policy::redact::Redactor;

/// An Ed25519 key in PEM has 119 bytes.
const LIMIT: u64 = 16 << 10;

/// A private key. Its memory is wiped when it is dropped.
pub struct SigningKey {
    key: ed25519_dalek::SigningKey,
    public: PublicKey,
}

/// Nothing of it.
impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SigningKey").finish_non_exhaustive()
    }
}

impl SigningKey {
    /// A new one, of the system's random numbers.
    pub fn generate() -> Result<Self> {
        let mut seed = ed25519_dalek::SecretKey::default();
        getrandom::fill(&mut seed).map_err(|error| {
            Error::new(Code::Internal, "the system gives no random numbers").source(error)
        })?;
        Self::of(ed25519_dalek::SigningKey::from_bytes(&seed))
    }

    /// Reads a key that belongs to this user and that nobody else can read. Whatever is printed from now on, the key is
    /// masked in it.
    pub fn read(path: &Path, redactor: &Redactor) -> Result<Self> {
        let refused = || Error::new(Code::EvidenceKey, "the signing key cannot be used").file(path);
        let pem = files::read_secret(path, LIMIT).map_err(|error| {
            refused()
                .source(error)
                .remedy("the file belongs to you and is readable by nobody else: chmod 600")
        })?;
        let pem = String::from_utf8(pem).map_err(|_| refused().source("it is not PEM"))?;
        for line in pem.lines().filter(|line| !line.starts_with("-----")) {
            redactor.learn(line);
        }
        let key = ed25519_dalek::SigningKey::from_pkcs8_pem(&pem).map_err(|_| {
            refused()
                .source("it is no Ed25519 key in PKCS#8 PEM without a passphrase")
                .remedy("make one with `sindri evidence keygen` or `openssl genpkey -algorithm ed25519`")
        })?;
        Self::of(key)
    }

    fn of(key: ed25519_dalek::SigningKey) -> Result<Self> {
        let public = PublicKey::of(key.verifying_key())?;
        Ok(Self { key, public })
    }

    /// Writes both keys to new files: the private one for its owner only, the public one for everybody.
    pub fn write(&self, private: &Path, public: &Path) -> Result<()> {
        // Without the public key in it (version 1): OpenSSL before 3.5 does not read the other.
        let bytes = KeypairBytes {
            secret_key: self.key.to_bytes(),
            public_key: None,
        };
        let pem = bytes
            .to_pkcs8_pem(LineEnding::LF)
            .map_err(|error| encoding(&error))?;
        let broken = |path: &Path, error: std::io::Error| {
            Error::new(Code::EvidenceFiles, "the key cannot be written")
                .file(path)
                .source(error)
        };
        files::write_new_private(private, pem.as_bytes()).map_err(|error| broken(private, error))?;
        files::write_for_user(public, self.public.pem.as_bytes(), false)
            .map_err(|error| broken(public, error))
    }

    /// Whom others verify with.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// 64 bytes, the same for the same message.
    pub(super) fn sign(&self, message: &[u8]) -> [u8; 64] {
        self.key.sign(message).to_bytes()
    }
}

/// A public key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PublicKey {
    key: VerifyingKey,
    pem: String,
    id: String,
}

impl PublicKey {
    /// Reads `-----BEGIN PUBLIC KEY-----`. A private key is refused: who verifies must not need it.
    pub fn read(path: &Path) -> Result<Self> {
        let refused = || Error::new(Code::EvidenceKey, "the public key cannot be used").file(path);
        let pem = files::read_plain(path, LIMIT).map_err(|error| refused().source(error))?;
        let pem = std::str::from_utf8(&pem).map_err(|_| refused().source("it is not PEM"))?;
        let key = VerifyingKey::from_public_key_pem(pem)
            .map_err(|_| refused().source("it is no Ed25519 public key in PEM"))?;
        // With such a key, anybody can make a signature of anything.
        if key.is_weak() {
            return Err(refused().source("it is a weak point of the curve"));
        }
        Self::of(key)
    }

    fn of(key: VerifyingKey) -> Result<Self> {
        let pem = key
            .to_public_key_pem(LineEnding::LF)
            .map_err(|error| encoding(&error))?;
        let id = digest::sha256(pem.as_bytes());
        Ok(Self { key, pem, id })
    }

    /// SHA-256 of the PEM text, as `sha256sum KEY.pub` prints it and as Packer names keys.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// Whether this is the key's signature of the message, in its one canonical form.
    pub(super) fn has_signed(&self, message: &[u8], signature: &[u8]) -> bool {
        ed25519_dalek::Signature::from_slice(signature)
            .is_ok_and(|signature| self.key.verify_strict(message, &signature).is_ok())
    }
}

fn encoding(error: &dyn fmt::Display) -> Error {
    Error::new(Code::Internal, "a key cannot be written as PEM").source(error.to_string())
}
