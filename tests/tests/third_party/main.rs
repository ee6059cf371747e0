//! A cloud that is not one of the five, by a plugin that is not part of the program: Hetzner Cloud.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod hetzner;

use sindri::conformance;
use sindri::plugin::{Engine, Plugin, inspect};
use sindri_tests::guests::{Hcloud, hcloud};

#[test]
fn the_plugin_imports_nothing_and_conforms() {
    let bytes = std::fs::read(hcloud(Hcloud::Honest)).unwrap();
    assert_eq!(inspect(&bytes).unwrap().imports, [""; 0]);
    let plugin = Plugin::compile(&Engine::new().unwrap(), "hcloud", &bytes).unwrap();
    let report = conformance::check(&plugin).unwrap();
    let findings: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
    assert_eq!(findings, [""; 0]);
}
