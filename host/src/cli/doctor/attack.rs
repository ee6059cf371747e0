//! An attack, what became of it, and the hostile plugin.

use serde_json::{Map, Value, json};

use crate::contract::{
    BuildRequest, Bundle, Context, ImageFilter, ImageSpec, Operation, Outcome, PlanRequest, StepResult,
    StepStatus, Turn,
};
use crate::error::{Code, Error, Result};
use crate::operation::turn::{self, Budget, Work};
use crate::plugin::{Engine, Plugin};
use crate::policy::argv::Placement;
use crate::policy::grants::Grants;
use crate::policy::template::{self, Communicator, Connection, Template};
use crate::provision::steps::{GuestStep, HostSteps, ShellStep};

/// Where the hostile component takes the name of an attack that it has no configuration for; zeros follow.
const SLOT: &[u8] = b"sindri-hostile-attack-slot:";
/// Bytes of the slot behind that, one of them a zero.
const NAME: usize = 36;
/// A script of the host's own, which no plugin may replace.
pub(super) const HOST_SCRIPT: &str = "scripts/10-init.sh";

/// One thing that a plugin must not get away with.
pub(super) struct Attack {
    /// Short and stable, for scripts.
    pub(super) name: &'static str,
    /// What it tries, in words.
    pub(super) tries: &'static str,
    /// Tries it.
    pub(super) run: Box<dyn FnOnce(&Lab) -> Verdict + Send>,
}

/// What became of an attack.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// What stopped it: an error's code, or a mechanism; and how that said it.
    Blocked { by: String, how: String },
    /// What happened instead.
    NotBlocked { what: String },
}

impl Verdict {
    /// Blocked if it ended with one of these errors. Another error may hide that the wall was never reached.
    pub(super) fn of_refusal<T>(result: Result<T>, walls: &[Code]) -> Self {
        match result {
            Err(error) if walls.contains(&error.code()) => Self::Blocked {
                by: error.code().as_str().to_owned(),
                how: error.message().to_owned(),
            },
            Err(error) => Self::NotBlocked {
                what: format!("it failed for another reason: {}", error.message()),
            },
            Ok(_) => Self::NotBlocked {
                what: "the host took it".to_owned(),
            },
        }
    }

    /// Blocked by a mechanism that reports no error.
    pub(super) fn of_mechanism(holds: bool, by: &str, how: &str, otherwise: &str) -> Self {
        if holds {
            Self::Blocked {
                by: by.to_owned(),
                how: how.to_owned(),
            }
        } else {
            Self::NotBlocked {
                what: otherwise.to_owned(),
            }
        }
    }
}

/// The hostile plugin, loaded as any plugin from a file.
pub(super) struct Lab {
    engine: Engine,
    plugin: Plugin,
}

impl Lab {
    /// Compiles it.
    pub(super) fn new() -> Result<Self> {
        let engine = Engine::new()?;
        let plugin = Plugin::compile(&engine, "hostile", sindri_bundled_plugins::hostile())?;
        Ok(Self { engine, plugin })
    }

    /// The engine, for components of other kinds.
    pub(super) fn engine(&self) -> &Engine {
        &self.engine
    }

    /// The plugin with an attack written into its bytes: when it starts, or on itself.
    pub(super) fn with(&self, attack: &str) -> Result<Plugin> {
        let mut bytes = sindri_bundled_plugins::hostile().to_vec();
        let slot = bytes.windows(SLOT.len()).position(|window| window == SLOT);
        let name = slot.and_then(|at| {
            let begin = at + SLOT.len();
            bytes.get_mut(begin..begin + NAME)?.get_mut(..attack.len())
        });
        match name {
            Some(name) => name.copy_from_slice(attack.as_bytes()),
            None => {
                return Err(Error::new(
                    Code::Internal,
                    "the hostile component has no place for this attack",
                ));
            }
        }
        Plugin::compile(&self.engine, "hostile", &bytes)
    }

