//! Checks configuration and template without building.

use super::build::{Options, PackerSite, Scratch, check_build, write_bundle};
use super::{Planner, Preview, Programs, Session, outcome, render};
use crate::contract::Operation;
use crate::error::{Code, Error, Result};
use crate::journal::{self, Finish, Run};
use crate::runner::cancel::Cancel;
use crate::runner::packer::TEMPLATE_FILE;

/// What `--plan` shows.
pub(crate) async fn preview(session: &Session<'_>, syntax_only: bool, cancel: &Cancel) -> Result<Preview> {
    let mut preview = Preview::default();
    if !syntax_only {
        let private = Scratch::new(session)?;
        let packer = session.packer(&private.dirs, cancel, &session.log()?).await?;
        let program = packer.program().display().to_string();
        if packer.has_init() {
            let argv = [program.clone(), "init".into(), TEMPLATE_FILE.into()];
            preview.add("Install Packer's plugins", "read", &argv);
        }
        preview.add(
            "Check the template with Packer",
            "read",
            &[program, "validate".into(), TEMPLATE_FILE.into()],
        );
        let rendered = render::render(session, Some(packer.version()), render::DRY_RUN, &journal::now())?;
        preview.operation(
            session,
            session.preview_context(),
            check_build(session, &rendered),
        )?;
    }
    Ok(preview)
}

/// Validates; the answer is what the user should know besides.
pub(crate) async fn validate(
    session: &Session<'_>,
    syntax_only: bool,
    cancel: Cancel,
) -> Result<Vec<String>> {
    if syntax_only {
        return Ok(render::render(session, None, render::DRY_RUN, &journal::now())?.notices);
    }
    let run = session.begin("validate", session.redactor())?;
    match with_packer(session, &run, &cancel).await {
        Ok(notices) => {
            run.discard()?;
            Ok(notices)
        }
        Err(error) => {
            run.finish(Finish::Failed, Some(&error))?;
            Err(error)
        }
    }
}

async fn with_packer(session: &Session<'_>, run: &Run, cancel: &Cancel) -> Result<Vec<String>> {
    let private = Scratch::new(session)?;
    let packer = session.packer(&private.dirs, cancel, &session.log()?).await?;
    let mut rendered = render::render(session, Some(packer.version()), run.id(), run.started())?;
    write_bundle(run, &rendered)?;
    let options = Options {
        force: false,
        debug: false,
    };
    let site = PackerSite::new(session, run, &private.dirs, &packer, &rendered, &options)?;
    let site = site.site(run, cancel);
    if packer.needs_init(
        rendered.template.required_plugins(),
        &session.app.environment,
        &private.dirs,
    ) {
        let site = PackerSite::for_setup(session, run, &private.dirs, &packer)?;
        packer.init(&site.site(run, cancel)).await?;
    }
    packer.validate(&site, false).await?;
    let check = check_build(session, &rendered);
    rendered
        .notices
        .extend(ask_account(session, run, check, cancel).await?);
    Ok(rendered.notices)
}

/// Asks the account, if it can be asked: a configuration is valid or not whether or not somebody is logged
/// in here.
async fn ask_account(
    session: &Session<'_>,
    run: &Run,
    check: Operation,
    cancel: &Cancel,
) -> Result<Vec<String>> {
    let programs = Programs::default();
    let planner = Planner::new(session, run, &programs, cancel.clone())?;
    match planner.execute(check).await {
        Ok(checked) => outcome::ready(checked),
        Err(error) if cannot_ask(&error) => Ok(vec![format!(
            "the account was not asked whether it can build this: {}",
            error.message()
        )]),
        Err(error) => Err(error),
    }
}

fn cannot_ask(error: &Error) -> bool {
    matches!(
        error.code(),
        Code::ToolMissing | Code::ToolVersion | Code::CredentialsRefused
    )
}
