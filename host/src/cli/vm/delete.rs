//! `sindri vm delete`

use clap::Args;
use serde_json::json;

use super::App;
use super::arguments::{CloudArgument, PlaceArguments, PlanArgument};
use super::confirm::confirm;
use crate::contract::Operation;
use crate::error::Result;
use crate::operation::{Preview, Session, delete};
use crate::report::Document;
use crate::runner::cancel::Cancel;

/// Arguments of `sindri vm delete`.
#[derive(Debug, Args)]
pub struct Delete {
    /// The cloud's id of the image.
    image: String,
    #[command(flatten)]
    cloud: CloudArgument,
    #[command(flatten)]
    place: PlaceArguments,
    #[command(flatten)]
    plan: PlanArgument,
    /// Delete the image even if sindri did not make it.
    #[arg(short, long)]
    force: bool,
    /// Do not ask.
    #[arg(short, long)]
    yes: bool,
}

impl Delete {
    pub(super) async fn run(self, app: &App, cancel: Cancel) -> Result<Document> {
        let session = Session::open(app, self.cloud.cloud.as_deref(), &self.place.flags(app)?)?;
        if self.plan.plan {
            let mut preview = Preview::default();
            preview.operation(
                &session,
                session.preview_context(),
                Operation::ShowImage(self.image),
            )?;
            return Ok(preview.into_document());
        }
        let ask = |image: &crate::contract::Image| {
            confirm(
                app,
                self.yes,
                &format!(
                    "Delete the image {} ({}) and its snapshots?",
                    image.id, image.name
                ),
            )
        };
        let removal = delete::delete(&session, &self.image, self.force, cancel, ask).await?;
        Ok(Document::new(
            super::removed(&removal),
            json!({
                "success": true,
                "image_id": self.image,
                "removed": removal.removed,
                "leftovers": removal.leftovers,
            }),
        ))
    }
}
