//! Which release of Sindri goes into the image, decided before a machine is started and never inside it.

use std::ffi::OsString;
use std::path::Path;
use std::time::Duration;

use semver::Version;

use super::Session;
use super::inputs;
use crate::config::{Build, Communicator};
use crate::error::{Code, Error, Result};
use crate::files;
use crate::journal::Log;
use crate::policy::children::{self, Child, PrivateDirs};
use crate::policy::tools::Surroundings;
use crate::provision::{Release, ReleaseArchive};
use crate::runner::cancel::Cancel;
use crate::runner::process::{self, Ending, Invocation, Overflow};
use crate::runner::program;

/// What `sindri_version` says until it is looked up.
pub(super) const LATEST: &str = "latest";
/// The releases whose commands the install script knows: a later one would be another product.
const MAJOR: u64 = 3;
/// The program with the standard library's worth of tools has 60 MB.
const ARCHIVE: u64 = 512 << 20;
const ARCHITECTURES: [&str; 2] = ["x86_64", "aarch64"];
const VERSION_KEY: &str = "providers.packer.build.sindri_version";
const DIRECTORY_KEY: &str = "providers.packer.build.release_directory";
const CURL: &str = "https://curl.se/download.html";

/// A release, as far as it is known without asking anybody.
pub(super) struct Chosen {
    /// Without a `v`; `latest` where only the network knows.
    pub(super) version: String,
    archives: Option<Vec<ReleaseArchive>>,
}

impl Chosen {
    /// Reads the directory of releases, if there is one.
    pub(super) fn of(session: &Session<'_>) -> Result<Self> {
        let build = &session.settings.build;
        let version = session.resolved_version.get();
        let version = version.map_or(build.sindri_version.as_str(), String::as_str);
        let version = version.trim_start_matches('v').to_owned();
        match &build.release_directory {
            Some(directory) => Self::in_directory(directory, &version),
            None => Ok(Self {
                version,
                archives: None,
            }),
        }
    }

    fn in_directory(directory: &Path, wanted: &str) -> Result<Self> {
        let version = match wanted {
            LATEST => newest(directory)?.to_string(),
            wanted => wanted.to_owned(),
        };
        let folder = directory.join(format!("v{version}"));
        let mut archives = Vec::new();
        for arch in ARCHITECTURES {
            let path = folder.join(format!("sindri-v{version}-linux-{arch}.tar.gz"));
            if files::exists(&path) {
                archives.push(archive(&path, arch)?);
            }
        }
        if archives.is_empty() {
            return Err(Error::new(
                Code::ConfigValue,
                format!("there is no release {version} for any architecture"),
            )
            .file(&folder)
            .key(DIRECTORY_KEY)
            .remedy(format!(
                "put sindri-v{version}-linux-x86_64.tar.gz and its .sha256 there, as the release page has them"
            )));
        }
        Ok(Self {
            version,
            archives: Some(archives),
        })
    }

    /// Where the VM gets it from.
    pub(super) fn source<'a>(&'a self, build: &'a Build) -> Release<'a> {
        match &self.archives {
            Some(archives) => Release::Uploaded { archives },
            None => Release::Download {
                base_url: &build.release_base_url,
            },
        }
    }

    /// What somebody should know who runs the scripts by hand.
    pub(super) fn notice(&self) -> Option<String> {
        (self.version == LATEST).then(|| {
            "sindri_version is `latest`, which only `vm build` looks up: these scripts stop until it is a version"
                .to_owned()
        })
    }
}

/// The highest version of ours among folders like `v3.1.0`; none that is only a preview.
fn newest(directory: &Path) -> Result<Version> {
    let unresolved = |message: &str| {
        Error::new(Code::ConfigValue, message)
            .file(directory)
            .key(VERSION_KEY)
            .remedy("write a version, or put a folder such as `v3.1.0` into the directory of releases")
    };
    let entries = files::list(directory)
        .map_err(|error| unresolved("the directory of releases cannot be read").source(error))?;
    entries
        .iter()
        .filter_map(|entry| Version::parse(entry.file_name()?.to_str()?.strip_prefix('v')?).ok())
        .filter(|version| version.major == MAJOR && version.pre.is_empty())
        .max()
        .ok_or_else(|| {
            unresolved("`latest` is no version: the directory has no release of this major version")
        })
}

/// An archive that is what the file beside it says.
fn archive(path: &Path, arch: &'static str) -> Result<ReleaseArchive> {
    let file = inputs::read(path, ARCHIVE, DIRECTORY_KEY)?;
    let mut beside = path.as_os_str().to_owned();
    beside.push(".sha256");
    let beside = Path::new(&beside);
    let wrong = |message: &str| {
        Error::new(Code::ConfigValue, message)
            .file(path)
            .key(DIRECTORY_KEY)
            .remedy("fetch the archive and its .sha256 again")
    };
    let text = files::read_text(beside, 4096)
        .map_err(|error| wrong("the archive has no .sha256 file beside it").source(error))?;
    let digest = crate::digest::sha256(&file.content);
    if text.split_whitespace().next() != Some(digest.as_str()) {
        return Err(wrong("the archive is not what its .sha256 file says"));
    }
    Ok(ReleaseArchive { arch, file })
}

