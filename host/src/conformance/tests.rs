//! The suite finds what it is for: it is held against plugins that break one rule each elsewhere, and here
//! against those that keep all of them.

use super::*;
use crate::plugin::Engine;

#[test]
fn every_bundled_plugin_keeps_the_contract() {
    let engine = Engine::new().unwrap();
    for plugin in Plugin::all_bundled(&engine) {
        let report = check(&plugin).unwrap();
        let findings: Vec<String> = report.findings.iter().map(ToString::to_string).collect();
        assert_eq!(findings, Vec::<String>::new(), "{}", plugin.identity().id);
        assert!(report.calls > 1000, "{} calls", report.calls);
    }
}
