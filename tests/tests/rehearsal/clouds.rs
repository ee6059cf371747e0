//! The clouds of the lab, and what a user of each sets.

use sindri_lab::Entry;
use sindri_lab::clouds::{Cloud as Emulator, azure, gcp};

/// A cloud as its tests need it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cloud {
    /// Of the plugin and of the lab.
    pub(crate) name: &'static str,
    /// The lab's.
    pub(crate) emulator: fn() -> Box<dyn Emulator>,
    /// The documented minimal configuration, YAML in one line.
    pub(crate) section: fn() -> String,
    /// Names its real command line.
    pub(crate) command_line: &'static str,
    /// What its user does once before the first command: arguments of the command line, in which `$NAME` is a
    /// variable of the lab's environment.
    pub(crate) login: &'static [&'static str],
    /// What it answers to a request that the user may not make: status and code.
    pub(crate) refusal: (u16, &'static str),
    /// The path of a request that may change something; none for one that only looks or logs in.
    pub(crate) change: fn(&Entry) -> Option<&str>,
    /// Whether its builds need an SSH server: the others can build without looking inside.
    pub(crate) needs_ssh: bool,
}

fn path(entry: &Entry) -> &str {
    entry.path.split('?').next().unwrap_or_default()
}

pub(crate) const GCP: Cloud = Cloud {
    name: "gcp",
    emulator: || Box::new(gcp::Gcp::new()),
    section: || format!("{{project_id: {}}}", gcp::PROJECT),
    command_line: "SINDRI_TEST_GCLOUD",
    login: &[
        "auth",
        "activate-service-account",
        "--key-file",
        "$GOOGLE_APPLICATION_CREDENTIALS",
    ],
    refusal: (403, "forbidden"),
    change: |entry| entry.host.starts_with("compute.").then(|| path(entry)),
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
    command_line: "SINDRI_TEST_AZ",
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
    change: |entry| entry.host.starts_with("management.").then(|| path(entry)),
    // A Linux machine of Azure becomes an image only after it has been generalized from within.
    needs_ssh: true,
};
