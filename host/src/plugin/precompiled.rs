//! Loads machine code that was compiled ahead of time.

use wasmtime::component::Component;

use crate::error::{Code, Error, Result};

/// Loads an embedded plugin.
#[allow(unsafe_code)]
pub(super) fn load(
    engine: &wasmtime::Engine,
    plugin: &sindri_bundled_plugins::BundledPlugin,
) -> Result<Component> {
    // SAFETY: the bytes were produced by `Engine::precompile_component` in the build script of
    // `sindri-bundled-plugins` and are part of this program's own read-only data, so nobody can have
    // changed them without changing the program. A mismatch of version or settings is an error.
    let loaded = unsafe { Component::deserialize(engine, plugin.precompiled) };
    loaded.map_err(|error| {
        Error::new(
            Code::Internal,
            format!("the embedded plugin `{}` does not load", plugin.id),
        )
        .detail(format!("{error:#}"))
        .remedy("build the program anew: its plugins were compiled for another engine")
    })
}
