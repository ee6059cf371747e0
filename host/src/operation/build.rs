//! Builds an image with Packer, or finds that one of the same content exists.

use std::ffi::OsString;
use std::time::Instant;

use super::deploy;
use super::evidence::{self, Attested};
use super::render::{self, Rendered};
use super::vm_log::VmLog;
use super::{Planner, Preview, Programs, Session, outcome, release};
use crate::config;
use crate::contract::{Artifact, Image, Operation, PlannedImage};
use crate::digest;
use crate::environment::Environment;
use crate::error::{Code, Error, Result};
use crate::journal::{self, Event, Finish, Run};
use crate::policy::children::{self, Child, Equipment, PrivateDirs};
use crate::policy::{redact, template, tools};
use crate::runner::cancel::Cancel;
use crate::runner::packer::{
    self, BuildOptions, DebugLog, ManifestEntry, OnError, Packer, Site, TEMPLATE_FILE,
};

/// What `vm build` was asked.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    /// Build even if an image of the same content exists.
    pub force: bool,
    /// Show and keep Packer's debug log.
    pub debug: bool,
}

/// An image, built or found.
#[derive(Clone, Debug)]
pub struct Built {
    /// The image.
    pub image: Image,
    /// It existed already.
    pub cached: bool,
    /// Under which it is found again.
    pub cache_key: String,
    /// The run.
    pub run_id: String,
    /// How long it took.
    pub seconds: u64,
    /// What the user should know.
    pub notices: Vec<String>,
    /// What was written down of it; none for an image that was found.
    pub evidence: Option<Attested>,
}

/// What `--plan` shows: the look for an existing image, then Packer.
pub(crate) async fn preview(session: &Session<'_>, options: &Options, cancel: &Cancel) -> Result<Preview> {
    let mut preview = Preview::default();
    let private = Scratch::new(session)?;
    let packer = session.packer(&private.dirs, cancel, &session.log()?).await?;
    let rendered = render::render(session, Some(packer.version()), render::DRY_RUN, &journal::now())?;
    let check = check_build(session, &rendered);
    if looks_up(session, options) {
        preview.operation(
            session,
            session.preview_context(),
            Operation::FindImage(rendered.cache_key),
        )?;
    }
    preview.operation(session, session.preview_context(), check)?;
    let program = packer.program().display().to_string();
    for (purpose, arguments) in stages(&packer, session) {
        let mut argv = vec![program.clone()];
        argv.extend(
            arguments
                .iter()
                .map(|argument| argument.to_string_lossy().into_owned()),
        );
        let effect = if purpose == BUILD { "create" } else { "read" };
        preview.add(purpose, effect, &argv);
    }
    Ok(preview)
}

const BUILD: &str = "Build the image";

/// Packer's commands in their order.
fn stages(packer: &Packer, session: &Session<'_>) -> Vec<(&'static str, Vec<OsString>)> {
    let mut stages = Vec::new();
    if packer.has_init() {
        stages.push((
            "Install Packer's plugins",
            vec!["init".into(), TEMPLATE_FILE.into()],
        ));
    }
    stages.push((
        "Check the template with Packer",
        vec!["validate".into(), TEMPLATE_FILE.into()],
    ));
    stages.push((BUILD, packer::build_arguments(&packer_options(session))));
    stages
}

/// The question that only the account can answer, asked before anything is launched.
pub(super) fn check_build(session: &Session<'_>, rendered: &Rendered) -> Operation {
    Operation::CheckBuild(PlannedImage {
        name: rendered.template.image_name().to_owned(),
        architecture: session.settings.build.architecture,
    })
}

fn looks_up(session: &Session<'_>, options: &Options) -> bool {
    session.settings.build.cache && !options.force
}

fn packer_options(session: &Session<'_>) -> BuildOptions {
    BuildOptions {
        on_error: match session.settings.build.on_error {
            config::OnError::Cleanup => OnError::Cleanup,
            config::OnError::Abort => OnError::Abort,
            config::OnError::RunCleanupProvisioner => OnError::RunCleanupProvisioner,
        },
        timeout: session.settings.build.timeout.duration(),
    }
}

