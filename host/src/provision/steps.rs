//! What happens inside the VM, as data: the provisioners of the compiled template in their order.

use serde::Serialize;

/// One provisioner.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum GuestStep {
    /// Runs a script of the bundle.
    Shell(ShellStep),
    /// Copies a file or directory of the bundle into the VM.
    Upload(UploadStep),
    /// Copies files of the VM into the run's directory.
    Download(DownloadStep),
    /// Runs a playbook of the bundle inside the VM (`ansible-local`), so that nothing runs on the host.
    AnsibleLocal(AnsibleStep),
}

/// A script, run with `bash`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ShellStep {
    /// Short name for progress and logs, for example `init`.
    pub name: String,
    /// Path in the bundle, for example `scripts/10-init.sh`.
    pub script: String,
    /// Exported to the script, also through `sudo`.
    pub environment: Vec<EnvironmentEntry>,
    /// Runs under `sudo -n` (or directly where the login user is root).
    pub as_root: bool,
}

/// A variable of a script.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct EnvironmentEntry {
    /// `[A-Za-z_][A-Za-z0-9_]*`.
    pub name: String,
    /// Its value.
    pub value: EnvironmentValue,
}

/// Where a variable's value stands.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub enum EnvironmentValue {
    /// In the template.
    Plain(String),
    /// In a sensitive Packer variable of this name, given to Packer as `PKR_VAR_…` and never written
    /// to the template.
    Secret(String),
}

/// An upload.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct UploadStep {
    /// Path in the bundle, for example `files/0-motd`.
    pub source: String,
    /// Absolute path in the VM.
    pub destination: String,
}

/// A download.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct DownloadStep {
    /// Absolute paths in the VM.
    pub sources: Vec<String>,
    /// Folder below the run's directory, with a slash at its end.
    pub destination: String,
}

/// A playbook, run as root. Its environment is what the step before it left in `/run/sindri-environment`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AnsibleStep {
    /// Path in the bundle.
    pub playbook: String,
}

/// The host's own steps, in the places between which a plugin's steps may stand.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct HostSteps {
    /// After the plugin's `prepare`: everything that builds the image.
    pub provision: Vec<GuestStep>,
    /// After the plugin's `before-clean`: removes what the build left. The plugin's `generalize` follows.
    pub clean: Vec<GuestStep>,
}
