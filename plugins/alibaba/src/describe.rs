//! Who the plugin is and everything it would like to run.

use sindri_plugin_sdk::contract::{Effect, ProviderInfo};
use sindri_plugin_sdk::describe::{Command, Description, Program};

use crate::CONFIG_SCHEMA;

/// Packer's builder.
pub(crate) const BUILDER: &str = "alicloud-ecs";
/// Packer plugin that has the builder since Packer 1.7: local name, address, versions. `image_family` and `run_tags`
/// came with 1.0.1; 1.1.2 is what is tested.
pub(crate) const PACKER_PLUGIN: (&str, &str, &str) =
    ("alicloud", "github.com/hashicorp/alicloud", ">= 1.1.2");

/// Verb, flags, effect: exactly what the plans use, which a test holds against the plans. `N` stands for a number.
const COMMANDS: &[Command] = &[
    ("sts GetCallerIdentity", &[], Effect::Read),
    (
        "ecs DescribeImages",
        &[
            "ImageOwnerAlias",
            "ImageId",
            "ImageName",
            "SnapshotId",
            "Status",
            "Tag.N.Key",
            "Tag.N.Value",
            "PageSize",
            "PageNumber",
        ],
        Effect::Read,
    ),
    ("ecs DescribeImageSharePermission", &["ImageId"], Effect::Read),
    (
        "ecs DescribeAvailableResource",
        &[
            "DestinationResource",
            "InstanceType",
            "SystemDiskCategory",
            "ZoneId",
            "SpotStrategy",
        ],
        Effect::Read,
    ),
    (
        "ecs DescribeInstances",
        &[
            "InstanceIds",
            "InstanceName",
            "Tag.N.Key",
            "Tag.N.Value",
            "PageSize",
            "PageNumber",
        ],
        Effect::Read,
    ),
    (
        "ecs DescribeSnapshots",
        &["InstanceId", "PageSize", "PageNumber"],
        Effect::Read,
    ),
    (
        "ecs DescribeKeyPairs",
        &["KeyPairName", "PageSize", "PageNumber"],
        Effect::Read,
    ),
    (
        "ecs DescribeSecurityGroups",
        &["SecurityGroupName", "VpcId", "PageSize", "PageNumber"],
        Effect::Read,
    ),
    (
        "vpc DescribeVpcs",
        &["VpcId", "VpcName", "PageSize", "PageNumber"],
        Effect::Read,
    ),
    (
        "vpc DescribeVSwitches",
        &["VpcId", "VSwitchId", "PageSize", "PageNumber"],
        Effect::Read,
    ),
    (
        "vpc DescribeEipAddresses",
        &["AllocationId", "PageNumber", "PageSize"],
        Effect::Read,
    ),
    (
        "vpc CreateVpc",
        &["VpcName", "CidrBlock", "ClientToken"],
        Effect::Create,
    ),
    (
        "vpc CreateVSwitch",
        &["VpcId", "ZoneId", "VSwitchName", "CidrBlock", "ClientToken"],
        Effect::Create,
    ),
    (
        "ecs CreateSecurityGroup",
        &[
            "VpcId",
            "SecurityGroupName",
            "Description",
            "Tag.N.Key",
            "Tag.N.Value",
            "ClientToken",
        ],
        Effect::Create,
    ),
    (
        "ecs AuthorizeSecurityGroup",
        &[
            "SecurityGroupId",
            "IpProtocol",
            "PortRange",
            "SourceCidrIp",
            "Description",
        ],
        Effect::Create,
    ),
    (
        "ecs RunInstances",
        &[
            "ImageId",
            "InstanceType",
            "InstanceName",
            "SecurityGroupId",
            "VSwitchId",
            "Amount",
            "HttpEndpoint",
            "HttpTokens",
            "SystemDisk.Category",
            "SystemDisk.Size",
            "SystemDisk.PerformanceLevel",
            "UserData",
            "InternetChargeType",
            "InternetMaxBandwidthOut",
            "SpotStrategy",
            "SpotPriceLimit",
            "Tag.N.Key",
            "Tag.N.Value",
            "ClientToken",
        ],
        Effect::Create,
    ),
    (
        "ecs CopyImage",
        &[
            "ImageId",
            "DestinationRegionId",
            "DestinationImageName",
            "DestinationDescription",
            "Tag.N.Key",
            "Tag.N.Value",
            "ClientToken",
        ],
        Effect::Create,
    ),
    (
        "ecs TagResources",
        &["ResourceType", "ResourceId.N", "Tag.N.Key", "Tag.N.Value"],
        Effect::Create,
    ),
    ("ecs DeleteInstance", &["InstanceId", "Force"], Effect::Destroy),
    ("ecs DeleteKeyPairs", &["KeyPairNames"], Effect::Destroy),
    ("ecs DeleteSecurityGroup", &["SecurityGroupId"], Effect::Destroy),
    ("ecs DeleteImage", &["ImageId"], Effect::Destroy),
    ("ecs DeleteSnapshot", &["SnapshotId"], Effect::Destroy),
    (
        "vpc UnassociateEipAddress",
        &["AllocationId", "InstanceId", "InstanceType"],
        Effect::Destroy,
    ),
    ("vpc ReleaseEipAddress", &["AllocationId"], Effect::Destroy),
    ("vpc DeleteVSwitch", &["VSwitchId"], Effect::Destroy),
    ("vpc DeleteVpc", &["VpcId"], Effect::Destroy),
    (
        "ecs ModifyImageSharePermission",
        &["ImageId", "AddAccount.N", "RemoveAccount.N", "IsPublic"],
        Effect::Publish,
    ),
    (
        "ecs ModifyImageAttribute",
        &["ImageId", "Status", "Description"],
        Effect::Publish,
    ),
];

pub(crate) fn describe() -> ProviderInfo {
    Description {
        id: "alibaba",
        title: "Alibaba Cloud",
        version: env!("CARGO_PKG_VERSION"),
        aliases: &["alicloud"],
        tool: Program {
            name: "aliyun",
            title: "Alibaba Cloud Command Line Interface",
            install_url: "https://www.alibabacloud.com/help/en/cli/install-cli",
            login_hint: "run `aliyun configure`, or set ALICLOUD_ACCESS_KEY and ALICLOUD_SECRET_KEY",
            version_argument: "version",
            minimum_version: Some("3.0.0"),
        },
        builder: BUILDER,
        packer_plugin: PACKER_PLUGIN,
        commands: COMMANDS,
        guest_phases: &[],
        config_schema: CONFIG_SCHEMA,
    }
    .info()
}
