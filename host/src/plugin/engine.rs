//! The WebAssembly engine, shared by all plugins of a process.

use std::sync::{Arc, Once};
use std::time::Duration;

use crate::error::{Code, Error, Result};

/// How often the epoch advances. A call's deadline is a number of these ticks, so a call may run one
/// tick longer than its limit.
pub(super) const TICK: Duration = Duration::from_millis(50);

/// The engine. Cheap to clone.
#[derive(Clone)]
pub struct Engine {
    wasmtime: wasmtime::Engine,
    ticker: Arc<Once>,
}

impl Engine {
    /// An engine with exactly the settings that the embedded plugins were compiled for.
    pub fn new() -> Result<Self> {
        let wasmtime = wasmtime::Engine::new(&sindri_bundled_plugins::engine_config()).map_err(|error| {
            Error::new(Code::Internal, "the WebAssembly engine does not start").detail(format!("{error:#}"))
        })?;
        Ok(Self {
            wasmtime,
            ticker: Arc::new(Once::new()),
        })
    }

    pub(super) fn wasmtime(&self) -> &wasmtime::Engine {
        &self.wasmtime
    }

    /// Starts the thread that advances the epoch, at the first call. It ends with the engine: it
    /// holds no strong reference.
    pub(super) fn start_ticking(&self) {
        self.ticker.call_once(|| {
            let engine = self.wasmtime.weak();
            std::thread::spawn(move || {
                while let Some(engine) = engine.upgrade() {
                    engine.increment_epoch();
                    drop(engine);
                    std::thread::sleep(TICK);
                }
            });
        });
    }
}