/// Looks `latest` up, once for the whole run. Does nothing where nothing is downloaded.
///
/// The host has no client for HTTP and gets none for this one question: `curl` asks, which builds have at hand
/// and which knows proxies and trust anchors the way the user set them.
pub(super) async fn resolve(
    session: &Session<'_>,
    private: &PrivateDirs,
    cancel: &Cancel,
    log: &Log,
) -> Result<()> {
    let build = &session.settings.build;
    let is_asked = build.communicator == Communicator::Ssh
        && build.sindri_version == LATEST
        && build.release_directory.is_none()
        && session.resolved_version.get().is_none();
    if !is_asked {
        return Ok(());
    }
    session.app.console.step("Look up the latest release of Sindri");
    let base = build.release_base_url.trim_end_matches('/');
    let page = format!("{}/latest", base.strip_suffix("/download").unwrap_or(base));
    let version = ask(session, &page, private, cancel, log).await.map_err(|error| {
        if error.code() == Code::Interrupted {
            return error;
        }
        Error::new(
            Code::ConfigValue,
            format!("`latest` cannot be resolved: {}", error.message()),
        )
        .key(VERSION_KEY)
        .remedy(
            "write a version such as `3.1.0`, or set `build.release_directory` to a directory of releases",
        )
    })?;
    // Two clouds of one session would be two sessions.
    let _ = session.resolved_version.set(version.to_string());
    Ok(())
}

async fn ask(
    session: &Session<'_>,
    page: &str,
    private: &PrivateDirs,
    cancel: &Cancel,
    log: &Log,
) -> Result<Version> {
    let user = &session.app.environment;
    let candidates = program::candidates("curl", user)?;
    let Some(program) = candidates.into_iter().next() else {
        return Err(program::missing("curl", CURL, user));
    };
    let child = Child::Version {
        program: &program,
        surroundings: &Surroundings::NONE,
    };
    let directory = private.temporary();
    let equipment = children::equip(child, directory, user, private, &session.choices())?;
    // -q: not the user's own settings. The address that the page leads to is the last line.
    let arguments = [
        "-q",
        "--fail",
        "--silent",
        "--show-error",
        "--location",
        "--max-redirs",
        "5",
        "--proto-redir",
        "=https",
        "--retry",
        "2",
        "--connect-timeout",
        "20",
        "--max-time",
        "60",
        "--write-out",
        "\n%{url_effective}",
        "--",
        page,
    ];
    let invocation = Invocation {
        program,
        args: arguments.iter().map(OsString::from).collect(),
        env: equipment.env,
        cwd: directory.to_path_buf(),
        timeout: Duration::from_secs(90),
        output_cap: 1 << 20,
        overflow: Overflow::KeepEnd,
        grace: Duration::from_secs(2),
        ending: Ending::Abandon,
        log: log.clone(),
        sandbox: equipment.sandbox,
    };
    let finished = process::run(&invocation, cancel, None).await?;
    let said = finished.stderr.trim().to_owned();
    let finished = finished.success("curl").map_err(|error| {
        let message = format!("{page}: {}: {said}", error.message());
        Error::new(error.code(), message)
    })?;
    let version = version_of(&finished.stdout).ok_or_else(|| {
        Error::new(
            Code::ToolOutput,
            format!("{page} neither leads to a version nor is one"),
        )
    })?;
    if version.major == MAJOR {
        return Ok(version);
    }
    let message = format!("{page} is {version}, and this program installs {MAJOR}.x");
    Err(Error::new(Code::ToolOutput, message))
}

/// What the page leads to (`…/tag/v3.1.0`), or else what it says, if that is a version and nothing more.
fn version_of(answer: &str) -> Option<Version> {
    let (body, address) = answer.rsplit_once('\n')?;
    let parse = |text: &str| Version::parse(text.strip_prefix('v').unwrap_or(text)).ok();
    let last = address.trim().rsplit('/').next().unwrap_or_default();
    parse(last).or_else(|| parse(body.trim()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_latest_release_is_where_the_page_leads_or_what_it_says() {
        let cases = [
            (
                "<html>\nhttps://github.com/o/r/releases/tag/v3.1.0",
                Some("3.1.0"),
            ),
            ("v3.4.5\n\nhttps://mirror/latest", Some("3.4.5")),
            ("3.4.5\nhttps://mirror/latest", Some("3.4.5")),
            ("see 3.4.5\nhttps://mirror/latest", None),
            ("<html>404</html>\nhttps://mirror/latest", None),
            ("https://mirror/latest", None),
            ("", None),
        ];
        for (answer, expected) in cases {
            let found = version_of(answer).map(|version| version.to_string());
            assert_eq!(found.as_deref(), expected, "{answer:?}");
        }
    }
}