    /// Asks for a template.
    pub(super) fn render(&self, config: &Value) -> Result<Bundle> {
        self.plugin.render(BuildRequest {
            context: context(),
            image: ImageSpec {
                name: "sindri".to_owned(),
                description: String::new(),
                architecture: None,
                tags: Vec::new(),
                run_tags: Vec::new(),
            },
            config: config.to_string(),
        })
    }

    /// Asks for a template and compiles it, as a build does.
    pub(super) fn compile(&self, config: &Value) -> Result<Template> {
        let bundle = self.render(config)?;
        let requests = &self.plugin.describe()?.requests;
        // What the user has chosen.
        let section = Map::from_iter([
            ("region".to_owned(), json!("eu-west-1")),
            ("instance_type".to_owned(), json!("t3.large")),
        ]);
        let own = GuestStep::Shell(ShellStep {
            name: "init".to_owned(),
            script: HOST_SCRIPT.to_owned(),
            environment: Vec::new(),
            as_root: true,
        });
        let settings = template::Settings {
            builders: &requests.builders,
            guest_phases: &requests.guest_phases,
            packer_plugins: &requests.packer_plugins,
            config: &section,
            packer: None,
            now: NOW,
            run_id: RUN,
            connection: Connection {
                communicator: Communicator::Ssh,
                host: None,
                port: None,
                timeout: "1200s".to_owned(),
                source_cidrs: Vec::new(),
            },
            steps: HostSteps {
                provision: vec![own],
                ..HostSteps::default()
            },
            sensitive_variables: Vec::new(),
        };
        template::compile(&bundle.template, &bundle.files, &settings)
    }

    /// Drives a plan as an operation does, with every command printing `stdout`. Nothing is run, and nobody waits.
    pub(super) fn drive(&self, attack: &str, stdout: &str) -> Result<Outcome> {
        let request = PlanRequest {
            context: context(),
            config: json!({ "attack": attack }).to_string(),
            operation: Operation::ListImages(ImageFilter { name_prefix: None }),
        };
        let granted = Grants::all(self.plugin.describe()?);
        let place = Placement {
            default: "eu-west-1",
            allowed: &[],
        };
        let mut budget = Budget::new();
        let mut history: Vec<StepResult> = Vec::new();
        loop {
            budget.take_turn()?;
            let steps = match self.plugin.plan(request.clone(), history.clone())? {
                Turn::Done(outcome) => return Ok(outcome),
                Turn::Run(steps) => steps,
            };
            let checked = turn::check(steps, &history, &granted, &place)?;
            budget.take_waits(&checked)?;
            history.extend(checked.into_iter().map(|step| StepResult {
                step_id: step.id,
                status: match step.work {
                    Work::Wait(_) => StepStatus::Waited,
                    Work::Command(..) => StepStatus::Exited(0),
                },
                stdout: stdout.to_owned(),
                error_code: None,
            }));
        }
    }

    /// The first turn's steps as the host would show them.
    pub(super) fn purposes(&self, attack: &str) -> Result<Vec<String>> {
        let request = PlanRequest {
            context: context(),
            config: json!({ "attack": attack }).to_string(),
            operation: Operation::CheckCredentials,
        };
        let Turn::Run(steps) = self.plugin.plan(request, Vec::new())? else {
            return Ok(Vec::new());
        };
        let place = Placement {
            default: "",
            allowed: &[],
        };
        let checked = turn::check(steps, &[], &Grants::all(self.plugin.describe()?), &place)?;
        Ok(checked.into_iter().map(|step| step.purpose).collect())
    }
}

const NOW: &str = "2026-11-22T09:30:05Z";
const RUN: &str = "abcdef012345";

fn context() -> Context {
    Context {
        run_id: RUN.to_owned(),
        now: NOW.to_owned(),
        packer_version: None,
        ssh_public_key: None,
    }
}
