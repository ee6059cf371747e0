//! What somebody is to do, and which operations of a plugin that leads to.

use clap::ValueEnum;

use crate::contract::Effect;

/// What somebody is to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, ValueEnum)]
pub enum Task {
    /// Look: `vm list`, `vm doctor`, which asks who is logged in, `vm gc` without `--yes`.
    Inspect,
    /// `vm build`: find an image again, or build one and take back what failed.
    Build,
    /// `vm deploy`, `vm verify`, `vm destroy` and `vm undo`.
    Deploy,
    /// `vm delete`.
    Delete,
    /// `vm gc --yes`.
    Gc,
    /// `vm share`.
    Share,
    /// `vm copy`.
    Copy,
    /// `vm deprecate`.
    Deprecate,
    /// `vm publish`, which verifies the image on an instance.
    Publish,
}

impl Task {
    /// All there are.
    pub const ALL: [Self; 9] = [
        Self::Inspect,
        Self::Build,
        Self::Deploy,
        Self::Delete,
        Self::Gc,
        Self::Share,
        Self::Copy,
        Self::Deprecate,
        Self::Publish,
    ];

    /// The contract's operations that its commands can lead to.
    pub fn operations(self) -> &'static [&'static str] {
        match self {
            Self::Inspect => &[
                "check-credentials",
                "find-image",
                "find-runs",
                "list-images",
                "show-image",
            ],
            Self::Build => &["check-build", "destroy-run", "find-image", "resolve-artifact"],
            Self::Deploy => &["deploy", "destroy-instance", "destroy-run"],
            Self::Delete => &["delete-image", "show-image"],
            Self::Gc => &["destroy-run", "find-runs"],
            Self::Share => &["share", "show-image"],
            Self::Copy => &["copy", "show-image"],
            Self::Deprecate => &["deprecate", "show-image"],
            Self::Publish => &[
                "deploy",
                "destroy-instance",
                "destroy-run",
                "publish",
                "show-image",
            ],
        }
    }

    /// Whether a command may belong to it of which nothing is known but its effect.
    pub fn has(self, effect: Effect) -> bool {
        match effect {
            Effect::Read => true,
            Effect::Create | Effect::Destroy => {
                !matches!(self, Self::Inspect | Self::Share | Self::Deprecate)
            }
            Effect::Publish => matches!(self, Self::Share | Self::Copy | Self::Deprecate | Self::Publish),
        }
    }
}