/// Builds. Whatever stops it half-way, what was made is removed again.
pub async fn build(session: &Session<'_>, options: &Options, cancel: Cancel) -> Result<Built> {
    let began = Instant::now();
    let redactor = session.redactor();
    for (name, value) in session.settings.build_environment(&session.app.environment)? {
        redactor.learn_variable(&name, &value);
    }
    // A key that cannot be used is found out before anything is made.
    let key = evidence::key(session, &redactor)?;
    let run = session.begin("build", redactor)?;
    let programs = Programs::default();
    let planner = Planner::new(session, &run, &programs, cancel.clone())?;
    let result = match prepare(session, &run, &planner, options, &cancel).await {
        Ok(Prepared::Found(image, cache_key, notices)) => {
            run.finish(Finish::Succeeded, None)?;
            return Ok(Built {
                image: *image,
                cached: true,
                cache_key,
                run_id: run.id().to_owned(),
                seconds: began.elapsed().as_secs(),
                notices,
                evidence: None,
            });
        }
        Ok(Prepared::Ready(packer, rendered)) => {
            let built = run_packer(session, &run, &planner, options, &cancel, &packer, *rendered).await;
            built.map(|(image, rendered)| (image, rendered, packer))
        }
        Err(error) => {
            // Nothing was made yet.
            run.finish(Finish::Failed, Some(&error))?;
            return Err(error);
        }
    };
    let (image, rendered, packer) = result?;
    run.record(Event::Built { image: image.clone() })?;
    let evidence = evidence::write(session, &run, &rendered, packer.version(), &image, key.as_ref());
    let evidence = match evidence {
        Ok(evidence) => evidence,
        Err(error) => {
            // The image is there, and whoever uses it must not believe that it has evidence.
            run.finish(Finish::Failed, Some(&error))?;
            let id = &image.id;
            return Err(error.detail(format!("the image {id} was built")).remedy(format!(
                "remove it with `sindri vm delete {id}` and build again; without that a build finds it and makes none"
            )));
        }
    };
    run.finish(Finish::Succeeded, None)?;
    Ok(Built {
        image,
        cached: false,
        cache_key: rendered.cache_key,
        run_id: run.id().to_owned(),
        seconds: began.elapsed().as_secs(),
        notices: rendered.notices,
        evidence: Some(evidence),
    })
}

enum Prepared {
    /// An image of the same content, its key and notices.
    Found(Box<Image>, String, Vec<String>),
    Ready(Packer, Box<Rendered>),
}

/// Everything that happens before something is made.
async fn prepare(
    session: &Session<'_>,
    run: &Run,
    planner: &Planner<'_>,
    options: &Options,
    cancel: &Cancel,
) -> Result<Prepared> {
    let console = &session.app.console;
    console.step("Render and check the template");
    let packer = session.packer(planner.private(), cancel, run.log()).await?;
    release::resolve(session, planner.private(), cancel, run.log()).await?;
    let mut rendered = render::render(session, Some(packer.version()), run.id(), run.started())?;
    for notice in &rendered.notices {
        console.notice(notice);
    }
    if looks_up(session, options) {
        let found = planner
            .execute(Operation::FindImage(rendered.cache_key.clone()))
            .await?;
        if let Some(image) = outcome::image(found)? {
            return Ok(Prepared::Found(
                Box::new(image),
                rendered.cache_key,
                rendered.notices,
            ));
        }
    }
    let checked = planner.execute(check_build(session, &rendered)).await?;
    for notice in outcome::ready(checked)? {
        console.notice(&redact::neutralise(&notice));
        rendered.notices.push(notice);
    }
    write_bundle(run, &rendered)?;
    if packer.needs_init(
        rendered.template.required_plugins(),
        &session.app.environment,
        planner.private(),
    ) {
        console.step("Install Packer's plugins");
        let site = PackerSite::for_setup(session, run, planner.private(), &packer)?;
        packer.init(&site.site(run, cancel)).await?;
    }
    // `packer build` validates the template before it makes anything; asking twice costs half a second.
    Ok(Prepared::Ready(packer, Box::new(rendered)))
}

