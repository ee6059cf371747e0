//! `sindri vm build`

use std::mem::ManuallyDrop;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::App;
use super::arguments::{ImageArguments, PlanArgument};
use super::clouds::{self, Chosen, CloudsArgument};
use super::verify::of_report;
use crate::config::Flags;
use crate::error::{Code, Error, Exit, Result};
use crate::journal;
use crate::operation::build::{self, Built};
use crate::operation::verify::Checked;
use crate::operation::{Session, render, verify};
use crate::report::Document;
use crate::runner::cancel::Cancel;
use crate::verify::unverified;

/// Arguments of `sindri vm build`.
#[derive(Debug, Args)]
pub struct Build {
    #[command(flatten)]
    clouds: CloudsArgument,
    #[command(flatten)]
    image: ImageArguments,
    #[command(flatten)]
    plan: PlanArgument,
    /// Build even if an image of the same content exists.
    #[arg(short, long)]
    force: bool,
    /// Print the template (readable HCL, or the very JSON that Packer would get) and build nothing.
    #[arg(long, value_name = "FORMAT", num_args = 0..=1, require_equals = true, default_missing_value = "hcl")]
    dry_run: Option<Format>,
    /// Show Packer's debug log, and keep it in the run directory.
    #[arg(long)]
    debug: bool,
    /// What Packer does when a step fails.
    #[arg(long, value_enum, value_name = "WHAT")]
    on_error: Option<WhatOnError>,
    /// Start an instance of the image and hold it against the security checklist; see `sindri vm verify`.
    #[arg(long)]
    verify: bool,
    /// Time for the whole build, for example `90m` or `2h`.
    #[arg(long, value_name = "DURATION")]
    timeout: Option<String>,
    /// Ed25519 key that signs the statement of what the image is and was made of; every file of the image is
    /// written down too.
    #[arg(long, value_name = "FILE")]
    sign_key: Option<PathBuf>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Hcl,
    Json,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
enum WhatOnError {
    /// Run the clean-up scripts and remove everything.
    RunCleanupProvisioner,
    /// Remove everything.
    Cleanup,
    /// Leave everything as it is, to look at it; `sindri vm undo` removes it.
    Abort,
}

impl Build {
    pub(super) fn is_dry_run(&self) -> bool {
        self.dry_run.is_some()
    }

    fn flags(&self, app: &App) -> Result<Flags> {
        let mut flags = self.image.flags(app)?;
        flags.set_if("timeout", self.timeout.as_deref());
        let key = self.sign_key.as_ref();
        let key = key.map(|key| {
            app.environment
                .working_directory()
                .join(key)
                .display()
                .to_string()
        });
        flags.set_if("sign-key", key);
        flags.set_if("verify", self.verify.then_some("true"));
        flags.set_if(
            "on-error",
            self.on_error.map(|what| match what {
                WhatOnError::RunCleanupProvisioner => "run-cleanup-provisioner",
                WhatOnError::Cleanup => "cleanup",
                WhatOnError::Abort => "abort",
            }),
        );
        Ok(flags)
    }

    /// Prints what would be built. Needs neither Packer nor a CLI nor credentials.
    pub(super) fn dry_run(&self, app: &App) -> Result<Document> {
        let one_file = self.dry_run == Some(Format::Json) && !app.json;
        if one_file && matches!(self.clouds.choose(app)?, Chosen::Several(_)) {
            return Err(Error::new(
                Code::UsageArgument,
                "--dry-run=json prints one template, and there are several",
            )
            .remedy("name one cloud, or give --json for one document with all of them"));
        }
        clouds::on_each_in_turn(app, &self.clouds, &self.flags(app)?, |app, cloud, flags| {
            self.dry_run_of(app, cloud, flags)
        })
    }

