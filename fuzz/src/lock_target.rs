//! The lock file and the organisation's policy, which somebody else may have committed.

use crate::plugin::lock;

/// Whatever the text is: it is read or refused; what is read has the one version, and digests that are digests.
pub fn lock(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    if lock::check_text(text).is_err() {
        return;
    }
    assert!(text.contains("version"), "a lock without a version");
    for line in text.lines() {
        let digest = line
            .trim()
            .strip_prefix("sha256 = \"")
            .and_then(|rest| rest.strip_suffix('"'));
        if let Some(digest) = digest.filter(|digest| !digest.contains(['"', '\\'])) {
            let inside_a_text = text.contains("\"\"\"") || text.contains("'''");
            assert!(inside_a_text || digest.len() == 64, "{digest}");
        }
    }
}
