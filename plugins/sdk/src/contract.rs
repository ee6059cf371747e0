//! The contract's types and the guest side of the boundary, generated from `wit/packer-provider.wit`.

#[allow(missing_docs, unsafe_code, unreachable_pub, clippy::all)]
mod bindings {
    wit_bindgen::generate!({
        path: "../../wit",
        world: "provider",
        pub_export_macro: true,
        default_bindings_module: "sindri_plugin_sdk::contract",
        additional_derives: [PartialEq],
    });
}

pub use bindings::exports::sindri::packer::packer_provider::*;
// The generated export macro looks for both of these in the module it is given.
#[doc(hidden)]
pub use bindings::{export, exports};
