//! What no grant can give of a builder that the host does not know: nobody here has read what it does with an
//! attribute, so names decide. A name that only looks dangerous is refused as well; the plugin does without it.

/// Why a name is refused.
pub(super) struct Refusal {
    /// One of the names below.
    pub(super) because: &'static str,
}

/// Builders by what their work needs, with the names of the builders that are meant. A word stands for a builder of
/// that name and for every `WORD-…`.
const BUILDERS: &[(&str, &[&str])] = &[
    (
        "it writes files of this machine or runs nothing but provisioners on a machine of its choice",
        &["file", "null", "local", "external"],
    ),
    (
        "it runs virtual machines, containers or their tools on this machine",
        &[
            "anka",
            "arm",
            "buildah",
            "cross",
            "docker",
            "hyperv",
            "incus",
            "libvirt",
            "lxc",
            "lxd",
            "mkosi",
            "multipass",
            "nspawn",
            "parallels",
            "podman",
            "qemu",
            "systemd",
            "tart",
            "utm",
            "vagrant",
            "veertu",
            "virtualbox",
            "vmware",
            "xenserver",
        ],
    ),
    (
        "it uploads disks of this machine to a server that the template names",
        &[
            "cloudstack",
            "esxi",
            "nutanix",
            "ovirt",
            "proxmox",
            "vcd",
            "vsphere",
            "xenorchestra",
        ],
    ),
    (
        "it belongs to a cloud whose one builder the host knows, and reads that cloud's credentials",
        &["alicloud", "amazon", "azure", "googlecompute", "oracle"],
    ),
];

/// `amazon-chroot`, `osc-chroot`: host commands as root. `…-iso`, `…-import`: files of this machine.
const BUILDER_PARTS: &[&str] = &["chroot", "import", "iso", "local"];

/// Words that a part of an attribute's name, between underscores, begins or ends with.
const WORDS: &[(&str, &[&str])] = &[
    (
        "it may name a file of this machine",
        &[
            "directory",
            "directories",
            "file",
            "floppy",
            "folder",
            "mount",
            "path",
            "vagrantfile",
        ],
    ),
    (
        "it may run a program on this machine",
        &[
            "binary",
            "command",
            "exec",
            "hook",
            "interpreter",
            "program",
            "script",
            "shell",
            "vboxmanage",
            "wrapper",
        ],
    ),
    (
        "it may send requests or a connection elsewhere",
        &[
            "bastion",
            "endpoint",
            "gateway",
            "metadataurl",
            "proxy",
            "redirect",
            "tunnel",
            "webhook",
        ],
    ),
    (
        "it may switch off a check of whom Packer talks to",
        &["cacert", "certificate", "insecure", "verify", "verification"],
    ),
    (
        "it may hold a credential or choose one, and credentials come from the environment that the user grants",
        &[
            "apikey",
            "assume",
            "auth",
            "credential",
            "identity",
            "impersonate",
            "login",
            "oauth",
            "passphrase",
            "passwd",
            "password",
            "principal",
            "privatekey",
            "profile",
            "secret",
            "session",
            "token",
            "username",
            "vault",
        ],
    ),
    (
        "it may give the image to others or put it somewhere else",
        &[
            "bucket",
            "download",
            "export",
            "import",
            "launch",
            "member",
            "publish",
            "share",
            "upload",
            "visibility",
        ],
    ),
    (
        "it may delete what another build has made, or leave something behind",
        &["cleanup", "delete", "deregister", "destroy", "force", "overwrite"],
    ),
];

