//! Programs that the host starts: what they print, how long they run and what they are given.

use std::path::{Path, PathBuf};
use std::time::Duration;

use super::super::attack::{Attack, Lab, Verdict};
use super::super::child::{Behaviour, REFUSED};
use crate::environment::Environment;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::journal::Log;
use crate::policy::children::{self, Child, Choices, PrivateDirs};
use crate::policy::redact::{Redactor, neutralise};
use crate::policy::tools;
use crate::runner::cancel::Cancel;
use crate::runner::process::{self, Ending, Exit, Finished, Invocation, Overflow};
use crate::runner::sandbox::{Support, support};

/// What a tool must never see, with a value that is looked for in what it prints.
const CANARIES: &[&str] = &[
    "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
    "ARM_CLIENT_SECRET",
    "BASH_ENV",
    "CONSUL_HTTP_TOKEN",
    "GITHUB_TOKEN",
    "GOOGLE_APPLICATION_CREDENTIALS",
    "LD_PRELOAD",
    "NODE_OPTIONS",
    "PYTHONPATH",
    "SSH_AUTH_SOCK",
    "SYSTEM_ACCESSTOKEN",
    "VAULT_TOKEN",
];
const CANARY: &str = "sindri-canary-in-the-environment";

pub(in super::super) fn attacks() -> Vec<Attack> {
    let attack = |name, tries, judge: fn() -> Result<Verdict>| Attack {
        name,
        tries,
        run: Box::new(move |_: &Lab| {
            judge().unwrap_or_else(|error| Verdict::NotBlocked {
                what: error.to_string(),
            })
        }),
    };
    let mut attacks = vec![
        attack(
            "child-garbage",
            "to print bytes that are no text, escapes and commands",
            garbage,
        ),
        attack("child-flood", "to print for ever", flood),
        attack("child-hang", "to go on for ever and ignore SIGTERM", hang),
        attack(
            "child-environment",
            "to read other tools' secrets from its environment",
            environment,
        ),
    ];
    // Elsewhere nothing is promised about files, and `doctor sandbox` says so.
    if matches!(support(), Support::Landlock { .. }) {
        attacks.extend([
            attack("child-read-file", "to read a file of another program", read_file),
            attack(
                "child-write-file",
                "to make a file outside of its run",
                write_file,
            ),
        ]);
    }
    attacks
}

fn garbage() -> Result<Verdict> {
    let finished = run(Behaviour::Garbage)?;
    let shown = Redactor::default().line(&finished.stdout);
    Ok(Verdict::of_mechanism(
        finished.stdout.contains('\u{fffd}') && neutralise(&shown) == shown,
        "output filter",
        "what was no text was replaced, escapes and commands were taken out",
        "an escape or a command is printed",
    ))
}

fn flood() -> Result<Verdict> {
    Ok(Verdict::of_refusal(run(Behaviour::Flood), &[Code::ToolOutput]))
}

fn hang() -> Result<Verdict> {
    let finished = run(Behaviour::Hang)?;
    Ok(Verdict::of_mechanism(
        finished.exit == Exit::TimedOut && finished.killed,
        "SIGKILL",
        "it was killed after its time and its grace",
        "it ended in another way",
    ))
}

fn read_file() -> Result<Verdict> {
    let elsewhere = files::temporary_directory(Path::new("/tmp")).map_err(unprepared)?;
    let secret = elsewhere.path().join("credentials");
    files::write_new_private(&secret, CANARY.as_bytes()).map_err(unprepared)?;
    let finished = run_with(Behaviour::ReadFile, Some(&secret))?;
    Ok(Verdict::of_mechanism(
        finished.stdout.starts_with(REFUSED) && !finished.stdout.contains(CANARY),
        "Landlock",
        "the kernel did not let it open the file",
        "it read the file",
    ))
}

fn write_file() -> Result<Verdict> {
    let elsewhere = files::temporary_directory(Path::new("/tmp")).map_err(unprepared)?;
    let path = elsewhere.path().join("left-behind");
    let finished = run_with(Behaviour::WriteFile, Some(&path))?;
    Ok(Verdict::of_mechanism(
        finished.stdout.starts_with(REFUSED) && !files::exists(&path),
        "Landlock",
        "the kernel did not let it make the file",
        "it made the file",
    ))
}

fn unprepared(error: std::io::Error) -> Error {
    Error::new(Code::RunFiles, "cannot prepare a directory for a hostile program").source(error)
}

fn environment() -> Result<Verdict> {
    let finished = run(Behaviour::Environment)?;
    let seen: Vec<&str> = CANARIES
        .iter()
        .filter(|name| finished.stdout.contains(&format!("{name}={CANARY}")))
        .copied()
        .collect();
    Ok(Verdict::of_mechanism(
        finished.stdout.contains("HOME=") && seen.is_empty() && !finished.stdout.contains(CANARY),
        "environment from an allow-list",
        "none of the canaries was there",
        &format!("it saw {}", seen.join(", ")),
    ))
}

fn run(behaviour: Behaviour) -> Result<Finished> {
    run_with(behaviour, None)
}

/// Starts this very program as a cloud's tool.
fn run_with(behaviour: Behaviour, path: Option<&Path>) -> Result<Finished> {
    let program = own_program()?;
    let directory = files::temporary_directory(Path::new("/tmp")).map_err(unprepared)?;
    let profile = tools::profile("aws")?;
    let user = Environment::of(
        directory.path(),
        CANARIES
            .iter()
            .map(|name| (*name, CANARY))
            .chain([("PATH", "/usr/bin:/bin")]),
    );
    let private = PrivateDirs::create(directory.path(), &user, &profile.surroundings)?;
    let child = Child::Tool {
        program: &program,
        profile: &profile,
    };
    let equipment = children::equip(child, directory.path(), &user, &private, &Choices::default())?;
    let invocation = Invocation {
        args: ["doctor", "hostile-child", behaviour.word()]
            .into_iter()
            .map(Into::into)
            .chain(path.map(Into::into))
            .collect(),
        program,
        env: equipment.env,
        cwd: directory.path().to_path_buf(),
        timeout: Duration::from_secs(match behaviour {
            Behaviour::Hang => 1,
            Behaviour::Garbage
            | Behaviour::Flood
            | Behaviour::Environment
            | Behaviour::ReadFile
            | Behaviour::WriteFile => 30,
        }),
        output_cap: 1 << 20,
        overflow: Overflow::Kill,
        grace: Duration::from_secs(1),
        ending: Ending::Abandon,
        log: Log::default(),
        sandbox: equipment.sandbox,
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::new(Code::Internal, "the runtime does not start").source(error))?;
    runtime.block_on(process::run(&invocation, &Cancel::new(), None))
}

fn own_program() -> Result<PathBuf> {
    std::env::current_exe().map_err(|error| {
        Error::new(
            Code::ToolStart,
            "the program does not find itself to start it as a hostile one",
        )
        .source(error)
    })
}
