//! Where the measured programs run: folders, environment, a local EC2.

use std::ffi::OsString;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use super::measure::Job;
use crate::demo::moto::Moto;
use crate::setup::{Tool, Toolbox};
use crate::workspace::{Scratch, Workspace};

/// What is measured, as released.
pub(super) struct Programs {
    /// The program.
    pub(super) sindri: PathBuf,
    /// Renders the same template without a sandbox.
    pub(super) native: PathBuf,
    /// Where cargo leaves released programs.
    pub(super) target: PathBuf,
}

/// A Packer to compare with.
pub(super) struct Packer {
    /// `1.6.6` or `current`.
    pub(super) name: &'static str,
    /// The program.
    pub(super) program: PathBuf,
    /// Where its plugins are, if it has any.
    pub(super) plugins: Option<PathBuf>,
}

/// Folders and environment of the measured programs; with an EC2 if something is built.
pub(super) struct Site {
    /// The working directory, with or without a `sindri.yaml`.
    pub(super) project: PathBuf,
    /// Of all measured programs.
    pub(super) environment: Vec<(OsString, OsString)>,
    /// The Packer that is first on the PATH.
    pub(super) packer: Option<Packer>,
    moto: Option<Moto>,
}

impl Site {
    /// A machine without any configuration.
    pub(super) fn plain(scratch: &Scratch, toolbox: &Toolbox) -> Result<Self> {
        Self::new(scratch, toolbox, "plain", None)
    }

    /// A local EC2, and a configuration that points to it.
    pub(super) fn with_ec2(
        workspace: &Workspace,
        scratch: &Scratch,
        toolbox: &Toolbox,
        packer: Packer,
    ) -> Result<Self> {
        let mut site = Self::new(scratch, toolbox, packer.name, Some(packer))?;
        let images = workspace.root.join("tests/fixtures/amis.json");
        let program = toolbox.path(Tool::Moto).map_err(anyhow::Error::msg)?;
        let moto = Moto::start(program, &images, scratch.path())?;
        let configuration = format!(
            "providers:\n  packer:\n    cloud: aws\n    build:\n      communicator: none\n    aws:\n      \
             region: us-west-2\n      endpoint_url: {}\n",
            moto.endpoint()
        );
        fs::write(site.project.join("sindri.yaml"), configuration).context("writing sindri.yaml")?;
        site.moto = Some(moto);
        Ok(site)
    }

    fn new(scratch: &Scratch, toolbox: &Toolbox, name: &str, packer: Option<Packer>) -> Result<Self> {
        let root = scratch.path().join(name);
        for folder in ["project", "home", "state", "tmp"] {
            fs::create_dir_all(root.join(folder)).with_context(|| root.display().to_string())?;
        }
        let aws = toolbox.path(Tool::Aws).ok();
        let first = [packer.as_ref().map(|packer| packer.program.as_path()), aws];
        let first = first.into_iter().flatten().filter_map(Path::parent);
        let inherited = std::env::var_os("PATH").unwrap_or_default();
        let path = std::env::join_paths(
            first
                .map(Path::to_path_buf)
                .chain(std::env::split_paths(&inherited)),
        );
        // Nothing of the user's settings: it would change the figures, and a real account costs money.
        let mut environment: Vec<(OsString, OsString)> = vec![
            ("PATH".into(), path.context("a PATH")?),
            ("HOME".into(), root.join("home").into()),
            ("TMPDIR".into(), root.join("tmp").into()),
            ("SINDRI_STATE_DIR".into(), root.join("state").into()),
            ("AWS_ACCESS_KEY_ID".into(), "test".into()),
            ("AWS_SECRET_ACCESS_KEY".into(), "test".into()),
            ("AWS_EC2_METADATA_DISABLED".into(), "true".into()),
            ("CHECKPOINT_DISABLE".into(), "1".into()),
        ];
        if let Some(plugins) = packer.as_ref().and_then(|packer| packer.plugins.as_ref()) {
            environment.push(("PACKER_PLUGIN_PATH".into(), plugins.into()));
        }
        Ok(Self {
            project: root.join("project"),
            environment,
            packer,
            moto: None,
        })
    }

    /// A program with these arguments, run here.
    pub(super) fn job(&self, program: &Path, arguments: &[&str]) -> Job {
        Job {
            program: program.into(),
            arguments: arguments.iter().map(|word| (*word).to_owned()).collect(),
            folder: self.project.clone(),
            environment: self.environment.clone(),
        }
    }

    /// Packer alone, in another folder. Its current Amazon plugin sends one of its requests to AWS itself in spite of
    /// the template's endpoint, unless the environment names it too, as `sindri` does.
    pub(super) fn packer_job(&self, folder: &Path, program: &Path, arguments: &[&str]) -> Job {
        let mut job = self.job(program, arguments);
        job.folder = folder.into();
        if let Some(moto) = &self.moto {
            job.environment
                .push(("AWS_ENDPOINT_URL_EC2".into(), moto.endpoint().into()));
        }
        job
    }

    /// The folder of a run of `sindri`.
    pub(super) fn run_directory(&self, id: &str) -> Result<PathBuf> {
        let root = self.project.parent().context("a site has a folder")?;
        Ok(root.join("state/runs").join(id))
    }

    /// Forgets every image: Packer builds no second one of the same name, and a full EC2 is a slower one.
    pub(super) fn empty_ec2(&self) -> Result<()> {
        let Some(moto) = &self.moto else { return Ok(()) };
        let address = moto.endpoint().trim_start_matches("http://");
        let mut stream = TcpStream::connect(address).context("connecting to moto")?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        let request = format!(
            "POST /moto-api/reset HTTP/1.0\r\nHost: {address}\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
        );
        stream.write_all(request.as_bytes())?;
        let mut answer = String::new();
        stream.read_to_string(&mut answer)?;
        if answer.split(' ').nth(1) != Some("200") {
            bail!("moto did not forget its images: {answer}")
        }
        Ok(())
    }
}
