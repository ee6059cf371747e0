//! RSA keys of the users of a cloud: their requests are signed with them, and the lab checks it.

use std::io;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::crypto::ring;
use rustls::pki_types::alg_id;
use tokio_rustls::rustls;

use crate::files;

/// The smallest that all clients take.
const BITS: &str = "2048";

/// A key pair.
#[derive(Clone, Debug)]
pub struct RsaKey {
    /// PKCS#1 (`BEGIN RSA PRIVATE KEY`): the only form that the clients of all ages read.
    pub private: String,
    /// `RSAPublicKey` of PKCS#1, DER.
    public: Vec<u8>,
}

impl RsaKey {
    /// Reads the pair at `path` and `path.pub`, or makes it there with `ssh-keygen`.
    ///
    /// # Errors
    /// When `ssh-keygen` is missing or fails.
    pub fn at(path: &Path) -> io::Result<Self> {
        if !files::exists(path) {
            generate(path)?;
        }
        let wrong = || {
            io::Error::new(
                io::ErrorKind::InvalidData,
                format!("{} is no RSA key", path.display()),
            )
        };
        let public = files::read_text(&path.with_extension("pub"))?;
        Ok(Self {
            private: files::read_text(path)?,
            public: pkcs1(&public).ok_or_else(wrong)?,
        })
    }

    /// Whether this is the key's signature of the message (PKCS#1 1.5 with SHA-256, `RS256`).
    pub fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        ring::default_provider()
            .signature_verification_algorithms
            .all
            .iter()
            .any(|algorithm| {
                algorithm.signature_alg_id() == alg_id::RSA_PKCS1_SHA256
                    && algorithm
                        .verify_signature(&self.public, message, signature)
                        .is_ok()
            })
    }
}

#[allow(clippy::disallowed_methods)]
fn generate(path: &Path) -> io::Result<()> {
    let output = std::process::Command::new("ssh-keygen")
        .args([
            "-q", "-t", "rsa", "-b", BITS, "-m", "PEM", "-N", "", "-C", "", "-f",
        ])
        .arg(path)
        .stdin(std::process::Stdio::null())
        .output()
        .map_err(|error| io::Error::new(error.kind(), format!("ssh-keygen (OpenSSH's client): {error}")))?;
    if output.status.success() {
        return Ok(());
    }
    let text = String::from_utf8_lossy(&output.stderr);
    Err(io::Error::other(format!("ssh-keygen failed: {}", text.trim())))
}

/// From `ssh-rsa BASE64`, which is three length-prefixed parts: the kind, the exponent and the modulus. Both numbers are
/// written there just as DER writes them.
fn pkcs1(public: &str) -> Option<Vec<u8>> {
    let encoded = public.strip_prefix("ssh-rsa ")?.split_whitespace().next()?;
    let bytes = STANDARD.decode(encoded).ok()?;
    let (_, rest) = part(&bytes)?;
    let (exponent, rest) = part(rest)?;
    let (modulus, _) = part(rest)?;
    let numbers = [element(0x02, modulus), element(0x02, exponent)].concat();
    Some(element(0x30, &numbers))
}

fn part(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    rest.split_at_checked(usize::try_from(u32::from_be_bytes(*length)).ok()?)
}

/// Tag, length and content of DER.
fn element(tag: u8, content: &[u8]) -> Vec<u8> {
    let length = content.len();
    let bytes = length.to_be_bytes();
    let digits: Vec<u8> = bytes.into_iter().skip_while(|byte| *byte == 0).collect();
    let mut element = vec![tag];
    match u8::try_from(length) {
        Ok(short) if short < 0x80 => element.push(short),
        _ => {
            element.push(0x80 | u8::try_from(digits.len()).unwrap_or_default());
            element.extend(digits);
        }
    }
    element.extend(content);
    element
}
