//! What the program carries is what it says it carries.
#![allow(
    clippy::wildcard_enum_match_arm,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing
)]

use sha2::{Digest, Sha256};
use sindri_bundled_plugins::{all, engine_config};
use wasmparser::{Parser, Payload, WasmFeatures};

#[test]
fn no_bundled_plugin_imports_anything() {
    assert!(!all().is_empty());
    for plugin in all() {
        wasmparser::Validator::new_with_features(WasmFeatures::default())
            .validate_all(plugin.component)
            .unwrap();
        let mut depth = 0;
        let mut exports = Vec::new();
        for payload in Parser::new(0).parse_all(plugin.component) {
            match payload.unwrap() {
                Payload::ModuleSection { .. } | Payload::ComponentSection { .. } => depth += 1,
                Payload::End(_) if depth > 0 => depth -= 1,
                Payload::ComponentImportSection(section) if depth == 0 => {
                    let names: Vec<_> = section
                        .into_iter()
                        .map(|import| import.unwrap().name.name.to_owned())
                        .collect();
                    panic!("{} imports {names:?}", plugin.id);
                }
                Payload::ComponentExportSection(section) if depth == 0 => {
                    exports.extend(
                        section
                            .into_iter()
                            .map(|export| export.unwrap().name.name.to_owned()),
                    );
                }
                _ => {}
            }
        }
        assert_eq!(exports, ["sindri:packer/packer-provider@0.1.0"], "{}", plugin.id);
    }
}

#[test]
fn the_digest_is_that_of_the_component() {
    for plugin in all() {
        let digest: String = Sha256::digest(plugin.component)
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        assert_eq!(plugin.sha256, digest, "{}", plugin.id);
    }
}

#[test]
fn compiled_code_fits_the_engine_and_needs_no_import() {
    let engine = wasmtime::Engine::new(&engine_config()).unwrap();
    for plugin in all() {
        // SAFETY: the bytes were made by the build script of this crate and are part of this program.
        #[allow(unsafe_code)]
        let component =
            unsafe { wasmtime::component::Component::deserialize(&engine, plugin.precompiled) }.unwrap();
        let linker = wasmtime::component::Linker::<()>::new(&engine);
        let mut store = wasmtime::Store::new(&engine, ());
        store.set_epoch_deadline(1);
        linker.instantiate(&mut store, &component).unwrap();
    }
}
