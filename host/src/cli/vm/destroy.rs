//! `sindri vm destroy`

use clap::Args;
use serde_json::json;

use super::App;
use super::arguments::{CloudArgument, PlaceArguments, PlanArgument};
use super::confirm::confirm;
use crate::error::Result;
use crate::operation::{Preview, Session, destroy};
use crate::report::Document;
use crate::runner::cancel::Cancel;

/// Arguments of `sindri vm destroy`.
#[derive(Debug, Args)]
pub struct Destroy {
    /// The cloud's id of the instance.
    instance: String,
    #[command(flatten)]
    cloud: CloudArgument,
    #[command(flatten)]
    place: PlaceArguments,
    #[command(flatten)]
    plan: PlanArgument,
    /// Do not ask.
    #[arg(short, long)]
    yes: bool,
}

impl Destroy {
    pub(super) async fn run(self, app: &App, cancel: Cancel) -> Result<Document> {
        let session = Session::open(app, self.cloud.cloud.as_deref(), &self.place.flags(app)?)?;
        if self.plan.plan {
            let mut preview = Preview::default();
            preview.operation(
                &session,
                session.preview_context(),
                destroy::operation(&self.instance),
            )?;
            return Ok(preview.into_document());
        }
        confirm(
            app,
            self.yes,
            &format!(
                "Destroy the instance {} with its key and firewall?",
                self.instance
            ),
        )?;
        let removal = destroy::destroy(&session, &self.instance, cancel).await?;
        Ok(Document::new(
            super::removed(&removal),
            json!({"success": true, "instance_id": self.instance, "removed": removal.removed}),
        ))
    }
}
