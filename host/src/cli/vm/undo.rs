//! `sindri vm undo`

use clap::Args;
use serde_json::{Value, json};

use super::App;
use super::arguments::PlanArgument;
use crate::error::{Code, Error, Exit, Result};
use crate::journal::{self, State, Story};
use crate::operation::{Preview, Session, undo};
use crate::report::Document;
use crate::runner::cancel::Cancel;

/// Arguments of `sindri vm undo`.
#[derive(Debug, Args)]
pub struct Undo {
    /// The run; `sindri vm runs` lists them.
    #[arg(required_unless_present = "all", conflicts_with = "all")]
    run: Option<String>,
    /// Every interrupted run.
    #[arg(long)]
    all: bool,
    #[command(flatten)]
    plan: PlanArgument,
}

impl Undo {
    pub(super) async fn run(self, app: &App, cancel: Cancel) -> Result<Document> {
        let stories: Vec<Story> = match &self.run {
            Some(id) => vec![journal::find(&app.environment, id)?],
            None => journal::stories(&app.environment)?
                .into_iter()
                .filter(|story| story.state == State::Interrupted)
                .collect(),
        };
        if self.plan.plan {
            let mut preview = Preview::default();
            for story in &stories {
                undo::check(story)?;
                let session = Session::of_story(app, story)?;
                preview.operation(&session, session.preview_context(), undo::operation(story))?;
            }
            return Ok(preview.into_document());
        }
        let mut reports = Vec::new();
        let mut lines = Vec::new();
        let mut failures: Vec<Error> = Vec::new();
        for story in &stories {
            let result = match Session::of_story(app, story) {
                Ok(session) => undo::undo(&session, story, cancel.clone()).await,
                Err(error) => Err(error),
            };
            match result {
                Ok(removal) => {
                    lines.push(format!("{} undone; {}", story.id, super::removed(&removal)));
                    reports.push(json!({"run_id": story.id, "success": true, "removed": removal.removed}));
                }
                Err(error) => {
                    reports.push(json!({"run_id": story.id, "success": false, "error": error.to_json()}));
                    failures.push(error);
                }
            }
        }
        // One run: its own error. Several: what worked is a result too.
        if stories.len() == 1
            && let Some(error) = failures.pop()
        {
            return Err(error);
        }
        for error in &failures {
            app.console.error(error);
        }
        let success = failures.is_empty();
        let json: Value = json!({"success": success, "runs": reports});
        let exit = match (success, failures.len() == stories.len()) {
            (true, _) => Exit::Success,
            (false, true) => Code::Leftovers.exit(),
            (false, false) => Exit::Partial,
        };
        Ok(Document::new(lines.join("\n"), json).exit(exit))
    }
}
