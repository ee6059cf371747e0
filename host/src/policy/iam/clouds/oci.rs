//! Oracle: verb and resource of a statement,
//! <https://docs.oracle.com/iaas/Content/Identity/Reference/corepolicyreference.htm>.

use super::Row;

pub(super) const COMMANDS: &[Row] = &[
    ("iam region list", &[]),
    ("iam availability-domain list", &["inspect compartments"]),
    ("os ns get", &["inspect buckets"]),
    ("os object list", &["inspect objects"]),
    ("os object copy", &["manage objects", "read buckets"]),
    ("os object delete", &["manage objects"]),
    ("network subnet get", &["read subnets"]),
    ("network nsg list", &["inspect network-security-groups"]),
    (
        "network nsg create",
        &["manage network-security-groups", "manage vcns"],
    ),
    ("network nsg rules add", &["manage network-security-groups"]),
    (
        "network nsg delete",
        &["manage network-security-groups", "manage vcns"],
    ),
    ("compute shape list", &["inspect instances"]),
    ("compute image list", &["inspect instance-images"]),
    ("compute image get", &["read instance-images"]),
    ("compute image update", &["use instance-images"]),
    ("compute image delete", &["manage instance-images"]),
    (
        "compute image import from-object",
        &["manage instance-images", "read objects"],
    ),
    (
        "compute image export to-object",
        &["manage objects", "read buckets", "use instance-images"],
    ),
    (
        "compute image-shape-compatibility-entry list",
        &["read instance-images"],
    ),
    (
        "compute image-capability-schema list",
        &["inspect compute-image-capability-schema"],
    ),
    (
        "compute image-capability-schema delete",
        &["manage compute-image-capability-schema"],
    ),
    ("compute instance get", &["read instances"]),
    ("compute instance list", &["read instances"]),
    (
        "compute instance list-vnics",
        &["inspect vnic-attachments", "read vnics"],
    ),
    (
        "compute instance launch",
        &[
            "manage instances",
            "read instance-images",
            "use network-security-groups",
            "use subnets",
            "use vnics",
        ],
    ),
    (
        "compute instance terminate",
        &[
            "manage instances",
            "manage volume-attachments",
            "use subnets",
            "use vnics",
        ],
    ),
];

/// "Using the Oracle builder": instances, images and networks of the compartment.
pub(super) const BUILDER: &[&str] = &[
    "manage instance-family",
    "manage instance-images",
    "manage volume-family",
    "use virtual-network-family",
];
