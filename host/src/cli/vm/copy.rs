//! `sindri vm copy`

use clap::Args;

use super::App;
use super::distribution::{DistributionArguments, document};
use crate::contract::{CopyRequest, Operation};
use crate::error::Result;
use crate::operation::distribute::{self, Proof};
use crate::operation::place::Place;
use crate::report::Document;
use crate::runner::cancel::Cancel;

/// Arguments of `sindri vm copy`.
#[derive(Debug, Args)]
pub struct Copy {
    #[command(flatten)]
    image: DistributionArguments,
    /// Region to copy it to. May be repeated.
    #[arg(long, value_name = "REGION", num_args = 1.., value_delimiter = ',', required = true)]
    to: Vec<String>,
}

impl Copy {
    pub(super) async fn run(self, app: &App, cancel: Cancel) -> Result<Document> {
        let mut session = self.image.session(app)?;
        // Who names a region here wants something to happen there, whether the configuration has it or not.
        Place::add_others(
            &session.info.config_schema,
            &mut session.settings.cloud_section,
            &self.to,
        );
        let operations = vec![Operation::Copy(CopyRequest {
            image_id: self.image.image.clone(),
            locations: self.to.clone(),
        })];
        if self.image.plan {
            return self.image.preview(&session, operations);
        }
        let subject = self.image.subject("copy");
        let done = distribute::change(&session, subject, operations, Proof::NotNeeded, cancel, |_, _| {
            Ok(())
        })
        .await?;
        Ok(document(&session, &done))
    }
}
