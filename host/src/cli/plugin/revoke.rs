//! `sindri plugin revoke NAME SPEC…`

use clap::Args;

use super::super::startup::App;
use super::grant;
use crate::contract::Requests;
use crate::error::Result;
use crate::policy::grants::narrow;
use crate::report::Document;

/// Arguments of `sindri plugin revoke`.
#[derive(Debug, Args)]
pub struct Revoke {
    /// A plugin.
    name: String,
    /// What it may no longer do, as for `grant`.
    #[arg(required_unless_present_any = ["all", "new"])]
    spec: Vec<String>,
    /// Everything.
    #[arg(long, conflicts_with_all = ["spec", "new"])]
    all: bool,
    /// What it asks for and nobody has decided about.
    #[arg(long, conflicts_with = "spec")]
    new: bool,
}

impl Revoke {
    pub(super) fn run(&self, app: &App) -> Result<Document> {
        grant::change(app, &self.name, |requests, granted| {
            if self.all {
                return Ok(Requests::default());
            }
            // Refuses a specification that means nothing.
            let meant = grant::select(requests, &self.spec, false)?;
            Ok(narrow::strip(granted, &meant))
        })
    }
}
