//! The bare Debian that throw-away machines are layered on, and the packages that tests have fetched for it.

use std::fs;
use std::path::{Path, PathBuf};

use super::tool;

/// Below the root of a machine, where its package manager looks before it fetches.
const CACHE: &str = "var/cache/apt/archives";

/// The root file system, which is only read.
///
/// # Panics
/// When the variable for it is not set.
pub(super) fn root() -> PathBuf {
    tool("SINDRI_TEST_DEBIAN_ROOT").join("root")
}

fn kept() -> PathBuf {
    tool("SINDRI_TEST_DEBIAN_ROOT").join("archives")
}

/// Puts the packages that were fetched before into the layer above the root. Links, where the disk is one: dozens of
/// machines would fill it with copies, and a package manager never writes into a package.
pub(super) fn bring_archives(layer: &Path) {
    let to = layer.join(CACHE);
    for package in packages(&kept()) {
        fs::create_dir_all(&to).unwrap();
        let target = to.join(package.file_name().expect("a package has a name"));
        if fs::hard_link(&package, &target).is_err() {
            fs::copy(&package, &target).unwrap();
        }
    }
}

/// Keeps the packages that were fetched into a layer for later machines.
pub(super) fn keep_archives(layer: &Path) {
    let kept = kept();
    for package in packages(&layer.join(CACHE)) {
        let target = kept.join(package.file_name().expect("a package has a name"));
        // By rename, or a parallel run could read half a file.
        let part = kept.join(format!(".{}", std::process::id()));
        if !target.exists() && fs::copy(&package, &part).is_ok() {
            let _ = fs::rename(part, target);
        }
    }
}

fn packages(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    let packages = entries.map(|entry| entry.path());
    packages
        .filter(|path| path.extension().is_some_and(|extension| extension == "deb"))
        .collect()
}
