//! Files that a plugin returned with its template.

use std::collections::BTreeSet;

use super::finding::Finding;
use crate::Code;
use crate::contract::BundleFile;

const MAX_FILES: usize = 256;
const MAX_FILE: usize = 1024 * 1024;
const MAX_ALL: usize = 8 * 1024 * 1024;
const MAX_PATH: usize = 200;
/// Folders of the run that are the host's: a bundle is written beside them. What lies in the first becomes the working
/// directory of a cloud's tool, which may load a file from there by its name.
const HOST_FOLDERS: &[&str] = &["arguments", "home", "packer", "tmp"];

/// What a review knows of the files beside a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Bundle {
    /// Nothing: every path that stays inside is taken to name a file.
    Unseen,
    /// The files of a directory, by their paths relative to it.
    Seen {
        /// Ordinary files.
        files: Vec<String>,
        /// Everything that is neither a file nor a directory, symbolic links above all.
        others: Vec<String>,
    },
}

/// The paths that a template may name.
pub(super) enum Paths<'a> {
    /// What the plugin returned.
    Returned(BTreeSet<&'a str>),
    /// What an author has beside the template.
    Reviewed(&'a Bundle),
}

impl<'a> Paths<'a> {
    /// Checks all files. `host` are the paths of the host's own steps, which no plugin may stand in for.
    pub(super) fn new(files: &'a [BundleFile], host: &BTreeSet<&str>) -> Result<Self, Finding> {
        let refuse = |path: &str, message: &str| {
            Err(Finding::new(Code::TemplatePath, 0, path, message)
                .remedy("name it like `aws/prepare.sh`: a folder, and letters, digits, `.`, `_` and `-`"))
        };
        let size = files
            .iter()
            .map(|file| file.content.len())
            .fold(0, usize::saturating_add);
        if files.len() > MAX_FILES || size > MAX_ALL || files.iter().any(|file| file.content.len() > MAX_FILE)
        {
            let message = format!(
                "a bundle may have {MAX_FILES} files of {MAX_FILE} bytes, and {MAX_ALL} bytes in all"
            );
            return Err(Finding::new(Code::TemplateLimit, 0, "", message));
        }
        let mut known = BTreeSet::new();
        let mut folded = BTreeSet::new();
        for file in files {
            let path = file.path.as_str();
            if !is_inside(path) {
                return refuse(path, "this path leaves the bundle or is not a plain one");
            }
            if !path.contains('/') {
                // Beside the template stand the host's files, and what Packer loads by its name:
                // `packer-provisioner-x`, `x.auto.pkrvars.hcl`.
                return refuse(path, "a file of a bundle may not stand beside the template");
            }
            let folder = path.split('/').next().unwrap_or_default();
            // A folder with the name of one of the host's files, which have an ending, would stand in its way.
            if folder.contains('.') || HOST_FOLDERS.iter().any(|own| folder.eq_ignore_ascii_case(own)) {
                return refuse(path, "this folder of the run belongs to the host");
            }
            // On some systems a file has its name in any case.
            if !folded.insert(path.to_ascii_lowercase()) {
                return refuse(path, "this file is in the bundle twice");
            }
            known.insert(path);
        }
        let host: Vec<String> = host.iter().map(|own| own.to_ascii_lowercase()).collect();
        for path in &folded {
            if host
                .iter()
                .any(|own| own == path || is_below(path, own) || is_below(own, path))
            {
                return refuse(path, "this path belongs to the host");
            }
            // A folder and a file of the same name: the second cannot be written.
            if path
                .match_indices('/')
                .any(|(at, _)| path.get(..at).is_some_and(|parent| folded.contains(parent)))
            {
                return refuse(path, "this path lies below another file");
            }
        }
        Ok(Self::Returned(known))
    }

    /// A path that a template names: a file of the bundle, or a folder of it.
    pub(super) fn resolve(&self, path: &str, line: usize, construct: &str) -> Result<String, Finding> {
        let refuse = |message: &str| {
            Err(Finding::new(Code::TemplatePath, line, construct, message)
                .remedy("name a file that the plugin returns with its template"))
        };
        let path = path.strip_prefix("./").unwrap_or(path);
        if !is_inside(path) {
            return refuse(&format!("`{path}` leaves the bundle or is not a plain path"));
        }
        let names = |known: &str| known == path || is_below(known, path);
        let found = match self {
            Self::Returned(known) => known.iter().any(|known| names(known)),
            Self::Reviewed(Bundle::Unseen) => true,
            Self::Reviewed(Bundle::Seen { files, others }) => {
                if let Some(other) = others.iter().find(|other| names(other) || is_below(path, other)) {
                    return refuse(&format!("`{other}` is a link or no ordinary file"));
                }
                files.iter().any(|known| names(known))
            }
        };
        if !found {
            return refuse(&format!("`{path}` is not in the bundle"));
        }
        Ok(path.to_owned())
    }
}

fn is_below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder)
        .is_some_and(|rest| rest.starts_with('/'))
}

