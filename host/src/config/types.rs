//! The part of `providers.packer` that all clouds share. Doc comments become the descriptions of the
//! published schema and `Default` its defaults, so both stand here and nowhere else.

use std::collections::BTreeMap;
use std::path::PathBuf;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::values::{Cidr, TimeSpan};
use crate::contract::Architecture;

/// Golden VM images built with Packer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Packer {
    /// Cloud to use when `--cloud` is not given. Several are separated by commas.
    #[schemars(regex(pattern = r"^[A-Za-z][A-Za-z0-9-]*(,[A-Za-z][A-Za-z0-9-]*)*$"))]
    #[schemars(extend("x-sindri" = {"flag": "cloud", "env": ["SINDRI_CLOUD"]}))]
    pub cloud: Option<String>,
    /// Name of the image, without the time stamp that makes it unique.
    #[schemars(length(max = 100), regex(pattern = r"^[A-Za-z][A-Za-z0-9._-]*$"))]
    #[schemars(extend("x-sindri" = {
        "flag": "name", "env": ["SINDRI_IMAGE_NAME"],
        "remedy": "use at most 100 letters, digits, `-`, `_` and `.`, a letter first"
    }))]
    pub image_name: String,
    /// Description of the image.
    #[schemars(
        length(max = 1000),
        regex(pattern = r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$")
    )]
    pub description: String,
    /// Tags of the image and its snapshots, besides Sindri's own.
    #[schemars(with = "Tags")]
    pub tags: BTreeMap<String, String>,
    /// How the image is built and what goes into it.
    pub build: Build,
    /// How an instance is started from an image.
    pub deploy: Deploy,
    /// What the programs that Sindri starts may touch on this machine.
    pub sandbox: Sandbox,
}

impl Default for Packer {
    fn default() -> Self {
        Self {
            cloud: None,
            image_name: "sindri-dev".into(),
            description: "Sindri development environment".into(),
            tags: BTreeMap::new(),
            build: Build::default(),
            deploy: Deploy::default(),
            sandbox: Sandbox::default(),
        }
    }
}

