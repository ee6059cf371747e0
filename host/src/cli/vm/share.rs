//! `sindri vm share`

use clap::{ArgGroup, Args};

use super::App;
use super::distribution::{DistributionArguments, Named, document};
use crate::contract::{Operation, Principal, ShareRequest};
use crate::error::Result;
use crate::operation::distribute::{self, Proof};
use crate::report::Document;
use crate::runner::cancel::Cancel;

/// Arguments of `sindri vm share`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("principals").required(true).multiple(true).args(["with", "remove"]))]
pub struct Share {
    #[command(flatten)]
    image: DistributionArguments,
    /// Who may use it: `account:ID`, `organization:ID` or `user:ADDRESS`. May be repeated.
    #[arg(long, value_name = "WHO", num_args = 1.., value_delimiter = ',')]
    with: Vec<Named>,
    /// Who may no longer use it. May be repeated.
    #[arg(long, value_name = "WHO", num_args = 1.., value_delimiter = ',')]
    remove: Vec<Named>,
}

impl Share {
    /// Rights are taken away before others are given.
    fn operations(&self) -> Vec<Operation> {
        [(&self.remove, true), (&self.with, false)]
            .into_iter()
            .filter(|(named, _)| !named.is_empty())
            .map(|(named, revoke)| {
                let principals: Vec<Principal> = named.iter().map(|named| named.0.clone()).collect();
                Operation::Share(ShareRequest {
                    image_id: self.image.image.clone(),
                    principals,
                    revoke,
                })
            })
            .collect()
    }

    pub(super) async fn run(self, app: &App, cancel: Cancel) -> Result<Document> {
        let session = self.image.session(app)?;
        let operations = self.operations();
        if self.image.plan {
            return self.image.preview(&session, operations);
        }
        let subject = self.image.subject("share");
        let done = distribute::change(&session, subject, operations, Proof::NotNeeded, cancel, |_, _| {
            Ok(())
        })
        .await?;
        Ok(document(&session, &done))
    }
}
