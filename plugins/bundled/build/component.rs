//! A component out of a core module.

use std::fmt::Write as _;

use anyhow::{Result, bail};
use sha2::{Digest, Sha256};
use wasmparser::{Parser, Payload};

/// The component, which imports nothing; a plugin that does is not built.
pub fn encode(module: &[u8]) -> Result<Vec<u8>> {
    let component = wit_component::ComponentEncoder::default()
        .module(module)?
        .validate(true)
        .encode()?;
    let imports = imports(&component)?;
    if !imports.is_empty() {
        bail!("the component imports {imports:?}; a plugin is a pure function and imports nothing");
    }
    Ok(component)
}

/// Names that the outermost component imports. The modules in it import from each other, which stays
/// inside.
// A component has dozens of other sections.
#[allow(clippy::wildcard_enum_match_arm)]
fn imports(component: &[u8]) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let mut depth = 0_u32;
    for payload in Parser::new(0).parse_all(component) {
        match payload? {
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    names.push(import?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    Ok(names)
}

/// SHA-256 in hexadecimal digits.
pub fn sha256(bytes: &[u8]) -> String {
    Sha256::digest(bytes)
        .iter()
        .fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
}
