//! The cloud plugins that come with Sindri, embedded in the program.
//!
//! Each is there twice: as the WebAssembly component that anybody can inspect, and compiled ahead of
//! time for this machine's architecture, so that no command compiles anything.

include!("../engine_config.rs");

/// A plugin that is part of the program.
#[derive(Clone, Copy, Debug)]
pub struct BundledPlugin {
    /// The name of its cloud, for example `aws`.
    pub id: &'static str,
    /// The WebAssembly component. It imports nothing.
    pub component: &'static [u8],
    /// The component compiled with [`engine_config`], for `wasmtime::component::Component::deserialize`. It
    /// begins and ends on a boundary of [`PAGE`] bytes with nothing else on its pages, so it can also be
    /// used where it lies.
    pub precompiled: &'static [u8],
    /// What the plugin's `describe` returned when the program was built, as JSON with the contract's names in
    /// snake case: asking a pure function once is enough.
    pub info: &'static str,
    /// SHA-256 of the component in lower-case hexadecimal digits: the identity that grants refer to.
    pub sha256: &'static str,
}

/// Bytes on pages of their own.
#[repr(C, align(4096))]
struct Paged<T: ?Sized>(T);

/// Size of the pages on which [`BundledPlugin::precompiled`] lies.
pub const PAGE: usize = align_of::<Paged<[u8; 0]>>();

include!(concat!(env!("OUT_DIR"), "/plugins.rs"));

/// All of them, in alphabetical order.
pub fn all() -> &'static [BundledPlugin] {
    PLUGINS
}

/// The component of `plugins/hostile`, which does whatever a plugin must not. It is no plugin that anybody can use as a
/// cloud: `sindri doctor sandbox` shows with it what the host stops.
pub fn hostile() -> &'static [u8] {
    include_bytes!(concat!(env!("OUT_DIR"), "/hostile.wasm"))
}
