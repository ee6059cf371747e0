//! Where things are: the checkout, and the folder that keeps the tools from one checkout to the next.

use std::env;
use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result, bail};

use crate::process::Log;

/// The checkout and the tools folder.
pub(crate) struct Workspace {
    /// The folder with the workspace's `Cargo.toml`.
    pub(crate) root: PathBuf,
    /// The tools folder; exists.
    pub(crate) tools: PathBuf,
    /// When long installations are stopped.
    pub(crate) until: Option<Instant>,
}

impl Workspace {
    /// Finds both and creates the tools folder.
    pub(crate) fn locate() -> Result<Self> {
        let root = find_root()?;
        let tools = tools_folder(
            env::var_os("SINDRI_TOOLS_DIR").map(PathBuf::from),
            env::var_os("XDG_CACHE_HOME").map(PathBuf::from),
            env::var_os("HOME").map(PathBuf::from),
        )?;
        fs::create_dir_all(&tools).with_context(|| format!("creating {}", tools.display()))?;
        Ok(Self {
            root,
            tools,
            until: None,
        })
    }

    /// The `sindri` program as `cargo build` leaves it.
    pub(crate) fn program(&self) -> PathBuf {
        let target = env::var_os("CARGO_TARGET_DIR").unwrap_or_else(|| "target".into());
        self.root.join(target).join("debug/sindri")
    }

    /// Holds off a second `setup` that runs at the same time, from another checkout say, until the lock is dropped.
    pub(crate) fn lock(&self) -> Result<File> {
        let path = self.tools.join(".lock");
        let file = File::create(&path).with_context(|| format!("creating {}", path.display()))?;
        if file.try_lock().is_err() {
            println!("another setup is running; waiting for it");
            file.lock()
                .with_context(|| format!("locking {}", path.display()))?;
        }
        Ok(file)
    }

    /// The same with an end to long installations.
    pub(crate) fn until(&self, until: Option<Instant>) -> Self {
        Self {
            root: self.root.clone(),
            tools: self.tools.clone(),
            until,
        }
    }

    /// Where the output of a long installation goes.
    pub(crate) fn log(&self, name: &str) -> Result<Log> {
        let folder = self.tools.join("log");
        fs::create_dir_all(&folder).with_context(|| format!("creating {}", folder.display()))?;
        Ok(Log {
            path: folder.join(format!("{name}.log")),
            until: self.until,
        })
    }
}

/// `cargo run` says where this crate is; a copied binary looks upwards from the working directory.
fn find_root() -> Result<PathBuf> {
    let start = match env::var_os("CARGO_MANIFEST_DIR") {
        Some(folder) => PathBuf::from(folder),
        None => env::current_dir().context("finding the working directory")?,
    };
    for folder in start.ancestors() {
        if folder.join("wit/packer-provider.wit").is_file() {
            return Ok(folder.to_path_buf());
        }
    }
    bail!("{} is not inside a checkout of this project", start.display())
}

/// A relative folder would mean another one in each working directory, so it counts as not set.
fn tools_folder(own: Option<PathBuf>, cache: Option<PathBuf>, home: Option<PathBuf>) -> Result<PathBuf> {
    let absolute = |path: Option<PathBuf>| path.filter(|path| path.is_absolute());
    if let Some(given) = own {
        return match given.is_absolute() {
            true => Ok(given),
            false => bail!(
                "SINDRI_TOOLS_DIR must be an absolute path, and {} is not",
                given.display()
            ),
        };
    }
    let cache = absolute(cache).or_else(|| absolute(home).map(|home| home.join(".cache")));
    cache
        .map(|cache| cache.join("sindri-tools"))
        .context("neither SINDRI_TOOLS_DIR nor XDG_CACHE_HOME nor HOME says where tools may be kept")
}

/// One installed thing in a folder of its own. It counts only once its stamp is written, and only while the stamp
/// says what is wanted: an interrupted or outdated installation is thrown away and made again.
pub(crate) struct Installation {
    /// The folder.
    pub(crate) folder: PathBuf,
    recipe: String,
}

impl Installation {
    /// `recipe` is everything that determines the result, for example the text of a requirements file.
    pub(crate) fn new(folder: PathBuf, recipe: &str) -> Self {
        Self {
            folder,
            recipe: format!("{:016x}\n", fnv1a(recipe.as_bytes())),
        }
    }

    /// Whether the wanted thing is there in full.
    pub(crate) fn is_complete(&self) -> bool {
        fs::read_to_string(self.stamp()).is_ok_and(|stamp| stamp == self.recipe)
    }

    /// Empties the folder before the installation begins.
    pub(crate) fn begin(&self) -> Result<()> {
        if self.folder.exists() {
            fs::remove_dir_all(&self.folder)
                .with_context(|| format!("removing the old {}", self.folder.display()))?;
        }
        fs::create_dir_all(&self.folder).with_context(|| format!("creating {}", self.folder.display()))
    }

    /// Declares the installation complete.
    pub(crate) fn finish(&self) -> Result<()> {
        fs::write(self.stamp(), &self.recipe).with_context(|| format!("writing {}", self.stamp().display()))
    }

    fn stamp(&self) -> PathBuf {
        self.folder.join(".complete")
    }
}

/// FNV-1a, 64 bits: tells recipes apart and stays the same from one compiler to the next. Not for security.
fn fnv1a(bytes: &[u8]) -> u64 {
    bytes.iter().fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(*byte)).wrapping_mul(0x0100_0000_01b3)
    })
}

/// A folder of its own in the system's temporary folder, removed on drop.
pub(crate) struct Scratch(PathBuf);

impl Scratch {
    /// Creates it.
    pub(crate) fn new(name: &str) -> Result<Self> {
        for attempt in 0..100_u32 {
            let path = env::temp_dir().join(format!("{name}-{}-{attempt}", std::process::id()));
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Self(path)),
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(error).with_context(|| format!("creating {}", path.display())),
            }
        }
        bail!(
            "no free name for a temporary folder in {}",
            env::temp_dir().display()
        )
    }

    /// Its path.
    pub(crate) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_own_variable_wins_over_the_cache_folder_and_the_cache_folder_over_home() {
        let path = |text: &str| Some(PathBuf::from(text));
        let folder = |own, cache, home| tools_folder(own, cache, home).unwrap();
        assert_eq!(folder(path("/a"), path("/b"), path("/c")), PathBuf::from("/a"));
        assert_eq!(
            folder(None, path("/b"), path("/c")),
            PathBuf::from("/b/sindri-tools")
        );
        assert_eq!(
            folder(None, None, path("/c")),
            PathBuf::from("/c/.cache/sindri-tools")
        );
    }

    #[test]
    fn a_relative_folder_is_never_used() {
        assert!(tools_folder(Some("tools".into()), None, Some("/c".into())).is_err());
        let folder = tools_folder(None, Some("cache".into()), Some("/c".into())).unwrap();
        assert_eq!(folder, PathBuf::from("/c/.cache/sindri-tools"));
    }

    #[test]
    fn an_interrupted_or_outdated_installation_does_not_count() {
        let scratch = Scratch::new("xtask-installation").unwrap();
        let wanted = Installation::new(scratch.path().join("tool"), "moto==5");
        wanted.begin().unwrap();
        assert!(!wanted.is_complete(), "nothing was finished");
        wanted.finish().unwrap();
        assert!(wanted.is_complete());
        assert!(!Installation::new(wanted.folder.clone(), "moto==6").is_complete());
    }
}
