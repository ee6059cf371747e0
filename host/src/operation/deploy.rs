//! Starts an instance of an image, with a key and a firewall of its own.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::{Planner, Programs, Session, destroy, outcome};
use crate::contract::{DeployRequest, DestroyTarget, Instance, InterruptedRun, Operation, RunPurpose};
use crate::error::{Code, Error, Result};
use crate::journal::{Event, Finish, Run};
use crate::provision::tags::{self, TagFacts};
use crate::runner::cancel::Cancel;

/// Name of the private key in the run directory.
const KEY: &str = "id_ed25519";

/// An instance that can be reached.
#[derive(Debug, Serialize)]
pub struct Deployed {
    /// The instance.
    pub instance: Instance,
    /// The private key.
    pub key: PathBuf,
    /// Host keys that were seen.
    pub known_hosts: PathBuf,
}

/// The operation behind `vm deploy`.
pub fn operation(
    session: &Session<'_>,
    image: &str,
    ssh_source: &str,
    run_id: &str,
    now: &str,
) -> Result<Operation> {
    let settings = &session.settings;
    let name = format!("{}-{run_id}", settings.image_name);
    let facts = TagFacts {
        name: &name,
        sindri_version: &settings.build.sindri_version,
        profile: None,
        cache_key: None,
        run_id,
        date: now,
    };
    Ok(Operation::Deploy(DeployRequest {
        image_id: image.to_owned(),
        ssh_source: ssh_source.to_owned(),
        tags: tags::run_tags(&facts, RunPurpose::Deploy, &settings.tags)?,
        name,
    }))
}

/// Deploys. Whatever stops it half-way, what was made is removed again.
pub async fn deploy(
    session: &Session<'_>,
    image: &str,
    ssh_source: &str,
    cancel: Cancel,
) -> Result<Deployed> {
    let run = session.begin("deploy", session.redactor())?;
    let programs = Programs::default();
    let public_key = generate_key(&run)?;
    let planner = Planner::new(session, &run, &programs, cancel)?.with_public_key(&public_key);
    let operation = operation(session, image, ssh_source, run.id(), run.started())?;
    let result = match planner.execute(operation).await {
        Ok(outcome) => outcome::instance(outcome),
        Err(error) => Err(error),
    };
    match result {
        Ok(instance) => {
            run.record(Event::Deployed {
                instance: instance.clone(),
            })?;
            run.finish(Finish::Succeeded, None)?;
            let directory = run.directory();
            Ok(Deployed {
                instance,
                key: directory.join(KEY),
                known_hosts: directory.join("known_hosts"),
            })
        }
        Err(error) if planner.has_touched() => Err(roll_back(session, &planner, &run, None, error).await),
        Err(error) => {
            run.finish(Finish::Failed, Some(&error))?;
            Err(error)
        }
    }
}

/// Where an instance is reached. Where the build VM is reached at another address, so is every other VM.
pub(crate) fn address(session: &Session<'_>, instance: &Instance) -> Option<String> {
    let named = session.settings.build.ssh_host.as_ref();
    named
        .or(instance.public_ip.as_ref())
        .or(instance.private_ip.as_ref())
        .cloned()
}

/// Removes what a failed run has made, and says in the error whether that worked.
pub(super) async fn roll_back(
    session: &Session<'_>,
    planner: &Planner<'_>,
    run: &Run,
    image_name: Option<String>,
    error: Error,
) -> Error {
    session.app.console.step("Remove what the run has made so far");
    let (finish, error) = match remove_run(planner, run, image_name).await {
        Ok(removed) => {
            let error = if removed > 0 {
                error.detail(format!("{removed} resources of the run were removed"))
            } else {
                error
            };
            (Finish::Failed, error)
        }
        Err(problem) => {
            let mut error = error.detail(format!("cleaning up failed too: {}", problem.message()));
            for detail in problem.details() {
                error = error.detail(detail.as_str());
            }
            let error = error.remedy(format!(
                "run `sindri vm undo {}` when the cause is mended",
                run.id()
            ));
            (Finish::Unclean, error)
        }
    };
    let _ = run.finish(finish, Some(&error));
    error
}

/// Removes what the run has made, with the image of that name if one is given, and says how many resources that were.
pub(super) async fn remove_run(
    planner: &Planner<'_>,
    run: &Run,
    image_name: Option<String>,
) -> Result<usize> {
    let target = InterruptedRun {
        run_id: run.id().to_owned(),
        image_name,
    };
    let operation = Operation::Destroy(DestroyTarget::Run(target));
    let outcome = planner.for_cleaning_up().execute(operation).await?;
    let removal = outcome::removal(outcome).and_then(destroy::without_leftovers)?;
    let removed = removal.removed.len();
    // What led here matters more than a journal that cannot be written.
    let _ = run.record(Event::Removed { removal });
    Ok(removed)
}

/// Files of a deployment that are worthless when its instance is gone.
pub(super) fn key_files(directory: &Path) -> Vec<PathBuf> {
    [KEY, "id_ed25519.pub", "known_hosts"]
        .iter()
        .map(|name| directory.join(name))
        .filter(|path| path.exists())
        .collect()
}

/// Makes a fresh key pair in the run directory and returns the public line.
fn generate_key(run: &Run) -> Result<String> {
    let broken =
        |error: ssh_key::Error| Error::new(Code::Internal, "no key pair could be made").source(error);
    let mut random = [0_u8; 32];
    getrandom::fill(&mut random)
        .map_err(|error| Error::new(Code::Internal, "the system gives no random numbers").source(error))?;
    let pair = ssh_key::private::Ed25519Keypair::from_seed(&random);
    let mut key = ssh_key::PrivateKey::from(pair);
    key.set_comment(format!("sindri-{}", run.id()));
    let private = key.to_openssh(ssh_key::LineEnding::LF).map_err(broken)?;
    let public = key.public_key().to_openssh().map_err(broken)?;
    run.redactor().learn(&private);
    run.write(KEY, private.as_bytes())?;
    run.write("id_ed25519.pub", format!("{public}\n").as_bytes())?;
    Ok(public)
}
