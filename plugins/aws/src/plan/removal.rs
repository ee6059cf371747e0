//! Removing things that depend on each other, some of which AWS lets go only after a while.

use sindri_plugin_sdk::contract::{Leftover, Removal, Resource, Step, StepStatus};
use sindri_plugin_sdk::{Command, History, step_id, wait};

use super::images::IMAGE_GONE;

/// Seconds between attempts. AWS frees a network interface up to a minute after its instance is gone.
const PAUSE: u32 = 10;

/// One thing to remove.
pub(super) struct Target {
    kind: &'static str,
    id: String,
    region: String,
    command: Command,
    purpose: String,
    /// Codes that say that it is gone already.
    gone: &'static [&'static str],
    /// Codes that say that something still holds it.
    held: &'static [&'static str],
    attempts: u32,
    /// A step that has to come right after the first attempt.
    then: Option<Step>,
}

impl Target {
    pub(super) fn new(kind: &'static str, id: &str, region: &str, own_region: &str) -> Self {
        let (verb, flag): (&str, &str) = match kind {
            "instance" => ("terminate-instances", "instance-ids"),
            "security-group" => ("delete-security-group", "group-id"),
            "key-pair" => ("delete-key-pair", "key-name"),
            "volume" => ("delete-volume", "volume-id"),
            "snapshot" => ("delete-snapshot", "snapshot-id"),
            _ => ("deregister-image", "image-id"),
        };
        let (gone, held, attempts): (&[&str], &[&str], u32) = match kind {
            "instance" => (&["InvalidInstanceID.NotFound"], &[], 1),
            "security-group" => (
                &["InvalidGroup.NotFound"],
                &["DependencyViolation", "InvalidGroup.InUse"],
                7,
            ),
            "key-pair" => (&["InvalidKeyPair.NotFound"], &[], 1),
            "volume" => (&["InvalidVolume.NotFound"], &["VolumeInUse"], 4),
            // Held for a moment after its image is gone, or for good by another image.
            "snapshot" => (&["InvalidSnapshot.NotFound"], &["InvalidSnapshot.InUse"], 2),
            _ => (IMAGE_GONE, &[], 1),
        };
        // Any failure belongs to the plan: one thing that stays must not keep the rest from going. It
        // ends up among the leftovers, with AWS's own code as the reason.
        let mut command = Command::destroy("aws", ["ec2", verb])
            .flag(flag, id)
            .tolerates_any_failure();
        if region != own_region {
            command = command.at(region);
        }
        let purpose = format!("Remove {} {id}", kind.replace('-', " "));
        let (id, region) = (id.to_owned(), region.to_owned());
        Self {
            kind,
            id,
            region,
            command,
            purpose,
            gone,
            held,
            attempts,
            then: None,
        }
    }

    /// This step comes right after the first attempt.
    pub(super) fn then(mut self, step: Step) -> Self {
        self.then = Some(step);
        self
    }

    fn step_id(&self, attempt: u32) -> String {
        let attempt = attempt.to_string();
        step_id(&["remove", self.kind, &self.region, &self.id, &attempt])
    }

    fn resource(&self) -> Resource {
        Resource {
            kind: self.kind.to_owned(),
            id: self.id.clone(),
            location: self.region.clone(),
        }
    }

    fn fate(&self, history: &History<'_>) -> Fate {
        for attempt in 1..=self.attempts {
            let id = self.step_id(attempt);
            let Some(result) = history.get(&id) else {
                return Fate::Try(attempt);
            };
            if history.succeeded(&id) {
                return Fate::Removed;
            }
            let code = result.error_code.as_deref().unwrap_or_default();
            if self.gone.contains(&code) {
                return Fate::Gone;
            }
            if !self.held.contains(&code) || attempt == self.attempts {
                return Fate::Stays(reason(&result.status, code));
            }
        }
        Fate::Gone
    }
}

enum Fate {
    Try(u32),
    Removed,
    Gone,
    Stays(String),
}

fn reason(status: &StepStatus, code: &str) -> String {
    match status {
        StepStatus::TimedOut => "the command took too long".to_owned(),
        StepStatus::Exited(_) | StepStatus::Waited if code.is_empty() => "the command failed".to_owned(),
        StepStatus::Exited(_) | StepStatus::Waited => format!("AWS refuses: {code}"),
    }
}

/// What to do next, or what became of everything.
pub(super) enum Progress {
    Ask(Vec<Step>),
    Done(Removal),
}

/// All targets in this order, then those again that something still held, after a pause.
pub(super) fn progress(history: &History<'_>, targets: &[Target]) -> Progress {
    let mut steps = Vec::new();
    let mut removal = Removal {
        removed: Vec::new(),
        leftovers: Vec::new(),
    };
    let mut pause = None;
    for target in targets {
        match target.fate(history) {
            Fate::Try(attempt) => {
                if attempt > 1 {
                    pause = pause.max(Some(attempt));
                }
                steps.push(
                    target
                        .command
                        .clone()
                        .step(target.step_id(attempt), &target.purpose),
                );
                steps.extend(target.then.clone().filter(|_| attempt == 1));
            }
            Fate::Removed => removal.removed.push(target.resource()),
            Fate::Gone => {}
            Fate::Stays(reason) => removal.leftovers.push(Leftover {
                resource: target.resource(),
                reason,
            }),
        }
    }
    if steps.is_empty() {
        return Progress::Done(removal);
    }
    if let Some(attempt) = pause {
        steps.insert(
            0,
            wait(
                format!("pause-{attempt}"),
                "Wait until AWS lets go of what is in use",
                PAUSE,
            ),
        );
    }
    Progress::Ask(steps)
}
