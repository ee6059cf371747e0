//! Google Cloud: permissions of Compute Engine, <https://cloud.google.com/compute/docs/reference/rest/v1>, "IAM permissions"
//! of each method.

use super::Row;

pub(super) const COMMANDS: &[Row] = &[
    // Looks at the machine's own login.
    ("auth list", &[]),
    ("compute zones describe", &["compute.zones.get"]),
    ("compute images list", &["compute.images.list"]),
    ("compute images describe", &["compute.images.get"]),
    ("compute images get-iam-policy", &["compute.images.getIamPolicy"]),
    ("compute instances list", &["compute.instances.list"]),
    ("compute instances describe", &["compute.instances.get"]),
    ("compute disks list", &["compute.disks.list"]),
    ("compute firewall-rules list", &["compute.firewalls.list"]),
    ("compute networks subnets describe", &["compute.subnetworks.get"]),
    (
        "compute firewall-rules create",
        &[
            "compute.firewalls.create",
            "compute.globalOperations.get",
            "compute.networks.updatePolicy",
        ],
    ),
    (
        "compute instances create",
        &[
            "compute.disks.create",
            "compute.images.useReadOnly",
            "compute.instances.create",
            "compute.instances.setLabels",
            "compute.instances.setMetadata",
            "compute.instances.setServiceAccount",
            "compute.instances.setTags",
            "compute.subnetworks.use",
            "compute.subnetworks.useExternalIp",
            "compute.zoneOperations.get",
        ],
    ),
    (
        "compute images update",
        &[
            "compute.globalOperations.get",
            "compute.images.get",
            "compute.images.setLabels",
            "compute.images.update",
        ],
    ),
    (
        "compute instances delete",
        &["compute.instances.delete", "compute.zoneOperations.get"],
    ),
    (
        "compute disks delete",
        &["compute.disks.delete", "compute.zoneOperations.get"],
    ),
    (
        "compute firewall-rules delete",
        &[
            "compute.firewalls.delete",
            "compute.globalOperations.get",
            "compute.networks.updatePolicy",
        ],
    ),
    (
        "compute images delete",
        &["compute.globalOperations.get", "compute.images.delete"],
    ),
    ("compute images add-iam-policy-binding", BIND),
    ("compute images remove-iam-policy-binding", BIND),
    (
        "compute images deprecate",
        &["compute.globalOperations.get", "compute.images.deprecate"],
    ),
];
const BIND: &[&str] = &["compute.images.getIamPolicy", "compute.images.setIamPolicy"];

/// The page asks for Compute Instance Admin (v1) and Service Account User.
pub(super) const BUILDER: &[&str] = &[
    "compute.disks.create",
    "compute.disks.delete",
    "compute.disks.get",
    "compute.disks.use",
    "compute.disks.useReadOnly",
    "compute.globalOperations.get",
    "compute.images.create",
    "compute.images.delete",
    "compute.images.get",
    "compute.images.getFromFamily",
    "compute.images.list",
    "compute.images.setLabels",
    "compute.images.useReadOnly",
    "compute.instances.create",
    "compute.instances.delete",
    "compute.instances.get",
    "compute.instances.getSerialPortOutput",
    "compute.instances.setLabels",
    "compute.instances.setMetadata",
    "compute.instances.setServiceAccount",
    "compute.instances.setTags",
    "compute.machineTypes.get",
    "compute.networks.get",
    "compute.networks.use",
    "compute.projects.get",
    "compute.subnetworks.get",
    "compute.subnetworks.use",
    "compute.subnetworks.useExternalIp",
    "compute.zoneOperations.get",
    "compute.zones.get",
];
