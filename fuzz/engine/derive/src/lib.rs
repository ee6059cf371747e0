//! Derive macros that derive nothing.

use proc_macro::TokenStream;

/// Nothing.
#[proc_macro_derive(ComponentType, attributes(component))]
pub fn component_type(_: TokenStream) -> TokenStream {
    TokenStream::new()
}

/// Nothing.
#[proc_macro_derive(Lift, attributes(component))]
pub fn lift(_: TokenStream) -> TokenStream {
    TokenStream::new()
}

/// Nothing.
#[proc_macro_derive(Lower, attributes(component))]
pub fn lower(_: TokenStream) -> TokenStream {
    TokenStream::new()
}
