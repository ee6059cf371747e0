//! `sindri vm init`

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::App;
use super::arguments::{CloudArgument, ImageArguments, PlanArgument};
use crate::error::{Code, Error, Result};
use crate::files;
use crate::journal;
use crate::operation::{Preview, Session, render};
use crate::report::Document;

/// Arguments of `sindri vm init`.
#[derive(Debug, Args)]
pub struct Init {
    #[command(flatten)]
    cloud: CloudArgument,
    #[command(flatten)]
    image: ImageArguments,
    #[command(flatten)]
    plan: PlanArgument,
    /// Directory to write to.
    #[arg(short, long, value_name = "DIRECTORY", default_value = ".")]
    output: PathBuf,
    /// Replace files that are there.
    #[arg(short, long)]
    force: bool,
}

impl Init {
    pub(super) fn run(self, app: &App) -> Result<Document> {
        let session = Session::open(app, self.cloud.cloud.as_deref(), &self.image.flags(app)?)?;
        let rendered = render::render(&session, None, render::DRY_RUN, &journal::now())?;
        let directory = app.environment.working_directory().join(&self.output);
        let name = format!("{}.pkr.hcl", session.plugin.identity().id);
        let mut contents = vec![(name.clone(), rendered.template.to_hcl().into_bytes())];
        contents.extend(
            rendered
                .files
                .iter()
                .map(|file| (file.path.clone(), file.content.clone())),
        );
        if self.plan.plan {
            let mut preview = Preview::default();
            for (path, _) in &contents {
                preview.add(
                    "Write a file",
                    "create",
                    &["write".into(), directory.join(path).display().to_string()],
                );
            }
            return Ok(preview.into_document());
        }
        // All or nothing: look first, so that a file in the way does not leave half a template.
        let in_the_way = contents.iter().find(|(path, _)| directory.join(path).exists());
        if let Some((path, _)) = in_the_way.filter(|_| !self.force) {
            return Err(Error::new(Code::UsageArgument, "a file is in the way")
                .file(directory.join(path))
                .remedy("give --force to replace it, or --output with another directory"));
        }
        let mut written = Vec::new();
        for (path, content) in &contents {
            let path = directory.join(path);
            let broken = |error| {
                Error::new(Code::RunFiles, "the file cannot be written")
                    .file(&path)
                    .source(error)
            };
            if let Some(parent) = path.parent() {
                files::create_directory(parent).map_err(broken)?;
            }
            files::write_for_user(&path, content, self.force).map_err(broken)?;
            written.push(path);
        }
        for notice in rendered.notices_by_hand() {
            app.console.notice(&notice);
        }
        let mut next = vec![format!("packer init {name}"), format!("packer validate {name}")];
        next.push(format!("packer build {name}"));
        if !rendered.secrets.is_empty() {
            let names: Vec<_> = rendered
                .secrets
                .iter()
                .map(|(name, _)| format!("PKR_VAR_{name}"))
                .collect();
            next.insert(0, format!("export {}", names.join(" ")));
        }
        let mut text = String::new();
        for path in &written {
            text.push_str(&format!("wrote {}\n", path.display()));
        }
        text.push_str(&format!("next, in {}:\n", directory.display()));
        for step in &next {
            text.push_str(&format!("  {step}\n"));
        }
        Ok(Document::new(
            text,
            json!({"success": true, "directory": directory, "files": written, "next": next}),
        ))
    }
}
