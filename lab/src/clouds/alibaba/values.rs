//! What the values of parameters may be. The same name means the same in nearly every action.

use super::failure::Failure;
use crate::World;

enum Form {
    Flag,
    Number(u64, u64),
    OneOf(&'static [&'static str]),
    /// The same in any case of letters.
    AnyCase(&'static [&'static str]),
    /// Several of these, with commas between.
    Some(&'static [&'static str]),
    /// At most so many characters of ASCII.
    Ascii(usize),
    /// Whatever its action makes of it.
    Text,
}

pub(super) const DISK_CATEGORIES: &[&str] = &[
    "cloud",
    "cloud_auto",
    "cloud_efficiency",
    "cloud_essd",
    "cloud_essd_entry",
    "cloud_ssd",
    "ephemeral_ssd",
];

const IMAGE_STATES: &[&str] = &[
    "Available",
    "CreateFailed",
    "Creating",
    "Deprecated",
    "UnAvailable",
    "Waiting",
];

fn form(action: &str, parameter: &str) -> Form {
    match (action, parameter) {
        ("DescribeImages", "Status") => Form::Some(IMAGE_STATES),
        ("ModifyImageAttribute", "Status") => Form::OneOf(&["Available", "Deprecated"]),
        ("DescribeInstances", "Status") => {
            Form::OneOf(&["Pending", "Running", "Starting", "Stopped", "Stopping"])
        }
        ("DescribeSnapshots", "Status") => Form::OneOf(&["accomplished", "all", "failed", "progressing"]),
        ("DescribeDisks", "Status") => Form::OneOf(&[
            "All",
            "Attaching",
            "Available",
            "Creating",
            "Detaching",
            "In_use",
            "ReIniting",
        ]),
        ("DescribeEipAddresses", "Status") => {
            Form::OneOf(&["Associating", "Available", "InUse", "Releasing", "Unassociating"])
        }
        ("TagResources" | "UntagResources" | "AddTags", "ResourceType") => Form::OneOf(&[
            "disk",
            "image",
            "instance",
            "keypair",
            "securitygroup",
            "snapshot",
        ]),
        ("AssociateEipAddress" | "UnassociateEipAddress", "InstanceType") => Form::OneOf(&["EcsInstance"]),
        ("DescribeImages" | "DescribeInstances" | "DescribeSnapshots" | "DescribeDisks", "PageSize") => {
            Form::Number(1, 100)
        }
        (_, "PageSize") => Form::Number(1, 50),
        (_, "PageNumber") => Form::Number(1, u64::MAX),
        (_, "Amount" | "MinAmount") => Form::Number(1, 100),
        (_, "InternetMaxBandwidthOut") => Form::Number(0, 100),
        (_, "InternetMaxBandwidthIn" | "Bandwidth") => Form::Number(1, 200),
        (_, "SystemDisk.Size") => Form::Number(20, 2048),
        (_, "Priority") => Form::Number(1, 100),
        (
            _,
            "All"
            | "ConfirmStop"
            | "Encrypted"
            | "Force"
            | "ForceStop"
            | "IncludePublicKey"
            | "IsDefault"
            | "IsPublic"
            | "ShowExpired"
            | "TerminateSubscription"
            | "Verbose",
        ) => Form::Flag,
        (_, "Format") => Form::AnyCase(&["JSON"]),
        (_, "ClientToken") => Form::Ascii(64),
        (_, "Architecture") => Form::OneOf(&["arm64", "i386", "x86_64"]),
        (_, "BootMode") => Form::OneOf(&["BIOS", "UEFI", "UEFI-Preferred"]),
        (_, "DestinationResource") => Form::OneOf(&[
            "DataDisk",
            "InstanceType",
            "IoOptimized",
            "Network",
            "SystemDisk",
            "Zone",
            "ddh",
        ]),
        (_, "DiskType") => Form::OneOf(&["all", "data", "system"]),
        (_, "HttpEndpoint") => Form::OneOf(&["disabled", "enabled"]),
        (_, "HttpTokens") => Form::OneOf(&["optional", "required"]),
        (_, "ImageOwnerAlias") => Form::OneOf(&["marketplace", "others", "self", "system"]),
        (_, "InstanceChargeType") => Form::OneOf(&["PostPaid", "PrePaid"]),
        (_, "InternetChargeType") => Form::OneOf(&["PayByBandwidth", "PayByTraffic"]),
        (_, "IoOptimized") => Form::OneOf(&["none", "optimized"]),
        (_, "IpProtocol") => Form::AnyCase(&["ALL", "GRE", "ICMP", "ICMPv6", "TCP", "UDP"]),
        (_, "NicType") => Form::OneOf(&["internet", "intranet"]),
        (_, "OSType") => Form::OneOf(&["linux", "windows"]),
        (_, "Policy") => Form::AnyCase(&["accept", "drop"]),
        (_, "SecurityEnhancementStrategy") => Form::OneOf(&["Active", "Deactive"]),
        (_, "SecurityGroupType") => Form::OneOf(&["enterprise", "normal"]),
        (_, "SpotStrategy") => Form::OneOf(&["NoSpot", "SpotAsPriceGo", "SpotWithPriceLimit"]),
        (_, "StoppedMode") => Form::OneOf(&["KeepCharging", "StopCharging"]),
        (_, "SystemDisk.Category" | "SystemDiskCategory") => Form::OneOf(DISK_CATEGORIES),
        (_, "SystemDisk.PerformanceLevel") => Form::OneOf(&["PL0", "PL1", "PL2", "PL3"]),
        (_, "Usage") => Form::OneOf(&["instance", "none"]),
        _ => Form::Text,
    }
}

/// Refuses a value that is not of its parameter's form. An empty one is none.
pub(super) fn check(action: &str, parameter: &str, value: &str, world: &mut World) -> Result<(), Failure> {
    if value.is_empty() {
        return Ok(());
    }
    let wrong = match form(action, parameter) {
        Form::Flag => (!["true", "false"].contains(&value)).then(|| "neither true nor false".to_owned()),
        Form::Number(least, most) => {
            let fits = value.parse().is_ok_and(|number| (least..=most).contains(&number));
            (!fits).then(|| format!("{value:?} is no number from {least} to {most}"))
        }
        Form::OneOf(names) => (!names.contains(&value)).then(|| none_of(value, names)),
        Form::AnyCase(names) => {
            let known = names.iter().any(|name| name.eq_ignore_ascii_case(value));
            (!known).then(|| none_of(value, names))
        }
        Form::Some(names) => {
            let unknown = value.split(',').find(|part| !names.contains(part));
            unknown.map(|part| none_of(part, names))
        }
        Form::Ascii(most) => (value.len() > most || !value.is_ascii())
            .then(|| format!("{value:?} is not ASCII of at most {most} characters")),
        Form::Text => None,
    };
    wrong.map_or(Ok(()), |detail| Err(Failure::invalid(world, parameter, &detail)))
}

fn none_of(value: &str, names: &[&str]) -> String {
    format!("{value:?} is none of {}", names.join(", "))
}