    fn dry_run_of(&self, app: &App, cloud: Option<&str>, flags: &Flags) -> Result<Document> {
        // Never dropped: the process is about to end, and taking them apart is a thirtieth of its time.
        let session = ManuallyDrop::new(Session::open(app, cloud, flags)?);
        let rendered = render::render(&session, None, render::DRY_RUN, &journal::now())?;
        let rendered = ManuallyDrop::new(rendered);
        let notices = rendered.notices_by_hand();
        for notice in &notices {
            app.console.notice(notice);
        }
        if !app.json {
            let text = match self.dry_run {
                Some(Format::Json) => rendered.template.to_packer_json(),
                Some(Format::Hcl) | None => rendered.template.to_hcl(),
            };
            return Ok(Document::only_code(text));
        }
        let packer_json = rendered.template.to_packer_json();
        let template: Value = serde_json::from_str(&packer_json).unwrap_or(Value::Null);
        Ok(Document::only_json(json!({
            "success": true,
            "dry_run": true,
            "cloud": session.plugin.identity().id,
            "image_name": rendered.template.image_name(),
            "cache_key": rendered.cache_key,
            "hcl": rendered.template.to_hcl(),
            "template": template,
            "files": rendered.files.iter().map(|file| &file.path).collect::<Vec<_>>(),
            "notices": notices,
        })))
    }

    pub(super) async fn run(self, app: &App, cancel: Cancel) -> Result<Document> {
        clouds::on_each(app, &self.clouds, &self.flags(app)?, async |app, cloud, flags| {
            self.build(app, cloud, flags, cancel.clone()).await
        })
        .await
    }

    async fn build(&self, app: &App, cloud: Option<&str>, flags: &Flags, cancel: Cancel) -> Result<Document> {
        let session = Session::open(app, cloud, flags)?;
        let options = build::Options {
            force: self.force,
            debug: self.debug,
        };
        if self.plan.plan {
            return Ok(build::preview(&session, &options, &cancel).await?.into_document());
        }
        // Asked before anything is built: an hour later is too late.
        let ssh_source = match session.settings.build.verify {
            true => Some(verify::ssh_source(&session)?),
            false => None,
        };
        let built = build::build(&session, &options, cancel.clone()).await?;
        let checked = match ssh_source {
            Some(source) => Some(verify::after_build(&session, &built, &source, cancel).await?),
            None => None,
        };
        let document = document(&session, &built);
        Ok(match checked {
            Some(checked) => with_verification(app, &built, document, &checked),
            None => document,
        })
    }
}

/// The result of the build with what its verification found. An image that failed is no result.
fn with_verification(app: &App, built: &Built, document: Document, checked: &Checked) -> Document {
    let report = &checked.report;
    let mut json = document.json().clone();
    if let Value::Object(members) = &mut json {
        members.insert("success".into(), report.holds().into());
        members.insert("verified".into(), report.holds().into());
        members.insert("deleted".into(), checked.deleted.into());
        members.insert("verification".into(), of_report(report));
    }
    if report.holds() {
        let text = format!("{} (verified: {})", document.text(), report.summary());
        return Document::new(text, json);
    }
    let id = &built.image.id;
    let fate = match (&checked.kept_because, checked.deleted) {
        (_, true) => format!("the image {id} was deleted again"),
        (Some(why), false) => format!("the image {id} could not be deleted: {why}"),
        (None, false) => format!("the image {id} is kept; delete it with `sindri vm delete {id}`"),
    };
    let error = unverified(report).detail(fate);
    app.console.error(&error);
    if let Value::Object(members) = &mut json {
        members.insert("error".into(), error.to_json());
    }
    Document::new(super::verify::text(report), json).exit(Exit::Failure)
}

fn document(session: &Session<'_>, built: &Built) -> Document {
    let image = &built.image;
    let text = if built.cached {
        format!(
            "{} {} (found, not built: same content; --force builds anew)",
            image.id, image.name
        )
    } else {
        format!("{} {}", image.id, image.name)
    };
    let json = json!({
        "success": true,
        "cached": built.cached,
        "cloud": session.plugin.identity().id,
        "provider": session.plugin.identity().id,
        "image_id": image.id,
        "image_name": image.name,
        "region": image.location,
        "copies": image.copies,
        "cache_key": built.cache_key,
        "run_id": built.run_id,
        "build_time_secs": built.seconds,
        "notices": built.notices,
        "evidence": built.evidence,
    });
    Document::new(text, json)
}