async fn run_packer(
    session: &Session<'_>,
    run: &Run,
    planner: &Planner<'_>,
    options: &Options,
    cancel: &Cancel,
    packer: &Packer,
    mut rendered: Rendered,
) -> Result<(Image, Rendered)> {
    let console = &session.app.console;
    console.step(&format!("Build {}", rendered.template.image_name()));
    let site = PackerSite::new(session, run, planner.private(), packer, &rendered, options)?;
    let packer_options = packer_options(session);
    let json = rendered.template.to_packer_json();
    let started = |pid: u32| {
        run.record(Event::PackerStarted {
            pid,
            start_ticks: crate::runner::orphan::start_ticks(pid).unwrap_or_default(),
            image_name: rendered.template.image_name().to_owned(),
            argv: packer::build_arguments(&packer_options)
                .iter()
                .map(|argument| argument.to_string_lossy().into_owned())
                .collect(),
            template_sha256: digest::sha256(json.as_bytes()),
        })
    };
    let mut complained = false;
    let mut vm_log = VmLog::open(run)?;
    let mut show = |event: packer::Event| {
        vm_log.keep(&event);
        match event {
            packer::Event::Say(text) => text.lines().for_each(|line| console.line(line)),
            packer::Event::Message(text) => {
                text.lines().for_each(|line| console.line(&format!("    {line}")))
            }
            packer::Event::Error(text) => {
                complained = true;
                text.lines().for_each(|line| console.line(&format!("!   {line}")));
            }
            packer::Event::BuildFailed { message, .. } => console.line(&format!("!   {message}")),
            packer::Event::Text(text) => console.detail(&text),
            packer::Event::Artifact { .. } | packer::Event::Other { .. } => {}
        }
    };
    let artifact = packer
        .build(&site.site(run, cancel), &packer_options, &started, &mut show)
        .await;
    run.record(Event::PackerFinished {
        exit: artifact.is_ok().then_some(0),
    })?;
    let image = match artifact {
        Ok(entry) => resolve(planner, entry, &rendered).await,
        Err(error) => Err(error),
    };
    match image {
        Ok(image) => {
            if complained && let Some(notice) = sweep(session, planner, run).await {
                console.notice(&notice);
                rendered.notices.push(notice);
            }
            Ok((image, rendered))
        }
        Err(error) if packer_options.on_error == OnError::Abort && error.code() == Code::PackerBuild => {
            // The user asked to look at the remains.
            run.finish(Finish::Unclean, Some(&error))?;
            Err(error.remedy(format!(
                "look at what is left, then run `sindri vm undo {}`",
                run.id()
            )))
        }
        Err(error) => {
            let name = rendered.template.image_name().to_owned();
            Err(deploy::roll_back(session, planner, run, Some(name), error).await)
        }
    }
}

/// Removes what Packer could not, after a build that went well all the same: a temporary disk that it fails to
/// delete is an error message to it and no failure. Says what was done, if there was anything to do.
async fn sweep(session: &Session<'_>, planner: &Planner<'_>, run: &Run) -> Option<String> {
    session.app.console.step("Look for what Packer has left");
    match deploy::remove_run(planner, run, None).await {
        Ok(0) => None,
        Ok(removed) => Some(format!(
            "Packer could not remove everything it had made; {removed} temporary resources of the run were removed afterwards"
        )),
        Err(error) => Some(format!(
            "Packer could not remove everything it had made, and neither could this run: {}",
            [
                &[error.message().to_owned(), "run `sindri vm gc`".to_owned()],
                error.details()
            ]
            .concat()
            .join("; ")
        )),
    }
}

