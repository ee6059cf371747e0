//! `sindri vm publish`

use clap::Args;

use super::App;
use super::confirm::confirm;
use super::distribution::{DistributionArguments, document};
use crate::contract::{Image, Operation, PublishRequest};
use crate::error::Result;
use crate::operation::distribute::{self, Proof};
use crate::operation::{Session, verify};
use crate::report::Document;
use crate::runner::cancel::Cancel;
use crate::verify::Expectation;

/// Arguments of `sindri vm publish`.
#[derive(Debug, Args)]
pub struct Publish {
    #[command(flatten)]
    image: DistributionArguments,
    /// Make it private again.
    #[arg(long)]
    undo: bool,
    /// The image was built with --cis-hardening: without a trace of it, it fails.
    #[arg(long, conflicts_with = "undo")]
    cis_hardening: bool,
    /// Who may reach the instance that shows what the image holds, by SSH: your own address, for example `203.0.113.7/32`
    /// [default: `providers.packer.deploy.ssh_cidr`]
    #[arg(long, value_name = "CIDR", conflicts_with = "undo")]
    ssh_cidr: Option<String>,
    /// Publish it although it fails the verification, and say why; the reason is recorded.
    #[arg(long, value_name = "REASON", conflicts_with = "undo")]
    allow_unverified: Option<String>,
    /// Do not verify it at all; needs --allow-unverified.
    #[arg(long, requires = "allow_unverified", conflicts_with_all = ["undo", "cis_hardening", "ssh_cidr"])]
    skip_verify: bool,
    /// Do not ask.
    #[arg(short, long)]
    yes: bool,
}

impl Publish {
    fn proof(&self, session: &Session<'_>) -> Result<Proof> {
        match (&self.allow_unverified, self.skip_verify, self.undo) {
            (_, _, true) => Ok(Proof::NotNeeded),
            (Some(reason), true, false) => Ok(Proof::Responsibility(reason.clone())),
            (allow_unverified, _, false) => Ok(Proof::Checklist {
                ssh_source: verify::ssh_source(session)?,
                expectation: Expectation {
                    hardened: self.cis_hardening.then_some(true),
                    scan: None,
                    login_key: None,
                },
                allow_unverified: allow_unverified.clone(),
            }),
        }
    }

    fn question(&self, image: &Image, changes: &[String]) -> String {
        let name = format!("{} ({}) in {}", image.id, image.name, image.location);
        let changes = changes.join("; ");
        if self.undo {
            return format!(
                "{changes}: make the image {name} private? Others can start no more instances of it."
            );
        }
        let copies: String = image
            .copies
            .iter()
            .map(|copy| format!(", {} in {}", copy.id, copy.location))
            .collect();
        format!(
            "{changes}: make the image {name}{copies} public? Everybody can then start it, copy it and read all that is \
             in it."
        )
    }

    pub(super) async fn run(self, app: &App, cancel: Cancel) -> Result<Document> {
        let mut flags = self.image.flags(app)?;
        flags.set_if("ssh-cidr", self.ssh_cidr.as_deref());
        let session = Session::open(app, self.image.cloud.cloud.as_deref(), &flags)?;
        let operations = vec![Operation::Publish(PublishRequest {
            image_id: self.image.image.clone(),
            withdraw: self.undo,
        })];
        if self.image.plan {
            return self.image.preview(&session, operations);
        }
        let proof = self.proof(&session)?;
        let subject = self.image.subject("publish");
        let done = distribute::change(&session, subject, operations, proof, cancel, |image, changes| {
            confirm(app, self.yes, &self.question(image, changes))
        })
        .await?;
        Ok(document(&session, &done))
    }
}
