//! Runs an operation turn by turn: ask the plugin, check everything, run, write down, ask again.

use std::cell::Cell;
use std::rc::Rc;
use std::time::Duration;

use super::turn::{self, Budget, Checked, Work};
use super::{Programs, Session};
use crate::contract::{
    Command, Context, Effect, Operation, Outcome, PlanRequest, StepResult, StepStatus, Tolerance, Turn,
};
use crate::digest;
use crate::error::{Code, Error, Result};
use crate::journal::{Event, Run};
use crate::policy::argv::Argv;
use crate::policy::children::{self, Child, PrivateDirs};

use crate::policy::tools::{self, ToolProfile};
use crate::runner::cancel::{Cancel, Urgency};
use crate::runner::process::{self, Ending, Exit, Finished, Invocation, Overflow};

/// Output of a command that is kept. `describe-images` of a large account is a few megabytes.
const OUTPUT: usize = 8 << 20;
/// How long a CLI may take to stop after Ctrl-C.
const GRACE: Duration = Duration::from_secs(5);
/// Lines of standard error shown when a command fails.
const ERROR_LINES: usize = 12;

/// Runs operations of one subcommand within one run.
pub struct Planner<'a> {
    session: &'a Session<'a>,
    run: &'a Run,
    programs: &'a Programs,
    cancel: Cancel,
    context: Context,
    private: Rc<PrivateDirs>,
    /// Whether anything but reading was begun.
    touched: Rc<Cell<bool>>,
}

impl<'a> Planner<'a> {
    /// A planner that stops when `cancel` says so.
    pub(crate) fn new(
        session: &'a Session<'a>,
        run: &'a Run,
        programs: &'a Programs,
        cancel: Cancel,
    ) -> Result<Self> {
        let profile = tools::profile(session.main_tool()?)?;
        let private = PrivateDirs::create(run.directory(), &session.app.environment, &profile.surroundings)?;
        Ok(Self {
            session,
            run,
            programs,
            cancel,
            context: session.context(run),
            private: Rc::new(private),
            touched: Rc::default(),
        })
    }

    /// Hands the plugin a public key.
    #[must_use]
    pub(crate) fn with_public_key(mut self, line: &str) -> Self {
        self.context.ssh_public_key = Some(line.to_owned());
        self
    }

    /// Whether anything but reading was begun: only then can anything be left.
    pub(crate) fn has_touched(&self) -> bool {
        self.touched.get()
    }

    /// The run's private directories.
    pub(crate) fn private(&self) -> &PrivateDirs {
        &self.private
    }

    /// Another planner of the same run that a Ctrl-C which was already handled does not stop.
    pub(crate) fn for_cleaning_up(&self) -> Self {
        Self {
            session: self.session,
            run: self.run,
            programs: self.programs,
            cancel: Cancel::default(),
            context: self.context.clone(),
            private: Rc::clone(&self.private),
            touched: Rc::clone(&self.touched),
        }
    }

    /// Runs an operation to its end.
    pub(crate) async fn execute(&self, operation: Operation) -> Result<Outcome> {
        self.execute_with(operation, async |_: &[String]| Ok(())).await
    }

