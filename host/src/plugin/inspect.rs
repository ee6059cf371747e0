//! Reads what a component imports and exports, without compiling or running it.

use serde::Serialize;
use wasmparser::{Parser, Payload};

use super::{CONTRACT, INTERFACE};
use crate::error::{Code, Error, Result};

/// What a component's bytes say.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Inspection {
    /// Bytes.
    pub size: usize,
    /// SHA-256, in hexadecimal digits.
    pub sha256: String,
    /// Names of everything it imports.
    pub imports: Vec<String>,
    /// Names of everything it exports.
    pub exports: Vec<String>,
    /// Version of the contract it was built for, if it is a plugin at all.
    pub contract: Option<String>,
}

/// Reads the outermost import and export sections.
pub fn inspect(bytes: &[u8]) -> Result<Inspection> {
    let broken = |error: wasmparser::BinaryReaderError| {
        Error::new(Code::PluginContract, "the file is not a WebAssembly component").source(error)
    };
    let mut imports = Vec::new();
    let mut exports = Vec::new();
    let mut depth = 0_usize;
    #[allow(clippy::wildcard_enum_match_arm)] // what else a component holds is none of our business
    for payload in Parser::new(0).parse_all(bytes) {
        match payload.map_err(broken)? {
            Payload::Version {
                encoding: wasmparser::Encoding::Module,
                ..
            } if depth == 0 => {
                return Err(Error::new(
                    Code::PluginContract,
                    "the file is a core WebAssembly module, not a component",
                )
                .remedy("make a component of it, for example with `wasm-tools component new`"));
            }
            Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
            Payload::End(_) => depth = depth.saturating_sub(1),
            Payload::ComponentImportSection(section) if depth == 0 => {
                for import in section {
                    imports.push(import.map_err(broken)?.name.name.to_owned());
                }
            }
            Payload::ComponentExportSection(section) if depth == 0 => {
                for export in section {
                    exports.push(export.map_err(broken)?.name.name.to_owned());
                }
            }
            _ => {}
        }
    }
    let contract = exports
        .iter()
        .find_map(|name| name.strip_prefix("sindri:packer/packer-provider@"))
        .map(|version| format!("sindri:packer@{version}"));
    Ok(Inspection {
        size: bytes.len(),
        sha256: crate::digest::sha256(bytes),
        imports,
        exports,
        contract,
    })
}

impl Inspection {
    /// Refuses what is no plugin of this host's contract, before any code of it runs.
    pub fn check(&self) -> Result<()> {
        if !self.imports.is_empty() {
            return Err(Error::new(
                Code::PluginImports,
                "the component imports something; a plugin may not",
            )
            .detail(format!("it imports: {}", self.imports.join(", ")))
            .remedy("build the plugin without WASI; see docs/architecture/0001-plugins-return-data.md"));
        }
        if self.exports.iter().any(|name| name == INTERFACE) {
            return Ok(());
        }
        match &self.contract {
            Some(other) => Err(Error::new(
                Code::PluginContract,
                format!("the plugin was built for {other}; this host serves {CONTRACT}"),
            )
            .remedy(if newer(other, CONTRACT) {
                "update sindri"
            } else {
                "get a newer version of the plugin"
            })),
            None => Err(Error::new(
                Code::PluginContract,
                format!("the component does not export `{INTERFACE}`"),
            )
            .detail(format!("it exports: {}", self.exports.join(", ")))),
        }
    }
}

pub(super) fn newer(one: &str, other: &str) -> bool {
    let version = |name: &str| {
        name.rsplit_once('@')
            .and_then(|(_, text)| semver::Version::parse(text).ok())
    };
    version(one) > version(other)
}
