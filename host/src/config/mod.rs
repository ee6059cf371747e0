//! Configuration: `providers.packer` of `sindri.yaml`, environment variables and flags.
//!
//! Each key is taken from the strongest place that sets it: defaults < file < environment < flags. One
//! schema, made from the types in [`types`] and the plugins' own schemas, says which keys there are,
//! which flags and variables set them and what their defaults are; it is published and it is what
//! values are checked against. Other keys of the file belong to other parts of Sindri and are left
//! alone; inside `providers.packer` an unknown key is an error.

mod assign;
mod file;
mod findings;
#[cfg(test)]
mod generate;
mod origin;
mod overrides;
mod resolve;
mod schema;
mod suggest;
#[cfg(test)]
mod tests;
pub mod types;
mod validate;
mod values;
mod variables;
mod yaml;

pub use file::{File, load};
pub use origin::{Origin, Origins};
pub use overrides::Flags;
pub use resolve::Settings;
pub use schema::{Setting, document as schema, drop_foreign_variables, shared_settings};
pub use types::{Build, Communicator, DISTRIBUTION, Deploy, Docker, FileUpload, OnError, Sandbox, Security};
pub use values::{Cidr, TimeSpan};
