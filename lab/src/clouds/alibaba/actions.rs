//! The actions, with the parameters that they take.
//!
//! Source: the API reference of ECS 2014-05-26 and VPC 2016-04-28. Of parameters that the API has and the lab does not
//! know, each is refused as well: a client that uses one has to be looked at first. Required are also those that
//! only a VPC demands. `#` stands for a number.

use serde_json::Value;

use super::Alibaba;
use super::call::{Call, Product};
use super::failure::Failure;
use crate::{Rule, World};

type Answer = fn(&mut Alibaba, &Call, &mut World) -> Result<Value, Failure>;

/// An action of a product.
pub(super) struct Action {
    product: Product,
    pub(super) name: &'static str,
    required: &'static [&'static str],
    optional: &'static [&'static str],
    pub(super) answer: Answer,
}

const fn ecs(
    name: &'static str,
    required: &'static [&'static str],
    optional: &'static [&'static str],
    answer: Answer,
) -> Action {
    Action {
        product: Product::Ecs,
        name,
        required,
        optional,
        answer,
    }
}

const fn vpc(
    name: &'static str,
    required: &'static [&'static str],
    optional: &'static [&'static str],
    answer: Answer,
) -> Action {
    Action {
        product: Product::Vpc,
        name,
        required,
        optional,
        answer,
    }
}

/// In every request; the SDKs send a region whether or not the action has one.
const COMMON: [&str; 12] = [
    "AccessKeyId",
    "Action",
    "Format",
    "RegionId",
    "SecurityToken",
    "Signature",
    "SignatureMethod",
    "SignatureNonce",
    "SignatureType",
    "SignatureVersion",
    "Timestamp",
    "Version",
];

const INSTANCE: &[&str] = &[
    "ClientToken",
    "Description",
    "HttpEndpoint",
    "HttpTokens",
    "ImageFamily",
    "ImageId",
    "InstanceChargeType",
    "InstanceName",
    "InternetChargeType",
    "InternetMaxBandwidthIn",
    "InternetMaxBandwidthOut",
    "IoOptimized",
    "KeyPairName",
    "SecurityEnhancementStrategy",
    "SpotPriceLimit",
    "SpotStrategy",
    "SystemDisk.Category",
    "SystemDisk.Description",
    "SystemDisk.DiskName",
    "SystemDisk.PerformanceLevel",
    "SystemDisk.Size",
    "Tag.#.Key",
    "Tag.#.Value",
    "UserData",
    "ZoneId",
];

const RUN: &[&str] = &["Amount", "AutoReleaseTime", "MinAmount"];

const RULE: &[&str] = &["ClientToken", "Description", "NicType", "Policy", "Priority"];

