//! What a deployed instance's cloud-init is told.
//!
//! `ImportKeyPair` takes RSA, DSA and ECDSA keys only, and a key pair opens root, whom a hardened image locks out.
//! So the run's ed25519 key travels as user data, for the image's own user, and there is no key pair to remove.

/// User that the image has and that logs in.
pub(crate) const SSH_USER: &str = "ubuntu";

/// `#cloud-config` in base64, as `RunInstances` wants it.
///
/// JSON is YAML, so no key can become structure. An existing user keeps its home and gets the key.
pub(crate) fn encoded(public_key: &str) -> String {
    let user = serde_json::json!({
        "name": SSH_USER,
        "shell": "/bin/bash",
        "lock_passwd": true,
        "sudo": "ALL=(ALL) NOPASSWD:ALL",
        "ssh_authorized_keys": [public_key],
    });
    let config = serde_json::json!({ "users": [user], "ssh_pwauth": false });
    base64(format!("#cloud-config\n{config}\n").as_bytes())
}

/// RFC 4648, with padding.
fn base64(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for chunk in bytes.chunks(3) {
        let group = chunk
            .iter()
            .chain(std::iter::repeat(&0))
            .take(3)
            .fold(0_usize, |group, byte| group << 8 | usize::from(*byte));
        for place in 0..4 {
            let digit = group >> (18 - 6 * place) & 63;
            let known = place <= chunk.len();
            let character = ALPHABET.get(digit).filter(|_| known).copied().unwrap_or(b'=');
            text.push(char::from(character));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_has_the_vectors_of_rfc_4648() {
        for (plain, encoded) in [
            ("", ""),
            ("f", "Zg=="),
            ("fo", "Zm8="),
            ("foo", "Zm9v"),
            ("foob", "Zm9vYg=="),
            ("fooba", "Zm9vYmE="),
            ("foobar", "Zm9vYmFy"),
        ] {
            assert_eq!(base64(plain.as_bytes()), encoded);
        }
        assert_eq!(base64(&[0xfb, 0xff, 0xfe]), "+//+");
    }
}
