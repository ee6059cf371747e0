//! Holds an image against the checklist: on an instance that is made for it and removed again, or on a machine that
//! somebody else runs.

use std::path::{Path, PathBuf};

use super::build::{Built, Scratch};
use super::doctor::choices;
use super::{Session, delete, deploy, destroy};
use crate::cli::App;
use crate::config::OnError;
use crate::contract::Instance;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::journal::{Event, Finish, Log};
use crate::policy::children::{self, Child, Choices, PrivateDirs};
use crate::policy::tools::Surroundings;
use crate::runner::cancel::Cancel;
use crate::runner::program;
use crate::verify::source::remote::Remote;
use crate::verify::{self, Expectation, Report};

/// Where OpenSSH comes from.
const OPENSSH: &str = "https://www.openssh.com/portable.html";
const DEFAULT_PORT: u16 = 22;
/// What the scan of a build brings back, below the run's directory.
const SCAN_RESULTS: &str = "openscap/results.xml";
/// Such results have a few megabytes.
const LARGEST_SCAN: u64 = 256 << 20;
/// A key is a few kilobytes, a file of known hosts a few hundred.
const LARGEST: u64 = 8 << 20;

/// A machine that is not ours.
#[derive(Clone, Debug)]
pub struct Host {
    /// Name or address.
    pub address: String,
    /// Port of its SSH server.
    pub port: Option<u16>,
    /// Who logs in.
    pub user: String,
    /// Private key.
    pub key: PathBuf,
    /// Known host keys; none: the user's own file.
    pub known_hosts: Option<PathBuf>,
    /// Believes the key that the host shows.
    pub accept_new: bool,
}

/// Checks a machine that is not ours. It stays as it is.
pub(crate) async fn host(
    app: &App,
    host: &Host,
    mut expectation: Expectation,
    cancel: &Cancel,
) -> Result<Report> {
    let user = &app.environment;
    let scratch = Scratch::with(user, &Surroundings::NONE)?;
    let key = absolute(app, &host.key, "the private key")?;
    let directory = scratch.dirs.home().to_path_buf();
    let known_hosts = directory.join("known_hosts");
    let known = match (&host.known_hosts, host.accept_new) {
        (Some(path), _) => files::read(&absolute(app, path, "the file of known hosts")?, LARGEST),
        (None, true) => Ok(Vec::new()),
        (None, false) => {
            let own = user.home().unwrap_or_default().join(".ssh/known_hosts");
            if files::exists(&own) {
                files::read(&own, LARGEST)
            } else {
                Ok(Vec::new())
            }
        }
    };
    let written = known.and_then(|known| files::write_new_private(&known_hosts, &known));
    written
        .map_err(|error| Error::new(Code::UsageArgument, "the known hosts cannot be used").source(error))?;
    expectation.login_key = public_key(&key);
    let remote = connection(
        app,
        Way {
            directory: &directory,
            private: &scratch.dirs,
            choices: &choices(app),
            log: app.audit.log(None)?,
        },
        cancel,
        Target {
            address: host.address.clone(),
            port: host.port.unwrap_or(DEFAULT_PORT),
            user: host.user.clone(),
            key,
            known_hosts,
            accept_new: host.accept_new,
        },
    )?;
    app.console.step(&format!("Look at {}", host.address));
    verify::remote(&remote, expectation).await
}

/// Who may reach the instance that is verified: what the user says of deployments, else of builds.
pub(crate) fn ssh_source(session: &Session<'_>) -> Result<String> {
    let settings = &session.settings;
    let named = settings.deploy.ssh_cidr.as_ref();
    named
        .or(settings.build.ssh_source_cidrs.first())
        .map(|cidr| cidr.as_str().to_owned())
        .ok_or_else(|| {
            Error::new(
                Code::ConfigMissingKeys,
                "nothing says who may reach the instance that is verified by SSH",
            )
            .key("providers.packer.deploy.ssh_cidr")
            .remedy("give --ssh-cidr with your own address, for example --ssh-cidr 203.0.113.7/32")
        })
}

/// Starts an instance of the image, looks at it, and removes it, whatever happens meanwhile.
pub(crate) async fn image(
    session: &Session<'_>,
    image: &str,
    ssh_source: &str,
    expectation: Expectation,
    cancel: Cancel,
) -> Result<Report> {
    let console = &session.app.console;
    console.step(&format!("Start an instance of {image} to verify it"));
    let deployed = deploy::deploy(session, image, ssh_source, cancel.clone()).await?;
    let report = look(session, image, &deployed, expectation, &cancel).await;
    console.step("Remove the instance");
    // A Ctrl-C that has ended the look must not keep the instance alive.
    let removed = destroy::destroy(session, &deployed.instance.id, Cancel::default()).await;
    match (report, removed) {
        (Ok(report), Ok(_)) => Ok(report),
        (Err(error), Ok(_)) => Err(error),
        (report, Err(error)) => Err(error
            .detail(match report {
                Ok(report) => format!("the verification itself: {}", report.summary()),
                Err(error) => format!("the verification failed before: {}", error.message()),
            })
            .remedy(format!(
                "run `sindri vm destroy {}` when the cause is mended",
                deployed.instance.id
            ))),
    }
}

