//! Compiles a plugin's template.
//!
//! A plugin's HCL is never given to Packer and never filtered. It is parsed into a model of plain values
//! by an allow-list (`check`, with the tables of `policy/builders`), the host adds its own part, and a
//! new template is written from the model. What the host understood is what runs.

mod additions;
mod check;
mod dates;
mod declarations;
mod emit_hcl;
mod emit_json;
mod escape;
mod finding;
mod fold;
mod functions;
mod guest;
mod heredoc;
pub mod model;
mod parse;
mod paths;
mod plain;
mod plugins;
mod precheck;
mod provisioners;
mod source;
mod steps;
#[cfg(test)]
pub(super) mod testing;
#[cfg(test)]
mod tests;
mod unwritten;
mod values;

use semver::Version;

use self::check::{Checked, Purpose};
pub(in crate::policy) use self::escape::is_invisible;
pub use self::finding::Finding;
use self::model::{Block, Model};
pub use self::paths::Bundle;
pub use self::unwritten::{Role, Unwritten};
use crate::contract::{BuilderRequest, BundleFile, GuestPhase, PackerPlugin};
use crate::policy::builders::{Additions, PACKER_WITH_PLUGINS, knows};
pub use crate::policy::builders::{Communicator, Connection};
use crate::provision::steps::{GuestStep, HostSteps};
use crate::{Code, Error, Result};

/// Where Packer writes its manifest, in the run directory.
pub const MANIFEST: &str = "manifest.json";

/// What was granted, chosen and decided before a template is read.
pub struct Settings<'a> {
    /// Granted builders, and what is granted of those that the host does not know.
    pub builders: &'a [BuilderRequest],
    /// Granted phases for steps inside the VM.
    pub guest_phases: &'a [GuestPhase],
    /// Granted Packer plugins.
    pub packer_plugins: &'a [PackerPlugin],
    /// The cloud's section of the effective configuration.
    pub config: &'a serde_json::Map<String, serde_json::Value>,
    /// The Packer that will read the template; none stands for the newest.
    pub packer: Option<Version>,
    /// Start of the run, RFC 3339.
    pub now: &'a str,
    /// Id of the run.
    pub run_id: &'a str,
    /// How the machine is reached.
    pub connection: Connection,
    /// The host's steps inside the VM.
    pub steps: HostSteps,
    /// Packer variables whose values come through the environment; those of the steps need not be named.
    pub sensitive_variables: Vec<String>,
}

/// A compiled template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Template {
    model: Model,
    image_name: String,
    files: Vec<BundleFile>,
    added: Vec<(String, String)>,
}

impl Template {
    /// For example `amazon-ebs`.
    pub fn builder(&self) -> &str {
        &self.model.builder
    }

    /// What both emitters write from.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// The final name of the image.
    pub fn image_name(&self) -> &str {
        &self.image_name
    }

    /// What `packer init` has to find; empty for a Packer that has no plugins.
    pub fn required_plugins(&self) -> &[PackerPlugin] {
        &self.model.plugins
    }

    /// The plugin's files, which belong beside the template.
    pub fn bundle_files(&self) -> &[BundleFile] {
        &self.files
    }

    /// What the host set, whatever the plugin wrote: place and value.
    pub fn added(&self) -> &[(String, String)] {
        &self.added
    }

    /// Texts that Packer cannot write exactly.
    pub fn unwritten(&self) -> Vec<Unwritten> {
        unwritten::unwritten(&self.model)
    }

    /// The same as sentences for the user.
    pub fn notices(&self) -> Vec<String> {
        self.unwritten().iter().map(unwritten::notice).collect()
    }

    /// `build.pkr.json`, the file that Packer gets. Its paths are relative to Packer's working directory.
    pub fn to_packer_json(&self) -> String {
        emit_json::emit(&self.model)
    }

    /// The same for people, `build.pkr.hcl`. Its paths are relative to the file.
    pub fn to_hcl(&self) -> String {
        emit_hcl::emit(&self.model)
    }
}