/// Every action that the lab has.
static ACTIONS: &[Action] = &[
    Action {
        product: Product::Sts,
        name: "GetCallerIdentity",
        required: &[],
        optional: &[],
        answer: |_, _, _| Ok(super::caller()),
    },
    Action {
        product: Product::Location,
        name: "DescribeEndpoints",
        required: &["Id", "ServiceCode"],
        optional: &["Type"],
        answer: |_, call, _| Ok(super::catalog::endpoints(call)),
    },
    ecs(
        "DescribeRegions",
        &[],
        &["AcceptLanguage", "InstanceChargeType", "ResourceType"],
        |_, _, _| Ok(super::catalog::regions()),
    ),
    ecs(
        "DescribeZones",
        &["RegionId"],
        &["AcceptLanguage", "InstanceChargeType", "SpotStrategy", "Verbose"],
        |_, call, _| Ok(super::catalog::zones(call)),
    ),
    ecs(
        "DescribeAvailableResource",
        &["RegionId", "DestinationResource"],
        &[
            "InstanceChargeType",
            "InstanceType",
            "IoOptimized",
            "NetworkCategory",
            "ResourceType",
            "SpotStrategy",
            "SystemDiskCategory",
            "ZoneId",
        ],
        |_, call, world| super::catalog::available(call, world),
    ),
    ecs(
        "DescribeImages",
        &["RegionId"],
        &[
            "Architecture",
            "ImageFamily",
            "ImageId",
            "ImageName",
            "ImageOwnerAlias",
            "IsPublic",
            "OSType",
            "PageNumber",
            "PageSize",
            "ShowExpired",
            "SnapshotId",
            "Status",
            "Tag.#.Key",
            "Tag.#.Value",
            "Usage",
        ],
        Alibaba::describe_images,
    ),
    ecs(
        "DescribeImageFromFamily",
        &["RegionId", "ImageFamily"],
        &[],
        Alibaba::describe_image_from_family,
    ),
    ecs(
        "CreateImage",
        &["RegionId"],
        &[
            "Architecture",
            "BootMode",
            "ClientToken",
            "Description",
            "ImageFamily",
            "ImageName",
            "ImageVersion",
            "InstanceId",
            "SnapshotId",
            "Tag.#.Key",
            "Tag.#.Value",
        ],
        Alibaba::create_image,
    ),
    ecs(
        "DeleteImage",
        &["RegionId", "ImageId"],
        &["Force"],
        Alibaba::delete_image,
    ),
    ecs(
        "ModifyImageAttribute",
        &["RegionId", "ImageId"],
        &["Description", "ImageFamily", "ImageName", "Status"],
        Alibaba::modify_image,
    ),
    ecs(
        "ModifyImageSharePermission",
        &["RegionId", "ImageId"],
        &["AddAccount.#", "IsPublic", "LaunchPermission", "RemoveAccount.#"],
        Alibaba::share_image,
    ),
    ecs(
        "DescribeImageSharePermission",
        &["RegionId", "ImageId"],
        &["PageNumber", "PageSize"],
        Alibaba::describe_shares,
    ),
    ecs(
        "CopyImage",
        &["RegionId", "ImageId"],
        &[
            "ClientToken",
            "DestinationDescription",
            "DestinationImageName",
            "DestinationRegionId",
            "Encrypted",
            "Tag.#.Key",
            "Tag.#.Value",
        ],
        Alibaba::copy_image,
    ),
    ecs(
        "CancelCopyImage",
        &["RegionId", "ImageId"],
        &[],
        Alibaba::cancel_copy,
    ),
    ecs(
        "CreateSnapshot",
        &["DiskId"],
        &[
            "ClientToken",
            "Description",
            "SnapshotName",
            "Tag.#.Key",
            "Tag.#.Value",
        ],
        Alibaba::create_snapshot,
    ),
    ecs(
        "DescribeSnapshots",
        &["RegionId"],
        &[
            "DiskId",
            "InstanceId",
            "PageNumber",
            "PageSize",
            "SnapshotIds",
            "SnapshotName",
            "Status",
            "Tag.#.Key",
            "Tag.#.Value",
        ],
        Alibaba::describe_snapshots,
    ),
    ecs(
        "DeleteSnapshot",
        &["SnapshotId"],
        &["Force"],
        Alibaba::delete_snapshot,
    ),
    ecs(
        "DescribeDisks",
        &["RegionId"],
        &[
            "DiskIds",
            "DiskType",
            "InstanceId",
            "PageNumber",
            "PageSize",
            "Status",
            "Tag.#.Key",
            "Tag.#.Value",
        ],
        Alibaba::describe_disks,
    ),
    ecs(
        "CreateKeyPair",
        &["RegionId", "KeyPairName"],
        &["Tag.#.Key", "Tag.#.Value"],
        Alibaba::create_key_pair,
    ),
    ecs(
        "ImportKeyPair",
        &["RegionId", "KeyPairName", "PublicKeyBody"],
        &["Tag.#.Key", "Tag.#.Value"],
        Alibaba::import_key_pair,
    ),
    ecs(
        "DescribeKeyPairs",
        &["RegionId"],
        &[
            "IncludePublicKey",
            "KeyPairName",
            "PageNumber",
            "PageSize",
            "Tag.#.Key",
            "Tag.#.Value",
        ],
        Alibaba::describe_key_pairs,
    ),
    ecs(
        "DeleteKeyPairs",
        &["RegionId", "KeyPairNames"],
        &[],
        Alibaba::delete_key_pairs,
    ),
    ecs(
        "AttachKeyPair",
        &["RegionId", "InstanceIds", "KeyPairName"],
        &[],
        Alibaba::attach_key_pair,
    ),
    ecs(
        "DetachKeyPair",
        &["RegionId", "InstanceIds", "KeyPairName"],
        &[],
        Alibaba::detach_key_pair,
    ),
    ecs(
        "CreateInstance",
        &["RegionId", "InstanceType", "SecurityGroupId", "VSwitchId"],
        INSTANCE,
        |alibaba, call, world| alibaba.make_instances(call, world),
    ),
    ecs(
        "RunInstances",
        &["RegionId", "InstanceType", "SecurityGroupId", "VSwitchId"],
        INSTANCE,
        |alibaba, call, world| alibaba.make_instances(call, world),
    ),
    ecs(
        "DescribeInstances",
        &["RegionId"],
        &[
            "InstanceIds",
            "InstanceName",
            "PageNumber",
            "PageSize",
            "Status",
            "Tag.#.Key",
            "Tag.#.Value",
            "VSwitchId",
            "VpcId",
        ],
        Alibaba::describe_instances,
    ),
    ecs("StartInstance", &["InstanceId"], &[], Alibaba::start_instance),
    ecs(
        "StopInstance",
        &["InstanceId"],
        &["ConfirmStop", "ForceStop", "StoppedMode"],
        Alibaba::stop_instance,
    ),
    ecs(
        "DeleteInstance",
        &["InstanceId"],
        &["Force", "TerminateSubscription"],
        Alibaba::delete_instances,
    ),
    ecs(
        "DeleteInstances",
        &["RegionId", "InstanceId.#"],
        &["ClientToken", "Force", "TerminateSubscription"],
        Alibaba::delete_instances,
    ),
    ecs(
        "AllocatePublicIpAddress",
        &["InstanceId"],
        &[],
        Alibaba::allocate_public_address,
    ),
    ecs(
        "CreateSecurityGroup",
        &["RegionId", "VpcId"],
        &[
            "ClientToken",
            "Description",
            "SecurityGroupName",
            "SecurityGroupType",
            "Tag.#.Key",
            "Tag.#.Value",
        ],
        Alibaba::create_group,
    ),
    ecs(
        "DescribeSecurityGroups",
        &["RegionId"],
        &[
            "PageNumber",
            "PageSize",
            "SecurityGroupId",
            "SecurityGroupName",
            "Tag.#.Key",
            "Tag.#.Value",
            "VpcId",
        ],
        Alibaba::describe_groups,
    ),
    ecs(
        "AuthorizeSecurityGroup",
        &[
            "RegionId",
            "SecurityGroupId",
            "IpProtocol",
            "PortRange",
            "SourceCidrIp",
        ],
        RULE,
        Alibaba::authorize_group,
    ),
    ecs(
        "AuthorizeSecurityGroupEgress",
        &[
            "RegionId",
            "SecurityGroupId",
            "IpProtocol",
            "PortRange",
            "DestCidrIp",
        ],
        RULE,
        Alibaba::authorize_group,
    ),
    ecs(
        "DeleteSecurityGroup",
        &["RegionId", "SecurityGroupId"],
        &[],
        Alibaba::delete_group,
    ),
    ecs(
        "TagResources",
        &["RegionId", "ResourceType", "ResourceId.#", "Tag.#.Key"],
        &["Tag.#.Value"],
        Alibaba::tag_resources,
    ),
    ecs(
        "AddTags",
        &["RegionId", "ResourceType", "ResourceId", "Tag.#.Key"],
        &["Tag.#.Value"],
        Alibaba::tag_resources,
    ),
    ecs(
        "UntagResources",
        &["RegionId", "ResourceType", "ResourceId.#"],
        &["All", "TagKey.#"],
        Alibaba::untag_resources,
    ),
    // The network as ECS once had it, which Packer still uses: the same with fewer parameters.
    ecs(
        "CreateVpc",
        &["RegionId"],
        &["CidrBlock", "ClientToken", "Description", "VpcName"],
        Alibaba::create_vpc,
    ),
    ecs(
        "DescribeVpcs",
        &["RegionId"],
        &["IsDefault", "PageNumber", "PageSize", "VpcId"],
        Alibaba::describe_vpcs,
    ),
    ecs("DeleteVpc", &["VpcId"], &[], Alibaba::delete_vpc),
    ecs(
        "CreateVSwitch",
        &["CidrBlock", "VpcId", "ZoneId"],
        &["ClientToken", "Description", "VSwitchName"],
        Alibaba::create_vswitch,
    ),
    ecs(
        "DescribeVSwitches",
        &[],
        &[
            "IsDefault",
            "PageNumber",
            "PageSize",
            "VSwitchId",
            "VpcId",
            "ZoneId",
        ],
        Alibaba::describe_vswitches,
    ),
    ecs("DeleteVSwitch", &["VSwitchId"], &[], Alibaba::delete_vswitch),
    ecs(
        "AllocateEipAddress",
        &["RegionId"],
        &["Bandwidth", "ClientToken", "ISP", "InternetChargeType"],
        Alibaba::allocate_eip,
    ),
    ecs(
        "AssociateEipAddress",
        &["AllocationId", "InstanceId"],
        &["InstanceType"],
        Alibaba::associate_eip,
    ),
    ecs(
        "UnassociateEipAddress",
        &["AllocationId", "InstanceId"],
        &["InstanceType"],
        Alibaba::unassociate_eip,
    ),
    ecs("ReleaseEipAddress", &["AllocationId"], &[], Alibaba::release_eip),
    ecs(
        "DescribeEipAddresses",
        &["RegionId"],
        &["AllocationId", "EipAddress", "PageNumber", "PageSize", "Status"],
        Alibaba::describe_eips,
    ),
    vpc(
        "CreateVpc",
        &["RegionId"],
        &[
            "CidrBlock",
            "ClientToken",
            "Description",
            "Tag.#.Key",
            "Tag.#.Value",
            "VpcName",
        ],
        Alibaba::create_vpc,
    ),
    vpc(
        "DescribeVpcs",
        &["RegionId"],
        &[
            "IsDefault",
            "PageNumber",
            "PageSize",
            "Tag.#.Key",
            "Tag.#.Value",
            "VpcId",
            "VpcName",
        ],
        Alibaba::describe_vpcs,
    ),
    vpc("DeleteVpc", &["VpcId"], &[], Alibaba::delete_vpc),
    vpc(
        "CreateVSwitch",
        &["CidrBlock", "VpcId", "ZoneId"],
        &[
            "ClientToken",
            "Description",
            "Tag.#.Key",
            "Tag.#.Value",
            "VSwitchName",
        ],
        Alibaba::create_vswitch,
    ),
    vpc(
        "DescribeVSwitches",
        &[],
        &[
            "IsDefault",
            "PageNumber",
            "PageSize",
            "Tag.#.Key",
            "Tag.#.Value",
            "VSwitchId",
            "VSwitchName",
            "VpcId",
            "ZoneId",
        ],
        Alibaba::describe_vswitches,
    ),
    vpc("DeleteVSwitch", &["VSwitchId"], &[], Alibaba::delete_vswitch),
    vpc(
        "AllocateEipAddress",
        &["RegionId"],
        &["Bandwidth", "ClientToken", "ISP", "InternetChargeType", "Name"],
        Alibaba::allocate_eip,
    ),
    vpc(
        "AssociateEipAddress",
        &["AllocationId", "InstanceId"],
        &["ClientToken", "InstanceType"],
        Alibaba::associate_eip,
    ),
    vpc(
        "UnassociateEipAddress",
        &["AllocationId"],
        &["ClientToken", "InstanceId", "InstanceType"],
        Alibaba::unassociate_eip,
    ),
    vpc("ReleaseEipAddress", &["AllocationId"], &[], Alibaba::release_eip),
    vpc(
        "DescribeEipAddresses",
        &["RegionId"],
        &[
            "AllocationId",
            "EipAddress",
            "PageNumber",
            "PageSize",
            "Status",
            "Tag.#.Key",
            "Tag.#.Value",
        ],
        Alibaba::describe_eips,
    ),
];

