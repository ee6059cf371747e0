//! `sindri vm verify`

use std::path::PathBuf;

use clap::{ArgGroup, Args};
use serde_json::{Value, json};

use super::App;
use super::arguments::{CloudArgument, PlaceArguments, PlanArgument};
use crate::error::{Code, Error, Exit, Result};
use crate::files;
use crate::journal;
use crate::operation::verify::{self as operation, Host};
use crate::operation::{Preview, Session, deploy, render};
use crate::report::{Document, table};
use crate::runner::cancel::Cancel;
use crate::verify::{Expectation, Report, Status};

/// A report of a scanner has a few megabytes.
const LARGEST_SCAN: u64 = 256 << 20;

/// Arguments of `sindri vm verify`.
#[derive(Debug, Args)]
#[command(group = ArgGroup::new("source").required(true).args(["image", "root", "host"]))]
pub struct Verify {
    /// The cloud's id of the image: an instance is started, looked at and removed.
    image: Option<String>,
    /// A root file system that is mounted on this machine.
    #[arg(long, value_name = "DIR")]
    root: Option<PathBuf>,
    /// A running machine, by SSH.
    #[arg(long, value_name = "ADDRESS", requires = "user", requires = "key")]
    host: Option<String>,
    /// Who logs in there: root, or somebody whose sudo asks for no password.
    #[arg(long, requires = "host")]
    user: Option<String>,
    /// Private key for that.
    #[arg(long, value_name = "FILE", requires = "host")]
    key: Option<PathBuf>,
    /// Port of its SSH server [default: 22]
    #[arg(long, requires = "host")]
    port: Option<u16>,
    /// Known host keys [default: ~/.ssh/known_hosts]
    #[arg(long, value_name = "FILE", requires = "host")]
    known_hosts: Option<PathBuf>,
    /// Believe the key that the host shows, if it is not known.
    #[arg(long, requires = "host")]
    accept_new_host_key: bool,
    /// The image was built with --cis-hardening: without a trace of it, it fails.
    #[arg(long)]
    cis_hardening: bool,
    /// Results of a vulnerability scan of the image: XCCDF or ARF, as OpenSCAP writes them.
    #[arg(long, value_name = "FILE")]
    scan_report: Option<PathBuf>,
    /// Who may reach the instance by SSH: your own address, for example `203.0.113.7/32`
    /// [default: `providers.packer.deploy.ssh_cidr`]
    #[arg(long, value_name = "CIDR", conflicts_with_all = ["root", "host"])]
    ssh_cidr: Option<String>,
    #[command(flatten)]
    cloud: CloudArgument,
    #[command(flatten)]
    place: PlaceArguments,
    #[command(flatten)]
    plan: PlanArgument,
}

impl Verify {
    /// Whether it only reads files: then nothing has to be waited for, and Ctrl-C may end it anywhere.
    pub(super) fn is_local(&self) -> bool {
        self.root.is_some()
    }

    fn expectation(&self, app: &App) -> Result<Expectation> {
        let scan = self.scan_report.as_ref().map(|path| {
            let path = app.environment.working_directory().join(path);
            let read = files::read_plain(&path, LARGEST_SCAN);
            read.map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
                .map_err(|error| {
                    Error::new(Code::UsageArgument, "the report of the scan cannot be read")
                        .file(path)
                        .source(error)
                })
        });
        Ok(Expectation {
            hardened: self.cis_hardening.then_some(true),
            scan: scan.transpose()?,
            login_key: None,
        })
    }

    /// Looks at a mounted root.
    pub(super) fn look(&self, app: &App) -> Result<Document> {
        let Some(root) = &self.root else {
            return Err(Error::new(Code::Internal, "there is no root to look at"));
        };
        if self.plan.plan {
            return Ok(Preview::default().into_document());
        }
        let root = app.environment.working_directory().join(root);
        let expectation = self.expectation(app)?;
        #[cfg(target_os = "linux")]
        {
            app.console.step(&format!("Look at {}", root.display()));
            let report = crate::verify::mounted(&root, expectation)?;
            Ok(document(&report, json!({"root": root})))
        }
        #[cfg(not(target_os = "linux"))]
        {
            let _ = expectation;
            Err(Error::new(Code::UsageArgument, "--root needs Linux").file(root))
        }
    }

    pub(super) async fn run(self, app: &App, cancel: Cancel) -> Result<Document> {
        let expectation = self.expectation(app)?;
        if let (Some(address), Some(user), Some(key)) = (&self.host, &self.user, &self.key) {
            let host = Host {
                address: address.clone(),
                port: self.port,
                user: user.clone(),
                key: key.clone(),
                known_hosts: self.known_hosts.clone(),
                accept_new: self.accept_new_host_key,
            };
            if self.plan.plan {
                let mut preview = Preview::default();
                let login = format!("{user}@{address}");
                preview.add(
                    "Look at the machine",
                    "read",
                    &["ssh".into(), login, "/bin/sh".into()],
                );
                return Ok(preview.into_document());
            }
            let report = operation::host(app, &host, expectation, &cancel).await?;
            return Ok(document(&report, json!({"host": address, "user": user})));
        }
        let Some(image) = &self.image else {
            return Err(Error::new(Code::Internal, "there is nothing to verify"));
        };
        let mut flags = self.place.flags(app)?;
        flags.set_if("ssh-cidr", self.ssh_cidr.as_deref());
        let session = Session::open(app, self.cloud.cloud.as_deref(), &flags)?;
        let ssh_source = operation::ssh_source(&session)?;
        if self.plan.plan {
            let deploy = deploy::operation(&session, image, &ssh_source, render::DRY_RUN, &journal::now())?;
            let mut preview = Preview::default();
            preview.operation(&session, session.preview_context(), deploy)?;
            return Ok(preview.into_document());
        }
        let report = operation::image(&session, image, &ssh_source, expectation, cancel).await?;
        let cloud = &session.plugin.identity().id;
        Ok(document(&report, json!({"image_id": image, "cloud": cloud})))
    }
}

/// The points as a table, and under it what speaks against the image.
fn document(report: &Report, source: Value) -> Document {
    let mut json = of_report(report);
    if let Value::Object(members) = &mut json {
        members.insert("source".into(), source);
    }
    let exit = if report.holds() {
        Exit::Success
    } else {
        Exit::Failure
    };
    Document::new(text(report), json).exit(exit)
}

/// The report as a member of a document.
pub(super) fn of_report(report: &Report) -> Value {
    json!({
        "success": report.holds(),
        "passed": report.count(Status::Pass),
        "failed": report.count(Status::Fail),
        "not_applicable": report.count(Status::NotApplicable),
        "not_shown": report.count(Status::NotShown),
        "points": report.points,
    })
}

/// The report for people.
pub(super) fn text(report: &Report) -> String {
    let rows: Vec<Vec<String>> = report
        .points
        .iter()
        .map(|point| vec![point.id.into(), point.status.name().into(), point.title.into()])
        .collect();
    let mut text = table(&["POINT", "RESULT", "TITLE"], &rows);
    for point in &report.points {
        for evidence in &point.evidence {
            // A name may have a line end in it.
            let evidence = evidence.to_string().replace(['\n', '\r'], " ");
            text.push_str(&format!("\n{}: {evidence}", point.id));
        }
        if point.omitted > 0 {
            text.push_str(&format!("\n{}: and {} more", point.id, point.omitted));
        }
        if let Some(reason) = &point.reason {
            text.push_str(&format!("\n{}: {}: {reason}", point.id, point.status.name()));
        }
    }
    text.push_str(&format!("\n\n{}", report.summary()));
    text
}