/// The image behind Packer's artifact. Never guessed: no image is an error.
async fn resolve(planner: &Planner<'_>, entry: ManifestEntry, rendered: &Rendered) -> Result<Image> {
    let id = entry.artifact_id.clone();
    let (unwritten_tags, unwritten_description) = rendered.unwritten();
    let artifact = Artifact {
        builder_type: entry.builder_type,
        artifact_id: entry.artifact_id,
        image_name: rendered.template.image_name().to_owned(),
        unwritten_tags,
        unwritten_description,
    };
    // Packer is done; a Ctrl-C now must not lose the image it made.
    let outcome = planner
        .for_cleaning_up()
        .execute(Operation::ResolveArtifact(artifact))
        .await?;
    outcome::image(outcome)?.ok_or_else(|| {
        Error::new(
            Code::PackerArtifact,
            format!("Packer's artifact `{id}` names no image of this region"),
        )
    })
}

/// Writes the template and its files into the run directory.
pub(super) fn write_bundle(run: &Run, rendered: &Rendered) -> Result<()> {
    run.write(TEMPLATE_FILE, rendered.template.to_packer_json().as_bytes())?;
    for file in &rendered.files {
        run.write(&file.path, &file.content)?;
    }
    Ok(())
}

/// What Packer gets of this machine for one run.
pub(super) struct PackerSite {
    child: Equipment,
    debug: Option<DebugLog>,
}

impl PackerSite {
    pub(super) fn new(
        session: &Session<'_>,
        run: &Run,
        private: &PrivateDirs,
        packer: &Packer,
        rendered: &Rendered,
        options: &Options,
    ) -> Result<Self> {
        // Whoever starts Packer hands it these, also to look at the template alone.
        for (name, value) in &rendered.secrets {
            run.redactor().learn_variable(name, value);
            run.redactor()
                .learn_variable(name, &template::variable_value(value));
        }
        let mut choices = session.choices();
        choices.packer_log = options.debug;
        choices.packer_variables = rendered
            .secrets
            .iter()
            .map(|(name, value)| (name.clone(), template::variable_value(value)))
            .collect();
        let profile = tools::profile(session.main_tool()?)?;
        let child = Child::Packer {
            program: packer.program(),
            profile: &profile,
        };
        let user = &session.app.environment;
        let child = children::equip(child, run.directory(), user, private, &choices)?;
        let debug = if options.debug {
            Some(DebugLog::open(run.directory(), run.redactor().clone())?)
        } else {
            None
        };
        Ok(Self { child, debug })
    }

    /// For `packer init`, which fetches programs and tries them: it gets no login and may write where the plugins
    /// are.
    pub(super) fn for_setup(
        session: &Session<'_>,
        run: &Run,
        private: &PrivateDirs,
        packer: &Packer,
    ) -> Result<Self> {
        let child = Child::PackerSetup {
            program: packer.program(),
        };
        let user = &session.app.environment;
        let child = children::equip(child, run.directory(), user, private, &session.choices())?;
        Ok(Self { child, debug: None })
    }

    pub(super) fn site<'a>(&'a self, run: &'a Run, cancel: &'a Cancel) -> Site<'a> {
        Site {
            directory: run.directory(),
            child: &self.child,
            redactor: run.redactor(),
            cancel,
            log: run.log(),
            debug: self.debug.as_ref(),
        }
    }
}

/// Private directories for looking at programs, without a run. Gone when dropped.
pub(super) struct Scratch {
    pub(super) dirs: PrivateDirs,
    _directory: tempfile::TempDir,
}

impl Scratch {
    pub(super) fn new(session: &Session<'_>) -> Result<Self> {
        Self::with(
            &session.app.environment,
            &tools::profile(session.main_tool()?)?.surroundings,
        )
    }

    /// With links to what these surroundings name in the user's home.
    pub(super) fn with(user: &Environment, surroundings: &tools::Surroundings) -> Result<Self> {
        let directory = tempfile::tempdir().map_err(|error| {
            Error::new(Code::RunFiles, "no temporary directory can be made").source(error)
        })?;
        let dirs = PrivateDirs::create(directory.path(), user, surroundings)?;
        Ok(Self {
            dirs,
            _directory: directory,
        })
    }
}
