//! From settings to the compiled template: the same for build, validate, init and dry run.

use semver::Version;
use serde_json::{Map, Value};

use super::release::Chosen;
use super::{Session, cache, inputs};
use crate::config::{Communicator as Configured, DISTRIBUTION};
use crate::contract::{BuildRequest, BundleFile, Context, ImageSpec, RunPurpose, Tag};
use crate::digest;
use crate::error::{Error, Result};
use crate::evidence::manifest::STANDARD;
use crate::journal::audit::{Addition, Fact, FileDigest};
use crate::policy::template::{self, Communicator, Connection, Role, Template};
use crate::provision::tags::{self, TagFacts};
use crate::provision::{self, DOCKER_KEY, Docker, GuestFile, HostSteps, ImageContent, OpenScap, Provisioned};

/// Stands for the run in the request that the cache key covers.
const NO_RUN: &str = "000000000000";
/// Stands for the run where nothing is run.
pub const DRY_RUN: &str = "dryrun000000";
/// Stands for the time in it.
const NO_TIME: &str = "2000-01-01T00:00:00Z";

/// What Packer will get.
pub struct Rendered {
    /// The compiled template.
    pub template: Template,
    /// Every file it names.
    pub files: Vec<GuestFile>,
    /// Name and value of sensitive Packer variables. Never written to a file.
    pub secrets: Vec<(String, String)>,
    /// What the user should know.
    pub notices: Vec<String>,
    /// Digest of everything that makes the image what it is.
    pub cache_key: String,
    /// What keeps the scripts from running by hand.
    by_hand: Option<String>,
}

impl Rendered {
    /// What somebody should know who gives the template to Packer by hand: nobody mends then what Packer
    /// cannot write.
    pub(crate) fn notices_by_hand(&self) -> Vec<String> {
        self.notices
            .iter()
            .cloned()
            .chain(self.template.notices())
            .chain(self.by_hand.clone())
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
    let release = Chosen::of(session)?;
    let provisioned = provision(session, &release)?;
    let nameless = nameless_request(session, &release.version, &cache::content(&session.settings))?;
    let cache_key = cache::key(session, &nameless, packer, &provisioned)?;
    let named = Rendering {
        sindri_version: &release.version,
        run_id,
        now,
        cache_key: Some(&cache_key),
        packer,
        config: &session.settings.cloud_section,
    };
    let (template, notices) = compile(session, &provisioned, &named)?;
    let mut files: Vec<_> = template.bundle_files().iter().map(guest_file).collect();
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
        by_hand: release
            .notice()
            .filter(|_| session.settings.build.communicator == Configured::Ssh),
    })
}

fn guest_file(file: &BundleFile) -> GuestFile {
    GuestFile {
        path: file.path.clone(),
        content: file.content.clone().into_bytes(),
    }
}

/// What differs between a build and the request that its cache key covers.
struct Rendering<'a> {
    sindri_version: &'a str,
    run_id: &'a str,
    now: &'a str,
    cache_key: Option<&'a str>,
    packer: Option<&'a Version>,
    config: &'a Map<String, Value>,
}

/// A request that belongs to no run: the same whenever it is made.
pub(super) fn nameless_request(
    session: &Session<'_>,
    sindri_version: &str,
    config: &Map<String, Value>,
) -> Result<BuildRequest> {
    let nameless = Rendering {
        sindri_version,
        run_id: NO_RUN,
        now: NO_TIME,
        cache_key: None,
        packer: None,
        config,
    };
    request(session, &nameless)
}

fn request(session: &Session<'_>, rendering: &Rendering<'_>) -> Result<BuildRequest> {
    let settings = &session.settings;
    let facts = TagFacts {
        name: &settings.image_name,
        sindri_version: rendering.sindri_version,
        profile: settings.build.profile.as_deref(),
        cache_key: rendering.cache_key,
        run_id: rendering.run_id,
        date: rendering.now,
    };
    Ok(BuildRequest {
        context: Context {
            run_id: rendering.run_id.to_owned(),
            now: rendering.now.to_owned(),
            packer_version: rendering.packer.map(Version::to_string),
            ssh_public_key: None,
        },
        image: ImageSpec {
            name: settings.image_name.clone(),
            description: settings.description.clone(),
            architecture: settings.build.architecture,
            tags: tags::image_tags(&facts, &settings.tags)?,
            run_tags: tags::run_tags(&facts, RunPurpose::Build, &settings.tags)?,
        },
        config: Value::Object(rendering.config.clone()).to_string(),
    })
}

