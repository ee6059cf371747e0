//! What a plugin may have: everything it returns is checked here before it is used. Default deny.

pub mod argv;
pub mod builders;
pub mod children;
pub mod grants;
pub mod iam;
pub mod redact;
pub mod template;
pub mod tools;
