//! Tools installed below the user's home look for the rest of themselves there, and get another home.

use std::path::{Path, PathBuf};

use super::{Collected, absolute};
use crate::environment::Environment;
use crate::runner::sandbox::Access;

/// A way of installing programs below the home directory.
struct Install {
    /// The variable that says where it is …
    variable: &'static str,
    /// … and the default below the home.
    below_home: &'static str,
    /// Its programs are in this directory of it.
    programs: &'static str,
    /// Variables that it reads besides, with their defaults below the home.
    others: &'static [(&'static str, Option<&'static str>)],
}

const INSTALLS: &[Install] = &[
    // `pip install --user`: Python computes the directory of the packages from the home.
    Install {
        variable: "PYTHONUSERBASE",
        below_home: ".local",
        programs: "bin",
        others: &[],
    },
    Install {
        variable: "PYENV_ROOT",
        below_home: ".pyenv",
        programs: "shims",
        others: &[("PYENV_VERSION", None)],
    },
    Install {
        variable: "ASDF_DATA_DIR",
        below_home: ".asdf",
        programs: "shims",
        others: &[("ASDF_CONFIG_FILE", Some(".asdfrc"))],
    },
    Install {
        variable: "MISE_DATA_DIR",
        below_home: ".local/share/mise",
        programs: "shims",
        others: &[("MISE_CONFIG_DIR", Some(".config/mise"))],
    },
];

/// Variables with a place that the program needs, and what it may do there.
pub(super) fn places() -> impl Iterator<Item = (&'static str, Access)> {
    INSTALLS.iter().flat_map(|install| {
        // `~/.local` holds much besides Python's packages; these are allowed with the program.
        let root = (install.programs == "shims").then_some((install.variable, Access::Execute));
        let others = install.others.iter().map(|(name, _)| (*name, Access::Read));
        root.into_iter().chain(others)
    })
}

/// Sets what the program's own way of installation needs; for a program of the system nothing.
pub(super) fn settings(env: &mut Collected, program: &Path, user: &Environment) {
    for install in INSTALLS {
        let Some(root) = place(install.variable, install.below_home, user) else {
            continue;
        };
        // The program's directory is resolved, the root may be a link.
        let programs = [Some(root.clone()), crate::files::canonical(&root).ok()];
        let inside = programs
            .into_iter()
            .flatten()
            .any(|root| program.starts_with(root.join(install.programs)));
        if !inside {
            continue;
        }
        env.set(install.variable, root);
        for (name, below_home) in install.others {
            match below_home {
                Some(below_home) => {
                    if let Some(path) = place(name, below_home, user) {
                        env.set(name, path);
                    }
                }
                None => env.copy(name, user),
            }
        }
    }
}

fn place(variable: &str, below_home: &str, user: &Environment) -> Option<PathBuf> {
    match user.get_os(variable) {
        Some(value) => Some(absolute(Path::new(value), user)),
        None => user.home().map(|home| home.join(below_home)),
    }
}
