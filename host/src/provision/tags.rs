//! The tags that the host puts on every image, in one spelling for all clouds; plugins map them to
//! what their cloud allows.

use std::collections::BTreeMap;

use crate::contract::{RunPurpose, Tag};
use crate::{Code, Error, Result};

/// Name of the image.
pub const NAME: &str = "Name";
/// The mark of ownership: nothing without it is deleted.
pub const MANAGED_BY: &str = "ManagedBy";
/// Value of [`MANAGED_BY`].
pub const MANAGED_BY_VALUE: &str = "sindri";
/// Version of Sindri inside the image.
pub const SINDRI_VERSION: &str = "SindriVersion";
/// Profile installed in the image.
pub const SINDRI_PROFILE: &str = "SindriProfile";
/// Key under which a later build finds this image.
pub const SINDRI_CACHE_KEY: &str = "SindriCacheKey";
/// Run that made it; also on everything temporary.
pub const SINDRI_RUN_ID: &str = "SindriRunId";
/// Start of that run.
pub const BUILD_DATE: &str = "BuildDate";
/// What that run was for; only on what is temporary or deployed.
pub const SINDRI_PURPOSE: &str = "SindriPurpose";

const OURS: &[&str] = &[
    NAME,
    MANAGED_BY,
    SINDRI_VERSION,
    SINDRI_PROFILE,
    SINDRI_CACHE_KEY,
    SINDRI_RUN_ID,
    BUILD_DATE,
    SINDRI_PURPOSE,
];

/// What the host's tags say.
#[derive(Clone, Copy, Debug)]
pub struct TagFacts<'a> {
    /// Name of the image without time stamp.
    pub name: &'a str,
    /// Version of Sindri.
    pub sindri_version: &'a str,
    /// Profile, if one is installed.
    pub profile: Option<&'a str>,
    /// Cache key; none where nothing looks it up, as on a deployed instance.
    pub cache_key: Option<&'a str>,
    /// Run id.
    pub run_id: &'a str,
    /// RFC 3339.
    pub date: &'a str,
}

/// The image's tags: ours first, then the user's in the order of their keys.
pub fn image_tags(facts: &TagFacts<'_>, user: &BTreeMap<String, String>) -> Result<Vec<Tag>> {
    let mut tags = vec![
        Tag::new(NAME, facts.name),
        Tag::new(MANAGED_BY, MANAGED_BY_VALUE),
        Tag::new(SINDRI_VERSION, facts.sindri_version),
    ];
    tags.extend(facts.profile.map(|profile| Tag::new(SINDRI_PROFILE, profile)));
    tags.extend(facts.cache_key.map(|key| Tag::new(SINDRI_CACHE_KEY, key)));
    tags.push(Tag::new(SINDRI_RUN_ID, facts.run_id));
    tags.push(Tag::new(BUILD_DATE, facts.date));
    for (key, value) in user {
        refuse_ours(key)?;
        tags.push(Tag::new(key, value));
    }
    Ok(tags)
}

/// The tags of everything temporary: enough to find and remove it, and the user's own, because
/// accounts may refuse what does not carry them. Without the cache key, or a half-made image would be a hit.
pub fn run_tags(
    facts: &TagFacts<'_>,
    purpose: RunPurpose,
    user: &BTreeMap<String, String>,
) -> Result<Vec<Tag>> {
    let facts = TagFacts {
        cache_key: None,
        ..*facts
    };
    let mut tags = image_tags(&facts, user)?;
    let purpose = match purpose {
        RunPurpose::Build => "build",
        RunPurpose::Deploy => "deploy",
        RunPurpose::Unknown => return Ok(tags),
    };
    tags.push(Tag::new(SINDRI_PURPOSE, purpose));
    Ok(tags)
}

/// Clouds differ in letter case and in `-` against `_`: what becomes the same key there is the same here.
fn refuse_ours(key: &str) -> Result<()> {
    let fold = |text: &str| -> String {
        text.chars()
            .filter(char::is_ascii_alphanumeric)
            .map(|c| c.to_ascii_lowercase())
            .collect()
    };
    match OURS.iter().find(|ours| fold(ours) == fold(key)) {
        None => Ok(()),
        Some(ours) => Err(Error::new(
            Code::ConfigConflict,
            format!("the tag `{key}` is set by Sindri itself"),
        )
        .key("providers.packer.tags")
        .remedy(format!(
            "choose another key: `{ours}` is how Sindri finds its images again"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const FACTS: TagFacts<'_> = TagFacts {
        name: "base",
        sindri_version: "3.1.0",
        profile: Some("minimal"),
        cache_key: Some("abc"),
        run_id: "r1",
        date: "2026-01-01T00:00:00Z",
    };

    fn user(key: &str) -> BTreeMap<String, String> {
        BTreeMap::from([(key.to_owned(), "x".to_owned())])
    }

    #[test]
    fn a_user_cannot_take_over_the_mark_of_ownership_in_any_spelling() {
        for key in [
            "ManagedBy",
            "managedby",
            "managed_by",
            "Managed-By",
            "name",
            "sindri-cache-key",
        ] {
            assert_eq!(
                image_tags(&FACTS, &user(key)).unwrap_err().code(),
                Code::ConfigConflict,
                "{key}"
            );
        }
        assert!(
            image_tags(&FACTS, &user("Team"))
                .unwrap()
                .contains(&Tag::new("Team", "x"))
        );
    }

    #[test]
    fn temporary_things_carry_the_run_but_are_never_a_cache_hit() {
        let tags = run_tags(&FACTS, RunPurpose::Build, &user("Team")).unwrap();
        assert!(tags.contains(&Tag::new(SINDRI_RUN_ID, "r1")) && tags.contains(&Tag::new("Team", "x")));
        assert!(!tags.iter().any(|tag| tag.key == SINDRI_CACHE_KEY));
    }
}