    /// The same, and `consent` may object before the first turn that does more than read: by then the plugin has looked
    /// at everything that could forbid it. It gets the purposes of that turn's changes.
    pub(crate) async fn execute_with(
        &self,
        operation: Operation,
        consent: impl AsyncFnOnce(&[String]) -> Result<()>,
    ) -> Result<Outcome> {
        let mut consent = Some(consent);
        let request = PlanRequest {
            context: self.context.clone(),
            config: self.session.config_json(),
            operation,
        };
        self.run.record(Event::Operation {
            request: request.clone(),
        })?;
        let mut history: Vec<StepResult> = Vec::new();
        let mut budget = Budget::new();
        loop {
            budget.take_turn()?;
            let turn = self.session.plugin.plan(request.clone(), history.clone())?;
            self.run.record(Event::Turn { turn: turn.clone() })?;
            let steps = match turn {
                Turn::Done(outcome) => return Ok(outcome),
                Turn::Run(steps) => steps,
            };
            let granted = &self.session.grants;
            let place = self.session.place();
            let checked =
                turn::check(steps.clone(), &history, granted, &place.placement()).inspect_err(|error| {
                    // The refusal itself is what the user must see, also if it cannot be written down.
                    let _ = self.run.record(Event::Refused {
                        code: error.code().as_str().to_owned(),
                        message: error.message().to_owned(),
                    });
                    let _ = self.run.log().attest(|| turn::refusal(&steps, error));
                })?;
            budget.take_waits(&checked)?;
            let changes = turn::changes(&checked);
            if !changes.is_empty()
                && let Some(consent) = consent.take()
            {
                consent(&changes).await?;
            }
            for step in checked {
                budget.check_time()?;
                history.push(self.perform(step).await?);
            }
        }
    }

    async fn perform(&self, step: Checked) -> Result<StepResult> {
        if self.cancel.is_requested() {
            return Err(interrupted());
        }
        self.session.app.console.step(&step.purpose);
        match step.work {
            Work::Wait(seconds) => {
                tokio::select! {
                    () = tokio::time::sleep(Duration::from_secs(u64::from(seconds))) => {}
                    _ = self.cancel.beyond(Urgency::None) => return Err(interrupted()),
                }
                Ok(StepResult {
                    step_id: step.id,
                    status: StepStatus::Waited,
                    stdout: String::new(),
                    error_code: None,
                })
            }
            Work::Command(command, argv) => self.command(step.id, &step.purpose, &command, &argv).await,
        }
    }

    async fn command(&self, id: String, purpose: &str, command: &Command, argv: &Argv) -> Result<StepResult> {
        let program = self.programs.path(self.session, &command.tool)?;
        let profile = tools::profile(&command.tool)?;
        self.session
            .app
            .console
            .detail(&format!("    {}", argv.display()));
        self.touched
            .set(self.touched.get() || command.effect != Effect::Read);
        let mut words = argv.words();
        if let Some(first) = words.first_mut() {
            *first = program.display().to_string();
        }
        self.run
            .log()
            .attest(|| turn::allowance(&id, purpose, command, argv, self.session.grants.commands()))?;
        self.run.record(Event::CommandStarted {
            step: id.clone(),
            argv: words,
            effect: command.effect,
        })?;
        // Files are named relative to the working directory, which is empty but for them.
        let directory = self
            .run
            .directory_for(&format!("arguments/{}-{id}", self.run.next_number()))?;
        let equipment = children::equip(
            Child::Tool {
                program: &program,
                profile: &profile,
            },
            &directory,
            &self.session.app.environment,
            &self.private,
            &self.session.choices(),
        )?;
        let invocation = Invocation {
            program,
            args: argv.materialise(&directory)?,
            env: equipment.env,
            cwd: directory,
            timeout: Duration::from_secs(u64::from(command.timeout_seconds)),
            output_cap: OUTPUT,
            overflow: Overflow::Kill,
            grace: GRACE,
            ending: Ending::Abandon,
            log: self.run.log().for_secret_output(command.secret_output),
            sandbox: equipment.sandbox,
        };
        let finished = process::run(&invocation, &self.cancel, None).await?;
        let error_code = match finished.exit {
            Exit::Code(0) => None,
            Exit::Code(_) | Exit::Signal(_) | Exit::TimedOut | Exit::Cancelled => {
                (profile.error_code)(&finished.stderr)
            }
        };
        let result = StepResult {
            step_id: id,
            // Of a cancelled command nobody will read it; the shell's number for Ctrl-C.
            status: finished.exit.step_status().unwrap_or(StepStatus::Exited(130)),
            stdout: finished.stdout.clone(),
            error_code,
        };
        if command.secret_output {
            self.run.redactor().learn_output(&finished.stdout);
        }
        let stored = if command.secret_output {
            StepResult {
                stdout: String::new(),
                ..result.clone()
            }
        } else {
            result.clone()
        };
        self.run.record(Event::CommandFinished {
            result: stored,
            // Of a short secret a digest tells everything to who tries.
            stdout_sha256: if command.secret_output {
                String::new()
            } else {
                digest::sha256(finished.stdout.as_bytes())
            },
            milliseconds: u64::try_from(finished.duration.as_millis()).unwrap_or(u64::MAX),
        })?;
        match finished.exit {
            Exit::Code(0) => Ok(result),
            Exit::Cancelled => Err(interrupted()),
            Exit::Code(_) | Exit::Signal(_) | Exit::TimedOut if tolerated(&command.tolerates, &result) => {
                Ok(result)
            }
            Exit::Code(_) | Exit::Signal(_) | Exit::TimedOut => {
                Err(self.failure(purpose, command, &profile, &finished, &result))
            }
        }
    }

