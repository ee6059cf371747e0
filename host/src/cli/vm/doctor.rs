//! `sindri vm doctor`

use clap::Args;

use super::App;
use super::arguments::{PlaceArguments, PlanArgument};
use super::clouds::{self, CloudsArgument};
use crate::error::Result;
use crate::operation::doctor::{self, Patient};
use crate::report::{Document, table};
use crate::runner::cancel::Cancel;

/// Arguments of `sindri vm doctor`.
#[derive(Debug, Args)]
pub struct Doctor {
    #[command(flatten)]
    clouds: CloudsArgument,
    #[command(flatten)]
    place: PlaceArguments,
    #[command(flatten)]
    plan: PlanArgument,
}

impl Doctor {
    pub(super) async fn run(self, app: &App, cancel: Cancel) -> Result<Document> {
        let ids = self.clouds.ids_or_all(app)?;
        let targets = clouds::targets(app, &ids, &self.place.flags(app)?)?;
        let patients: Vec<_> = targets
            .iter()
            .map(|target| Patient {
                cloud: &target.id,
                app: &target.app,
                flags: &target.flags,
            })
            .collect();
        if self.plan.plan {
            return Ok(doctor::preview(&patients)?.into_document());
        }
        let diagnosis = doctor::examine(app, &patients, &cancel).await;
        targets.iter().for_each(|target| target.app.console.finish());
        let diagnosis = diagnosis?;
        let mut text = table(&["CLOUD", "WHAT", "STATE", "DETAIL"], &diagnosis.rows());
        for hint in diagnosis.hints() {
            text.push_str(&format!("{hint}\n"));
        }
        let exit = diagnosis.exit();
        Ok(Document::new(text, diagnosis.reports).exit(exit))
    }
}
