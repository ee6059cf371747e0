//! `--plan`: the commands of the next turn, shown and not run.

use serde_json::{Value, json};

use super::{Session, effect_name};
use crate::contract::{Action, Operation, PlanRequest, Turn};
use crate::error::Result;
use crate::policy::{argv, tools};
use crate::report::Document;

/// Collects what would run.
#[derive(Default)]
pub struct Preview {
    lines: Vec<String>,
    steps: Vec<Value>,
}

impl Preview {
    /// Adds the first turn of an operation. The policy is asked as for a real run.
    pub(crate) fn operation(
        &mut self,
        session: &Session<'_>,
        context: crate::contract::Context,
        operation: Operation,
    ) -> Result<()> {
        let request = PlanRequest {
            context,
            config: session.config_json(),
            operation,
        };
        let place = session.place();
        match session.plugin.plan(request, Vec::new())? {
            Turn::Done(_) => {}
            Turn::Run(steps) => {
                for step in steps {
                    match step.action {
                        Action::Wait(seconds) => self.add(&step.purpose, "wait", &[format!("{seconds} s")]),
                        Action::Command(command) => {
                            let profile = tools::profile(&command.tool)?;
                            let argv = argv::render(
                                &command,
                                session.grants.commands(),
                                &profile,
                                &place.placement(),
                            )
                            .map_err(|error| session.grants.explain_command(error, &command))?;
                            self.add(&step.purpose, effect_name(command.effect), &argv.words());
                        }
                    }
                }
            }
        }
        Ok(())
    }

    /// Adds a command of the host's own.
    pub(crate) fn add(&mut self, purpose: &str, effect: &str, argv: &[String]) {
        let shown: Vec<_> = argv.iter().map(|word| argv::quote(word)).collect();
        self.lines
            .push(format!("# {purpose} ({effect})\n{}", shown.join(" ")));
        self.steps
            .push(json!({"purpose": purpose, "effect": effect, "argv": argv}));
    }

    /// The result of `--plan`.
    pub(crate) fn into_document(self) -> Document {
        Document::new(
            self.lines.join("\n"),
            json!({"success": true, "plan": self.steps}),
        )
    }
}
