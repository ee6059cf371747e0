//! Rules of EC2 for names, ids and tags, checked before anything costs money.

use sindri_plugin_sdk::contract::{Problem, Tag};
use sindri_plugin_sdk::moment;
use sindri_plugin_sdk::tags::Rules;

/// `ami-…`. The id of a region's image and nothing that a shell or the CLI reads otherwise.
pub(crate) fn image_id(id: &str) -> Result<(), Problem> {
    prefixed(
        id,
        "ami-",
        "unusable-image-id",
        "an image id looks like ami-0123456789abcdef0",
    )
}

/// `i-…`.
pub(crate) fn instance_id(id: &str) -> Result<(), Problem> {
    prefixed(
        id,
        "i-",
        "unusable-instance-id",
        "an instance id looks like i-0123456789abcdef0",
    )
}

fn prefixed(id: &str, prefix: &str, code: &str, shape: &str) -> Result<(), Problem> {
    let rest = id.strip_prefix(prefix).unwrap_or_default();
    let lawful = !rest.is_empty()
        && rest.len() <= 40
        && rest.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'z'));
    if lawful {
        Ok(())
    } else {
        Err(Problem::new(code, format!("`{id}` is not usable: {shape}")))
    }
}

/// The unique name of the image: name and start of the run.
pub(crate) fn image_name(name: &str, now: &str) -> Result<String, Problem> {
    let stamp = moment::stamp(now)?;
    let full = format!("{name}-{stamp}");
    let lawful = |character: char| character.is_ascii_alphanumeric() || "()[] ./-'@_".contains(character);
    if !full.chars().all(lawful) {
        return Err(unusable_name(
            &full,
            "may have letters, digits and ( ) [ ] space . / - ' @ _ only",
        ));
    }
    if name.is_empty() || !(3..=128).contains(&full.len()) {
        return Err(unusable_name(
            &full,
            "has to have 3 to 128 characters with its time stamp",
        ));
    }
    Ok(full)
}

fn unusable_name(name: &str, rule: &str) -> Problem {
    Problem::new(
        "unusable-name",
        format!("`{name}` cannot be the name of an image on AWS: it {rule}"),
    )
    .key("image_name")
    .remedy("choose another image_name")
}

/// Tags that EC2 takes. The value may be any text: it is data from end to end.
pub(crate) const TAGS: Rules = Rules {
    cloud: "AWS",
    most: 50,
    ignores_case: false,
    fault: tag_fault,
};

fn tag_fault(Tag { key, value }: &Tag) -> Option<&'static str> {
    let lawful = |character: char| character.is_alphanumeric() || " _.:/=+-@".contains(character);
    if !(1..=128).contains(&key.chars().count()) {
        Some("a key has 1 to 128 characters")
    } else if !key.chars().all(lawful) {
        Some("a key has letters, digits, spaces and _ . : / = + - @ only")
    } else if key
        .get(..4)
        .is_some_and(|start| start.eq_ignore_ascii_case("aws:"))
    {
        Some("keys that start with aws: belong to AWS")
    } else if value.chars().count() > 256 {
        Some("a value has at most 256 characters")
    } else if value.contains('\0') {
        Some("a value has no NUL character")
    } else {
        None
    }
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
    fn ids_cannot_be_flags_wildcards_or_shorthand() {
        for bad in [
            "",
            "ami-",
            "--owners",
            "ami-*",
            "ami-1,ami-2",
            "AMI-1",
            "ami-1 ",
            "ami-\u{e9}",
            "i-1",
        ] {
            assert!(image_id(bad).is_err(), "{bad}");
        }
        assert!(image_id("ami-0abc12").is_ok());
        assert!(instance_id("i-0abc12").is_ok());
    }

    #[test]
    fn names_follow_the_rule_of_create_image() {
        let now = "2026-11-22T09:30:05Z";
        assert_eq!(
            image_name("sindri-dev", now).unwrap(),
            "sindri-dev-20261122093005"
        );
        assert_eq!(image_name(&"x".repeat(113), now).unwrap().len(), 128);
        for bad in ["", "a\"b", "${x}", "näme", "a\nb", "a*", &"x".repeat(114)] {
            assert_eq!(image_name(bad, now).unwrap_err().code, "unusable-name", "{bad}");
        }
        assert_eq!(image_name("x", "today").unwrap_err().code, "unusable-time");
    }

    #[test]
    fn tag_keys_follow_the_rules_and_the_problem_names_the_tag() {
        for bad in [
            "",
            "aws:x",
            "AWS:x",
            "a${b}",
            "a\"",
            "a\nb",
            "{{x}}",
            &"k".repeat(129),
        ] {
            let problem = TAGS.check(&[tag(bad, "v")]).unwrap_err();
            assert_eq!(problem.code, "unusable-tag");
            assert!(problem.message.contains(bad), "{}", problem.message);
        }
        assert!(
            TAGS.check(&[tag("cost:center/ü + 1=@", "any \"text\" ${x} {{y}}\n")])
                .is_ok()
        );
        assert!(
            TAGS.check(&[tag("a", &"ü".repeat(256))]).is_ok(),
            "characters count, not bytes"
        );
        assert!(TAGS.check(&[tag("a", &"v".repeat(257))]).is_err());
        assert!(TAGS.check(&[tag("a", "1"), tag("a", "2")]).is_err());
        let many: Vec<Tag> = (0..51).map(|number| tag(&number.to_string(), "v")).collect();
        assert_eq!(TAGS.check(&many).unwrap_err().code, "too-many-tags");
    }
}
