//! One cloud with a user, and a VM that stands for all of its VMs.

use std::ffi::OsStr;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;
use sindri_lab::{Lab, Options, Resource};
use sindri_tests::lab::{Packer, Release, Sindri, Sshd};
use tempfile::TempDir;

use crate::clouds::Cloud;

/// A stand-in for the agent of Azure's machines, which would take this machine's own users and network for those of
/// the image. Like the real one it is quiet with `-force`.
const WAAGENT: (&str, &str) = (
    "/usr/sbin/waagent",
    "#!/bin/bash\n[ \"$(id -u) $*\" = '0 -force -deprovision' ] || exit 64\necho \"$*\" >>/etc/sindri-lab/waagent-was-asked\n",
);
/// A stand-in for the package manager, for builds of which only the cloud's side matters: the real one takes most of a
/// build's time. Of what it would install, only the group of the container engine is asked for later.
const APT_GET: (&str, &str) = (
    "/usr/local/sbin/apt-get",
    "#!/bin/bash\nexec groupadd --force docker\n",
);
/// Whose services are not there then.
const SYSTEMCTL: (&str, &str) = ("/usr/local/sbin/systemctl", "#!/bin/bash\n");
/// Where the agent notes what it was asked for.
pub(crate) const WAAGENT_NOTE: &str = "/etc/sindri-lab/waagent-was-asked";

const VERSION: &str = "3.1.0";

pub(crate) struct Stage {
    pub(crate) cloud: &'static Cloud,
    pub(crate) lab: Lab,
    pub(crate) sshd: Option<Sshd>,
    pub(crate) sindri: Sindri,
    _release: Option<Release>,
    _directory: TempDir,
}

impl Stage {
    /// One whose builds provision the VM with everything that is real, and check what they leave there.
    pub(crate) fn with_ssh(cloud: &'static Cloud, packer: Packer) -> Self {
        Self::new(cloud, packer, |lab| Some(Sshd::on_debian(lab, &[WAAGENT])), true)
    }

    /// One whose builds are as short as the cloud allows.
    pub(crate) fn quick(cloud: &'static Cloud) -> Self {
        let programs = &[WAAGENT, APT_GET, SYSTEMCTL];
        let vm = |lab: &Lab| cloud.needs_ssh.then(|| Sshd::with_programs(lab, programs));
        // No checks: this machine's own system has not been made for others.
        Self::new(cloud, cloud.packer, vm, false)
    }

    fn new(
        cloud: &'static Cloud,
        packer: Packer,
        vm: impl FnOnce(&Lab) -> Option<Sshd>,
        checks: bool,
    ) -> Self {
        let directory = TempDir::new().unwrap();
        let mut options = Options::new(directory.path().join("lab"));
        options.old_clients = packer == Packer::Debian;
        let lab = Lab::with_clouds(options, vec![(cloud.emulator)()]).unwrap();
        let sshd = vm(&lab);
        let release = sshd.as_ref().map(|_| Release::start(VERSION));

        let mut sindri = Sindri::new();
        for (name, value) in lab.environment() {
            sindri.set(name, value);
        }
        packer.put_with(&cloud.command_line.path(), &mut sindri);
        let build = match (&sshd, &release) {
            (Some(sshd), Some(release)) => format!(
                "{{ssh_host: 127.0.0.1, ssh_port: {}, ssh_timeout: 90s, ssh_source_cidrs: [127.0.0.1/32], \
                 sindri_version: {VERSION}, profile: minimal, release_base_url: '{}', docker: {{repository: distribution}}, checks: {checks}}}",
                sshd.port(),
                release.url()
            ),
            _ => "{communicator: none}".to_owned(),
        };
        sindri.configure(&format!(
            "providers:\n  packer:\n    cloud: {}\n    build: {build}\n    {}: {}\n",
            cloud.name,
            cloud.name,
            (cloud.section)()
        ));
        let stage = Self {
            cloud,
            lab,
            sshd,
            sindri,
            _release: release,
            _directory: directory,
        };
        stage.log_in();
        stage
    }

    /// What the user does once by hand.
    fn log_in(&self) {
        if self.cloud.login.is_empty() {
            return;
        }
        let environment = self.lab.environment();
        let value = |word: &&str| match word.strip_prefix('$') {
            None => (*word).to_owned(),
            Some(variable) => environment
                .iter()
                .find_map(|(name, value)| (name == variable).then(|| value.clone()))
                .unwrap_or_else(|| panic!("the lab sets no {variable}")),
        };
        self.command_line(self.cloud.login.iter().map(value));
    }

    /// The cloud's own command line, as the user runs it by hand.
    pub(crate) fn command_line(&self, arguments: impl IntoIterator<Item = impl AsRef<OsStr>>) {
        let output = Command::new(self.cloud.command_line.path())
            .args(arguments)
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.sindri.home())
            .envs(self.lab.environment().iter().cloned())
            .stdin(Stdio::null())
            .output()
            .expect("the command line starts");
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }

    /// What our runs made and nobody removed.
    pub(crate) fn left(&self) -> Vec<String> {
        self.lab.leftovers().iter().map(Resource::to_string).collect()
    }

    /// An image; its id.
    pub(crate) fn build(&self) -> String {
        let built = self.sindri.run(&["vm", "build", "--json"]).succeeded().json();
        built["image_id"].as_str().unwrap().to_owned()
    }

    /// The arguments that deploy an image.
    pub(crate) fn deployment(&self, image: &str) -> Vec<String> {
        ["vm", "deploy", image, "--ssh-cidr", "127.0.0.1/32", "--json"]
            .map(str::to_owned)
            .to_vec()
    }

    /// Removes a deployment, as `vm deploy` printed it.
    pub(crate) fn destroy(&self, deployed: &Value) {
        let instance = deployed["instance_id"].as_str().unwrap();
        self.sindri
            .run(&["vm", "destroy", instance, "--yes", "--json"])
            .succeeded();
    }

    /// Deletes an image, as `vm build` printed it.
    pub(crate) fn delete(&self, built: &Value) {
        let image = built["image_id"].as_str().unwrap();
        self.sindri
            .run(&["vm", "delete", image, "--yes", "--json"])
            .succeeded();
    }

    /// A file of the VM that a build has written.
    pub(crate) fn inside(&self, path: &str) -> String {
        let sshd = self.sshd.as_ref().expect("a stage with an SSH server");
        let file = sshd
            .changed(path)
            .unwrap_or_else(|| panic!("{path} was not written"));
        std::fs::read_to_string(file).unwrap()
    }

    /// Somebody who has the private key logs in and asks for the machine's name.
    pub(crate) fn host_name(&self, key: &Path) -> String {
        let sshd = self.sshd.as_ref().expect("a stage with an SSH server");
        let output = sshd.ssh(key, "id -un; hostname");
        String::from_utf8_lossy(&output.stdout).replace('\n', " ")
    }
}
