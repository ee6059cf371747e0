//! Runs of the past, read back from their journals.

use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use nix::fcntl::{Flock, FlockArg};
use serde::Serialize;
use serde_json::Value;

use super::event::{Entry, Event, Finish, Process};
use super::run::{JOURNAL, Run, directory_of_runs};
use crate::contract::{Effect, Image, Instance};
use crate::environment::Environment;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::policy::redact::Redactor;

/// A journal that is larger than this is not one of ours.
const JOURNAL_LIMIT: u64 = 256 << 20;
/// How long a child of a killed process may take to become another program, on a busy machine.
const FORKED: Duration = Duration::from_secs(1);
/// How often to look whether it has.
const LOOK: Duration = Duration::from_millis(10);

/// What is known of a run.
#[derive(Clone, Debug, Serialize)]
pub struct Story {
    /// The run's id.
    pub id: String,
    /// When it began.
    pub started: String,
    /// The subcommand.
    pub command: String,
    /// The plugin's id.
    pub cloud: String,
    /// How it stands.
    pub state: State,
    /// Name of the image that Packer was told to make.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image_name: Option<String>,
    /// The image it made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub image: Option<Image>,
    /// The instance it made.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<Instance>,
    /// The cloud's section of the configuration it ran with.
    #[serde(skip)]
    pub config: Value,
    /// Packer's process id and start time, when it was started and never seen to end.
    #[serde(skip)]
    pub packer: Option<(u32, u64)>,
    /// Whether it began to make anything: only then can it have left something.
    #[serde(skip)]
    pub made: bool,
    /// Who wrote the journal last.
    #[serde(skip)]
    pub process: Option<Process>,
    /// The run directory.
    pub directory: PathBuf,
}

/// How a run stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// Its process lives.
    Active,
    /// It did what was asked.
    Succeeded,
    /// It failed and left nothing, or was killed before it made anything.
    Failed,
    /// It failed or was killed; something may be left.
    Interrupted,
    /// What it made was removed.
    Undone,
}

impl Story {
    /// Opens the run's journal to write down what became of it.
    pub fn reopen(&self, redactor: Redactor) -> Result<Run> {
        if is_active(&self.directory.join(JOURNAL), self.process) {
            return Err(Run::is_going_on(&self.id));
        }
        let run = Run::open(self.id.clone(), self.directory.clone(), redactor)?;
        run.record(Event::Reopened {
            process: Process::own(),
        })?;
        Ok(run)
    }
}

/// Every run that can be read, the newest last.
pub fn stories(environment: &Environment) -> Result<Vec<Story>> {
    let runs = directory_of_runs(environment)?;
    let directories = files::list(&runs).map_err(|error| {
        Error::new(Code::RunFiles, "the runs cannot be listed")
            .file(&runs)
            .source(error)
    })?;
    let mut stories: Vec<_> = directories
        .iter()
        .filter_map(|directory| read(directory).ok())
        .collect();
    stories.sort_by(|one, other| (&one.started, &one.id).cmp(&(&other.started, &other.id)));
    Ok(stories)
}

/// Whether this machine has a run of that id, readable or not.
pub fn exists(environment: &Environment, id: &str) -> Result<bool> {
    Ok(is_id(id) && files::exists(&directory_of_runs(environment)?.join(id)))
}

/// Letters and digits: a name that cannot be a path.
fn is_id(id: &str) -> bool {
    !id.is_empty()
        && id
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
}

/// One run by its id.
pub fn find(environment: &Environment, id: &str) -> Result<Story> {
    let unknown = || {
        Error::new(Code::RunUnknown, format!("there is no run `{id}`"))
            .remedy("list them with `sindri vm runs`")
    };
    if !is_id(id) {
        return Err(unknown());
    }
    read(&directory_of_runs(environment)?.join(id)).map_err(|error| unknown().detail(error.to_string()))
}

fn read(directory: &Path) -> Result<Story> {
    let path = directory.join(JOURNAL);
    let unreadable = |error: std::io::Error| {
        Error::new(Code::RunUnknown, "the journal cannot be read")
            .file(&path)
            .source(error)
    };
    let text = String::from_utf8_lossy(&files::read(&path, JOURNAL_LIMIT).map_err(unreadable)?).into_owned();
    let id = directory
        .file_name()
        .unwrap_or_default()
        .to_string_lossy()
        .into_owned();
    let mut story: Option<Story> = None;
    let mut finish = None;
    let mut undone = false;
    // A line cut short by a crash is the last one; it announces nothing that was begun.
    for entry in text
        .lines()
        .filter_map(|line| serde_json::from_str::<Entry>(line).ok())
    {
        if let Event::Started {
            command,
            cloud,
            config,
            process,
            ..
        } = entry.event
        {
            story = Some(Story {
                id: id.clone(),
                started: entry.time,
                command,
                cloud,
                state: State::Interrupted,
                image_name: None,
                image: None,
                instance: None,
                config,
                packer: None,
                made: false,
                process,
                directory: directory.to_path_buf(),
            });
            continue;
        }
        let Some(story) = &mut story else { continue };
        match entry.event {
            Event::PackerStarted {
                pid,
                start_ticks,
                image_name,
                ..
            } => {
                story.packer = Some((pid, start_ticks));
                story.image_name = Some(image_name);
                story.made = true;
            }
            Event::CommandStarted { effect, .. } => match effect {
                Effect::Create | Effect::Publish => story.made = true,
                Effect::Read | Effect::Destroy => {}
            },
            Event::Reopened { process } => story.process = process,
            Event::PackerFinished { .. } => story.packer = None,
            Event::Built { image } => story.image = Some(image),
            Event::Deployed { instance } => story.instance = Some(instance),
            Event::Finished { finish: how, .. } => finish = Some(how),
            Event::Undone { .. } => undone = true,
            Event::Started { .. }
            | Event::Operation { .. }
            | Event::Turn { .. }
            | Event::CommandFinished { .. }
            | Event::Refused { .. }
            | Event::Audit { .. }
            | Event::Removed { .. }
            | Event::Verified { .. }
            | Event::UnverifiedAllowed { .. } => {}
        }
    }
    let mut story =
        story.ok_or_else(|| Error::new(Code::RunUnknown, "the journal has no beginning").file(directory))?;
    story.state = match (undone, finish) {
        (true, _) => State::Undone,
        (false, Some(Finish::Succeeded)) => State::Succeeded,
        (false, Some(Finish::Failed)) => State::Failed,
        (false, Some(Finish::Unclean) | None) if is_active(&path, story.process) => State::Active,
        (false, Some(Finish::Unclean)) => State::Interrupted,
        (false, None) if story.made => State::Interrupted,
        (false, None) => State::Failed,
    };
    Ok(story)
}

/// Whether a living process works on the run. The lock decides. When it is held and `process` is dead, it
/// may be held by a child of that process, which lets go within a moment, or by a process of another
/// container, which does not.
fn is_active(journal: &Path, process: Option<Process>) -> bool {
    if !is_locked(journal) {
        return false;
    }
    if process.is_none_or(Process::is_alive) {
        return true;
    }
    let began = Instant::now();
    while is_locked(journal) {
        if began.elapsed() >= FORKED {
            return true;
        }
        std::thread::sleep(LOOK);
    }
    false
}

fn is_locked(journal: &Path) -> bool {
    let Ok(file) = files::append_private(journal) else {
        return false;
    };
    Flock::lock(file, FlockArg::LockExclusiveNonblock).is_err()
}
