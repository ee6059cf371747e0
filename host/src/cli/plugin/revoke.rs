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
    #[arg(required_unless_present_any = ["all", "new", "environment"])]
    spec: Vec<String>,
    /// Everything.
    #[arg(long, conflicts_with_all = ["spec", "new"])]
    all: bool,
    /// What it asks for and nobody has decided about.
    #[arg(long, conflicts_with = "spec")]
    new: bool,
    /// Its tools and Packer may no longer have this variable of your environment. May be repeated.
    #[arg(long, value_name = "NAME")]
    environment: Vec<String>,
}

impl Revoke {
    pub(super) fn run(&self, app: &App) -> Result<Document> {
        let decide = |requests: &Requests, granted: &Requests| {
            if self.all {
                return Ok(Requests::default());
            }
            // Refuses a specification that means nothing.
            let meant = grant::select(requests, &self.spec, false)?;
            Ok(narrow::strip(granted, &meant))
        };
        let choose = |had: &[String]| {
            let keep = |name: &&String| !self.all && !self.environment.contains(name);
            Ok(had.iter().filter(keep).cloned().collect())
        };
        grant::change(app, &self.name, decide, choose)
    }
}
