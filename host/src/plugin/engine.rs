//! The WebAssembly engine, shared by all plugins of a process.

use std::time::Duration;

use super::precompiled;
use crate::error::{Code, Error, Result};

/// How often the epoch advances while a guest runs, and with it how much longer than its limit a call may
/// run.
pub(super) const TICK: Duration = Duration::from_millis(50);

/// The engine. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    wasmtime: wasmtime::Engine,
}

impl Engine {
    /// An engine with exactly the settings that the embedded plugins were compiled for.
    pub fn new() -> Result<Self> {
        let mut config = sindri_bundled_plugins::engine_config();
        config.with_custom_code_memory(precompiled::code_memory());
        let wasmtime = wasmtime::Engine::new(&config).map_err(|error| {
            Error::new(Code::Internal, "the WebAssembly engine does not start").detail(format!("{error:#}"))
        })?;
        Ok(Self { wasmtime })
    }

    pub(super) fn wasmtime(&self) -> &wasmtime::Engine {
        &self.wasmtime
    }
}
