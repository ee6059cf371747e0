//! What removes each kind of thing, and how Alibaba Cloud says that it is gone or still held.

use sindri_plugin_sdk::removal::{self, Progress, Target};
use sindri_plugin_sdk::{Command, History};

use crate::config::Config;

use super::{id_list, in_region};

/// Seconds between attempts. A network interface is let go some ten seconds after its instance is gone.
const PAUSE: u32 = 5;

/// A kind of thing that runs leave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Eip,
    Instance,
    KeyPair,
    SecurityGroup,
    VSwitch,
    Vpc,
    Image,
    Snapshot,
}

impl Kind {
    /// What users read.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Eip => "eip",
            Self::Instance => "instance",
            Self::KeyPair => "key-pair",
            Self::SecurityGroup => "security-group",
            Self::VSwitch => "vswitch",
            Self::Vpc => "vpc",
            Self::Image => "image",
            Self::Snapshot => "snapshot",
        }
    }

    fn command(self, id: &str) -> Command {
        let destroy = |product, action| Command::destroy("aliyun", [product, action]);
        match self {
            Self::Eip => destroy("vpc", "ReleaseEipAddress").flag("AllocationId", id),
            // Also while it runs.
            Self::Instance => destroy("ecs", "DeleteInstance")
                .flag("InstanceId", id)
                .flag("Force", "true"),
            Self::KeyPair => destroy("ecs", "DeleteKeyPairs").flag("KeyPairNames", id_list([id])),
            Self::SecurityGroup => destroy("ecs", "DeleteSecurityGroup").flag("SecurityGroupId", id),
            Self::VSwitch => destroy("vpc", "DeleteVSwitch").flag("VSwitchId", id),
            Self::Vpc => destroy("vpc", "DeleteVpc").flag("VpcId", id),
            // Not by force: that would take an image away from under the instances that were made of it.
            Self::Image => destroy("ecs", "DeleteImage").flag("ImageId", id),
            Self::Snapshot => destroy("ecs", "DeleteSnapshot").flag("SnapshotId", id),
        }
    }

    /// What the API says when it is not there, which it mostly does not mind.
    fn gone(self) -> &'static [&'static str] {
        match self {
            Self::Eip => &["InvalidAllocationId.NotFound"],
            Self::Instance => &["InvalidInstanceId.NotFound", "Forbidden.InstanceNotFound"],
            Self::KeyPair => &["InvalidKeyPair.NotFound", "InvalidKeyPairName.NotFound"],
            Self::SecurityGroup => &["InvalidSecurityGroupId.NotFound"],
            Self::VSwitch => &["InvalidVSwitchId.NotFound", "InvalidVswitchID.NotFound"],
            Self::Vpc => &[
                "InvalidVpcId.NotFound",
                "InvalidVpcID.NotFound",
                "Forbidden.VpcNotFound",
            ],
            Self::Image => &["InvalidImageId.NotFound"],
            Self::Snapshot => &["InvalidSnapshotId.NotFound"],
        }
    }

    /// What it says when something still holds it, and how often to try.
    fn held(self) -> (&'static [&'static str], u32) {
        match self {
            Self::Eip => (
                &[
                    "IncorrectEipStatus",
                    "IncorrectStatus",
                    "OperationConflict",
                    "TaskConflict",
                ],
                12,
            ),
            // Right after it was made.
            Self::Instance => (
                &[
                    "IncorrectInstanceStatus",
                    "IncorrectInstanceStatus.Initializing",
                    "OperationConflict",
                ],
                24,
            ),
            Self::KeyPair => (&[], 1),
            Self::SecurityGroup => (&["DependencyViolation", "OperationConflict"], 24),
            Self::VSwitch => (
                &[
                    "DependencyViolation",
                    "DependencyViolation.NetworkInterface",
                    "DependencyViolation.SecurityGroup",
                    "IncorrectRouteEntryStatus",
                    "IncorrectVSwitchStatus",
                    "InvalidOperation.DependencyViolation",
                    "TaskConflict",
                ],
                24,
            ),
            Self::Vpc => (
                &[
                    "DependencyViolation",
                    "DependencyViolation.Instance",
                    "DependencyViolation.RouteEntry",
                    "DependencyViolation.SecurityGroup",
                    "DependencyViolation.VSwitch",
                    // Spelled like this by the API.
                    "Forbbiden",
                    "IncorrectVpcStatus",
                    "TaskConflict",
                ],
                24,
            ),
            Self::Image => (&["IncorrectImageStatus", "OperationConflict"], 12),
            // For a moment after its image is gone, or for good by another image.
            Self::Snapshot => (
                &[
                    "SnapshotCreatedImage",
                    "IncorrectSnapshotStatus",
                    "OperationConflict",
                ],
                4,
            ),
        }
    }
}

/// One thing to remove.
pub(super) fn target(config: &Config, kind: Kind, id: &str, region: &str) -> Target {
    let (held, attempts) = kind.held();
    let command = in_region(kind.command(id), config, region);
    Target::new(kind.name(), id, region, command)
        .gone(kind.gone())
        .held(held, attempts)
}

pub(super) fn progress(history: &History<'_>, targets: &[Target]) -> Progress {
    removal::progress(history, targets, PAUSE)
}
