//! A Debian root file system of the test's own, and evidence of it.

use std::path::{Path, PathBuf};
use std::process::Command;

use sindri_tests::lab::{Run, Sindri, tool};
use tempfile::TempDir;

/// A capability in the kernel's form, version 2: this one for effective and permitted, none inherited.
pub(crate) const NET_RAW: &str = "0100000200200000000000000000000000000000";
pub(crate) const NET_RAW_AND_ADMIN: &str = "0100000200300000000000000000000000000000";

/// Gives a file a capability.
pub(crate) fn set_capability(path: &Path, value: &str) {
    let code = "import os, sys; os.setxattr(sys.argv[1], 'security.capability', bytes.fromhex(sys.argv[2]))";
    let status = Command::new("python3")
        .args(["-c", code])
        .arg(path)
        .arg(value)
        .status();
    assert!(status.unwrap().success());
}

pub(crate) const IMAGE: &str = "aws:us-west-2:ami-0aaaaaaaaaaaaaa01";

/// 200 MB of 560.
const COPY: &str = "set -o pipefail; tar --directory \"$1\" --create --exclude=./usr/share --exclude=./usr/lib/udev \
    --exclude=./usr/lib/python3 --exclude=./var/lib/apt --exclude=./var/cache . | tar --directory \"$2\" --extract --same-owner";

/// A root, and a folder beside it for keys and evidence.
pub(crate) struct Site {
    directory: TempDir,
    pub(crate) sindri: Sindri,
}

impl Site {
    /// With Debian in it, as its packages left it: owners, modes, links. Without what is large and alike.
    pub(crate) fn with_debian() -> Self {
        let site = Self::empty();
        let copied = Command::new("bash")
            .args(["-c", COPY, "lab"])
            .arg(tool("SINDRI_TEST_DEBIAN_ROOT").join("root"))
            .arg(site.root())
            .status()
            .unwrap();
        assert!(copied.success());
        site
    }

    /// With the few files in it that evidence needs.
    pub(crate) fn small() -> Self {
        let site = Self::empty();
        for (path, content) in [
            (
                "var/lib/dpkg/status",
                "Package: a\nStatus: install ok installed\nArchitecture: all\nVersion: 1\n",
            ),
            ("usr/lib/os-release", "ID=debian\nVERSION_ID=\"12\"\n"),
        ] {
            let path = site.root().join(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        site
    }

    fn empty() -> Self {
        let directory = TempDir::new().unwrap();
        std::fs::create_dir(directory.path().join("root")).unwrap();
        let site = Self {
            directory,
            sindri: Sindri::new(),
        };
        for key in ["key", "other"] {
            let path = site.path(key);
            site.sindri
                .run(&["evidence", "keygen", &path, "--json"])
                .succeeded();
        }
        site
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.directory.path().join("root")
    }

    /// A path beside the root, as text for a command line.
    pub(crate) fn path(&self, name: &str) -> String {
        self.directory.path().join(name).display().to_string()
    }

    /// Makes evidence in a new folder.
    pub(crate) fn create(&self, folder: &str, more: &[&str]) -> Run {
        let (root, output) = (self.path("root"), self.path(folder));
        let command = [
            "evidence", "create", "--json", "--root", &root, "--output", &output,
        ];
        self.sindri.run(&[&command[..], more].concat())
    }

    /// The same, signed with `key`, of the image.
    pub(crate) fn create_signed(&self, folder: &str) -> Run {
        self.create(folder, &["--sign-key", &self.path("key"), "--image", IMAGE])
            .succeeded()
    }

    /// Verifies evidence with the public half of `key`.
    pub(crate) fn verify(&self, folder: &str, more: &[&str]) -> Run {
        let (folder, key) = (self.path(folder), self.path("key.pub"));
        let command = ["evidence", "verify", &folder, "--json", "--key", &key];
        self.sindri.run(&[&command[..], more].concat())
    }
}
