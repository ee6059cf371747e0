//! The bodies that Compute Engine v1 takes, after its discovery document. Fields that no builder and no plan
//! uses are left out: they would be refused as unknown, which is what a test should notice.

use crate::schema::{Field, Shape, ignored, optional, required};

/// `[a-z]([-a-z0-9]{0,61}[a-z0-9])?`
pub(super) fn is_name(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    (1..=63).contains(&text.len())
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
        && text.chars().all(fits)
}

/// `\p{Ll}[\p{Ll}0-9_-]{0,62}`, and not more than 128 bytes.
pub(super) fn is_label_key(text: &str) -> bool {
    text.starts_with(char::is_lowercase) && is_label_value(text)
}

pub(super) fn is_label_value(text: &str) -> bool {
    let fits = |c: char| c.is_lowercase() || c.is_ascii_digit() || c == '_' || c == '-';
    text.chars().count() <= 63 && text.len() <= 128 && text.chars().all(fits)
}

fn is_metadata_key(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    (1..=128).contains(&text.len()) && text.chars().all(fits)
}

/// At most 256 KiB.
fn is_metadata_value(text: &str) -> bool {
    text.len() <= 256 << 10
}

fn is_cidr(text: &str) -> bool {
    let (address, bits) = text.split_once('/').unwrap_or((text, "0"));
    let Ok(address) = address.parse::<std::net::IpAddr>() else {
        return false;
    };
    let most = if address.is_ipv4() { 32 } else { 128 };
    bits.parse::<u8>().is_ok_and(|bits| bits <= most)
}

fn is_ports(text: &str) -> bool {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    matches!((first.parse::<u16>(), last.parse::<u16>()), (Ok(first), Ok(last)) if first <= last)
}

fn is_role(text: &str) -> bool {
    text.starts_with("roles/") || (text.starts_with("projects/") && text.contains("/roles/"))
}

/// `allUsers` is refused for images; `allAuthenticatedUsers` makes them public.
fn is_member(text: &str) -> bool {
    match text.split_once(':') {
        Some(("user" | "serviceAccount" | "group", address)) => address.contains('@'),
        Some(("domain", domain)) => domain.contains('.'),
        Some(_) => false,
        None => text == "allAuthenticatedUsers",
    }
}

const NAME: Shape = Shape::Form("a name of 1 to 63 letters, digits and dashes", is_name);
const TEXTS: Shape = Shape::List(&Shape::Text);
const ARCHITECTURE: Shape = Shape::OneOf(&["ARM64", "X86_64"]);

const LABELS: Shape = Shape::Map(&Shape::Form("a label's value", is_label_value));

const ENCRYPTION_KEY: Shape = Shape::Object(&[
    optional("kmsKeyName", Shape::Text),
    optional("kmsKeyServiceAccount", Shape::Text),
    optional("rawKey", Shape::Text),
    optional("rsaEncryptedKey", Shape::Text),
    ignored("sha256"),
]);

static GUEST_FEATURE: Shape = Shape::Object(&[required(
    "type",
    Shape::OneOf(&[
        "BARE_METAL_LINUX_COMPATIBLE",
        "GVNIC",
        "IDPF",
        "MULTI_IP_SUBNET",
        "SECURE_BOOT",
        "SEV_CAPABLE",
        "SEV_LIVE_MIGRATABLE",
        "SEV_LIVE_MIGRATABLE_V2",
        "SEV_SNP_CAPABLE",
        "SNP_SVSM_CAPABLE",
        "TDX_CAPABLE",
        "UEFI_COMPATIBLE",
        "VIRTIO_SCSI_MULTIQUEUE",
        "WINDOWS",
    ]),
)]);

const DISK_PARAMETERS: Shape = Shape::Object(&[
    optional("architecture", ARCHITECTURE),
    optional("description", Shape::Text),
    optional("diskName", NAME),
    optional("diskSizeGb", Shape::Digits(1, 65536)),
    optional("diskType", Shape::Text),
    optional("labels", LABELS),
    optional("provisionedIops", Shape::Digits(1, 1_000_000)),
    optional("provisionedThroughput", Shape::Digits(1, 100_000)),
    optional("replicaZones", TEXTS),
    optional("resourceManagerTags", Shape::Map(&Shape::Text)),
    optional("resourcePolicies", TEXTS),
    optional("sourceImage", Shape::Text),
    optional("sourceImageEncryptionKey", ENCRYPTION_KEY),
]);

