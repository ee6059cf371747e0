//! The parts of the policy that decide about data alone.

#[path = "../../host/src/policy/argv.rs"]
pub mod argv;
#[path = "../../host/src/policy/builders/mod.rs"]
pub mod builders;
#[path = "../../host/src/policy/redact.rs"]
pub mod redact;
#[path = "../../host/src/policy/template/mod.rs"]
pub mod template;
#[path = "../../host/src/policy/tools/mod.rs"]
pub mod tools;
