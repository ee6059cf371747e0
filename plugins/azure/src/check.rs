//! Azure's rules for names and tags, checked before anything costs money.

use sindri_plugin_sdk::contract::{Problem, Tag};
use sindri_plugin_sdk::moment;
use sindri_plugin_sdk::tags::{
    BUILD_DATE, MANAGED_BY, NAME, Rules, SINDRI_CACHE_KEY, SINDRI_PROFILE, SINDRI_PURPOSE, SINDRI_RUN_ID,
    SINDRI_VERSION,
};

/// Longest value of a tag, in characters.
const LONGEST_VALUE: usize = 256;
/// Carries the description: images on Azure have none.
pub(crate) const DESCRIPTION: &str = "Description";

/// The unique name of a managed image: name and start of the run.
pub(crate) fn image_name(name: &str, now: &str) -> Result<String, Problem> {
    let stamp = moment::stamp(now)?;
    let full = format!("{name}-{stamp}");
    if name.is_empty() || !is_resource_name(&full, 80) {
        let message = format!(
            "`{full}` cannot be the name of an image on Azure: it has to have at most 80 letters, digits and _ . - \
             and to begin with a letter or digit"
        );
        return Err(Problem::new("unusable-name", message)
            .key("image_name")
            .remedy("choose another image_name"));
    }
    Ok(full)
}

/// The name of a machine, which is its host name as well.
pub(crate) fn machine_name(name: &str) -> Result<(), Problem> {
    // No underscore: it may stand in the name of a machine and not in that of a host.
    if is_resource_name(name, 64) && !name.contains('_') {
        return Ok(());
    }
    let message = format!(
        "`{name}` cannot be the name of a machine on Azure: it has to have at most 64 letters, digits, . and -"
    );
    Err(Problem::new("unusable-name", message)
        .key("image_name")
        .remedy("choose another image_name"))
}

fn is_resource_name(name: &str, longest: usize) -> bool {
    let lawful = |c: char| c.is_ascii_alphanumeric() || "_.-".contains(c);
    name.len() <= longest
        && name.chars().all(lawful)
        && name.starts_with(|c: char| c.is_ascii_alphanumeric())
        && name.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
}

/// The image's tags with its description among them.
pub(crate) fn described(tags: &[Tag], description: &str) -> Result<Vec<Tag>, Problem> {
    let mut all = tags.to_vec();
    let described = tags.iter().any(|tag| tag.key.eq_ignore_ascii_case(DESCRIPTION));
    if !description.is_empty() && !described {
        if description.chars().count() > LONGEST_VALUE {
            let message =
                format!("Azure keeps the description in a tag of at most {LONGEST_VALUE} characters");
            return Err(Problem::new("unusable-description", message).key("description"));
        }
        all.push(Tag {
            key: DESCRIPTION.to_owned(),
            value: description.to_owned(),
        });
    }
    TAGS.check(&all)?;
    Ok(all)
}

/// Tags that Azure takes. Names are compared without case, which makes `team` and `Team` one tag.
pub(crate) const TAGS: Rules = Rules {
    cloud: "Azure",
    most: 50,
    ignores_case: true,
    fault: tag_fault,
};

fn tag_fault(Tag { key, value }: &Tag) -> Option<&'static str> {
    let lower = key.to_lowercase();
    let reserved = ["microsoft", "azure", "windows"];
    if !(1..=512).contains(&key.chars().count()) {
        Some("a key has 1 to 512 characters")
    } else if key.chars().any(|c| "<>%&\\?/".contains(c) || c.is_control()) {
        Some("a key has none of < > % & \\ ? / and no control character")
    } else if reserved.iter().any(|reserved| lower.starts_with(reserved)) {
        Some("keys that start with microsoft, azure or windows belong to Azure")
    } else if value.chars().count() > LONGEST_VALUE {
        Some("a value has at most 256 characters")
    } else if value.contains('\0') {
        Some("a value has no NUL character")
    } else {
        None
    }
}

