//! `sindri vm …`

mod arguments;
pub use arguments::CloudArgument;
mod build;
mod clouds;
pub(super) mod confirm;
mod copy;
mod delete;
mod deploy;
mod deprecate;
mod destroy;
mod distribution;
mod doctor;
mod gc;
mod iam;
mod init;
mod list;
mod matrix;
mod publish;
mod runs;
mod share;
mod undo;
mod validate;
mod verify;

use std::future::Future;

use clap::Subcommand;

use super::Deferred;
pub(crate) use super::startup::App;
use crate::error::{Code, Error, Result};
use crate::report::Document;
use crate::runner::cancel::Cancel;

/// Subcommands of `sindri vm`.
#[derive(Debug, Subcommand)]
pub enum Vm {
    /// Build an image with Packer, or find that it exists already.
    Build(Deferred<build::Build>),
    /// Check the configuration and the template without building.
    Validate(Deferred<validate::Validate>),
    /// List images.
    List(Deferred<list::List>),
    /// Delete an image and everything that belongs to it.
    Delete(Deferred<delete::Delete>),
    /// Let accounts, organizations or users start instances of an image, or no longer let them.
    Share(Deferred<share::Share>),
    /// Make an image public, once it is verified; or private again.
    Publish(Deferred<publish::Publish>),
    /// Copy an image to other regions.
    Copy(Deferred<copy::Copy>),
    /// Say from when an image is no longer offered, and which one takes its place.
    Deprecate(Deferred<deprecate::Deprecate>),
    /// Check that programs and credentials are there.
    Doctor(Deferred<doctor::Doctor>),
    /// Write the Packer template and its scripts, to build by hand.
    Init(Deferred<init::Init>),
    /// Start an instance of an image, with a key and a firewall of its own.
    Deploy(Deferred<deploy::Deploy>),
    /// Check that an image is what it claims to be: nothing of the build, no secrets, ready for its first boot.
    Verify(Deferred<verify::Verify>),
    /// Remove an instance and everything that deploy made for it.
    Destroy(Deferred<destroy::Destroy>),
    /// Remove what an interrupted run left behind.
    Undo(Deferred<undo::Undo>),
    /// Find and remove what interrupted runs left behind, on any machine.
    Gc(Deferred<gc::Gc>),
    /// Print the jobs of a build on several clouds, as the matrix of a workflow.
    Matrix(Deferred<matrix::Matrix>),
    /// Print the least that the account has to allow, in the form that the cloud takes.
    Iam(Deferred<iam::Iam>),
    /// List the runs on this machine.
    Runs(Deferred<runs::Runs>),
}

impl Vm {
    pub(super) fn run(self, app: &App) -> Result<Document> {
        match self {
            // Dry runs need no runtime, and starting one costs a tenth of their time.
            Self::Build(Deferred(build)) if build.is_dry_run() => build.dry_run(app),
            Self::Build(Deferred(build)) => wait_for(|cancel| build.run(app, cancel)),
            Self::Validate(Deferred(validate)) => wait_for(|cancel| validate.run(app, cancel)),
            Self::List(Deferred(list)) => wait_for(|cancel| list.run(app, cancel)),
            Self::Delete(Deferred(delete)) => wait_for(|cancel| delete.run(app, cancel)),
            Self::Share(Deferred(share)) => wait_for(|cancel| share.run(app, cancel)),
            Self::Publish(Deferred(publish)) => wait_for(|cancel| publish.run(app, cancel)),
            Self::Copy(Deferred(copy)) => wait_for(|cancel| copy.run(app, cancel)),
            Self::Deprecate(Deferred(deprecate)) => wait_for(|cancel| deprecate.run(app, cancel)),
            Self::Doctor(Deferred(doctor)) => wait_for(|cancel| doctor.run(app, cancel)),
            Self::Init(Deferred(init)) => init.run(app),
            Self::Deploy(Deferred(deploy)) => wait_for(|cancel| deploy.run(app, cancel)),
            Self::Verify(Deferred(verify)) if verify.is_local() => verify.look(app),
            Self::Verify(Deferred(verify)) => wait_for(|cancel| verify.run(app, cancel)),
            Self::Destroy(Deferred(destroy)) => wait_for(|cancel| destroy.run(app, cancel)),
            Self::Undo(Deferred(undo)) => wait_for(|cancel| undo.run(app, cancel)),
            Self::Gc(Deferred(gc)) => wait_for(|cancel| gc.run(app, cancel)),
            Self::Matrix(Deferred(matrix)) => matrix.run(app),
            Self::Iam(Deferred(iam)) => iam.run(app),
            Self::Runs(Deferred(runs)) => runs.run(app),
        }
    }
}

/// Runs a subcommand on this very thread: children are told to die with the thread that started
/// them, so it must be the one that lives as long as the process.
fn wait_for<F, R>(work: F) -> Result<Document>
where
    F: FnOnce(Cancel) -> R,
    R: Future<Output = Result<Document>>,
{
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::new(Code::Internal, "the runtime does not start").source(error))?;
    runtime.block_on(async {
        let cancel = Cancel::new();
        let signals = cancel.clone();
        tokio::select! {
            result = work(cancel) => result,
            // Ends only when signals cannot be caught at all.
            Err(error) = signals.follow_signals() => {
                Err(Error::new(Code::Internal, "signals cannot be caught").source(error))
            }
        }
    })
}

/// Removed resources in one line.
fn removed(removal: &crate::contract::Removal) -> String {
    if removal.removed.is_empty() {
        return "nothing was left to remove".to_owned();
    }
    let names: Vec<_> = removal
        .removed
        .iter()
        .map(|resource| format!("{} {}", resource.kind, resource.id))
        .collect();
    format!("removed {}", names.join(", "))
}