static ATTACHED_DISK: Shape = Shape::Object(&[
    optional("autoDelete", Shape::Flag),
    optional("boot", Shape::Flag),
    optional("deviceName", Shape::Text),
    optional("diskEncryptionKey", ENCRYPTION_KEY),
    optional("diskSizeGb", Shape::Digits(1, 65536)),
    optional("guestOsFeatures", Shape::List(&GUEST_FEATURE)),
    ignored("index"),
    optional("initializeParams", DISK_PARAMETERS),
    optional("interface", Shape::OneOf(&["NVME", "SCSI"])),
    ignored("kind"),
    optional("licenses", TEXTS),
    optional("mode", Shape::OneOf(&["READ_ONLY", "READ_WRITE"])),
    optional("source", Shape::Text),
    optional("type", Shape::OneOf(&["PERSISTENT", "SCRATCH"])),
]);

static ACCESS_CONFIGURATION: Shape = Shape::Object(&[
    ignored("kind"),
    optional("name", Shape::Text),
    optional("natIP", Shape::Text),
    optional("networkTier", Shape::OneOf(&["PREMIUM", "STANDARD"])),
    required("type", Shape::OneOf(&["ONE_TO_ONE_NAT"])),
]);

static NETWORK_INTERFACE: Shape = Shape::Object(&[
    optional("accessConfigs", Shape::List(&ACCESS_CONFIGURATION)),
    ignored("kind"),
    ignored("name"),
    optional("network", Shape::Text),
    optional("networkIP", Shape::Text),
    optional(
        "nicType",
        Shape::OneOf(&["GVNIC", "IDPF", "IRDMA", "MRDMA", "VIRTIO_NET"]),
    ),
    optional(
        "stackType",
        Shape::OneOf(&["IPV4_IPV6", "IPV4_ONLY", "IPV6_ONLY"]),
    ),
    optional("subnetwork", Shape::Text),
]);

const DURATION: Shape = Shape::Object(&[
    optional("nanos", Shape::Integer(0, 999_999_999)),
    // From half a minute to 120 days.
    optional("seconds", Shape::Digits(30, 120 * 24 * 3600)),
]);

const SCHEDULING: Shape = Shape::Object(&[
    optional("automaticRestart", Shape::Flag),
    optional("instanceTerminationAction", Shape::OneOf(&["DELETE", "STOP"])),
    optional("maxRunDuration", DURATION),
    optional("minNodeCpus", Shape::Integer(0, 1000)),
    optional(
        "nodeAffinities",
        Shape::List(&Shape::Object(&[
            required("key", Shape::Text),
            required("operator", Shape::OneOf(&["IN", "NOT_IN"])),
            required("values", TEXTS),
        ])),
    ),
    optional("onHostMaintenance", Shape::OneOf(&["MIGRATE", "TERMINATE"])),
    optional("preemptible", Shape::Flag),
    optional(
        "provisioningModel",
        Shape::OneOf(&["RESERVATION_BOUND", "SPOT", "STANDARD"]),
    ),
]);

pub(super) static METADATA: Shape = Shape::Object(METADATA_FIELDS);

const METADATA_FIELDS: &[Field] = &[
    optional("fingerprint", Shape::Text),
    optional(
        "items",
        Shape::List(&Shape::Object(&[
            required("key", Shape::Form("a metadata key", is_metadata_key)),
            required(
                "value",
                Shape::Form("a metadata value of at most 256 KiB", is_metadata_value),
            ),
        ])),
    ),
    ignored("kind"),
];

pub(super) static TAGS: Shape = Shape::Object(TAGS_FIELDS);

const TAGS_FIELDS: &[Field] = &[
    optional("fingerprint", Shape::Text),
    optional("items", Shape::List(&NAME)),
];