/// Relative, `/`-separated, of plain characters, nothing hidden or going up. So it has no template
/// characters, is no option to any program, and is the same path on every system.
fn is_inside(path: &str) -> bool {
    let plain = |character: char| character.is_ascii_alphanumeric() || matches!(character, '.' | '_' | '-');
    path.len() <= MAX_PATH
        && path.split('/').all(|part| {
            part.starts_with(|first: char| first.is_ascii_alphanumeric() || first == '_')
                && part.chars().all(plain)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(paths: &[&str]) -> Vec<BundleFile> {
        paths
            .iter()
            .map(|path| BundleFile {
                path: (*path).to_owned(),
                content: String::new(),
            })
            .collect()
    }

    #[test]
    fn paths_that_leave_the_bundle_or_look_like_something_else_are_refused() {
        for path in [
            "/etc/shadow",
            "~/.ssh/id_rsa",
            "../x/y",
            "a/../../b",
            "a/./b",
            "-o/x",
            "a//b",
            "a/",
            "",
            ".hidden/x",
            "a/.git",
            "a\0/b",
            "a\\b/c",
            "C:/x",
            "a/b c",
            "a/${x}",
            "a/ü",
            "plain.sh",
            "build.pkr.json",
            "packer-provisioner-shell",
            // The working directory of a tool that is started later, and other folders of the host.
            "arguments/1-show/azure.py",
            "Arguments/1-show/azure.py",
            "packer/config.json",
            "home/bin/sh",
            "tmp/x",
            "manifest.json/x",
            "build.pkr.json/x",
        ] {
            assert!(Paths::new(&files(&[path]), &BTreeSet::new()).is_err(), "{path:?}");
        }
    }

    #[test]
    fn a_plugin_cannot_take_the_place_of_the_hosts_scripts() {
        let host = BTreeSet::from(["scripts/10-init.sh", "files/0-motd"]);
        for path in [
            "scripts/10-init.sh",
            "files/0-motd/x",
            "Scripts/10-Init.SH",
            "FILES/0-motd/x",
        ] {
            assert!(Paths::new(&files(&[path]), &host).is_err(), "{path}");
        }
        assert!(Paths::new(&files(&["scripts/aws.sh"]), &host).is_ok());
        assert!(Paths::new(&files(&["a/b", "a/b"]), &host).is_err());
        assert!(Paths::new(&files(&["a/b", "a/b/c"]), &host).is_err());
        assert!(Paths::new(&files(&["a/b", "a/B"]), &host).is_err());
        assert!(Paths::new(&files(&["a/b", "A/B/c"]), &host).is_err());
    }

    #[test]
    fn a_template_names_files_and_folders_of_the_bundle_only() {
        let files = files(&["aws/prepare.sh", "aws/etc/motd"]);
        let paths = Paths::new(&files, &BTreeSet::new()).unwrap();
        assert_eq!(paths.resolve("aws/prepare.sh", 1, "").unwrap(), "aws/prepare.sh");
        assert!(paths.resolve("aws/etc", 1, "").is_ok());
        for path in [
            "aws/other.sh",
            "scripts/10-init.sh",
            "/proc/self/environ",
            "aws/et",
            "aws/../aws/prepare.sh",
        ] {
            assert_eq!(
                paths.resolve(path, 1, "").unwrap_err().code,
                Code::TemplatePath,
                "{path}"
            );
        }
    }

    #[test]
    fn a_bundle_has_a_limited_size() {
        let big = [BundleFile {
            path: "a/b".to_owned(),
            content: "x".repeat(MAX_FILE + 1),
        }];
        assert_eq!(
            Paths::new(&big, &BTreeSet::new())
                .err()
                .map(|finding| finding.code),
            Some(Code::TemplateLimit)
        );
    }
}