    /// What a failed command means to the user.
    fn failure(
        &self,
        purpose: &str,
        command: &Command,
        profile: &ToolProfile,
        finished: &Finished,
        result: &StepResult,
    ) -> Error {
        let words = format!("{} {}", command.tool, command.verb.join(" "));
        let code = match finished.exit {
            Exit::TimedOut => Code::ToolTimeout,
            _ if result
                .error_code
                .as_deref()
                .is_some_and(|code| profile.credential_errors.contains(&code)) =>
            {
                Code::CredentialsRefused
            }
            Exit::Code(_) | Exit::Signal(_) | Exit::Cancelled => Code::ToolFailed,
        };
        let how = match finished.exit {
            Exit::TimedOut => format!("gave no result within {} s", command.timeout_seconds),
            Exit::Code(status) => format!("failed with exit status {status}"),
            Exit::Signal(signal) => format!("was killed by signal {signal}"),
            Exit::Cancelled => "was stopped".to_owned(),
        };
        let mut error = Error::new(code, format!("`{words}` {how} ({purpose})"));
        let lines: Vec<_> = finished
            .stderr
            .lines()
            .filter(|line| !line.trim().is_empty())
            .collect();
        for line in lines.iter().skip(lines.len().saturating_sub(ERROR_LINES)) {
            error = error.detail(self.run.redactor().line(line));
        }
        let described = self
            .session
            .info
            .tools
            .iter()
            .find(|tool| tool.program == command.tool);
        match described {
            Some(tool) if code == Code::CredentialsRefused => error.remedy(tool.login_hint.clone()),
            _ => {
                let session = self.session;
                let hint =
                    children::sandbox_hint(&finished.stderr, &session.choices(), &session.app.environment);
                match hint {
                    Some(hint) => error.remedy(hint),
                    None => error,
                }
            }
        }
    }
}

fn interrupted() -> Error {
    Error::new(Code::Interrupted, "interrupted")
}

fn tolerated(tolerance: &Tolerance, result: &StepResult) -> bool {
    match tolerance {
        Tolerance::Nothing => false,
        Tolerance::AnyFailure => true,
        Tolerance::Errors(codes) => result
            .error_code
            .as_ref()
            .is_some_and(|code| codes.contains(code)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn failed(code: Option<&str>) -> StepResult {
        StepResult {
            step_id: "s".into(),
            status: StepStatus::Exited(254),
            stdout: String::new(),
            error_code: code.map(Into::into),
        }
    }

    #[test]
    fn only_the_named_error_is_tolerated() {
        let tolerance = Tolerance::Errors(vec!["InvalidGroup.NotFound".into()]);
        assert!(tolerated(&tolerance, &failed(Some("InvalidGroup.NotFound"))));
        assert!(!tolerated(&tolerance, &failed(Some("UnauthorizedOperation"))));
        assert!(!tolerated(&tolerance, &failed(None)));
        assert!(!tolerated(
            &Tolerance::Nothing,
            &failed(Some("InvalidGroup.NotFound"))
        ));
    }
}
