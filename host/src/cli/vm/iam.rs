//! `sindri vm iam`

use clap::Args;
use serde_json::json;

use super::App;
use super::arguments::CloudArgument;
use crate::config::{self, Flags};
use crate::error::{Code, Error, Result};
use crate::plugin::Catalog;
use crate::policy::iam::{self, Task};
use crate::report::Document;

/// Arguments of `sindri vm iam`.
#[derive(Debug, Args)]
pub struct Iam {
    #[command(flatten)]
    cloud: CloudArgument,
    /// What the policy is to allow, separated by commas [default: everything]
    #[arg(long = "for", value_name = "TASK", value_enum, value_delimiter = ',')]
    tasks: Vec<Task>,
}

impl Iam {
    pub(super) fn run(&self, app: &App) -> Result<Document> {
        let catalog = Catalog::open(&app.environment, app.config.as_deref())?;
        let configured = || -> Result<Option<String>> {
            config::load(app.config.as_deref(), &app.environment)?.cloud(&Flags::default(), &app.environment)
        };
        let name = match &self.cloud.cloud {
            Some(name) => name.clone(),
            None => configured()?.ok_or_else(|| {
                Error::new(Code::UsageArgument, "which cloud is the policy for?")
                    .remedy("name it with --cloud")
            })?,
        };
        let info = catalog.find(name.trim())?.describe()?;
        let mut tasks = if self.tasks.is_empty() {
            Task::ALL.to_vec()
        } else {
            self.tasks.clone()
        };
        tasks.sort_unstable();
        tasks.dedup();
        let permissions = iam::permissions(&info, &tasks)?;
        let tool = info
            .tools
            .first()
            .map(|tool| tool.program.as_str())
            .unwrap_or_default();
        let form = iam::document(tool, &permissions, &tasks).ok_or_else(|| {
            Error::new(
                Code::UsageArgument,
                format!("the form of a policy of `{}` is not known", info.id),
            )
        })?;
        Ok(Document::new(
            form.text,
            json!({"success": true, "cloud": info.id, "kind": form.kind, "permissions": permissions, "policy": form.policy}),
        ))
    }
}
