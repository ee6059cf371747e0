//! Takes from an outcome what the operation must return.

use crate::contract::{Distribution, Identity, Image, Instance, Outcome, Removal, RunTrace};
use crate::error::{Code, Error, Result};

macro_rules! takers {
    ($($(#[$doc:meta])* $name:ident: $variant:ident => $type:ty;)*) => {
        $($(#[$doc])*
        #[allow(dead_code, clippy::wildcard_enum_match_arm)]
        pub(super) fn $name(outcome: Outcome) -> Result<$type> {
            match outcome {
                Outcome::$variant(value) => Ok(value),
                other => Err(mismatch(stringify!($variant), &other)),
            }
        })*
    };
}

takers! {
    /// Of `check-credentials`.
    identity: Identity => Identity;
    /// Of `check-build`.
    ready: Ready => Vec<String>;
    /// Of `find-runs`.
    runs: Runs => Vec<RunTrace>;
    /// Of `find-image`, `show-image` and `resolve-artifact`.
    image: Image => Option<Image>;
    /// Of `list-images`.
    images: Images => Vec<Image>;
    /// Of `delete-image` and `destroy`.
    removal: Removal => Removal;
    /// Of `deploy`.
    instance: Instance => Instance;
    /// Of `share`, `publish`, `copy` and `deprecate`.
    distribution: Distribution => Distribution;
}

fn mismatch(expected: &str, other: &Outcome) -> Error {
    Error::new(
        Code::PluginReturn,
        format!(
            "the plugin's outcome is of another kind than the operation's `{}`",
            expected.to_lowercase()
        ),
    )
    .detail(format!("{other:?}").chars().take(200).collect::<String>())
    .remedy("report this to the plugin's author")
}
