//! A file that somebody wants to install as a plugin.

use crate::plugin::{INTERFACE, inspect};

/// Whatever the bytes are: they are read or refused, and what passes imports nothing and exports the contract.
pub fn component(bytes: &[u8]) {
    let Ok(inspection) = inspect(bytes) else { return };
    assert_eq!(inspection.size, bytes.len());
    if inspection.check().is_ok() {
        assert!(inspection.imports.is_empty());
        assert!(inspection.exports.iter().any(|name| name == INTERFACE));
    }
}