/// Whole parts of an attribute's name: short words, which are the beginning of harmless ones.
const PARTS: &[(&str, &[&str])] = &[
    (
        "it may name a file of this machine",
        &["cd", "dir", "dirs", "iso", "vmx", "x509"],
    ),
    (
        "it may run a program on this machine",
        &["args", "cmd", "qemuargs", "cmds"],
    ),
    (
        "it may send requests or a connection elsewhere",
        &[
            "api", "dns", "host", "hosts", "server", "uri", "uris", "url", "urls", "vnc",
        ],
    ),
    (
        "it may switch off a check of whom Packer talks to",
        &["ca", "cert", "certs", "skip", "ssl", "tls"],
    ),
    (
        "it may hold a credential or choose one, and credentials come from the environment that the user grants",
        &[
            "client", "iam", "key", "keypair", "keypairs", "keys", "pass", "pem", "role", "scopes",
            "service", "user",
        ],
    ),
    (
        "it may give the image to others or put it somewhere else",
        &["output", "public", "users"],
    ),
    (
        "it may delete what another build has made, or leave something behind",
        &["keep"],
    ),
];

/// First parts of a name. The host alone says how the machine is reached, and Packer's own settings are nobody's.
const BEGINNINGS: &[(&str, &[&str])] = &[
    (
        "the host decides how the machine is reached",
        &["communicator", "pause", "ssh", "temporary", "winrm"],
    ),
    (
        "it is a setting of Packer itself, or serves files of this machine to others",
        &["boot", "http", "packer", "shutdown"],
    ),
];

/// What the rules above would refuse and what does no harm, whole names only.
const HARMLESS: &[&str] = &[
    // Names the user inside the build machine; without it nobody can log in.
    "ssh_username",
    // Runs inside the build machine.
    "user_data",
    // A name, a size and a kind of the build machine.
    "boot_volume_size",
    "boot_volume_type",
    "server_label",
    "server_labels",
    "server_name",
    "server_type",
];

/// Parts of names that say where and in whose account something is made.
const PLACES: &[&str] = &[
    "account",
    "accounts",
    "compartment",
    "datacenter",
    "domain",
    "domains",
    "firewall",
    "firewalls",
    "location",
    "locations",
    "network",
    "networks",
    "organisation",
    "organization",
    "project",
    "projects",
    "region",
    "regions",
    "site",
    "subnet",
    "subnets",
    "subscription",
    "tenancy",
    "tenant",
    "vpc",
    "zone",
    "zones",
];

/// Why no plugin gets this builder.
pub(super) fn of_builder(name: &str) -> Option<Refusal> {
    let mut parts = name.split('-');
    let first = parts.next().unwrap_or_default();
    let by_name = BUILDERS
        .iter()
        .find(|(_, names)| names.contains(&first))
        .map(|(because, _)| *because);
    let by_part = || {
        parts
            .any(|part| BUILDER_PARTS.contains(&part))
            .then_some("it reads files or runs programs of this machine")
    };
    by_name.or_else(by_part).map(|because| Refusal { because })
}

/// Why no plugin sets this attribute, or has this block.
pub(super) fn of_attribute(name: &str) -> Option<Refusal> {
    if HARMLESS.contains(&name) {
        return None;
    }
    let parts: Vec<&str> = name.split('_').collect();
    let first = parts.first().copied().unwrap_or_default();
    let begins = |(because, words): &(&'static str, &[&str])| words.contains(&first).then_some(*because);
    let has_part = |(because, words): &(&'static str, &[&str])| {
        parts.iter().any(|part| words.contains(part)).then_some(*because)
    };
    let has_word = |(because, words): &(&'static str, &[&str])| {
        let fits = |part: &&str| {
            let singular = part.strip_suffix('s').unwrap_or(part);
            words
                .iter()
                .any(|word| part.starts_with(word) || part.ends_with(word) || singular.ends_with(word))
        };
        parts.iter().any(fits).then_some(*because)
    };
    BEGINNINGS
        .iter()
        .find_map(begins)
        .or_else(|| PARTS.iter().find_map(has_part))
        .or_else(|| WORDS.iter().find_map(has_word))
        .map(|because| Refusal { because })
}

/// Whether the value says where something is made.
pub(super) fn is_place(name: &str) -> bool {
    name.split('_').any(|part| PLACES.contains(&part))
}
