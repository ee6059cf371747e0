//! The clouds of the lab, and what a user of each sets.

use std::path::{Path, PathBuf};

use sindri_lab::Entry;
use sindri_lab::clouds::{Cloud as Emulator, alibaba, azure, gcp, oci};
use sindri_tests::lab::{Packer, tool};

/// A cloud as its tests need it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cloud {
    /// Of the plugin and of the lab.
    pub(crate) name: &'static str,
    /// The lab's.
    pub(crate) emulator: fn() -> Box<dyn Emulator>,
    /// The documented minimal configuration, YAML in one line.
    pub(crate) section: fn() -> String,
    /// Of the faults and the kills: Debian's where it can.
    pub(crate) packer: Packer,
    /// What asks it.
    pub(crate) command_line: CommandLine,
    /// What its user does once before the first command: arguments of the command line, in which `$NAME` is a
    /// variable of the lab's environment.
    pub(crate) login: &'static [&'static str],
    /// What it answers to a request that the user may not make: status and code.
    pub(crate) refusal: (u16, &'static str),
    /// What the path of a request has in it that may change something, without the ids of this run; none for
    /// one that only looks or logs in.
    pub(crate) change: fn(&Entry) -> Option<String>,
    /// Whether its builds need an SSH server: the others can build without looking inside.
    pub(crate) needs_ssh: bool,
}

/// Where the command line of a cloud is.
#[derive(Clone, Copy, Debug)]
pub(crate) enum CommandLine {
    /// The real one; this variable names it.
    Real(&'static str),
    /// The real one where the variable is set. It cannot be had everywhere: then one of the repository's stands in.
    OrStandIn(&'static str, &'static str),
}

impl CommandLine {
    pub(crate) fn path(self) -> PathBuf {
        match self {
            Self::Real(variable) => tool(variable),
            Self::OrStandIn(variable, _) if std::env::var_os(variable).is_some() => tool(variable),
            Self::OrStandIn(_, path) => Path::new(env!("CARGO_MANIFEST_DIR")).join(path),
        }
    }
}

/// A request of an API that changes things by other methods than it looks at them.
fn change(entry: &Entry, host: &str) -> Option<String> {
    let path = entry.path.split('?').next()?;
    let changes = ["DELETE", "PATCH", "POST", "PUT"].contains(&entry.method.as_str());
    // The lab numbers operations, and what Oracle Cloud has, over all runs.
    let numbered = ["/operations/", "/ocid1."];
    let same = numbered
        .iter()
        .find_map(|mark| path.find(mark).and_then(|start| path.get(..start + mark.len())))
        .unwrap_or(path);
    (changes && entry.host.contains(host)).then(|| same.to_owned())
}

pub(crate) const GCP: Cloud = Cloud {
    name: "gcp",
    emulator: || Box::new(gcp::Gcp::new()),
    section: || format!("{{project_id: {}}}", gcp::PROJECT),
    packer: Packer::Debian,
    command_line: CommandLine::Real("SINDRI_TEST_GCLOUD"),
    login: &[
        "auth",
        "activate-service-account",
        "--key-file",
        "$GOOGLE_APPLICATION_CREDENTIALS",
    ],
    refusal: (403, "forbidden"),
    change: |entry| change(entry, "compute."),
    needs_ssh: false,
};

pub(crate) const AZURE: Cloud = Cloud {
    name: "azure",
    emulator: || Box::new(azure::Azure::new()),
    section: || {
        format!(
            "{{subscription_id: {}, resource_group: {}}}",
            azure::SUBSCRIPTION,
            azure::GROUP
        )
    },
    packer: Packer::Debian,
    command_line: CommandLine::Real("SINDRI_TEST_AZ"),
    login: &[
        "login",
        "--service-principal",
        "--username",
        "$AZURE_CLIENT_ID",
        "--password",
        "$AZURE_CLIENT_SECRET",
        "--tenant",
        "$AZURE_TENANT_ID",
    ],
    refusal: (403, "AuthorizationFailed"),
    change: |entry| change(entry, "management."),
    // A Linux machine of Azure becomes an image only after it has been generalized from within.
    needs_ssh: true,
};

pub(crate) const OCI: Cloud = Cloud {
    name: "oci",
    emulator: || Box::new(oci::Oci::new()),
    section: || {
        format!(
            "{{compartment_ocid: {}, availability_domain: '{}', subnet_ocid: {}}}",
            oci::COMPARTMENT,
            oci::AVAILABILITY_DOMAIN,
            oci::Oci::network().public
        )
    },
    // The builder inside of 1.6.6 knows no flexible shapes, and the default is one.
    packer: Packer::Current,
    command_line: CommandLine::Real("SINDRI_TEST_OCI"),
    login: &[],
    refusal: (400, "LimitExceeded"),
    change: |entry| change(entry, "iaas."),
    needs_ssh: true,
};

pub(crate) const ALIBABA: Cloud = Cloud {
    name: "alibaba",
    emulator: || Box::new(alibaba::Alibaba::new()),
    section: || "{}".to_owned(),
    packer: Packer::Debian,
    command_line: CommandLine::OrStandIn("SINDRI_TEST_ALIYUN", "tools/aliyun"),
    login: &[],
    refusal: (403, "Forbidden.RAM"),
    // All is one path, with what is to be done among the parameters.
    change: |entry| {
        let (_, query) = entry.path.split_once('?')?;
        let action = query.split('&').find(|word| word.starts_with("Action="))?;
        let looks = ["Action=Describe", "Action=Get", "Action=List"];
        (!looks.iter().any(|look| action.starts_with(look))).then(|| action.to_owned())
    },
    needs_ssh: true,
};