/// The action that a call names.
pub(super) fn named(call: &Call) -> Option<&'static Action> {
    let name = call.text("Action");
    ACTIONS
        .iter()
        .find(|action| action.product == call.product && action.name == name)
}

impl Action {
    /// Refuses parameters that the action has not, values of the wrong form, and the lack of what it demands.
    pub(super) fn check(&self, call: &Call, world: &mut World) -> Result<(), Failure> {
        let run: &[&str] = if self.name == "RunInstances" { RUN } else { &[] };
        let mut given = Vec::new();
        for (name, value) in &call.parameters {
            let general = general(name);
            let all = [&COMMON, self.required, self.optional, run];
            if !all.iter().any(|names| names.contains(&general.as_str())) {
                world.violation(
                    Rule::UnknownField,
                    format!("{name}: unknown parameter of {}", self.name),
                );
                return Err(Failure::new(
                    400,
                    "InvalidParameter",
                    format!("The parameter \"{name}\" is not a parameter of {}.", self.name),
                ));
            }
            if given.contains(&name) {
                return Err(Failure::invalid(world, name, "it is there twice"));
            }
            given.push(name);
            super::values::check(self.name, &general, value, world)?;
        }
        let missing = self.required.iter().find(|wanted| {
            let has = |(name, value): &(String, String)| general(name) == **wanted && !value.is_empty();
            !call.parameters.iter().any(has)
        });
        missing.map_or(Ok(()), |name| Err(Failure::missing(world, name)))
    }
}

/// `Tag.3.Key` as `Tag.#.Key`.
fn general(name: &str) -> String {
    let is_number = |part: &str| part.parse().is_ok_and(|number: u16| number > 0);
    let parts = name
        .split('.')
        .map(|part| if is_number(part) { "#" } else { part });
    parts.collect::<Vec<_>>().join(".")
}
