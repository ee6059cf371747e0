//! What Packer gets besides its cloud's variables.

use std::ffi::OsString;
use std::path::Path;

use super::{Choices, Collected, PrivateDirs, absolute, absolute_list};
use crate::environment::Environment;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::policy::tools::Surroundings;

/// Settings that hold for every start of Packer.
pub(super) fn settings(env: &mut Collected, user: &Environment, private: &PrivateDirs, choices: &Choices) {
    super::fixed(env, &Surroundings::PACKER);
    env.set("PACKER_NO_COLOR", "1");
    // An empty file and directories of this run: `~/.packerconfig` may name programs.
    env.set("PACKER_CONFIG", private.packer_config());
    env.set("PACKER_CONFIG_DIR", private.packer_config_directory());
    env.set("PACKER_CACHE_DIR", private.packer_cache());
    env.set("PACKER_PLUGIN_PATH", plugins(user, private));
    // Never `PACKER_LOG_PATH`: what Packer writes to a file nobody masks.
    if choices.packer_log {
        env.set("PACKER_LOG", "1");
    }
}

/// Where the user's Packer keeps its plugins, so that what is installed is found, and what `packer
/// init` installs is there the next time. The order is Packer's own.
pub fn plugins(user: &Environment, private: &PrivateDirs) -> OsString {
    const OLD: &str = ".packer.d";
    if let Some(path) = user.get_os("PACKER_PLUGIN_PATH") {
        return absolute_list(path, user);
    }
    let directory = match (
        user.get_os("PACKER_CONFIG_DIR"),
        user.home(),
        user.get_os("XDG_CONFIG_HOME"),
    ) {
        (Some(own), _, _) => absolute(Path::new(own), user).join(OLD),
        (None, Some(home), _) if files::exists(&home.join(OLD)) => home.join(OLD),
        (None, Some(_), Some(xdg)) => absolute(Path::new(xdg), user).join("packer"),
        (None, Some(home), None) => home.join(".config/packer"),
        (None, None, _) => private.packer_config_directory().to_path_buf(),
    };
    directory.join("plugins").into()
}

/// `PKR_VAR_…`. Only the host names variables.
pub(super) fn variables(env: &mut Collected, choices: &Choices) -> Result<()> {
    for (name, value) in &choices.packer_variables {
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if !name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_') || !name.chars().all(word) {
            return Err(Error::new(
                Code::Internal,
                format!("{name:?} is not the name of a Packer variable"),
            ));
        }
        env.set(&format!("PKR_VAR_{name}"), value);
    }
    Ok(())
}