fn compile(
    session: &Session<'_>,
    provisioned: &Provisioned,
    rendering: &Rendering<'_>,
) -> Result<(Template, Vec<String>)> {
    let bundle = session.plugin.render(request(session, rendering)?)?;
    let grants = &session.grants;
    let connection = connection(session);
    let steps = match connection.communicator {
        Communicator::Ssh => provisioned.steps.clone(),
        // Nothing reaches the VM, so nothing can run in it.
        Communicator::None => HostSteps::default(),
    };
    let compiled = template::compile(
        &bundle.template,
        &bundle.files,
        &template::Settings {
            builders: grants.builders(),
            guest_phases: grants.guest_phases(),
            packer_plugins: grants.packer_plugins(),
            config: rendering.config,
            packer: rendering.packer.cloned(),
            now: rendering.now,
            run_id: rendering.run_id,
            connection,
            steps,
            sensitive_variables: provisioned.secrets.iter().map(|(name, _)| name.clone()).collect(),
        },
    )
    .map_err(|error| grants.explain_template(error));
    session
        .log()?
        .attest(|| decision(session, provisioned, compiled.as_ref()))?;
    Ok((compiled?, bundle.notices))
}

/// What became of the plugin's template.
fn decision(
    session: &Session<'_>,
    provisioned: &Provisioned,
    compiled: std::result::Result<&Template, &Error>,
) -> Fact {
    let plugin = session.plugin.identity().into();
    match compiled {
        Ok(template) => Fact::TemplateAllowed {
            plugin,
            builder: template.builder().to_owned(),
            image_name: template.image_name().to_owned(),
            template_sha256: digest::sha256(template.to_packer_json().as_bytes()),
            files: template
                .bundle_files()
                .iter()
                .map(|file| (&file.path, file.content.as_bytes()))
                .chain(
                    provisioned
                        .files
                        .iter()
                        .map(|file| (&file.path, file.content.as_slice())),
                )
                .map(|(path, content)| FileDigest {
                    path: path.clone(),
                    sha256: digest::sha256(content),
                })
                .collect(),
            packer_plugins: template
                .required_plugins()
                .iter()
                .map(|plugin| format!("{} {}", plugin.source, plugin.version))
                .collect(),
            secret_variables: provisioned.secrets.iter().map(|(name, _)| name.clone()).collect(),
            added: template
                .added()
                .iter()
                .map(|(place, value)| Addition {
                    place: place.clone(),
                    value: value.clone(),
                })
                .collect(),
        },
        Err(error) => Fact::TemplateRefused {
            plugin,
            code: error.code().as_str().to_owned(),
            message: error.message().to_owned(),
            findings: error.details().to_vec(),
        },
    }
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

/// A duration the way Go reads it.
fn go_duration(duration: std::time::Duration) -> String {
    format!("{}s", duration.as_secs())
}

fn provision(session: &Session<'_>, release: &Chosen) -> Result<Provisioned> {
    let build = &session.settings.build;
    let security = &build.security;
    let environment = session.settings.build_environment(&session.app.environment)?;
    let scripts = inputs::scripts(build)?;
    let uploads = inputs::uploads(build)?;
    let playbook = inputs::playbook(build)?;
    let docker_key = inputs::docker_key(build)?;
    let data_stream = inputs::data_stream(build)?;
    provision::provision(&ImageContent {
        sindri_version: &release.version,
        profile: build.profile.as_deref(),
        extensions: &build.extensions,
        cis_hardening: security.cis_hardening,
        clean_sensitive_data: security.clean_sensitive_data,
        remove_ssh_keys: security.remove_ssh_keys,
        user_scripts: &scripts,
        uploads: &uploads,
        ansible_playbook: playbook.as_ref(),
        environment: &environment,
        release: release.source(build),
        docker: match build.docker.repository.as_str() {
            DISTRIBUTION => Docker::Distribution,
            url => Docker::Repository {
                url,
                key: docker_key.as_deref().unwrap_or(DOCKER_KEY),
            },
        },
        openscap: security.openscap_scan.then(|| OpenScap {
            profile: &security.openscap_profile,
            minimum_score: security.openscap_minimum_score,
            data_stream: data_stream.as_ref(),
        }),
        checks: build.checks,
        manifest_without: build.signing_key.is_some().then_some(STANDARD),
    })
}
