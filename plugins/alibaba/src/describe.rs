//! Who the plugin is and everything it would like to run.

use sindri_plugin_sdk::contract::{
    BuilderRequest, CommandRequest, Effect, PackerPlugin, ProviderInfo, Requests, Tool,
};

use crate::CONFIG_SCHEMA;

/// Packer's builder.
pub(crate) const BUILDER: &str = "alicloud-ecs";
/// Packer plugin that has the builder since Packer 1.7: local name, address, versions. `image_family` and `run_tags`
/// came with 1.0.1; 1.1.2 is what is tested.
pub(crate) const PACKER_PLUGIN: (&str, &str, &str) =
    ("alicloud", "github.com/hashicorp/alicloud", ">= 1.1.2");

/// Verb, flags, effect: exactly what the plans use, which a test holds against the plans. `N` stands for a number.
const COMMANDS: &[(&str, &[&str], Effect)] = &[
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
    ("vpc DescribeEipAddresses", &["AllocationId"], Effect::Read),
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
    let (name, source, version) = PACKER_PLUGIN;
    ProviderInfo {
        id: "alibaba".to_owned(),
        title: "Alibaba Cloud".to_owned(),
        version: env!("CARGO_PKG_VERSION").to_owned(),
        aliases: vec!["alicloud".to_owned()],
        tools: vec![Tool {
            program: "aliyun".to_owned(),
            title: "Alibaba Cloud Command Line Interface".to_owned(),
            install_url: "https://www.alibabacloud.com/help/en/cli/install-cli".to_owned(),
            login_hint: "run `aliyun configure`, or set ALICLOUD_ACCESS_KEY and ALICLOUD_SECRET_KEY"
                .to_owned(),
            version_args: vec!["version".to_owned()],
            minimum_version: Some("3.0.0".to_owned()),
        }],
        requests: Requests {
            builders: vec![BuilderRequest {
                name: BUILDER.to_owned(),
                attributes: Vec::new(),
            }],
            packer_plugins: vec![PackerPlugin {
                name: name.to_owned(),
                source: source.to_owned(),
                version: version.to_owned(),
            }],
            commands: COMMANDS
                .iter()
                .map(|(verb, flags, effect)| command(verb, flags, *effect))
                .collect(),
            guest_phases: Vec::new(),
        },
        config_schema: CONFIG_SCHEMA.to_owned(),
    }
}

fn command(verb: &str, flags: &[&str], effect: Effect) -> CommandRequest {
    CommandRequest {
        tool: "aliyun".to_owned(),
        verb: verb.split(' ').map(str::to_owned).collect(),
        flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
        effect,
    }
}