/// How the image is built and what goes into it.
#[derive(Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Build {
    /// Sindri extensions to install.
    #[schemars(inner(length(max = 100), regex(pattern = r"^[A-Za-z0-9][A-Za-z0-9._-]*$")))]
    #[schemars(extend("x-sindri" = {"flag": "extensions", "env": ["SINDRI_EXTENSIONS"]}))]
    pub extensions: Vec<String>,
    /// Sindri profile to install.
    #[schemars(length(max = 100), regex(pattern = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"))]
    #[schemars(extend("x-sindri" = {"flag": "profile", "env": ["SINDRI_PROFILE"]}))]
    pub profile: Option<String>,
    /// Version of Sindri to install: `latest` or a semantic version.
    #[schemars(length(max = 100))]
    #[schemars(regex(
        pattern = r"^(latest|v?[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?)$"
    ))]
    #[schemars(extend("x-sindri" = {
        "flag": "sindri-version", "env": ["SINDRI_VERSION"],
        "remedy": "write `latest` or a version such as `3.0.0`"
    }))]
    pub sindri_version: String,
    /// Reuses an image that was built from the same configuration.
    pub cache: bool,
    /// Put before the image's name, with a `-`.
    #[schemars(length(max = 50), regex(pattern = r"^[A-Za-z][A-Za-z0-9._-]*$"))]
    pub name_prefix: Option<String>,
    /// Scripts to run inside the VM, in this order. Relative to this file.
    #[schemars(inner(length(min = 1), regex(pattern = "^[^~\\x00]")))]
    #[schemars(extend("x-sindri" = {"remedy": "`~` is not expanded; write a path relative to this file"}))]
    pub scripts: Vec<PathBuf>,
    /// Ansible playbook to run inside the VM. Relative to this file.
    #[schemars(length(min = 1), regex(pattern = "^[^~\\x00]"))]
    #[schemars(extend("x-sindri" = {"remedy": "`~` is not expanded; write a path relative to this file"}))]
    pub ansible_playbook: Option<PathBuf>,
    /// Variables of every provisioning step. Values are treated as secrets; `${env.NAME}` takes one
    /// from the environment of `sindri`, and `$${env.NAME}` is that text itself.
    #[schemars(with = "Variables")]
    pub environment: BTreeMap<String, String>,
    /// Files and directories to copy into the VM.
    pub file_uploads: Vec<FileUpload>,
    /// Builds at the same time on one cloud: 0 or 1.
    #[schemars(range(max = 1))]
    #[schemars(extend("x-sindri" = {
        "remedy": "a run builds one image per cloud; several clouds are built at the same time with `--cloud a,b`"
    }))]
    pub parallel_builds: u32,
    /// How long to wait for the VM's SSH server.
    pub ssh_timeout: TimeSpan,
    /// Hardening and clean-up.
    pub security: Security,
    /// Where the build VM is reached, when not at the address that the cloud reports.
    #[schemars(length(max = 253), regex(pattern = r"^[A-Za-z0-9:][A-Za-z0-9.:-]*$"))]
    pub ssh_host: Option<String>,
    /// Port of the build VM's SSH server.
    #[schemars(range(min = 1, max = 65535))]
    pub ssh_port: Option<u16>,
    /// How the build VM is reached.
    pub communicator: Communicator,
    /// Addresses that may reach the build VM's SSH port. None: only the address of this machine.
    #[schemars(extend("x-sindri" = {"env": ["SINDRI_SSH_SOURCE_CIDRS"]}))]
    pub ssh_source_cidrs: Vec<Cidr>,
    /// Where releases of Sindri are downloaded from.
    #[schemars(
        length(max = 1000),
        regex(pattern = r#"^(https://|http://(127\.0\.0\.1|localhost)(:[0-9]+)?/)[^\s@"'`\\$<>{}]+$"#)
    )]
    #[schemars(extend("x-sindri" = {
        "remedy": "write an https address: plain HTTP would let anyone on the way exchange a program and its checksum"
    }))]
    pub release_base_url: String,
    /// Directory of releases on this machine, in place of a download, laid out as the release page:
    /// `v3.1.0/sindri-v3.1.0-linux-x86_64.tar.gz` and its `.sha256`. `latest` is the highest version in it. Relative to
    /// this file.
    #[schemars(length(min = 1), regex(pattern = "^[^~\\x00]"))]
    #[schemars(extend("x-sindri" = {"remedy": "`~` is not expanded; write a path relative to this file"}))]
    pub release_directory: Option<PathBuf>,
    /// Where the container engine comes from.
    pub docker: Docker,
    /// Architecture of the image. None: that of the instance type.
    #[schemars(with = "ArchitectureName")]
    #[schemars(extend("x-sindri" = {"flag": "arch"}))]
    pub architecture: Option<Architecture>,
    /// Limit for the whole build.
    #[schemars(extend("x-sindri" = {"flag": "timeout", "env": ["SINDRI_TIMEOUT"]}))]
    pub timeout: TimeSpan,
    /// What Packer does when a step fails.
    #[schemars(extend("x-sindri" = {"flag": "on-error"}))]
    pub on_error: OnError,
    /// Ed25519 key in PKCS#8 PEM that signs the statement of what the image is and was made of. Relative to this file.
    /// With it, the build also writes down every file of the image.
    #[schemars(length(min = 1), regex(pattern = "^[^~\\x00]"))]
    #[schemars(extend("x-sindri" = {
        "flag": "sign-key", "remedy": "`~` is not expanded; write a path relative to this file"
    }))]
    pub signing_key: Option<PathBuf>,
    /// Holds the build VM to the security checklist after the clean-up, before it becomes an image; a point that fails
    /// fails the build.
    pub checks: bool,
    /// Starts an instance of the image and holds it against the security checklist. An image that fails is deleted
    /// again, unless `on_error` is `abort`.
    #[schemars(extend("x-sindri" = {"flag": "verify"}))]
    pub verify: bool,
}

/// Nothing of it: values of `environment` are secrets.
impl std::fmt::Debug for Build {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Build").finish_non_exhaustive()
    }
}

impl Default for Build {
    fn default() -> Self {
        Self {
            extensions: Vec::new(),
            profile: None,
            sindri_version: "latest".into(),
            cache: true,
            name_prefix: None,
            scripts: Vec::new(),
            ansible_playbook: None,
            environment: BTreeMap::new(),
            file_uploads: Vec::new(),
            parallel_builds: 0,
            ssh_timeout: TimeSpan::minutes(20),
            security: Security::default(),
            ssh_host: None,
            ssh_port: None,
            communicator: Communicator::Ssh,
            ssh_source_cidrs: Vec::new(),
            release_base_url: "https://github.com/pacphi/sindri/releases/download".into(),
            release_directory: None,
            docker: Docker::default(),
            architecture: None,
            timeout: TimeSpan::hours(2),
            on_error: OnError::Cleanup,
            signing_key: None,
            checks: true,
            verify: false,
        }
    }
}

/// Value of [`Docker::repository`] for the distribution's own package.
pub const DISTRIBUTION: &str = "distribution";

/// Where the container engine comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Docker {
    /// Docker's package repository or a mirror of it, without the distribution's name; `distribution` takes the
    /// distribution's own package.
    #[schemars(
        length(max = 1000),
        regex(
            pattern = r#"^(distribution|(https://|http://(127\.0\.0\.1|localhost)(:[0-9]+)?/)[^\s@"'`\\$<>{}]+)$"#
        )
    )]
    #[schemars(extend("x-sindri" = {"remedy": "write an https address or `distribution`"}))]
    pub repository: String,
    /// Public key that signs a mirror's packages, in ASCII armor. None: Docker's own. Relative to this file.
    #[schemars(length(min = 1), regex(pattern = "^[^~\\x00]"))]
    #[schemars(extend("x-sindri" = {"remedy": "`~` is not expanded; write a path relative to this file"}))]
    pub key_file: Option<PathBuf>,
}

