//! From the command lines of each cloud's tool to the permissions of its account. The addresses say where each cloud lists
//! its permissions; nobody has tried these tables on an account yet.

use crate::contract::CommandRequest;

/// Verb of a command, and what it needs.
type Row = (&'static str, &'static [&'static str]);

/// What a command needs; none when nobody has looked that up.
pub(super) fn of_command(request: &CommandRequest) -> Option<Vec<String>> {
    let verb = request.verb.join(" ");
    let table = match request.tool.as_str() {
        "aws" => return aws(request, &verb),
        // Names of the API are names of permissions, `ecs:RunInstances`.
        "aliyun" => return Some(vec![request.verb.join(":")]),
        "az" => AZ,
        "gcloud" => GCLOUD,
        "oci" => OCI,
        _ => return None,
    };
    let (_, needed) = table.iter().find(|(known, _)| *known == verb)?;
    Some(needed.iter().map(|permission| (*permission).to_owned()).collect())
}

/// `aws ec2 run-instances` is `ec2:RunInstances`; waiting is describing.
fn aws(request: &CommandRequest, verb: &str) -> Option<Vec<String>> {
    let action = match verb {
        "ec2 wait instance-running" | "ec2 wait instance-terminated" => "ec2:DescribeInstances".to_owned(),
        "ec2 wait image-available" => "ec2:DescribeImages".to_owned(),
        _ => {
            let [service, name] = request.verb.as_slice() else {
                return None;
            };
            format!("{service}:{}", camel(name))
        }
    };
    let mut needed = vec![action];
    // Tags that are given on creation are a permission of their own.
    let tags = ["tag-specifications", "copy-image-tags"];
    if request.flags.iter().any(|flag| tags.contains(&flag.as_str())) {
        needed.push("ec2:CreateTags".to_owned());
    }
    Some(needed)
}

fn camel(name: &str) -> String {
    name.split('-')
        .filter_map(|word| {
            let first = word.chars().next()?;
            let rest = word.get(first.len_utf8()..)?;
            Some(format!("{}{rest}", first.to_ascii_uppercase()))
        })
        .collect()
}

/// <https://learn.microsoft.com/azure/role-based-access-control/resource-provider-operations>
const AZ: &[Row] = &[
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

/// <https://cloud.google.com/compute/docs/reference/rest/v1>, "IAM permissions" of each method.
const GCLOUD: &[Row] = &[
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

/// Verb and resource of a statement,
/// <https://docs.oracle.com/iaas/Content/Identity/Reference/corepolicyreference.htm>
const OCI: &[Row] = &[
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

/// What Packer itself does, from the page of each builder below
/// <https://developer.hashicorp.com/packer/integrations>.
pub(super) fn of_builder(name: &str) -> Option<&'static [&'static str]> {
    let row = BUILDERS.iter().find(|(known, _)| *known == name)?;
    Some(row.1)
}

const BUILDERS: &[Row] = &[
    // "IAM Task or Instance Role", and what finding a network and a zone needs.
    (
        "amazon-ebs",
        &[
            "ec2:AttachVolume",
            "ec2:AuthorizeSecurityGroupIngress",
            "ec2:CopyImage",
            "ec2:CreateImage",
            "ec2:CreateKeyPair",
            "ec2:CreateSecurityGroup",
            "ec2:CreateSnapshot",
            "ec2:CreateTags",
            "ec2:CreateVolume",
            "ec2:DeleteKeyPair",
            "ec2:DeleteSecurityGroup",
            "ec2:DeleteSnapshot",
            "ec2:DeleteVolume",
            "ec2:DeregisterImage",
            "ec2:DescribeImageAttribute",
            "ec2:DescribeImages",
            "ec2:DescribeInstanceStatus",
            "ec2:DescribeInstanceTypeOfferings",
            "ec2:DescribeInstances",
            "ec2:DescribeRegions",
            "ec2:DescribeSecurityGroups",
            "ec2:DescribeSnapshots",
            "ec2:DescribeSubnets",
            "ec2:DescribeTags",
            "ec2:DescribeVolumes",
            "ec2:DescribeVpcs",
            "ec2:DetachVolume",
            "ec2:GetPasswordData",
            "ec2:ModifyImageAttribute",
            "ec2:ModifyInstanceAttribute",
            "ec2:ModifySnapshotAttribute",
            "ec2:RegisterImage",
            "ec2:RunInstances",
            "ec2:StopInstances",
            "ec2:TerminateInstances",
        ],
    ),
    // The page asks for Contributor; these are the kinds of resources that the builder makes of it.
    (
        "azure-arm",
        &[
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
        ],
    ),
    // The page asks for Compute Instance Admin (v1) and Service Account User.
    (
        "googlecompute",
        &[
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
        ],
    ),
    // "Using the Oracle builder": instances, images and networks of the compartment.
    (
        "oracle-oci",
        &[
            "manage instance-family",
            "manage instance-images",
            "manage volume-family",
            "use virtual-network-family",
        ],
    ),
    // The calls of the builder's steps.
    (
        "alicloud-ecs",
        &[
            "ecs:AllocatePublicIpAddress",
            "ecs:AttachKeyPair",
            "ecs:AuthorizeSecurityGroup",
            "ecs:AuthorizeSecurityGroupEgress",
            "ecs:CancelCopyImage",
            "ecs:CopyImage",
            "ecs:CreateImage",
            "ecs:CreateInstance",
            "ecs:CreateKeyPair",
            "ecs:CreateSecurityGroup",
            "ecs:CreateSnapshot",
            "ecs:DeleteImage",
            "ecs:DeleteInstance",
            "ecs:DeleteKeyPairs",
            "ecs:DeleteSecurityGroup",
            "ecs:DeleteSnapshot",
            "ecs:DescribeDisks",
            "ecs:DescribeImageFromFamily",
            "ecs:DescribeImages",
            "ecs:DescribeInstanceStatus",
            "ecs:DescribeInstances",
            "ecs:DescribeRegions",
            "ecs:DescribeSecurityGroups",
            "ecs:DescribeSnapshots",
            "ecs:DescribeZones",
            "ecs:DetachKeyPair",
            "ecs:ImportKeyPair",
            "ecs:ModifyImageAttribute",
            "ecs:ModifyImageSharePermission",
            "ecs:StartInstance",
            "ecs:StopInstance",
            "ecs:TagResources",
            "vpc:AllocateEipAddress",
            "vpc:AssociateEipAddress",
            "vpc:CreateVSwitch",
            "vpc:CreateVpc",
            "vpc:DeleteVSwitch",
            "vpc:DeleteVpc",
            "vpc:DescribeEipAddresses",
            "vpc:DescribeVSwitches",
            "vpc:DescribeVpcs",
            "vpc:ReleaseEipAddress",
            "vpc:UnassociateEipAddress",
        ],
    ),
];