const SHIELDED: Shape = Shape::Object(&[
    optional("enableIntegrityMonitoring", Shape::Flag),
    optional("enableSecureBoot", Shape::Flag),
    optional("enableVtpm", Shape::Flag),
]);

pub(super) static INSTANCE: Shape = Shape::Object(&[
    optional(
        "advancedMachineFeatures",
        Shape::Object(&[
            optional("enableNestedVirtualization", Shape::Flag),
            optional("enableUefiNetworking", Shape::Flag),
            optional("threadsPerCore", Shape::Integer(1, 2)),
            optional("visibleCoreCount", Shape::Integer(1, 1000)),
        ]),
    ),
    optional("canIpForward", Shape::Flag),
    optional(
        "confidentialInstanceConfig",
        Shape::Object(&[
            optional(
                "confidentialInstanceType",
                Shape::OneOf(&["SEV", "SEV_SNP", "TDX"]),
            ),
            optional("enableConfidentialCompute", Shape::Flag),
        ]),
    ),
    optional("deletionProtection", Shape::Flag),
    optional("description", Shape::Text),
    required("disks", Shape::List(&ATTACHED_DISK)),
    optional(
        "guestAccelerators",
        Shape::List(&Shape::Object(&[
            required("acceleratorCount", Shape::Integer(1, 16)),
            required("acceleratorType", Shape::Text),
        ])),
    ),
    optional("hostname", Shape::Text),
    optional("keyRevocationActionType", Shape::OneOf(&["NONE", "STOP"])),
    ignored("kind"),
    optional("labels", LABELS),
    required("machineType", Shape::Text),
    optional("metadata", Shape::Object(METADATA_FIELDS)),
    optional("minCpuPlatform", Shape::Text),
    required("name", NAME),
    required("networkInterfaces", Shape::List(&NETWORK_INTERFACE)),
    optional(
        "params",
        Shape::Object(&[optional("resourceManagerTags", Shape::Map(&Shape::Text))]),
    ),
    optional(
        "reservationAffinity",
        Shape::Object(&[
            required(
                "consumeReservationType",
                Shape::OneOf(&["ANY_RESERVATION", "NO_RESERVATION", "SPECIFIC_RESERVATION"]),
            ),
            optional("key", Shape::Text),
            optional("values", TEXTS),
        ]),
    ),
    optional("resourcePolicies", TEXTS),
    optional("scheduling", SCHEDULING),
    optional(
        "serviceAccounts",
        Shape::List(&Shape::Object(&[
            optional("email", Shape::Text),
            optional("scopes", TEXTS),
        ])),
    ),
    optional("shieldedInstanceConfig", SHIELDED),
    optional("tags", Shape::Object(TAGS_FIELDS)),
    ignored("zone"),
]);

pub(super) static IMAGE: Shape = Shape::Object(&[
    optional("architecture", ARCHITECTURE),
    optional("description", Shape::Text),
    optional("deprecated", DEPRECATION),
    optional("diskSizeGb", Shape::Digits(1, 65536)),
    optional("family", NAME),
    optional("guestOsFeatures", Shape::List(&GUEST_FEATURE)),
    optional("imageEncryptionKey", ENCRYPTION_KEY),
    ignored("kind"),
    optional("labels", LABELS),
    optional("licenses", TEXTS),
    required("name", NAME),
    optional("shieldedInstanceInitialState", Shape::Any),
    optional("sourceDisk", Shape::Text),
    optional("sourceImage", Shape::Text),
    optional("sourceType", Shape::OneOf(&["RAW"])),
    optional("storageLocations", TEXTS),
]);

const DEPRECATION: Shape = Shape::Object(DEPRECATION_FIELDS);

pub(super) static DEPRECATION_BODY: Shape = Shape::Object(DEPRECATION_FIELDS);

const DEPRECATION_FIELDS: &[Field] = &[
    optional("deleted", Shape::Text),
    optional("deprecated", Shape::Text),
    optional("obsolete", Shape::Text),
    optional("replacement", Shape::Text),
    optional(
        "state",
        Shape::OneOf(&["ACTIVE", "DELETED", "DEPRECATED", "OBSOLETE"]),
    ),
];