impl Default for Docker {
    fn default() -> Self {
        Self {
            repository: "https://download.docker.com/linux".into(),
            key_file: None,
        }
    }
}

/// A file or directory to copy into the VM.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct FileUpload {
    /// On this machine, relative to this file.
    #[schemars(length(min = 1), regex(pattern = "^[^~\\x00]"))]
    #[schemars(extend("x-sindri" = {"remedy": "`~` is not expanded; write a path relative to this file"}))]
    pub source: PathBuf,
    /// Absolute path inside the VM.
    #[schemars(regex(pattern = r"^/[^\x00-\x1f\x7f]*$"))]
    #[schemars(extend("x-sindri" = {"remedy": "write an absolute path, for example `/etc/motd`"}))]
    pub destination: String,
}

/// Hardening and clean-up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Security {
    /// Applies the CIS hardening steps.
    #[schemars(extend("x-sindri" = {"flag": "cis-hardening"}))]
    pub cis_hardening: bool,
    /// Scans the machine with OpenSCAP before the clean-up. The reports are in `openscap/` of the run's directory.
    pub openscap_scan: bool,
    /// Profile of the scan: the last part of its name.
    #[schemars(length(max = 100), regex(pattern = r"^[A-Za-z0-9][A-Za-z0-9_.-]*$"))]
    pub openscap_profile: String,
    /// The build fails when the scan's score is lower, of 100. 0 only reports.
    #[schemars(range(max = 100))]
    pub openscap_minimum_score: u8,
    /// Data stream (SCAP 1.3) to scan by. None: the distribution's package for the very release of the image.
    /// Relative to this file.
    #[schemars(length(min = 1), regex(pattern = "^[^~\\x00]"))]
    #[schemars(extend("x-sindri" = {"remedy": "`~` is not expanded; write a path relative to this file"}))]
    pub openscap_data_stream: Option<PathBuf>,
    /// Removes credentials, histories and logs at the end.
    pub clean_sensitive_data: bool,
    /// Removes host keys and authorized keys at the end.
    pub remove_ssh_keys: bool,
}

impl Default for Security {
    fn default() -> Self {
        Self {
            cis_hardening: false,
            openscap_scan: false,
            openscap_profile: "cis_level1_server".into(),
            openscap_minimum_score: 70,
            openscap_data_stream: None,
            clean_sensitive_data: true,
            remove_ssh_keys: true,
        }
    }
}

/// How the build VM is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Communicator {
    /// Over SSH, with a key pair of this build.
    Ssh,
    /// Not at all: the image is made without provisioning.
    None,
}

/// What Packer does when a step fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum OnError {
    /// Removes everything that the build made.
    Cleanup,
    /// Leaves everything as it is.
    Abort,
    /// Runs the clean-up provisioner, then removes everything.
    RunCleanupProvisioner,
}

/// How an instance is started from an image.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Deploy {
    /// Addresses that may reach the instance's SSH port, for example `203.0.113.7/32`. It has no default:
    /// an instance is never open to the world by itself.
    #[schemars(extend("x-sindri" = {"flag": "ssh-cidr", "env": ["SINDRI_SSH_CIDR"]}))]
    pub ssh_cidr: Option<Cidr>,
}

/// What the programs that Sindri starts may touch on this machine.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Sandbox {
    /// Starts nothing on a machine that has no sandbox, or where `SINDRI_SANDBOX=off` switches it off.
    pub required: bool,
    /// Files and directories that they may read and execute besides. Relative to this file.
    #[schemars(inner(length(min = 1), regex(pattern = "^[^~\\x00]")))]
    #[schemars(extend("x-sindri" = {"remedy": "`~` is not expanded; write an absolute path"}))]
    pub read: Vec<PathBuf>,
}

/// Schema of `tags`. The limits are the strictest that all clouds' tags can be mapped from: a longer
/// key or value would be cut differently on each cloud.
struct Tags;

impl JsonSchema for Tags {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Tags".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "object",
            "propertyNames": { "minLength": 1, "maxLength": 128, "pattern": r"^[^\x00-\x1f\x7f-\x9f]*$" },
            "additionalProperties": {
                "type": "string",
                "maxLength": 256,
                "pattern": r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$"
            }
        })
    }
}

/// Schema of `build.environment`.
struct Variables;

impl JsonSchema for Variables {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Variables".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({
            "type": "object",
            "propertyNames": { "maxLength": 100, "pattern": "^[A-Za-z_][A-Za-z0-9_]*$" },
            "additionalProperties": {
                "type": "string", "maxLength": 32768, "pattern": r"^[^\x00]*$", "writeOnly": true
            }
        })
    }
}

/// Schema of an architecture: the contract's type knows nothing of schemas.
struct ArchitectureName;

impl JsonSchema for ArchitectureName {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Architecture".into()
    }

    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "enum": ["x86_64", "arm64"] })
    }
}
