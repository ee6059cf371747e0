//! `sindri plugin check NAME|FILE`

use clap::Args;
use serde_json::json;

use super::super::startup::App;
use super::{catalog, target};
use crate::conformance;
use crate::error::{Exit, Result};
use crate::plugin::inspect;
use crate::policy::grants::ceiling;
use crate::policy::grants::item::items;
use crate::policy::redact::neutralise;
use crate::report::Document;

/// Arguments of `sindri plugin check`.
#[derive(Debug, Args)]
pub struct Check {
    /// A plugin, or a file with a component.
    #[arg(value_name = "NAME|FILE")]
    plugin: String,
}

impl Check {
    pub(super) fn run(&self, app: &App) -> Result<Document> {
        let catalog = catalog(app)?;
        let plugin = target::open(app, &catalog, &self.plugin)?;
        let inspection = inspect(plugin.component_bytes())?;
        inspection.check()?;
        app.console.step("Call the plugin some thousand times");
        let report = conformance::check(&plugin)?;
        app.console.finish();
        let info = plugin.describe()?;
        let refused: Vec<_> = items(&info.requests)
            .iter()
            .filter_map(|item| Some(json!({"item": item.to_string(), "reason": ceiling::refuses(item)?})))
            .collect();
        let conforms = report.findings.is_empty() && refused.is_empty();

        let mut text = String::new();
        for finding in &report.findings {
            text.push_str(&format!("{}\n", neutralise(&finding.to_string())));
        }
        for one in &refused {
            let member = |name: &str| one.get(name).and_then(|text| text.as_str()).unwrap_or_default();
            text.push_str(&format!(
                "no plugin gets `{}`: {}\n",
                member("item"),
                neutralise(member("reason"))
            ));
        }
        for item in &report.unused {
            text.push_str(&format!("note: never used here: {item}\n"));
        }
        text.push_str(&format!(
            "{} {}: {} after {} calls\n",
            plugin.identity().id,
            info.version,
            if conforms { "conforms" } else { "does not conform" },
            report.calls
        ));
        let json = json!({
            "success": conforms, "id": plugin.identity().id, "version": info.version,
            "sha256": inspection.sha256, "contract": inspection.contract, "calls": report.calls,
            "findings": report.findings, "refused_requests": refused,
            "unused_requests": report.unused,
        });
        let exit = if !refused.is_empty() {
            Exit::Refused
        } else if conforms {
            Exit::Success
        } else {
            Exit::Failure
        };
        Ok(Document::new(text, json).exit(exit))
    }
}
