//! `sindri man [--out DIR]`

use std::path::{Path, PathBuf};

use clap::{Args, Command, CommandFactory as _};
use clap_mangen::Man as Page;
use serde_json::json;

use super::{App, Cli};
use crate::error::{Code, Error, Result};
use crate::files;
use crate::report::Document;

/// Arguments of `sindri man`.
#[derive(Debug, Args)]
pub struct Man {
    /// Write sindri.1 and one page for each subcommand into this directory; without it sindri(1) is printed
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
}

impl Man {
    pub(super) fn run(&self, app: &App) -> Result<Document> {
        let mut program = Cli::command();
        // Subcommands are described when they are needed: here all are.
        program.build();
        let Some(directory) = &self.out else {
            let page = text(Page::new(program))?;
            return Ok(Document::new(page.clone(), json!({"page": page})));
        };
        let directory = app.environment.working_directory().join(directory);
        let broken = |path: &Path, error| {
            Error::new(Code::RunFiles, "the page cannot be written")
                .file(path)
                .source(error)
        };
        files::create_directory(&directory).map_err(|error| broken(&directory, error))?;
        let mut pages = Vec::new();
        collect(&program, &mut pages);
        let mut written = Vec::new();
        for command in pages {
            let page = Page::new(command.clone());
            let path = directory.join(page.get_filename());
            files::write_for_user(&path, text(page)?.as_bytes(), true)
                .map_err(|error| broken(&path, error))?;
            written.push(path.display().to_string());
        }
        Ok(Document::new(
            format!("{}\n", written.join("\n")),
            json!({"success": true, "pages": written}),
        ))
    }
}

/// All below the command, then itself.
fn collect<'a>(command: &'a Command, pages: &mut Vec<&'a Command>) {
    // `help` repeats every other subcommand.
    for inner in command
        .get_subcommands()
        .filter(|inner| !inner.is_hide_set() && inner.get_name() != "help")
    {
        collect(inner, pages);
    }
    pages.push(command);
}

fn text(page: Page) -> Result<String> {
    let mut text = Vec::new();
    page.render(&mut text)
        .map_err(|error| Error::new(Code::Internal, "a manual page cannot be made").source(error))?;
    Ok(String::from_utf8_lossy(&text).into_owned())
}
