//! Rules of Alibaba Cloud for names, ids and tags, checked before anything costs money.

use sindri_plugin_sdk::contract::Problem;
use sindri_plugin_sdk::moment;
use sindri_plugin_sdk::tags::Rules;

/// Most tags on one resource, and in one call.
pub(crate) const MOST_TAGS: usize = 20;

/// `m-…` of an own image, or the name of a public one, such as `ubuntu_24_04_x64_20G_alibase_20260916.vhd`.
pub(crate) fn image_id(id: &str) -> Result<(), Problem> {
    let public = id
        .strip_suffix(".vhd")
        .is_some_and(|name| is_plain(name, 100) && !name.starts_with('_'));
    if public || has_prefix(id, "m-") {
        Ok(())
    } else {
        Err(unusable_id(
            "unusable-image-id",
            id,
            "an image id looks like m-bp1abcdefg1234567890",
        ))
    }
}

/// `i-…`.
pub(crate) fn instance_id(id: &str) -> Result<(), Problem> {
    if has_prefix(id, "i-") {
        Ok(())
    } else {
        Err(unusable_id(
            "unusable-instance-id",
            id,
            "an instance id looks like i-bp1abcdefg1234567890",
        ))
    }
}

fn unusable_id(code: &str, id: &str, shape: &str) -> Problem {
    Problem::new(code, format!("`{id}` is not usable: {shape}"))
}

fn has_prefix(id: &str, prefix: &str) -> bool {
    let rest = id.strip_prefix(prefix).unwrap_or_default();
    let lawful = |byte: u8| matches!(byte, b'0'..=b'9' | b'a'..=b'z');
    (1..=40).contains(&rest.len()) && rest.bytes().all(lawful)
}

fn is_plain(text: &str, most: usize) -> bool {
    (1..=most).contains(&text.len())
        && text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

/// The unique name of the image: name and start of the run.
pub(crate) fn image_name(name: &str, now: &str) -> Result<String, Problem> {
    let stamp = moment::stamp(now)?;
    let full = format!("{name}-{stamp}");
    let fault = if name.is_empty() {
        Some("it needs more than a time stamp")
    } else {
        name_fault(&full)
    };
    fault.map_or(Ok(full.clone()), |fault| {
        let message = format!("`{full}` cannot be the name of an image on Alibaba Cloud: {fault}");
        Err(Problem::new("unusable-name", message)
            .key("image_name")
            .remedy("choose another image_name"))
    })
}

/// The name of an instance.
pub(crate) fn instance_name(name: &str) -> Result<(), Problem> {
    name_fault(name).map_or(Ok(()), |fault| {
        let message = format!("`{name}` cannot be the name of an instance on Alibaba Cloud: {fault}");
        Err(Problem::new("unusable-name", message).remedy("choose another name"))
    })
}

/// The rule of `CreateImage` and `RunInstances`. Letters are those of English and of Chinese.
fn name_fault(name: &str) -> Option<&'static str> {
    let letter = |c: char| c.is_ascii_alphabetic() || ('\u{4e00}'..='\u{9fa5}').contains(&c);
    let lawful = |c: char| letter(c) || c.is_ascii_digit() || ":._-".contains(c);
    if !(2..=128).contains(&name.chars().count()) {
        Some("it has to have 2 to 128 characters, the time stamp included")
    } else if !name.starts_with(letter) {
        Some("it has to begin with a letter")
    } else if !name.chars().all(lawful) {
        Some("it may have letters, digits and : . _ - only")
    } else if name.starts_with("aliyun") || name.starts_with("acs:") {
        Some("names that begin with aliyun and acs: belong to Alibaba Cloud")
    } else {
        None
    }
}

/// The description of an image: nothing, or 2 to 256 characters that are no address.
pub(crate) fn description(text: &str) -> Result<(), Problem> {
    let fault = if text.is_empty() || (2..=256).contains(&text.chars().count()) {
        is_address(text).then_some("do not begin with http:// or https://")
    } else {
        Some("have 2 to 256 characters")
    };
    fault.map_or(Ok(()), |fault| {
        let message = format!("descriptions on Alibaba Cloud {fault}");
        Err(Problem::new("unusable-description", message).key("description"))
    })
}

