//! The host's own tags in their canonical form.
//!
//! A cloud whose tag rules differ maps these names on the way out and back on the way in.

mod rules;

use crate::contract::{Labels, RunPurpose, Tag};

pub use rules::Rules;

/// What people see in a cloud's console.
pub const NAME: &str = "Name";
/// Mark of ownership; its value is [`SINDRI`].
pub const MANAGED_BY: &str = "ManagedBy";
/// Value of [`MANAGED_BY`].
pub const SINDRI: &str = "sindri";
/// Version of Sindri that is installed in the image.
pub const SINDRI_VERSION: &str = "SindriVersion";
/// Profile that was installed.
pub const SINDRI_PROFILE: &str = "SindriProfile";
/// Digest of everything that went into the image.
pub const SINDRI_CACHE_KEY: &str = "SindriCacheKey";
/// The run that made the resource.
pub const SINDRI_RUN_ID: &str = "SindriRunId";
/// When the run that built the image or deployed the instance started.
pub const BUILD_DATE: &str = "BuildDate";
/// What the run was for; on everything temporary and deployed, and on no finished image: `build` or `deploy`.
pub const SINDRI_PURPOSE: &str = "SindriPurpose";

/// Value of the tag with this key.
pub fn value_of<'a>(tags: &'a [Tag], key: &str) -> Option<&'a str> {
    tags.iter()
        .find(|tag| tag.key == key)
        .map(|tag| tag.value.as_str())
}

/// The host's tags, read back from a cloud's.
pub fn labels(tags: &[Tag]) -> Labels {
    let read = |key| value_of(tags, key).map(str::to_owned);
    Labels {
        managed: value_of(tags, MANAGED_BY) == Some(SINDRI),
        sindri_version: read(SINDRI_VERSION),
        profile: read(SINDRI_PROFILE),
        cache_key: read(SINDRI_CACHE_KEY),
        run_id: read(SINDRI_RUN_ID),
    }
}

/// What the run was for that made a resource with these tags.
pub fn purpose(tags: &[Tag]) -> RunPurpose {
    match value_of(tags, SINDRI_PURPOSE) {
        Some("build") => RunPurpose::Build,
        Some("deploy") => RunPurpose::Deploy,
        Some(_) | None => RunPurpose::Unknown,
    }
}

/// These tags, with `key` set to `value` whatever it was before.
pub fn with(tags: &[Tag], key: &str, value: &str) -> Vec<Tag> {
    let mut all: Vec<Tag> = tags.iter().filter(|tag| tag.key != key).cloned().collect();
    all.push(Tag {
        key: key.to_owned(),
        value: value.to_owned(),
    });
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(key: &str, value: &str) -> Tag {
        Tag {
            key: key.to_owned(),
            value: value.to_owned(),
        }
    }

    #[test]
    fn somebody_elses_managed_by_is_not_ownership() {
        assert!(!labels(&[tag(MANAGED_BY, "terraform")]).managed);
        assert!(!labels(&[tag("managedby", SINDRI)]).managed);
        assert!(labels(&[tag(MANAGED_BY, SINDRI)]).managed);
    }

    #[test]
    fn a_set_tag_replaces_and_is_not_doubled() {
        let tags = with(&[tag("Name", "old"), tag("a", "b")], "Name", "new");
        assert_eq!(tags, [tag("a", "b"), tag("Name", "new")]);
    }
}
