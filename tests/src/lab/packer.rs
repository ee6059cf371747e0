//! The two Packers: Debian's, with all builders inside, and the current one with its plugin.

use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use super::{Moto, Sindri, tool};

/// Which Packer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Packer {
    /// 1.6.6: no `init`, no IMDSv2.
    Debian,
    /// The newest one.
    Current,
}

impl Packer {
    /// Its program.
    pub fn program(self) -> PathBuf {
        tool(match self {
            Self::Debian => "SINDRI_TEST_PACKER_DEBIAN",
            Self::Current => "SINDRI_TEST_PACKER_CURRENT",
        })
    }

    /// A fresh Sindri with this Packer and the AWS CLI, pointed to a local EC2.
    pub fn sindri(self, moto: &Moto, build: &[&str]) -> Sindri {
        let mut sindri = Sindri::on(moto, build);
        self.put_on(&mut sindri);
        sindri
    }

    /// Puts this Packer and the AWS CLI in front of its PATH.
    pub fn put_on(self, sindri: &mut Sindri) {
        self.put_with(&tool("SINDRI_TEST_AWS"), sindri);
    }

    /// Puts this Packer and a cloud's command line in front of its PATH.
    pub fn put_with(self, command_line: &Path, sindri: &mut Sindri) {
        for program in [command_line, &self.program()] {
            sindri.path(folder(program), false);
        }
        if self == Self::Current {
            sindri.set("PACKER_PLUGIN_PATH", tool("SINDRI_TEST_PACKER_PLUGINS"));
        }
    }

    /// Packer as a user starts it by hand, in a folder with a template.
    pub fn by_hand(self, moto: &Moto, folder: &Path, arguments: &[&str]) -> Output {
        let mut command = Command::new(self.program());
        command
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", folder)
            .env("CHECKPOINT_DISABLE", "1")
            .env("AWS_ACCESS_KEY_ID", "test")
            .env("AWS_SECRET_ACCESS_KEY", "test")
            .env("AWS_EC2_METADATA_DISABLED", "true")
            .env("AWS_ENDPOINT_URL", moto.endpoint())
            .current_dir(folder)
            .stdin(Stdio::null());
        if self == Self::Current {
            command.env("PACKER_PLUGIN_PATH", tool("SINDRI_TEST_PACKER_PLUGINS"));
        }
        command.output().expect("Packer starts")
    }
}

fn folder(program: &Path) -> &Path {
    program.parent().expect("a tool's path is absolute")
}
