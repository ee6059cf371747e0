//! The organisation's policy file. It can only take away.

use std::path::{Path, PathBuf};

use serde::Deserialize;

use super::item::{Item, phase_name};
use super::{Grants, Limit};
use crate::contract::{CommandRequest, Effect, GuestPhase};
use crate::environment::Environment;
use crate::error::{Code, Error, Result};
use crate::files::{self, Owner};

/// Read if it is there.
const SYSTEM: &str = "/etc/sindri/policy.toml";
/// Names another one, which is read besides the system's.
const VARIABLE: &str = "SINDRI_POLICY_FILE";
const SIZE_LIMIT: u64 = 256 << 10;

/// All policy files that hold; usually none.
#[derive(Clone, Debug, Default)]
pub struct Organisation {
    files: Vec<(PathBuf, Policy)>,
}

/// One policy file.
#[derive(Clone, Debug, Default, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Policy {
    version: u32,
    #[serde(default = "yes")]
    allow_third_party: bool,
    /// All when absent.
    allow_clouds: Option<Vec<String>>,
    /// Of third-party components; all when absent.
    allow_digests: Option<Vec<String>>,
    #[serde(default)]
    deny_effects: Vec<Effect>,
    #[serde(default)]
    deny_commands: Vec<Commands>,
    #[serde(default)]
    deny_builders: Vec<String>,
    #[serde(default)]
    deny_packer_plugins: Vec<String>,
    #[serde(default)]
    deny_guest_phases: Vec<GuestPhase>,
    /// Names of variables that no user may grant.
    #[serde(default)]
    deny_environment: Vec<String>,
    /// No program is started without the sandbox of the kernel.
    #[serde(default)]
    require_sandbox: bool,
}

/// Commands of one tool.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Commands {
    tool: String,
    /// Its first words; every command when empty.
    #[serde(default)]
    verb: Vec<String>,
    /// Any when absent.
    effect: Option<Effect>,
}

fn yes() -> bool {
    true
}

impl Organisation {
    /// Reads the system's policy, and that which the environment names.
    pub fn load(environment: &Environment) -> Result<Self> {
        let mut organisation = Self::default();
        let system = Path::new(SYSTEM);
        match files::read_owned(system, Owner::Root, SIZE_LIMIT) {
            Ok(bytes) => {
                let directory = system.parent().unwrap_or(system);
                files::check_directory(directory, Owner::Root).map_err(|error| unreadable(system, error))?;
                organisation.add(system, &bytes)?;
            }
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => return Err(unreadable(system, error)),
        }
        if let Some(named) = environment.get_os(VARIABLE) {
            let path = environment.working_directory().join(named);
            // A link that the user names is meant: containers mount their configuration as links.
            let real = files::canonical(&path);
            match real.and_then(|real| files::read_owned(&real, Owner::UserOrRoot, SIZE_LIMIT)) {
                Ok(bytes) => organisation.add(&path, &bytes)?,
                Err(error) => return Err(unreadable(&path, error)),
            }
        }
        Ok(organisation)
    }

    fn add(&mut self, path: &Path, bytes: &[u8]) -> Result<()> {
        let refused = |why: &str| {
            Error::new(Code::PolicyFile, format!("the policy file cannot be used: {why}"))
                .file(path)
                .remedy("mend the file; docs/PLUGINS.md lists its keys")
        };
        let text = std::str::from_utf8(bytes).map_err(|_| refused("it is not UTF-8"))?;
        let policy: Policy = toml::from_str(text).map_err(|error| {
            let line = error.span().map(|span| line_of(text, span.start));
            let refused = refused(error.message());
            match line {
                Some(line) => refused.line(line),
                None => refused,
            }
        })?;
        if policy.version != 1 {
            return Err(refused("its version is not 1").key("version"));
        }
        self.files.push((path.to_path_buf(), policy));
        Ok(())
    }

    /// Whether a plugin may be used at all.
    pub fn admit(&self, id: &str, sha256: &str, third_party: bool) -> Result<()> {
        for (file, policy) in &self.files {
            let rule = if policy
                .allow_clouds
                .as_ref()
                .is_some_and(|clouds| !clouds.iter().any(|cloud| cloud == id))
            {
                "allow_clouds"
            } else if third_party && !policy.allow_third_party {
                "allow_third_party"
            } else if third_party
                && policy
                    .allow_digests
                    .as_ref()
                    .is_some_and(|digests| !digests.iter().any(|digest| digest == sha256))
            {
                "allow_digests"
            } else {
                continue;
            };
            return Err(Error::new(
                Code::PolicyDenied,
                format!("the organisation's policy forbids the plugin `{id}`"),
            )
            .file(file)
            .key(rule)
            .detail(format!("its component has the digest {sha256}"))
            .remedy("use another cloud, or ask whoever owns the policy file"));
        }
        Ok(())
    }

    /// What the policy leaves of grants.
    pub fn narrow(&self, grants: Grants) -> Grants {
        self.files.iter().fold(grants, |grants, (file, policy)| {
            grants
                .without(|item| {
                    policy.denies(item).map(|rule| Limit::Organisation {
                        file: file.clone(),
                        rule,
                    })
                })
                .without_environment(&policy.deny_environment)
        })
    }

    /// Whether programs must be in the sandbox, whatever the user says.
    pub fn requires_sandbox(&self) -> bool {
        self.files.iter().any(|(_, policy)| policy.require_sandbox)
    }
}

