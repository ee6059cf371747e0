//! Whether children are confined. Always, unless the user says otherwise in so many words.

use std::path::PathBuf;

use crate::config;
use crate::environment::Environment;
use crate::error::{Code, Error, Result};
use crate::runner::sandbox::{Support, support};

/// `on`, `off` or `required`.
const SWITCH: &str = "SINDRI_SANDBOX";
/// Paths, separated by commas.
pub(super) const READ: &str = "SINDRI_SANDBOX_READ";

/// Whether children are confined.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// Where the machine can.
    On,
    /// Or nothing is started.
    Required,
    /// Not at all.
    Off,
}

/// `sandbox` of the configuration.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SandboxChoice {
    /// Nothing is started without a sandbox.
    pub required: bool,
    /// What children may read and execute besides; absolute.
    pub read: Vec<PathBuf>,
}

impl From<config::Sandbox> for SandboxChoice {
    fn from(section: config::Sandbox) -> Self {
        let config::Sandbox { required, read } = section;
        Self { required, read }
    }
}

impl SandboxChoice {
    /// What holds, after configuration and environment. The configuration only demands: it often comes from a
    /// repository, and who checks that out does not mean to lift the sandbox.
    pub fn mode(&self, user: &Environment) -> Result<Mode> {
        self.mode_on(support(), user)
    }

    fn mode_on(&self, support: Support, user: &Environment) -> Result<Mode> {
        let chosen = match user.get_os(SWITCH).map(|value| value.to_str()) {
            None | Some(Some("on")) => Mode::On,
            Some(Some("required")) => Mode::Required,
            Some(Some("off")) => Mode::Off,
            Some(_) => {
                return Err(Error::new(
                    Code::ConfigValue,
                    format!("{SWITCH} has a value that means nothing"),
                )
                .remedy("write `on`, `off` or `required`"));
            }
        };
        match (chosen, self.required) {
            (Mode::Off, true) => Err(Error::new(
                Code::SandboxRequired,
                format!("the configuration demands the sandbox, and {SWITCH} switches it off"),
            )
            .key("providers.packer.sandbox.required")
            .remedy(format!("unset {SWITCH}"))),
            (Mode::Off, false) => Ok(Mode::Off),
            (Mode::On, false) => Ok(Mode::On),
            (Mode::Required, _) | (Mode::On, true) => match support {
                Support::Landlock { .. } => Ok(Mode::Required),
                Support::Missing(reason) => Err(Error::new(
                    Code::SandboxRequired,
                    format!("the sandbox is demanded and this machine has none: {reason}"),
                )
                .remedy("use a Linux of version 5.13 or newer with Landlock")),
            },
        }
    }

    /// What to tell a user who runs without.
    pub fn notice(&self, user: &Environment) -> Result<Option<String>> {
        Ok(match self.mode(user)? {
            Mode::Off => Some(format!("{SWITCH}=off: programs run without the sandbox")),
            Mode::On | Mode::Required => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Support = Support::Landlock { abi: 7 };
    const NOWHERE: Support = Support::Missing("too old");

    #[test]
    fn nothing_but_the_users_own_word_switches_it_off() {
        let cases = [
            (None, false, HERE, Some(Mode::On)),
            (None, false, NOWHERE, Some(Mode::On)),
            (None, true, HERE, Some(Mode::Required)),
            (None, true, NOWHERE, None),
            (Some("on"), false, NOWHERE, Some(Mode::On)),
            (Some("required"), false, HERE, Some(Mode::Required)),
            (Some("required"), false, NOWHERE, None),
            (Some("off"), false, HERE, Some(Mode::Off)),
            (Some("off"), true, HERE, None),
            (Some("off"), true, NOWHERE, None),
            (Some("OFF"), false, HERE, None),
            (Some("0"), false, HERE, None),
            (Some("no"), false, NOWHERE, None),
        ];
        for (variable, required, support, expected) in cases {
            let user = Environment::of("/", variable.map(|value| (SWITCH, value)));
            let choice = SandboxChoice {
                required,
                read: Vec::new(),
            };
            let mode = choice.mode_on(support, &user);
            assert_eq!(mode.ok(), expected, "{variable:?} {required} {support}");
        }
    }
}