fn is_address(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

/// Tags that Alibaba Cloud takes, from Packer and from the command line alike.
pub(crate) const TAGS: Rules = Rules {
    cloud: "Alibaba Cloud",
    most: MOST_TAGS,
    ignores_case: false,
    fault: |tag| key_fault(&tag.key).or_else(|| value_fault(&tag.value)),
};

fn has_address(text: &str) -> bool {
    text.contains("http://") || text.contains("https://")
}

fn key_fault(key: &str) -> Option<&'static str> {
    if !(1..=128).contains(&key.chars().count()) {
        Some("a key has 1 to 128 characters")
    } else if key.starts_with("aliyun") || key.starts_with("acs:") {
        Some("keys that begin with aliyun and acs: belong to Alibaba Cloud")
    } else if has_address(key) {
        Some("a key does not contain http:// or https://")
    } else if key.chars().any(char::is_control) || key.starts_with(['-', ' ']) {
        Some("a key has no control characters and does not begin with a dash or a space")
    } else {
        None
    }
}

fn value_fault(value: &str) -> Option<&'static str> {
    if value.chars().count() > 128 {
        Some("a value has at most 128 characters")
    } else if value.starts_with("acs:") {
        Some("values that begin with acs: belong to Alibaba Cloud")
    } else if has_address(value) {
        Some("a value does not contain http:// or https://")
    } else if value.chars().any(char::is_control) {
        Some("a value has no control characters")
    } else if value.trim_start().starts_with('-') {
        // What follows `-` is a flag to aliyun, in whatever place it stands.
        Some("a value does not begin with a dash")
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use sindri_plugin_sdk::contract::Tag;

    use super::*;

    fn tag(key: &str, value: &str) -> Tag {
        Tag {
            key: key.to_owned(),
            value: value.to_owned(),
        }
    }

    #[test]
    fn ids_cannot_be_flags_wildcards_or_lists() {
        for bad in [
            "", "m-", "--force", "m-*", "m-1,m-2", "M-1", "m-1 ", "i-1", ".vhd", "a b.vhd", "../x.vhd",
            "m-\u{e9}",
        ] {
            assert!(image_id(bad).is_err(), "{bad}");
        }
        assert!(image_id("m-bp1abc").is_ok());
        assert!(image_id("ubuntu_24_04_x64_20G_alibase_20260916.vhd").is_ok());
        assert!(instance_id("i-bp1abc").is_ok() && instance_id("m-bp1abc").is_err());
    }

    #[test]
    fn names_follow_the_rule_of_create_image() {
        let now = "2026-11-22T09:30:05Z";
        assert_eq!(
            image_name("sindri-dev", now).unwrap(),
            "sindri-dev-20261122093005"
        );
        assert_eq!(image_name(&"x".repeat(113), now).unwrap().len(), 128);
        assert!(image_name("映像", now).is_ok());
        for bad in [
            "",
            "a b",
            "${x}",
            "näme",
            "a\nb",
            "1a",
            "-a",
            "aliyun-x",
            "acs:x",
            "http://x",
            &"x".repeat(114),
        ] {
            assert_eq!(image_name(bad, now).unwrap_err().code, "unusable-name", "{bad}");
        }
        assert_eq!(image_name("x", "today").unwrap_err().code, "unusable-time");
    }

    #[test]
    fn tags_follow_the_rules_and_the_problem_names_the_tag() {
        for bad in [
            "",
            "aliyun-x",
            "acs:x",
            "see http://x",
            "a\nb",
            "-a",
            &"k".repeat(129),
        ] {
            let problem = TAGS.check(&[tag(bad, "v")]).unwrap_err();
            assert_eq!(problem.code, "unusable-tag");
            assert!(problem.message.contains(bad), "{}", problem.message);
        }
        for bad in ["acs:x", "https://x", "a\nb", "--force", " -p", &"v".repeat(129)] {
            assert!(TAGS.check(&[tag("k", bad)]).is_err(), "{bad}");
        }
        assert!(
            TAGS.check(&[
                tag("cost:center/ü + 1=@", "any \"text\" ${x} {{y}} 映像"),
                tag("e", "")
            ])
            .is_ok()
        );
        assert!(TAGS.check(&[tag("a", "1"), tag("a", "2")]).is_err());
        let many: Vec<Tag> = (0..21).map(|number| tag(&number.to_string(), "v")).collect();
        assert_eq!(TAGS.check(&many).unwrap_err().code, "too-many-tags");
    }
}
