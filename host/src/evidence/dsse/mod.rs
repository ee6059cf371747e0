//! DSSE v1: a payload and the signatures of it together with its type, so that a signature under one kind of document
//! is none under another.

mod key;

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde::{Deserialize, Serialize};

pub use key::{PublicKey, SigningKey};

use crate::error::{Code, Error, Result};

/// Type of an in-toto statement, the only payload there is here.
pub const PAYLOAD_TYPE: &str = "application/vnd.in-toto+json";
/// An envelope that is larger than this is not one of ours.
const LIMIT: usize = 16 << 20;

/// The envelope. A key of its JSON that stands twice, or that is not known, is an error.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
struct Envelope {
    /// Standard base64.
    payload: String,
    payload_type: String,
    signatures: Vec<Signature>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Signature {
    /// A hint that nobody vouches for: verification tries every key.
    #[serde(default)]
    keyid: String,
    /// Standard base64.
    sig: String,
}

/// A payload, and who has signed it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// The signed bytes, never those beside the signature.
    pub payload: Vec<u8>,
    /// Ids of the keys whose signatures hold.
    pub signers: BTreeSet<String>,
}

/// Pre-authentication encoding: what is signed. Lengths are in bytes.
pub fn pae(payload_type: &str, payload: &[u8]) -> Vec<u8> {
    let mut encoding =
        format!("DSSEv1 {} {payload_type} {} ", payload_type.len(), payload.len()).into_bytes();
    encoding.extend_from_slice(payload);
    encoding
}

/// Signs a statement with every key and returns the envelope as JSON with one line end.
pub fn sign(payload: &[u8], keys: &[SigningKey]) -> Result<Vec<u8>> {
    let message = pae(PAYLOAD_TYPE, payload);
    let signatures = keys
        .iter()
        .map(|key| Signature {
            keyid: key.public().id().to_owned(),
            sig: BASE64_STANDARD.encode(key.sign(&message)),
        })
        .collect();
    let envelope = Envelope {
        payload: BASE64_STANDARD.encode(payload),
        payload_type: PAYLOAD_TYPE.to_owned(),
        signatures,
    };
    let mut json = serde_json::to_vec_pretty(&envelope)
        .map_err(|error| Error::new(Code::Internal, "an envelope is not JSON").source(error))?;
    json.push(b'\n');
    Ok(json)
}

/// Opens an envelope if at least `threshold` of the keys have signed it, each counted once however often it is given or
/// has signed. No key and no threshold is an error, not a success.
pub fn verify(envelope: &[u8], keys: &[PublicKey], threshold: usize) -> Result<Verified> {
    let distinct: BTreeSet<_> = keys.iter().map(PublicKey::id).collect();
    if threshold == 0 || threshold > distinct.len() {
        let message = format!(
            "{threshold} signatures are demanded, and there are {} different public keys",
            distinct.len()
        );
        return Err(Error::new(Code::UsageArgument, message).remedy("give each signer's public key"));
    }
    if envelope.len() > LIMIT {
        return Err(malformed(&format!("it is larger than {LIMIT} bytes")));
    }
    let envelope: Envelope = serde_json::from_slice(envelope)
        .map_err(|error| malformed("it is not a DSSE envelope").source(error))?;
    if envelope.payload_type != PAYLOAD_TYPE {
        return Err(malformed(&format!(
            "its payload is not of the type {PAYLOAD_TYPE}"
        )));
    }
    let decode = |text: &str| {
        BASE64_STANDARD
            .decode(text)
            .map_err(|error| malformed("its base64 is wrong").source(error))
    };
    let payload = decode(&envelope.payload)?;
    let message = pae(PAYLOAD_TYPE, &payload);
    let mut signers = BTreeSet::new();
    for signature in &envelope.signatures {
        let bytes = decode(&signature.sig)?;
        let signer = keys.iter().find(|key| key.has_signed(&message, &bytes));
        signers.extend(signer.map(|key| key.id().to_owned()));
    }
    if signers.len() < threshold {
        let message = format!(
            "the attestation has {} signatures, and {} of them are by the given keys; {threshold} are needed",
            envelope.signatures.len(),
            signers.len()
        );
        return Err(Error::new(Code::EvidenceSignature, message)
            .remedy("do not trust it; if the key is the wrong one, give the signer's own with --key"));
    }
    Ok(Verified { payload, signers })
}

fn malformed(what: &str) -> Error {
    Error::new(
        Code::EvidenceForm,
        format!("this is not a signed attestation: {what}"),
    )
}

#[cfg(test)]
mod tests;
