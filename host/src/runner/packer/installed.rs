//! Whether Packer's plugins are there already, so that `packer init` need not be asked: it takes a third
//! of a second to find out.

use std::ffi::OsStr;
use std::path::Path;

use semver::{Version, VersionReq};

use crate::contract::PackerPlugin;
use crate::files;

/// Whether one of the directories of a `PACKER_PLUGIN_PATH` has a version that will do, for this very
/// machine and with its checksum beside it. When in doubt the answer is no, and `packer init` decides.
pub(super) fn is_installed(plugin: &PackerPlugin, path: &OsStr) -> bool {
    let Ok(wanted) = VersionReq::parse(&plugin.version) else {
        return false;
    };
    let prefix = format!("packer-plugin-{}_v", plugin.name);
    let suffix = format!("_{}_{}", go_os(), go_arch());
    std::env::split_paths(path)
        .filter(|directory| directory.is_absolute())
        .any(|directory| {
            let files = files::list(&directory.join(Path::new(&plugin.source))).unwrap_or_default();
            files.iter().any(|file| {
                let version = file
                    .file_name()
                    .and_then(OsStr::to_str)
                    .and_then(|name| name.strip_prefix(&prefix)?.strip_suffix(&suffix))
                    // `1.8.2_x5.0`: its version and that of its protocol.
                    .and_then(|versions| Version::parse(versions.split_once("_x")?.0).ok());
                let mut checksum = file.as_os_str().to_owned();
                checksum.push("_SHA256SUM");
                version.is_some_and(|version| wanted.matches(&version))
                    && files::is_executable(file)
                    && files::exists(Path::new(&checksum))
            })
        })
}

fn go_os() -> &'static str {
    match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    }
}

fn go_arch() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plugin(version: &str) -> PackerPlugin {
        PackerPlugin {
            name: "amazon".into(),
            source: "github.com/hashicorp/amazon".into(),
            version: version.into(),
        }
    }

    #[test]
    fn only_a_complete_plugin_of_a_fitting_version_counts() {
        let root = tempfile::tempdir().unwrap();
        let folder = root.path().join("github.com/hashicorp/amazon");
        files::create_directory(&folder).unwrap();
        let file = folder.join(format!(
            "packer-plugin-amazon_v1.8.2_x5.0_{}_{}",
            go_os(),
            go_arch()
        ));
        files::write_for_user(&file, b"", false).unwrap();
        let path = root.path().as_os_str();
        assert!(
            !is_installed(&plugin(">= 1.3.7"), path),
            "neither executable nor with a checksum"
        );
        files::make_executable(&file).unwrap();
        assert!(!is_installed(&plugin(">= 1.3.7"), path), "without a checksum");
        let mut checksum = file.into_os_string();
        checksum.push("_SHA256SUM");
        files::write_for_user(Path::new(&checksum), b"", false).unwrap();
        assert!(is_installed(&plugin(">= 1.3.7"), path));
        assert!(!is_installed(&plugin(">= 2.0.0"), path));
        assert!(!is_installed(&plugin("newest"), path));
        assert!(!is_installed(&plugin(">= 1.3.7"), OsStr::new("relative")));
    }
}
