//! Azure: operations of resource providers,
//! <https://learn.microsoft.com/azure/role-based-access-control/permissions/compute>.

use super::Row;

pub(super) const COMMANDS: &[Row] = &[
    ("account show", &["Microsoft.Resources/subscriptions/read"]),
    ("group exists", &[GROUP_READ]),
    ("group show", &[GROUP_READ]),
    ("group list", &[GROUP_READ]),
    (
        "group create",
        &["Microsoft.Resources/subscriptions/resourceGroups/write"],
    ),
    (
        "group delete",
        &["Microsoft.Resources/subscriptions/resourceGroups/delete"],
    ),
    ("tag update", &["Microsoft.Resources/tags/write"]),
    ("image list", &["Microsoft.Compute/images/read"]),
    ("image show", &["Microsoft.Compute/images/read"]),
    ("image delete", &["Microsoft.Compute/images/delete"]),
    ("sig show", &["Microsoft.Compute/galleries/read"]),
    (
        "sig image-definition show",
        &["Microsoft.Compute/galleries/images/read"],
    ),
    (
        "sig image-version list",
        &["Microsoft.Compute/galleries/images/versions/read"],
    ),
    (
        "sig image-version show",
        &["Microsoft.Compute/galleries/images/versions/read"],
    ),
    // The tool reads the version, changes it and writes the whole.
    (
        "sig image-version update",
        &[
            "Microsoft.Compute/galleries/images/versions/read",
            "Microsoft.Compute/galleries/images/versions/write",
        ],
    ),
    (
        "sig image-version delete",
        &["Microsoft.Compute/galleries/images/versions/delete"],
    ),
    ("sig share add", SHARE),
    ("sig share remove", SHARE),
    ("sig share enable-community", SHARE),
    ("sig share reset", SHARE),
    ("network vnet list", &["Microsoft.Network/virtualNetworks/read"]),
    (
        "network nsg create",
        &["Microsoft.Network/networkSecurityGroups/write"],
    ),
    (
        "network nsg rule create",
        &["Microsoft.Network/networkSecurityGroups/securityRules/write"],
    ),
    (
        "network nic create",
        &[
            "Microsoft.Network/networkInterfaces/write",
            "Microsoft.Network/networkSecurityGroups/join/action",
            "Microsoft.Network/virtualNetworks/subnets/join/action",
        ],
    ),
    // The tool writes a deployment that makes the machine, its interface, address and network.
    (
        "vm create",
        &[
            "Microsoft.Compute/disks/write",
            "Microsoft.Compute/virtualMachines/read",
            "Microsoft.Compute/virtualMachines/write",
            "Microsoft.Network/networkInterfaces/join/action",
            "Microsoft.Network/networkInterfaces/read",
            "Microsoft.Network/networkInterfaces/write",
            "Microsoft.Network/networkSecurityGroups/join/action",
            "Microsoft.Network/networkSecurityGroups/read",
            "Microsoft.Network/networkSecurityGroups/write",
            "Microsoft.Network/publicIPAddresses/join/action",
            "Microsoft.Network/publicIPAddresses/read",
            "Microsoft.Network/publicIPAddresses/write",
            "Microsoft.Network/virtualNetworks/read",
            "Microsoft.Network/virtualNetworks/subnets/join/action",
            "Microsoft.Network/virtualNetworks/write",
            "Microsoft.Resources/deployments/operationstatuses/read",
            "Microsoft.Resources/deployments/read",
            "Microsoft.Resources/deployments/validate/action",
            "Microsoft.Resources/deployments/write",
        ],
    ),
];
const GROUP_READ: &str = "Microsoft.Resources/subscriptions/resourceGroups/read";
const SHARE: &[&str] = &[
    "Microsoft.Compute/galleries/read",
    "Microsoft.Compute/galleries/share/action",
    "Microsoft.Compute/galleries/write",
];

/// The page asks for Contributor; these are the kinds of resources that the builder makes of it.
pub(super) const BUILDER: &[&str] = &[
    "Microsoft.Compute/disks/*",
    "Microsoft.Compute/galleries/images/read",
    "Microsoft.Compute/galleries/images/versions/*",
    "Microsoft.Compute/galleries/read",
    "Microsoft.Compute/images/*",
    "Microsoft.Compute/virtualMachines/*",
    "Microsoft.Network/networkInterfaces/*",
    "Microsoft.Network/networkSecurityGroups/*",
    "Microsoft.Network/publicIPAddresses/*",
    "Microsoft.Network/virtualNetworks/*",
    "Microsoft.Resources/deployments/*",
    "Microsoft.Resources/subscriptions/resourceGroups/*",
];
