//! Rules of OCI for names, ids and tags, checked before anything costs money.

use sindri_plugin_sdk::contract::{Problem, Tag};
use sindri_plugin_sdk::moment;
use sindri_plugin_sdk::tags::Rules;

/// Most free-form tags on one resource.
pub(crate) const MOST_TAGS: usize = 10;
/// Longest key, in bytes.
const LONGEST_KEY: usize = 100;
/// Longest value of an image's tag, in bytes: OCI takes 256 characters, Packer's builder 100 bytes.
const LONGEST_VALUE: usize = 100;
/// Longest display name, in characters.
const LONGEST_NAME: usize = 255;

/// `ocid1.image.…`.
pub(crate) fn image_id(id: &str) -> Result<(), Problem> {
    ocid(id, "image", "unusable-image-id")
}

/// `ocid1.instance.…`.
pub(crate) fn instance_id(id: &str) -> Result<(), Problem> {
    ocid(id, "instance", "unusable-instance-id")
}

/// Realm, region and unique part follow the kind; the region of some resources is empty.
fn ocid(id: &str, kind: &str, code: &str) -> Result<(), Problem> {
    let rest = id
        .strip_prefix("ocid1.")
        .and_then(|rest| rest.strip_prefix(kind))
        .and_then(|rest| rest.strip_prefix('.'))
        .unwrap_or_default();
    let lawful = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_');
    let unique = rest.splitn(3, '.').nth(2).unwrap_or_default();
    if !unique.is_empty() && id.len() <= 255 && rest.bytes().all(lawful) {
        Ok(())
    } else {
        let shape = format!("the OCID of an {kind} looks like ocid1.{kind}.oc1.iad.aaaaaaaaexample");
        Err(Problem::new(code, format!("`{id}` is not usable: {shape}")))
    }
}

/// The name of the image that makes it unique: name and start of the run. OCI itself takes any text, twice too.
pub(crate) fn image_name(name: &str, now: &str) -> Result<String, Problem> {
    let stamp = moment::stamp(now)?;
    display_name(name, "image_name")?;
    let full = format!("{name}-{stamp}");
    display_name(&full, "image_name")?;
    Ok(full)
}

/// A display name that no tool on its way takes for anything else.
pub(crate) fn display_name(name: &str, key: &str) -> Result<(), Problem> {
    let lawful = |character: char| character.is_ascii_alphanumeric() || " ._-()[]/@+".contains(character);
    let fault = if name.is_empty() || name.chars().count() > LONGEST_NAME {
        "it has 1 to 255 characters with its time stamp"
    } else if !name.chars().all(lawful) {
        "it has letters, digits, spaces and . _ - ( ) [ ] / @ + only"
    } else if !name.starts_with(|first: char| first.is_ascii_alphanumeric()) {
        "it begins with a letter or a digit"
    } else {
        return Ok(());
    };
    Err(Problem::new(
        "unusable-name",
        format!("`{name}` cannot be a name on OCI: {fault}"),
    )
    .key(key)
    .remedy("choose another name"))
}

/// Free-form tags that OCI takes. The host's own keys and values are lawful as they are, so nothing has to be
/// mapped and nothing can collide: keys differ in case as well.
pub(crate) const TAGS: Rules = Rules {
    cloud: "OCI",
    most: MOST_TAGS,
    ignores_case: false,
    fault: tag_fault,
};

fn tag_fault(Tag { key, value }: &Tag) -> Option<&'static str> {
    if key.is_empty() || key.len() > LONGEST_KEY {
        Some("a key has 1 to 100 bytes")
    } else if !key.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'.') {
        Some("a key has no space, no period and nothing beyond ASCII")
    } else if key.contains(['{', '}', '$', '%']) {
        Some("a key has none of the characters of template languages: { } $ %")
    } else if value.trim().is_empty() {
        Some("a value is never empty")
    } else if value.len() > LONGEST_VALUE {
        Some("a value has at most 100 bytes")
    } else if value.chars().any(char::is_control) {
        Some("a value has no control characters")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use sindri_plugin_sdk::testing::host_tags;

    fn tag(key: &str, value: &str) -> Tag {
        Tag {
            key: key.to_owned(),
            value: value.to_owned(),
        }
    }

    #[test]
    fn ids_cannot_be_flags_queries_or_other_resources() {
        for bad in [
            "",
            "ocid1.image.oc1",
            "ocid1.image.oc1.iad.",
            "--image-id",
            "ocid1.instance.oc1.iad.aaaa",
            "ocid1.image.oc1.iad.aa aa",
            "ocid1.image.oc1.iad.aaaa)",
            "ocid1.image.oc1.iad.a\u{e9}",
            "file://x",
        ] {
            assert!(image_id(bad).is_err(), "{bad}");
        }
        assert!(image_id("ocid1.image.oc1.iad.aaaaaaaaexample").is_ok());
        assert!(image_id("ocid1.image.oc1..aaaa").is_ok());
        assert!(instance_id("ocid1.instance.oc1.eu-frankfurt-1.antheljr").is_ok());
    }

    #[test]
    fn names_are_plain_text_in_every_tool() {
        let now = "2026-11-22T09:30:05Z";
        assert_eq!(
            image_name("sindri-dev", now).unwrap(),
            "sindri-dev-20261122093005"
        );
        assert_eq!(image_name(&"x".repeat(240), now).unwrap().len(), 255);
        for bad in [
            "",
            "-x",
            "a\"b",
            "${x}",
            "{{x}}",
            "näme",
            "a\nb",
            "file://x",
            &"x".repeat(241),
        ] {
            assert_eq!(image_name(bad, now).unwrap_err().code, "unusable-name", "{bad}");
        }
        assert_eq!(image_name("x", "today").unwrap_err().code, "unusable-time");
    }

    #[test]
    fn tags_follow_the_rules_and_the_problem_names_the_tag() {
        for bad in [
            "",
            "cost center",
            "a.b",
            "a${b}",
            "{{x}}",
            "ü",
            "a\nb",
            &"k".repeat(101),
        ] {
            let problem = TAGS.check(&[tag(bad, "v")]).unwrap_err();
            assert_eq!(problem.code, "unusable-tag");
            assert!(problem.message.contains(bad), "{}", problem.message);
        }
        assert!(
            TAGS.check(&[tag("cost-center:x/y_1", "any \"text\" ${x} {{y}} ü")])
                .is_ok()
        );
        for bad in ["", " ", "a\nb", &"v".repeat(101), &"ü".repeat(51)] {
            assert_eq!(
                TAGS.check(&[tag("a", bad)]).unwrap_err().code,
                "unusable-tag",
                "{bad}"
            );
        }
        assert!(TAGS.check(&[tag("a", "1"), tag("a", "2")]).is_err());
        assert!(
            TAGS.check(&[tag("a", "1"), tag("A", "2")]).is_ok(),
            "keys differ in case"
        );
        let many: Vec<Tag> = (0..11).map(|number| tag(&number.to_string(), "v")).collect();
        assert_eq!(TAGS.check(&many).unwrap_err().code, "too-many-tags");
    }

    #[test]
    fn the_hosts_own_tags_are_lawful_as_they_are() {
        let mut all = host_tags();
        all.push(tag("SindriPurpose", "build"));
        all.push(tag("Full", &"0123456789abcdef".repeat(4)));
        TAGS.check(&all).unwrap();
        TAGS.check(&[tag("BuildDate", "2026-11-22T09:30:05Z")]).unwrap();
    }
}
