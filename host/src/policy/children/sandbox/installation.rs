//! Where the rest of a program is: its libraries, the interpreter of a script, the Python behind a virtual
//! environment. What the system holds is allowed anyway.

use std::collections::BTreeSet;
use std::ffi::OsStr;
use std::path::{Component, Path, PathBuf};

use crate::environment::Environment;
use crate::files;
use crate::runner::sandbox::{Access, Rules};

/// Links and interpreters behind each other.
const DEEPEST: usize = 16;
/// Of a script's beginning; the kernel itself reads 256 bytes.
const BEGINNING: usize = 4096;
/// `pyvenv.cfg` has five lines.
const CONFIGURATION: u64 = 16 * 1024;
/// Beside `bin`. Not `share`, where `~/.local` has keyrings and everybody's data.
const LIBRARIES: &[&str] = &["lib", "lib32", "lib64", "libexec"];
const SYSTEM: &[&str] = &[
    "/usr",
    "/bin",
    "/sbin",
    "/lib",
    "/lib64",
    "/nix/store",
    "/gnu/store",
];
/// Shells, whose scripts look for a Python: `gcloud` does.
const SHELLS: &[&str] = &["ash", "bash", "dash", "ksh", "sh", "zsh"];

/// Programs that a child may be, or may start.
pub(super) struct Installations<'a> {
    /// The child's own `PATH`.
    search: Vec<PathBuf>,
    user: &'a Environment,
    seen: BTreeSet<PathBuf>,
}

impl<'a> Installations<'a> {
    pub(super) fn new(search: Vec<PathBuf>, user: &'a Environment) -> Self {
        Self {
            search,
            user,
            seen: BTreeSet::new(),
        }
    }

    /// A program as it would be written in a command: a path, or a name to look for.
    pub(super) fn add_named(&mut self, program: &OsStr, rules: &mut Rules) {
        if Path::new(program).is_absolute() {
            self.add(Path::new(program), rules);
        } else if let Some(found) = self.find(program) {
            self.add(&found, rules);
        }
    }

    /// A program with everything that belongs to it.
    pub(super) fn add(&mut self, program: &Path, rules: &mut Rules) {
        self.step(program, rules, 0);
    }

    fn step(&mut self, program: &Path, rules: &mut Rules, depth: usize) {
        if depth > DEEPEST || !program.is_absolute() || !self.seen.insert(program.to_path_buf()) {
            return;
        }
        if !is_of_the_system(program) {
            rules.allow(program, Access::Execute);
            self.surroundings(program, rules, depth);
        }
        match files::link_target(program) {
            Some(target) => self.step(&target, rules, depth + 1),
            None => {
                // Links among the directories above it.
                if let Ok(real) = files::canonical(program)
                    && real != program
                {
                    return self.step(&real, rules, depth + 1);
                }
                self.interpreters(program, rules, depth);
            }
        }
    }

    /// The directories that a program of this path belongs to.
    fn surroundings(&mut self, program: &Path, rules: &mut Rules, depth: usize) {
        let Some(directory) = program.parent() else { return };
        if let Some(prefix) = homebrew(program) {
            rules.allow(prefix, Access::Execute);
        }
        let name = directory.file_name().and_then(OsStr::to_str).unwrap_or_default();
        let root = directory.parent().filter(|root| !self.is_broad(root));
        match (name, root) {
            ("bin", Some(root)) if files::exists(&root.join("pyvenv.cfg")) => {
                self.virtual_environment(root, rules, depth);
            }
            // The SDK of Google Cloud: its commands are described in `data`, its Python is in `platform`.
            ("bin", Some(root)) if files::exists(&root.join("lib/gcloud.py")) => {
                rules.allow(root, Access::Execute);
            }
            ("bin", Some(root)) => {
                rules.allow(directory, Access::Execute);
                for library in LIBRARIES {
                    rules.allow(root.join(library), Access::Execute);
                }
            }
            // pyenv, asdf, mise: the tools themselves are beside the shims.
            ("shims", Some(root)) => rules.allow(root, Access::Execute),
            _ if self.is_broad(directory) => {}
            _ => rules.allow(directory, Access::Execute),
        }
    }

    /// A virtual environment of Python and the Python that it was made from.
    pub(super) fn virtual_environment(&mut self, root: &Path, rules: &mut Rules, depth: usize) {
        rules.allow(root, Access::Execute);
        let configuration = files::read_text(&root.join("pyvenv.cfg"), CONFIGURATION).unwrap_or_default();
        for line in configuration.lines() {
            if let Some((key, value)) = line.split_once('=')
                && key.trim() == "home"
            {
                self.step(&Path::new(value.trim()).join("python3"), rules, depth + 1);
            }
        }
    }

    fn interpreters(&mut self, script: &Path, rules: &mut Rules, depth: usize) {
        let beginning = files::beginning(script, BEGINNING).unwrap_or_default();
        let text = String::from_utf8_lossy(&beginning);
        let mut lines = text.lines();
        let Some(words) = lines.next().and_then(|line| line.strip_prefix("#!")) else {
            return;
        };
        let mut words = words.split_whitespace();
        let Some(mut interpreter) = words.next().map(PathBuf::from) else {
            return;
        };
        self.step(&interpreter, rules, depth + 1);
        if interpreter.file_name() == Some(OsStr::new("env")) {
            let name = words.find(|word| !word.starts_with('-') && !word.contains('='));
            let Some(found) = name.and_then(|name| self.find(OsStr::new(name))) else {
                return;
            };
            self.step(&found, rules, depth + 1);
            interpreter = found;
        }
        let is_shell = interpreter
            .file_name()
            .and_then(OsStr::to_str)
            .is_some_and(|name| SHELLS.contains(&name));
        if is_shell {
            // pip, when the interpreter's path is too long for the kernel: `'''exec' "/long/python" "$0" "$@"`.
            let long = lines.next().and_then(|line| line.strip_prefix("'''exec' "));
            if let Some(python) = long.and_then(first_word) {
                self.step(Path::new(python), rules, depth + 1);
            } else if let Some(python) = self.find(OsStr::new("python3")) {
                self.step(&python, rules, depth + 1);
            }
        }
    }

    fn find(&self, name: &OsStr) -> Option<PathBuf> {
        self.search
            .iter()
            .map(|directory| directory.join(name))
            .find(|path| files::is_executable(path))
    }

    /// Directories that belong to nobody's installation: the home, what is above it, `/opt` and its like.
    fn is_broad(&self, directory: &Path) -> bool {
        let named = directory
            .components()
            .filter(|part| matches!(part, Component::Normal(_)))
            .count();
        let home = self.user.home();
        let real_home = home.as_deref().and_then(|home| files::canonical(home).ok());
        named < 2
            || [home, real_home]
                .into_iter()
                .flatten()
                .any(|home| home.starts_with(directory))
    }
}

/// The first word of a command, with or without quotes.
pub(super) fn first_word(command: &str) -> Option<&str> {
    let command = command.trim_start();
    match command.strip_prefix('"') {
        Some(quoted) => quoted.split('"').next(),
        None => command.split_whitespace().next(),
    }
}

fn is_of_the_system(path: &Path) -> bool {
    SYSTEM.iter().any(|root| path.starts_with(root))
}

/// The prefix of a Homebrew: its packages need each other by way of its `opt` and `lib`.
fn homebrew(program: &Path) -> Option<&Path> {
    let cellar = program
        .ancestors()
        .find(|path| path.file_name() == Some(OsStr::new("Cellar")))?;
    cellar.parent().filter(|prefix| prefix.parent().is_some())
}
