//! `sindri vm doctor`

use clap::Args;

use super::App;
use super::arguments::{CloudArgument, PlaceArguments, PlanArgument};
use crate::error::{Exit, Result};
use crate::operation::{Session, doctor};
use crate::report::{Document, table};
use crate::runner::cancel::Cancel;

/// Arguments of `sindri vm doctor`.
#[derive(Debug, Args)]
pub struct Doctor {
    #[command(flatten)]
    cloud: CloudArgument,
    #[command(flatten)]
    place: PlaceArguments,
    #[command(flatten)]
    plan: PlanArgument,
}

impl Doctor {
    pub(super) async fn run(self, app: &App, cancel: Cancel) -> Result<Document> {
        let flags = self.place.flags(app)?;
        let mut reports = Vec::new();
        let mut plans = crate::operation::Preview::default();
        for cloud in doctor::clouds(app, self.cloud.cloud.as_deref())? {
            let session = Session::open(app, Some(&cloud), &flags)?;
            if self.plan.plan {
                doctor::preview(&session, &mut plans)?;
            } else {
                reports.push(doctor::examine(&session, &cancel).await?);
            }
        }
        if self.plan.plan {
            return Ok(plans.into_document());
        }
        let satisfied = reports.iter().all(|report| report.satisfied);
        let rows: Vec<_> = reports.iter().flat_map(doctor::Report::rows).collect();
        let mut text = table(&["CLOUD", "WHAT", "STATE", "DETAIL"], &rows);
        for report in &reports {
            for hint in &report.hints {
                text.push_str(&format!("{}: {hint}\n", report.cloud));
            }
        }
        let document = Document::new(text, reports);
        Ok(if satisfied {
            document
        } else {
            document.exit(Exit::Prerequisite)
        })
    }
}
