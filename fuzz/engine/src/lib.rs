//! The names that the host's contract takes from `wasmtime`, with nothing behind them: the types are the same, and
//! no engine is compiled to fuzz what never calls it.

/// As in `wasmtime`.
pub mod component {
    pub use sindri_fuzz_engine_derive::{ComponentType, Lift, Lower};
}