/// Tags as `az` takes them, `key=value`. What the command would read as something else is refused here,
/// where the tag can be named.
pub(crate) fn tag_arguments(tags: &[Tag]) -> Result<Vec<String>, Problem> {
    TAGS.check(tags)?;
    tags.iter()
        .map(|Tag { key, value }| {
            let fault = if key.contains('=') {
                "a key has no = in it"
            } else if key.starts_with(['-', '@']) {
                "a key does not begin with - or @"
            } else if value.starts_with('@') {
                "az takes a value that begins with @ for the name of a file"
            } else if value.chars().any(char::is_control) {
                "a value has no control character"
            } else {
                return Ok(format!("{key}={value}"));
            };
            Err(TAGS.unusable(key, fault))
        })
        .collect()
}

/// The host's own spelling of one of its tags: Azure may give names back in another case.
pub(crate) fn canonical(key: &str) -> &str {
    [
        NAME,
        MANAGED_BY,
        SINDRI_VERSION,
        SINDRI_PROFILE,
        SINDRI_CACHE_KEY,
        SINDRI_RUN_ID,
        BUILD_DATE,
        SINDRI_PURPOSE,
        DESCRIPTION,
    ]
    .into_iter()
    .find(|own| own.eq_ignore_ascii_case(key))
    .unwrap_or(key)
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
    fn names_follow_azures_rules() {
        let now = "2026-11-22T09:30:05Z";
        assert_eq!(
            image_name("sindri-dev", now).unwrap(),
            "sindri-dev-20261122093005"
        );
        assert_eq!(image_name(&"x".repeat(65), now).unwrap().len(), 80);
        for bad in ["", "a b", "-a", "_a", "a/b", "\u{e4}", &"x".repeat(66)] {
            assert_eq!(image_name(bad, now).unwrap_err().code, "unusable-name", "{bad}");
        }
        assert_eq!(image_name("x", "today").unwrap_err().code, "unusable-time");
        assert!(machine_name("sindri-dev-abcdef012345").is_ok());
        for bad in ["", "my vm", "-vm", "vm-", "my_vm", &"x".repeat(65)] {
            assert!(machine_name(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn tag_keys_follow_the_rules_and_the_problem_names_the_tag() {
        for bad in [
            "",
            "a/b",
            "a?",
            "a\n",
            "Microsoft.x",
            "azure-team",
            &"k".repeat(513),
        ] {
            let problem = TAGS.check(&[tag(bad, "v")]).unwrap_err();
            assert_eq!(problem.code, "unusable-tag");
            assert!(problem.message.contains(bad), "{}", problem.message);
        }
        assert!(
            TAGS.check(&[tag("cost:center \u{fc} + 1=@", "any \"text\" ${x} {{y}}\n")])
                .is_ok()
        );
        assert!(
            TAGS.check(&[tag("Team", "1"), tag("team", "2")]).is_err(),
            "one tag to Azure, and one value would be lost"
        );
        assert!(
            TAGS.check(&[tag("a", &"\u{fc}".repeat(256))]).is_ok(),
            "characters count, not bytes"
        );
        assert!(TAGS.check(&[tag("a", &"v".repeat(257))]).is_err());
        let many: Vec<Tag> = (0..51).map(|number| tag(&number.to_string(), "v")).collect();
        assert_eq!(TAGS.check(&many).unwrap_err().code, "too-many-tags");
    }

    #[test]
    fn no_tag_makes_az_read_a_file_or_another_flag() {
        assert_eq!(
            tag_arguments(&[tag("team", "me@example.com=1")]).unwrap(),
            ["team=me@example.com=1"]
        );
        for (key, value) in [
            ("a", "@/etc/passwd"),
            ("a=b", "c"),
            ("--yes", "x"),
            ("@f", "x"),
            ("a", "x\ny"),
        ] {
            let problem = tag_arguments(&[tag(key, value)]).unwrap_err();
            assert!(problem.message.contains(key), "{}", problem.message);
        }
    }

    #[test]
    fn the_description_is_a_tag_and_not_lost() {
        let tags = described(&[tag("a", "b")], "golden").unwrap();
        assert_eq!(tags, [tag("a", "b"), tag("Description", "golden")]);
        assert_eq!(
            described(&[tag("description", "own")], "golden").unwrap().len(),
            1,
            "the user's own tag counts"
        );
        assert_eq!(
            described(&[], &"x".repeat(257)).unwrap_err().code,
            "unusable-description"
        );
        assert!(described(&[], "").unwrap().is_empty());
    }
}
