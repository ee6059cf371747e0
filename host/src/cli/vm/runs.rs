//! `sindri vm runs`

use clap::Args;

use super::App;
use crate::error::Result;
use crate::journal;
use crate::report::{Document, table};

/// Arguments of `sindri vm runs`.
#[derive(Debug, Args)]
pub struct Runs {
    /// Only runs that were interrupted and may have left something behind.
    #[arg(long)]
    interrupted: bool,
}

impl Runs {
    pub(super) fn run(&self, app: &App) -> Result<Document> {
        let stories: Vec<_> = journal::stories(&app.environment)?
            .into_iter()
            .filter(|story| !self.interrupted || story.state == journal::State::Interrupted)
            .collect();
        let rows: Vec<_> = stories
            .iter()
            .map(|story| {
                let state = serde_json::to_value(story.state).unwrap_or_default();
                let made = story.instance.as_ref().map(|instance| instance.id.clone());
                let made = made.or_else(|| story.image.as_ref().map(|image| image.id.clone()));
                vec![
                    story.id.clone(),
                    story.started.clone(),
                    story.command.clone(),
                    story.cloud.clone(),
                    state.as_str().unwrap_or_default().to_owned(),
                    made.unwrap_or_else(|| "-".into()),
                ]
            })
            .collect();
        let text = table(&["RUN", "STARTED", "COMMAND", "CLOUD", "STATE", "MADE"], &rows);
        Ok(Document::new(
            if stories.is_empty() { String::new() } else { text },
            stories,
        ))
    }
}