impl Policy {
    /// The key that denies an item.
    fn denies(&self, item: &Item) -> Option<&'static str> {
        match item {
            Item::Builder(builder) => self
                .deny_builders
                .contains(&builder.name)
                .then_some("deny_builders"),
            Item::PackerPlugin(plugin) => self
                .deny_packer_plugins
                .iter()
                .any(|source| source.eq_ignore_ascii_case(&plugin.source))
                .then_some("deny_packer_plugins"),
            Item::Phase(phase) => self
                .deny_guest_phases
                .iter()
                .any(|denied| phase_name(*denied) == phase_name(*phase))
                .then_some("deny_guest_phases"),
            Item::Command(command) if self.deny_effects.contains(&command.effect) => Some("deny_effects"),
            Item::Command(command) => self
                .deny_commands
                .iter()
                .any(|denied| denied.mean(command))
                .then_some("deny_commands"),
        }
    }
}

impl Commands {
    fn mean(&self, command: &CommandRequest) -> bool {
        self.tool == command.tool
            && command.verb.starts_with(&self.verb)
            && self.effect.is_none_or(|effect| effect == command.effect)
    }
}

/// The line of a byte, from 1.
pub(crate) fn line_of(text: &str, at: usize) -> usize {
    let before = text.as_bytes().get(..at).unwrap_or_default();
    before.iter().filter(|byte| **byte == b'\n').count() + 1
}

fn unreadable(path: &Path, error: std::io::Error) -> Error {
    Error::new(Code::PolicyFile, "the policy file cannot be used")
        .file(path)
        .source(error)
        .remedy("it must be a plain file that only root (or, if you named it, you) may write to")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Requests;

    fn policy(text: &str) -> Organisation {
        let mut organisation = Organisation::default();
        organisation
            .add(Path::new("policy.toml"), text.as_bytes())
            .unwrap();
        organisation
    }

    fn denied_key(result: Result<()>) -> String {
        let error = result.unwrap_err();
        assert_eq!(error.code(), Code::PolicyDenied);
        assert_eq!(error.place().file.as_deref(), Some(Path::new("policy.toml")));
        error.place().key.clone().unwrap()
    }

    #[test]
    fn the_sandbox_and_the_environment_are_the_organisations_too() {
        assert!(!policy("version = 1\n").requires_sandbox());
        let strict = policy("version = 1\nrequire_sandbox = true\ndeny_environment = [\"B_TOKEN\"]\n");
        assert!(strict.requires_sandbox());
        let names = ["A_TOKEN".to_owned(), "B_TOKEN".to_owned()];
        let grants = Grants::all(super::super::tests::info(Requests::default())).with_environment(&names);
        assert_eq!(strict.narrow(grants).environment(), ["A_TOKEN"]);
    }

    #[test]
    fn an_unknown_key_or_version_is_refused_with_its_line() {
        for (text, line) in [
            ("version = 1\ndeny_everything = true\n", Some(2)),
            ("version = 2\n", None),
            ("deny_effects = [\"publish\"]\n", Some(1)),
            (
                "version = 1\n[[deny_commands]]\ntool = \"aws\"\nverbs = []\n",
                Some(4),
            ),
            ("version = 1\ndeny_effects = [\"explode\"]\n", Some(2)),
        ] {
            let error = Organisation::default()
                .add(Path::new("policy.toml"), text.as_bytes())
                .unwrap_err();
            assert_eq!(error.code(), Code::PolicyFile, "{text}");
            assert_eq!(error.place().line, line, "{text}");
        }
    }

    #[test]
    fn clouds_digests_and_third_parties_are_admitted_by_name() {
        let digest = "a".repeat(64);
        policy("version = 1").admit("hcloud", &digest, true).unwrap();
        let clouds = policy("version = 1\nallow_clouds = [\"aws\"]");
        clouds.admit("aws", &digest, false).unwrap();
        assert_eq!(denied_key(clouds.admit("gcp", &digest, false)), "allow_clouds");
        let own = policy("version = 1\nallow_third_party = false");
        own.admit("aws", &digest, false).unwrap();
        assert_eq!(
            denied_key(own.admit("hcloud", &digest, true)),
            "allow_third_party"
        );
        let digests = policy("version = 1\nallow_digests = [\"b\"]");
        digests.admit("aws", &digest, false).unwrap();
        assert_eq!(
            denied_key(digests.admit("hcloud", &digest, true)),
            "allow_digests"
        );
    }

    #[test]
    fn a_file_that_the_environment_names_and_is_not_there_is_refused() {
        let environment = Environment::of("/", [(VARIABLE, "/no/such/policy.toml")]);
        assert_eq!(
            Organisation::load(&environment).unwrap_err().code(),
            Code::PolicyFile
        );
    }

    #[test]
    fn a_file_that_others_may_write_to_is_refused() {
        use std::os::unix::fs::PermissionsExt;
        let file = tempfile::NamedTempFile::new().unwrap();
        files::replace_private(file.path(), b"version = 1\n").unwrap();
        let environment = Environment::of("/", [(VARIABLE, file.path())]);
        Organisation::load(&environment).unwrap();
        let open = std::fs::Permissions::from_mode(0o666);
        std::fs::set_permissions(file.path(), open).unwrap();
        let error = Organisation::load(&environment).unwrap_err();
        assert_eq!(error.code(), Code::PolicyFile);
        assert!(error.to_string().contains("others may write"), "{error}");
    }
}
