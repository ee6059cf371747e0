//! Whether a plugin keeps the contract, found out by calling it: the bundled ones in the tests, anybody's
//! before it is used.
//!
//! Nothing is run. A plugin that passes is a pure function, asks only for what it requested, ends its
//! plans, and answers whatever a tool may print with steps, an outcome or a problem.

mod answers;
mod describe;
mod plan;
mod render;
mod samples;

use std::fmt;
use std::sync::Arc;

use serde::Serialize;

use crate::contract::{Context, ProviderInfo, Requests};
use crate::error::{Code, Error, Result};
use crate::plugin::Plugin;
use crate::policy::grants::item::{self, Item};
use crate::policy::grants::narrow;

/// Something that the plugin does not keep to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What was broken.
    pub rule: Rule,
    /// Where and how.
    pub message: String,
}

/// The rules.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// What it says of itself makes no sense or asks for what no plugin gets.
    Description,
    /// The configuration's schema has no samples of required keys, or refuses its own.
    Samples,
    /// Two calls with the same input gave different results.
    Determinism,
    /// It crashed, ran out of time or memory, or returned what the contract does not allow.
    Robustness,
    /// It took a configuration that its own schema refuses.
    Configuration,
    /// Its template was refused by the compiler.
    Template,
    /// A command was refused by the policy.
    Command,
    /// A plan did not end, or ended with the outcome of another operation.
    Outcome,
}

/// What was found out.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// How often the plugin was called.
    pub calls: usize,
    /// Empty when it conforms.
    pub findings: Vec<Finding>,
    /// What it requests and never used here: commands, builders and Packer plugins with what belongs to them. A
    /// command may need an answer that only a cloud gives, so that is no finding.
    pub unused: Vec<String>,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}: {}", self.rule, self.message)
    }
}

/// Calls the plugin some thousand times.
pub fn check(plugin: &Plugin) -> Result<Report> {
    let mut suite = Suite {
        plugin,
        info: plugin.describe()?,
        report: Report::default(),
        used: Requests::default(),
    };
    describe::check(&mut suite);
    let sections = samples::sections(&mut suite);
    render::check(&mut suite, &sections);
    plan::check(&mut suite, &sections);
    let mut unused = narrow::minus(&suite.info.requests, &suite.used);
    // Which phases its template uses is not known here.
    unused.guest_phases.clear();
    let unused = item::items(&unused);
    suite.report.unused = unused.iter().map(ToString::to_string).collect();
    Ok(suite.report)
}

/// A plugin under test.
struct Suite<'a> {
    plugin: &'a Plugin,
    info: Arc<ProviderInfo>,
    report: Report,
    used: Requests,
}

impl Suite<'_> {
    /// The same finding counts once: one mistake shows in a thousand calls.
    fn find(&mut self, rule: Rule, message: impl Into<String>) {
        let finding = Finding {
            rule,
            message: message.into(),
        };
        if !self.report.findings.contains(&finding) {
            self.report.findings.push(finding);
        }
    }

    /// Notes that something requested was used.
    fn used(&mut self, item: Item) {
        let used = item::set([&item]);
        if !narrow::is_empty(&narrow::minus(&used, &self.used)) {
            self.used = narrow::join(&self.used, &used);
        }
    }

    /// Calls twice, in fresh instances. A problem is an answer like any other; what is not one is a finding.
    fn twice<T: PartialEq>(
        &mut self,
        what: &str,
        call: impl Fn(&Plugin) -> Result<T>,
    ) -> Option<std::result::Result<T, Error>> {
        self.report.calls += 2;
        let (first, second) = (call(self.plugin), call(self.plugin));
        let same = match (&first, &second) {
            (Ok(one), Ok(other)) => one == other,
            (Err(one), Err(other)) => one.to_string() == other.to_string(),
            (Ok(_), Err(_)) | (Err(_), Ok(_)) => false,
        };
        if !same {
            self.find(
                Rule::Determinism,
                format!("{what}: two calls gave different results"),
            );
        }
        match first {
            Err(error) if error.code() != Code::PluginProblem => {
                self.find(Rule::Robustness, format!("{what}: {}", error.message()));
                None
            }
            answer => Some(answer),
        }
    }
}

fn context(packer_version: Option<&str>) -> Context {
    Context {
        run_id: "abcdef012345".to_owned(),
        now: "2026-11-22T09:30:05Z".to_owned(),
        packer_version: packer_version.map(str::to_owned),
        ssh_public_key: Some(
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIA6rWI3G1sz07DnfFlrouTcysQlj2P+jpNSOEWD9OJ3X sindri"
                .to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests;
