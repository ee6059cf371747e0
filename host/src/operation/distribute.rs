//! Who may use an image, where it is, and how long it is offered: share, publish, copy and deprecate.

use super::{Planner, Programs, Session, deploy, outcome, owned, verify};
use crate::contract::{Distribution, Image, Operation};
use crate::error::{Code, Error, Result};
use crate::journal::{Finish, Run};
use crate::runner::cancel::Cancel;
use crate::verify::{Expectation, Report, Verification, gate};

/// Which image, and how it is called in the journal and in errors.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subject<'a> {
    /// The subcommand, which is also the verb: `share`, `publish`, `copy`, `deprecate`.
    pub(crate) command: &'static str,
    /// The cloud's id of the image.
    pub(crate) image: &'a str,
    /// Also an image that does not carry our mark of ownership.
    pub(crate) force: bool,
}

/// What an image has to show before it becomes public.
#[derive(Debug)]
pub(crate) enum Proof {
    /// It stays or becomes private: nothing.
    NotNeeded,
    /// The checklist, on an instance of it.
    Checklist {
        /// Who may reach the instance.
        ssh_source: String,
        /// What the image claims to be.
        expectation: Expectation,
        /// Why it may be published although it fails.
        allow_unverified: Option<String>,
    },
    /// Somebody takes responsibility, and says why. Nobody looks.
    Responsibility(String),
}

/// What holds afterwards.
#[derive(Debug)]
pub(crate) struct Distributed {
    /// Of the last operation.
    pub(crate) distribution: Distribution,
    /// The run.
    pub(crate) run_id: String,
    /// What an instance of the image has shown; none if nobody looked.
    pub(crate) report: Option<Report>,
}

/// Changes an image's distribution. `confirm` is asked before the first change with what the plugin is about to do.
/// Operations run in their order, and the first failure ends them: what was done stays, and a second run finds it.
pub(crate) async fn change(
    session: &Session<'_>,
    subject: Subject<'_>,
    operations: Vec<Operation>,
    proof: Proof,
    cancel: Cancel,
    confirm: impl Fn(&Image, &[String]) -> Result<()>,
) -> Result<Distributed> {
    // Copies may need files in between, which carry the run's id.
    let makes = operations
        .iter()
        .any(|operation| matches!(operation, Operation::Copy(_)));
    let run = session.begin(subject.command, session.redactor())?;
    let programs = Programs::default();
    let planner = Planner::new(session, &run, &programs, cancel.clone())?;
    let mut report = None;
    let mut consent = Some(async |image: &Image, changes: &[String]| {
        confirm(image, changes)?;
        report = prove(session, &run, &image.id, &proof, &cancel).await?;
        Ok(())
    });
    let result = perform(&planner, subject, operations, &mut consent).await;
    match result {
        Ok(distribution) => {
            run.finish(Finish::Succeeded, None)?;
            Ok(Distributed {
                distribution,
                run_id: run.id().to_owned(),
                report,
            })
        }
        Err(error) if makes && planner.has_touched() => {
            Err(deploy::roll_back(session, &planner, &run, None, error).await)
        }
        Err(error) => {
            run.finish(Finish::Failed, Some(&error))?;
            Err(error)
        }
    }
}

async fn perform(
    planner: &Planner<'_>,
    subject: Subject<'_>,
    operations: Vec<Operation>,
    consent: &mut Option<impl AsyncFnOnce(&Image, &[String]) -> Result<()>>,
) -> Result<Distribution> {
    let image = owned::image(planner, subject.image, subject.force, subject.command).await?;
    let mut last = None;
    for operation in operations {
        let ask = async |changes: &[String]| match consent.take() {
            Some(consent) => consent(&image, changes).await,
            None => Ok(()),
        };
        last = Some(outcome::distribution(
            planner.execute_with(operation, ask).await?,
        )?);
    }
    last.ok_or_else(|| Error::new(Code::UsageArgument, "nothing is asked for"))
}

/// Lets only an image through that shows what it should, or that somebody answers for.
async fn prove(
    session: &Session<'_>,
    run: &Run,
    image: &str,
    proof: &Proof,
    cancel: &Cancel,
) -> Result<Option<Report>> {
    match proof {
        Proof::NotNeeded => Ok(None),
        Proof::Responsibility(reason) => {
            gate(run, image, Verification::Missing, Some(reason))?;
            Ok(None)
        }
        Proof::Checklist {
            ssh_source,
            expectation,
            allow_unverified,
        } => {
            let report =
                verify::image(session, image, ssh_source, expectation.clone(), cancel.clone()).await?;
            run.record(verify::verified(image, &report))?;
            gate(
                run,
                image,
                Verification::Checked(&report),
                allow_unverified.as_deref(),
            )?;
            Ok(Some(report))
        }
    }
}