/// Compiles a template, or returns the first thing that is wrong with it; further ones are its details.
pub fn compile(hcl: &str, files: &[BundleFile], settings: &Settings<'_>) -> Result<Template> {
    let checked = check::read(hcl, Purpose::Build(files), settings).map_err(first)?;
    linux_over_ssh(&checked)?;
    let mut model = checked.model;
    let image_name = checked.rules.image_name(&model.source).unwrap_or_default();
    let additions = Additions {
        config: settings.config,
        connection: &settings.connection,
        packer: settings.packer.as_ref(),
        run_id: settings.run_id,
    };
    let written = model.source.clone();
    checked.rules.complete(&mut model.source, &additions)?;
    let mut added = additions::source(&written, &model.source);
    if settings.connection.communicator == Communicator::Ssh {
        let host = |steps: &[GuestStep]| {
            steps
                .iter()
                .map(provisioners::provisioner)
                .collect::<Result<Vec<_>>>()
        };
        model.provisioners = checked.steps.prepare;
        let provision = host(&settings.steps.provision)?;
        let clean = host(&settings.steps.clean)?;
        added.extend(additions::blocks("provisioner", provision.iter().chain(&clean)));
        model.provisioners.extend(provision);
        model.provisioners.extend(checked.steps.before_clean);
        model.provisioners.extend(clean);
        model.provisioners.extend(checked.steps.generalize);
        model.secrets = secrets(settings)?;
    }
    if knows(settings.packer.as_ref(), Some(PACKER_WITH_PLUGINS)) {
        add_ansible(&mut model);
    } else {
        // 1.6 takes `required_plugins` for a mistake; its builders are built in.
        model.plugins.clear();
    }
    model.post_processors = vec![Block::new(
        "manifest",
        [("output", MANIFEST.into()), ("strip_path", true.into())],
    )];
    added.extend(additions::blocks("post-processor", &model.post_processors));
    Ok(Template {
        model,
        image_name,
        files: files.to_vec(),
        added,
    })
}

/// Everything that is wrong with a template, in the order of its lines; empty when it compiles.
pub fn check(hcl: &str, files: &[BundleFile], settings: &Settings<'_>) -> Vec<Finding> {
    check::read(hcl, Purpose::Build(files), settings)
        .err()
        .unwrap_or_default()
}

/// What no user could allow in a template: as [`check`], but what only a build knows is open. Keys that the
/// configuration does not set may have any value of their form, unless only a user gives them expressly; all
/// phases count as granted; variables may be without a default.
pub fn review(hcl: &str, bundle: &Bundle, settings: &Settings<'_>) -> Vec<Finding> {
    check::read(hcl, Purpose::Review(bundle), settings)
        .err()
        .unwrap_or_default()
}

/// The host's own steps are scripts for Linux, so it builds nothing else.
fn linux_over_ssh(checked: &Checked) -> Result<()> {
    let steps = &checked.steps;
    let mut all = steps
        .prepare
        .iter()
        .chain(&steps.before_clean)
        .chain(&steps.generalize);
    let windows = all.any(|step| step.name.contains("windows") || step.name == "powershell")
        || checked.model.source.text("communicator") == Some("winrm")
        || checked.model.source.text("os_type") == Some("Windows");
    if windows {
        let message = "the host builds Linux machines over SSH, and this template is for Windows";
        return Err(Error::new(Code::TemplateValue, message).remedy("leave WinRM and Windows' steps out"));
    }
    Ok(())
}

/// How the value of a sensitive variable must be given to Packer (`PKR_VAR_…`): HCL leaves it alone, but
/// the provisioner still renders it as a Go template.
pub fn variable_value(plain: &str) -> String {
    escape::go_text(plain)
}

fn first(findings: Vec<Finding>) -> Error {
    let mut findings = findings.into_iter();
    let Some(first) = findings.next() else {
        return Error::new(Code::Internal, "a template was refused without a reason");
    };
    findings.fold(first.into_error(), |error, finding| {
        error.detail(format!(
            "line {}: {}: {}",
            finding.line, finding.construct, finding.message
        ))
    })
}

/// All sensitive variables, each once.
fn secrets(settings: &Settings<'_>) -> Result<Vec<String>> {
    let mut names = settings.sensitive_variables.clone();
    names.extend(
        provisioners::secrets(&settings.steps)
            .into_iter()
            .map(str::to_owned),
    );
    names.sort();
    names.dedup();
    match names.iter().find(|name| !provisioners::is_name(name)) {
        Some(name) => Err(Error::new(
            Code::Internal,
            format!("`{name}` is not a name of a variable"),
        )),
        None => Ok(names),
    }
}

/// Packer 1.10 and newer have the `ansible-local` provisioner in a plugin.
fn add_ansible(model: &mut Model) {
    const NAME: &str = "ansible";
    let used = model
        .provisioners
        .iter()
        .any(|block| block.name == "ansible-local");
    if used && !model.plugins.iter().any(|plugin| plugin.name == NAME) {
        model.plugins.push(PackerPlugin {
            name: NAME.to_owned(),
            source: "github.com/hashicorp/ansible".to_owned(),
            version: ">= 1.1.0".to_owned(),
        });
    }
}
