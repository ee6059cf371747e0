//! From settings to the compiled template: the same for build, validate, init and dry run.

use std::time::Duration;

use semver::Version;
use serde_json::{Map, Value};

use super::{Session, cache, inputs};
use crate::config::Communicator as Configured;
use crate::contract::{BuildRequest, BundleFile, Context, ImageSpec, RunPurpose, Tag};
use crate::error::Result;
use crate::policy::template::{self, Communicator, Connection, Role, Template};
use crate::provision::tags::{self, TagFacts};
use crate::provision::{self, HostSteps, ImageContent, Provisioned};

/// Stands for the run in a rendering that only serves to compute the cache key.
const NO_RUN: &str = "000000000000";
/// Stands for the run where nothing is run.
pub const DRY_RUN: &str = "dryrun000000";
/// Stands for the time in such a rendering.
const NO_TIME: &str = "2000-01-01T00:00:00Z";

/// What Packer will get.
pub struct Rendered {
    /// The compiled template.
    pub template: Template,
    /// Every file it names.
    pub files: Vec<BundleFile>,
    /// Name and value of sensitive Packer variables. Never written to a file.
    pub secrets: Vec<(String, String)>,
    /// What the user should know.
    pub notices: Vec<String>,
    /// Digest of everything that makes the image what it is.
    pub cache_key: String,
}

impl Rendered {
    /// What somebody should know who gives the template to Packer by hand: nobody mends then what Packer
    /// cannot write.
    pub(crate) fn notices_by_hand(&self) -> Vec<String> {
        self.notices
            .iter()
            .cloned()
            .chain(self.template.notices())
            .collect()
    }

    /// The image's tags and its description that Packer cannot write as they are, see
    /// [`Template::unwritten`]. What it cannot write on temporary resources does not matter.
    pub(crate) fn unwritten(&self) -> (Vec<Tag>, Option<String>) {
        let mut tags = Vec::new();
        let mut description = None;
        for text in self.template.unwritten() {
            match (text.role, text.key) {
                (Role::ImageTag, Some(key)) => tags.push(Tag::new(key, text.text)),
                (Role::ImageDescription, None) => description = Some(text.text),
                (Role::ImageTag | Role::ImageDescription | Role::Other, _) => {}
            }
        }
        (tags, description)
    }
}

/// Renders, checks and compiles. `packer` is the version that will read it, none the newest.
pub fn render(session: &Session<'_>, packer: Option<&Version>, run_id: &str, now: &str) -> Result<Rendered> {
    let provisioned = provision(session)?;
    // The key covers the finished template, and the template carries the key as a tag. So it is
    // rendered twice, first without key, time and run, and without what only says how things are reached.
    let content = cache::content(&session.settings.cloud_section);
    let nameless = Rendering {
        run_id: NO_RUN,
        now: NO_TIME,
        cache_key: None,
        config: &content,
        connection: anywhere(session),
    };
    let (template, _) = compile(session, &provisioned, packer, nameless)?;
    let cache_key = cache::key(session, &content, &template, &provisioned);
    let config = &session.settings.cloud_section;
    let named = Rendering {
        run_id,
        now,
        cache_key: Some(&cache_key),
        config,
        connection: connection(session),
    };
    let (template, notices) = compile(session, &provisioned, packer, named)?;
    let mut files = template.bundle_files().to_vec();
    // Without a connection nothing of the host runs in the VM.
    if session.settings.build.communicator == Configured::Ssh {
        files.extend(provisioned.files);
    }
    Ok(Rendered {
        template,
        files,
        secrets: provisioned.secrets,
        notices,
        cache_key,
    })
}

/// What differs between the two renderings of a build.
struct Rendering<'a> {
    run_id: &'a str,
    now: &'a str,
    cache_key: Option<&'a str>,
    config: &'a Map<String, Value>,
    connection: Connection,
}

fn compile(
    session: &Session<'_>,
    provisioned: &Provisioned,
    packer: Option<&Version>,
    rendering: Rendering<'_>,
) -> Result<(Template, Vec<String>)> {
    let Rendering {
        run_id,
        now,
        cache_key,
        config,
        connection,
    } = rendering;
    let settings = &session.settings;
    let facts = TagFacts {
        name: &settings.image_name,
        sindri_version: &settings.build.sindri_version,
        profile: settings.build.profile.as_deref(),
        cache_key,
        run_id,
        date: now,
    };
    let bundle = session.plugin.render(BuildRequest {
        context: Context {
            run_id: run_id.to_owned(),
            now: now.to_owned(),
            packer_version: packer.map(Version::to_string),
            ssh_public_key: None,
        },
        image: ImageSpec {
            name: settings.image_name.clone(),
            description: settings.description.clone(),
            architecture: settings.build.architecture,
            tags: tags::image_tags(&facts, &settings.tags)?,
            run_tags: tags::run_tags(&facts, RunPurpose::Build, &settings.tags)?,
        },
        config: Value::Object(config.clone()).to_string(),
    })?;
    let requests = &session.info.requests;
    let builders: Vec<_> = requests
        .builders
        .iter()
        .map(|builder| builder.name.clone())
        .collect();
    let steps = match connection.communicator {
        Communicator::Ssh => provisioned.steps.clone(),
        // Nothing reaches the VM, so nothing can run in it.
        Communicator::None => HostSteps::default(),
    };
    let template = template::compile(
        &bundle.template,
        &bundle.files,
        &template::Settings {
            builders: &builders,
            guest_phases: &requests.guest_phases,
            packer_plugins: &requests.packer_plugins,
            config,
            packer: packer.cloned(),
            now,
            run_id,
            connection,
            steps,
            sensitive_variables: provisioned.secrets.iter().map(|(name, _)| name.clone()).collect(),
        },
    )?;
    Ok((template, bundle.notices))
}

fn connection(session: &Session<'_>) -> Connection {
    let build = &session.settings.build;
    Connection {
        communicator: match build.communicator {
            Configured::Ssh => Communicator::Ssh,
            Configured::None => Communicator::None,
        },
        host: build.ssh_host.clone(),
        port: build.ssh_port,
        timeout: go_duration(build.ssh_timeout.duration()),
        source_cidrs: build
            .ssh_source_cidrs
            .iter()
            .map(|cidr| cidr.as_str().to_owned())
            .collect(),
    }
}

/// The connection without the addresses: the same image is built wherever the VM stands.
fn anywhere(session: &Session<'_>) -> Connection {
    Connection {
        host: None,
        port: None,
        timeout: go_duration(Duration::from_secs(1)),
        source_cidrs: vec!["127.0.0.1/32".to_owned()],
        ..connection(session)
    }
}

/// A duration the way Go reads it.
fn go_duration(duration: Duration) -> String {
    format!("{}s", duration.as_secs())
}

fn provision(session: &Session<'_>) -> Result<Provisioned> {
    let build = &session.settings.build;
    let environment = session.settings.build_environment(&session.app.environment)?;
    let scripts = inputs::scripts(build)?;
    let uploads = inputs::uploads(build)?;
    let playbook = inputs::playbook(build)?;
    provision::provision(&ImageContent {
        sindri_version: &build.sindri_version,
        profile: build.profile.as_deref(),
        extensions: &build.extensions,
        cis_hardening: build.security.cis_hardening,
        clean_sensitive_data: build.security.clean_sensitive_data,
        remove_ssh_keys: build.security.remove_ssh_keys,
        user_scripts: &scripts,
        uploads: &uploads,
        ansible_playbook: playbook.as_ref(),
        environment: &environment,
        release_base_url: &build.release_base_url,
    })
}