async fn look(
    session: &Session<'_>,
    image: &str,
    deployed: &deploy::Deployed,
    mut expectation: Expectation,
    cancel: &Cancel,
) -> Result<Report> {
    let run = session.begin("verify", session.redactor())?;
    let private = PrivateDirs::create(run.directory(), &session.app.environment, &Surroundings::NONE)?;
    let settings = &session.settings;
    expectation.login_key = public_key(&deployed.key);
    let reached = async {
        let remote = connection(
            session.app,
            Way {
                directory: deployed.key.parent().unwrap_or(run.directory()),
                private: &private,
                choices: &session.choices(),
                log: run.log().clone(),
            },
            cancel,
            Target {
                address: deploy::address(session, &deployed.instance)
                    .ok_or_else(|| no_address(&deployed.instance))?,
                port: settings.build.ssh_port.unwrap_or(DEFAULT_PORT),
                user: deployed.instance.ssh_user.clone(),
                key: deployed.key.clone(),
                known_hosts: deployed.known_hosts.clone(),
                // Nobody knows the key of a machine that has just made it.
                accept_new: true,
            },
        )?;
        session.app.console.step("Wait until it lets in");
        remote.wait(settings.build.ssh_timeout.duration()).await?;
        session.app.console.step("Look at everything on it");
        verify::remote(&remote, expectation).await
    };
    let result = reached.await;
    match &result {
        Ok(report) => {
            run.record(verified(image, report))?;
            run.finish(Finish::Succeeded, None)?;
        }
        Err(error) => run.finish(Finish::Failed, Some(error))?,
    }
    result
}

/// What the journal keeps of a look at an image.
pub(super) fn verified(image: &str, report: &Report) -> Event {
    Event::Verified {
        image: image.to_owned(),
        holds: report.holds(),
        failed: report.failed().map(|point| point.id.to_owned()).collect(),
    }
}

fn no_address(instance: &Instance) -> Error {
    Error::new(
        Code::InstanceNotFound,
        format!(
            "the instance `{}` has no address that could be reached",
            instance.id
        ),
    )
}

/// What became of an image that was verified right after its build.
#[derive(Clone, Debug)]
pub struct Checked {
    /// The points.
    pub report: Report,
    /// It failed and was deleted again.
    pub deleted: bool,
    /// Why it could not be deleted.
    pub kept_because: Option<String>,
}

/// Verifies an image that was just built or found. One that this build made and that fails is deleted again, or the
/// next build would find it and take it for a good one; `on_error: abort` keeps it to look at.
pub(crate) async fn after_build(
    session: &Session<'_>,
    built: &Built,
    ssh_source: &str,
    cancel: Cancel,
) -> Result<Checked> {
    let id = &built.image.id;
    let security = &session.settings.build.security;
    let expectation = Expectation {
        hardened: Some(security.cis_hardening),
        scan: security
            .openscap_scan
            .then(|| scan_of(session.app, built))
            .flatten(),
        login_key: None,
    };
    let report = image(session, id, ssh_source, expectation, cancel.clone())
        .await
        .map_err(|error| {
            error.detail(format!(
                "the image {id} is kept and is not verified; `sindri vm verify {id}` tries again"
            ))
        })?;
    let keeps = built.cached || session.settings.build.on_error == OnError::Abort;
    if report.holds() || keeps {
        return Ok(Checked {
            report,
            deleted: false,
            kept_because: None,
        });
    }
    session
        .app
        .console
        .step(&format!("Delete {id}, which failed its verification"));
    let deleted = delete::delete(session, id, false, Cancel::default(), |_| Ok(())).await;
    let deleted = deleted.and_then(destroy::without_leftovers);
    Ok(Checked {
        report,
        deleted: deleted.is_ok(),
        kept_because: deleted.err().map(|error| error.message().to_owned()),
    })
}

/// The results of the scan that was part of the build. A scan that was asked for and left none counts as one that has
/// judged nothing; an image that was found was scanned by a run that may be another machine's.
fn scan_of(app: &App, built: &Built) -> Option<String> {
    if built.cached {
        return None;
    }
    let run = app
        .environment
        .state_directory()?
        .join("runs")
        .join(&built.run_id);
    let results = files::read_text(&run.join(SCAN_RESULTS), LARGEST_SCAN);
    Some(results.unwrap_or_default())
}

/// What `ssh` gets of this machine.
struct Way<'a> {
    directory: &'a Path,
    private: &'a PrivateDirs,
    choices: &'a Choices,
    log: Log,
}

/// Whom it talks to.
struct Target {
    address: String,
    port: u16,
    user: String,
    key: PathBuf,
    known_hosts: PathBuf,
    accept_new: bool,
}

fn connection<'a>(app: &App, way: Way<'_>, cancel: &'a Cancel, target: Target) -> Result<Remote<'a>> {
    let user = &app.environment;
    let program = program::locate("ssh", OPENSSH, user)?;
    let child = Child::Ssh {
        program: &program,
        key: &target.key,
    };
    let equipment = children::equip(child, way.directory, user, way.private, way.choices)?;
    Ok(Remote {
        program,
        equipment,
        directory: way.directory.to_path_buf(),
        address: target.address,
        port: target.port,
        user: target.user,
        key: target.key,
        known_hosts: target.known_hosts,
        accept_new: target.accept_new,
        log: way.log,
        cancel,
    })
}

fn absolute(app: &App, path: &Path, what: &str) -> Result<PathBuf> {
    let path = app.environment.working_directory().join(path);
    if files::is_plain(&path) {
        return Ok(path);
    }
    Err(Error::new(Code::UsageArgument, format!("{what} is not there")).file(path))
}

/// The base64 part of the public half of a key: of the file beside it, or of OpenSSH's own format. Without it the
/// verifier's own key counts as somebody's.
fn public_key(key: &Path) -> Option<String> {
    let mut beside = key.as_os_str().to_owned();
    beside.push(".pub");
    let line = files::read_text(Path::new(&beside), LARGEST).or_else(|_| {
        let text = files::read_text(key, LARGEST)?;
        let key = ssh_key::PrivateKey::from_openssh(text).map_err(std::io::Error::other)?;
        key.public_key().to_openssh().map_err(std::io::Error::other)
    });
    let line = line.ok()?;
    line.split_whitespace().nth(1).map(str::to_owned)
}
