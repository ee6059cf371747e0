//! Clouds on loopback: rehearse a build of any cloud without an account.
//!
//! A [`Lab`] is one port on 127.0.0.1 that is a proxy for `http` and `https`. It ends TLS itself with
//! certificates of its own authority and hands every request to the cloud whose host it names. It has no code
//! that opens a connection: a request for a host that no cloud here serves is refused and written down.
//!
//! The clouds are strict rather than complete. What a client sends is compared with the provider's public
//! description of its API; an unknown field, a value outside its enumeration or a call out of order is refused
//! as the provider would, and kept as a [`Violation`] that a test can assert the absence of.
//!
//! `lab/README.md` says how to add a cloud.

pub mod clouds;
pub mod schema;

mod exchange;
mod fault;
mod files;
mod keys;
mod lab;
mod percent;
mod server;
mod world;

pub use exchange::{Reply, Request};
pub use fault::{Effect, Fault};
pub use lab::{Lab, Options};
pub use world::{Entry, Guest, Owner, Resource, Rule, Violation, World};
