//! `sindri vm validate`

use clap::Args;
use serde_json::json;

use super::App;
use super::arguments::{ImageArguments, PlanArgument};
use super::clouds::{self, CloudsArgument};
use crate::config::Flags;
use crate::error::Result;
use crate::operation::{Session, validate};
use crate::policy::redact;
use crate::report::Document;
use crate::runner::cancel::Cancel;

/// Arguments of `sindri vm validate`.
#[derive(Debug, Args)]
pub struct Validate {
    #[command(flatten)]
    clouds: CloudsArgument,
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
        clouds::on_each(
            app,
            &self.clouds,
            &self.image.flags(app)?,
            async |app, cloud, flags| self.validate(app, cloud, flags, cancel.clone()).await,
        )
        .await
    }

    async fn validate(
        &self,
        app: &App,
        cloud: Option<&str>,
        flags: &Flags,
        cancel: Cancel,
    ) -> Result<Document> {
        let session = Session::open(app, cloud, flags)?;
        if self.plan.plan {
            return Ok(validate::preview(&session, self.syntax_only, &cancel)
                .await?
                .into_document());
        }
        let warnings = validate::validate(&session, self.syntax_only, cancel).await?;
        for warning in &warnings {
            app.console.notice(&redact::neutralise(warning));
        }
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
