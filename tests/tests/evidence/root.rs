//! A Debian root file system of the test's own, and evidence of it.

use std::path::PathBuf;
use std::process::Command;

use sindri_tests::lab::{Run, Sindri, tool};
use tempfile::TempDir;

pub(crate) const IMAGE: &str = "aws:us-west-2:ami-0aaaaaaaaaaaaaa01";

/// A root, and a folder beside it for keys and evidence.
pub(crate) struct Site {
    directory: TempDir,
    pub(crate) sindri: Sindri,
}

impl Site {
    /// With Debian in it, as it is in the archive: owners, modes, capabilities.
    pub(crate) fn with_debian() -> Self {
        let site = Self::empty();
        let unpacked = Command::new("tar")
            .args([
                "--extract",
                "--xattrs",
                "--xattrs-include=*",
                "--numeric-owner",
                "--file",
            ])
            .arg(tool("SINDRI_TEST_DEBIAN_ROOT"))
            .arg("--directory")
            .arg(site.root())
            .status()
            .unwrap();
        assert!(unpacked.success());
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