pub(super) static DISK: Shape = Shape::Object(&[
    optional("architecture", ARCHITECTURE),
    optional("description", Shape::Text),
    optional("diskEncryptionKey", ENCRYPTION_KEY),
    optional("guestOsFeatures", Shape::List(&GUEST_FEATURE)),
    ignored("kind"),
    optional("labels", LABELS),
    optional("licenses", TEXTS),
    required("name", NAME),
    optional("provisionedIops", Shape::Digits(1, 1_000_000)),
    optional("provisionedThroughput", Shape::Digits(1, 100_000)),
    optional("sizeGb", Shape::Digits(1, 65536)),
    optional("sourceImage", Shape::Text),
    optional("type", Shape::Text),
    ignored("zone"),
]);

static RULE: Shape = Shape::Object(&[
    required(
        "IPProtocol",
        Shape::OneOf(&["tcp", "udp", "icmp", "esp", "ah", "ipip", "sctp", "all"]),
    ),
    optional(
        "ports",
        Shape::List(&Shape::Form("a port or a range of ports", is_ports)),
    ),
]);

pub(super) static FIREWALL: Shape = Shape::Object(&[
    optional("allowed", Shape::List(&RULE)),
    optional("denied", Shape::List(&RULE)),
    optional("description", Shape::Text),
    optional(
        "destinationRanges",
        Shape::List(&Shape::Form("a range of addresses", is_cidr)),
    ),
    optional("direction", Shape::OneOf(&["EGRESS", "INGRESS"])),
    optional("disabled", Shape::Flag),
    ignored("kind"),
    optional("logConfig", Shape::Object(&[optional("enable", Shape::Flag)])),
    required("name", NAME),
    optional("network", Shape::Text),
    optional("priority", Shape::Integer(0, 65535)),
    optional(
        "sourceRanges",
        Shape::List(&Shape::Form("a range of addresses", is_cidr)),
    ),
    optional("sourceTags", Shape::List(&NAME)),
    optional("targetServiceAccounts", TEXTS),
    optional("targetTags", Shape::List(&NAME)),
]);

pub(super) static SET_LABELS: Shape = Shape::Object(&[
    required("labelFingerprint", Shape::Text),
    required("labels", LABELS),
]);

const BINDINGS: Shape = Shape::List(&Shape::Object(&[
    optional(
        "condition",
        Shape::Object(&[
            required("expression", Shape::Text),
            optional("title", Shape::Text),
            optional("description", Shape::Text),
        ]),
    ),
    required(
        "members",
        Shape::List(&Shape::Form(
            "a member that an image can be shared with",
            is_member,
        )),
    ),
    required("role", Shape::Form("a role", is_role)),
]));

pub(super) static SET_POLICY: Shape = Shape::Object(&[required(
    "policy",
    Shape::Object(&[
        optional("bindings", BINDINGS),
        optional("etag", Shape::Text),
        optional("version", Shape::Integer(0, 3)),
    ]),
)]);

pub(super) static TEST_PERMISSIONS: Shape = Shape::Object(&[required("permissions", TEXTS)]);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_labels_follow_googles_rules() {
        for name in ["a", "sindri-dev-20260131120000", &"a".repeat(63)] {
            assert!(is_name(name), "{name}");
        }
        for name in ["", "1a", "A", "a_b", "a.b", "a-", &"a".repeat(64)] {
            assert!(!is_name(name), "{name}");
        }
        assert!(is_label_key("sindri-run_id") && !is_label_key("1a") && !is_label_key("sindri:run"));
        assert!(is_label_value("") && !is_label_value(&"a".repeat(64)) && !is_label_value("1.2"));
    }

    #[test]
    fn an_image_is_never_shared_with_everybody_without_an_account() {
        assert!(is_member("user:a@b.example") && is_member("allAuthenticatedUsers"));
        assert!(!is_member("allUsers") && !is_member("user:nobody"));
    }

    #[test]
    fn ranges_are_checked() {
        assert!(is_cidr("10.0.0.1/32") && is_cidr("::/0") && !is_cidr("10.0.0.1/33") && !is_cidr("me"));
        assert!(is_ports("22") && is_ports("20-25") && !is_ports("25-20") && !is_ports("ssh"));
    }
}
