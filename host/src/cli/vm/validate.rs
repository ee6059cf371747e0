//! `sindri vm validate`

use clap::Args;
use serde_json::json;

use super::App;
use super::arguments::{CloudArgument, ImageArguments, PlanArgument};
use crate::error::Result;
use crate::operation::{Session, validate};
use crate::report::Document;
use crate::runner::cancel::Cancel;

/// Arguments of `sindri vm validate`.
#[derive(Debug, Args)]
pub struct Validate {
    #[command(flatten)]
    cloud: CloudArgument,
    #[command(flatten)]
    image: ImageArguments,
    #[command(flatten)]
    plan: PlanArgument,
    /// Check configuration and template by the host's own rules only, without Packer.
    #[arg(long)]
    syntax_only: bool,
}

impl Validate {
    pub(super) async fn run(self, app: &App, cancel: Cancel) -> Result<Document> {
        let session = Session::open(app, self.cloud.cloud.as_deref(), &self.image.flags(app)?)?;
        if self.plan.plan {
            return Ok(validate::preview(&session, self.syntax_only, &cancel)
                .await?
                .into_document());
        }
        let warnings = validate::validate(&session, self.syntax_only, cancel).await?;
        let text = if self.syntax_only {
            "valid by the host's own rules"
        } else {
            "valid"
        };
        Ok(Document::new(
            text,
            json!({
                "success": true,
                "valid": true,
                "cloud": session.plugin.identity().id,
                "checked_by": if self.syntax_only { vec!["sindri"] } else { vec!["sindri", "packer"] },
                "errors": [],
                "warnings": warnings,
            }),
        ))
    }
}
