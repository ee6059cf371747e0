//! Rules of Compute Engine for names and ids, checked before anything costs money.

use sindri_plugin_sdk::contract::Problem;
use sindri_plugin_sdk::moment;

/// Longest name of any resource.
const LONGEST_NAME: usize = 63;
/// Longest description.
pub(crate) const LONGEST_DESCRIPTION: usize = 2048;

/// `[a-z]([-a-z0-9]{0,61}[a-z0-9])?`. Such a name is no flag, no URL, no list and no filter.
pub(crate) fn is_name(text: &str) -> bool {
    let lawful = |byte: u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-');
    text.len() <= LONGEST_NAME
        && text.starts_with(|c: char| c.is_ascii_lowercase())
        && !text.ends_with('-')
        && text.bytes().all(lawful)
}

/// An image, named in the configured project or in another one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ImageId {
    pub(crate) name: String,
    /// None is the configured one.
    pub(crate) project: Option<String>,
}

/// A name, `projects/PROJECT/global/images/NAME`, or the address that ends in it.
pub(crate) fn image_id(id: &str, own_project: &str) -> Result<ImageId, Problem> {
    let unusable = || {
        Problem::new(
            "unusable-image-id",
            format!("`{id}` is not usable as an image's id"),
        )
        .remedy("an image is named sindri-dev-20261122093005 or projects/PROJECT/global/images/NAME")
    };
    let path = [
        "https://www.googleapis.com/compute/v1/",
        "https://compute.googleapis.com/compute/v1/",
    ]
    .iter()
    .find_map(|start| id.strip_prefix(start))
    .unwrap_or(id);
    let (project, name) = match path.strip_prefix("projects/") {
        Some(rest) => {
            let (project, name) = rest.split_once("/global/images/").ok_or_else(unusable)?;
            (Some(project), name)
        }
        None => (None, path),
    };
    if !is_name(name) || !project.is_none_or(is_project) {
        return Err(unusable());
    }
    Ok(ImageId {
        name: name.to_owned(),
        project: project
            .filter(|project| *project != own_project)
            .map(str::to_owned),
    })
}

/// Like [`image_id`], for what is done to the project's own images only.
pub(crate) fn own_image(id: &str, own_project: &str) -> Result<String, Problem> {
    let image = image_id(id, own_project)?;
    match image.project {
        None => Ok(image.name),
        Some(project) => Err(Problem::new(
            "foreign-image",
            format!("image {} belongs to project {project}", image.name),
        )
        .key("project_id")
        .remedy(format!("set project_id: {project} if that project is yours"))),
    }
}

/// `my-project`, with a domain before it in old organizations: `example.com:my-project`.
fn is_project(text: &str) -> bool {
    let (domain, id) = text
        .split_once(':')
        .map_or((None, text), |(domain, id)| (Some(domain), id));
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '-');
    let domain_lawful = domain.is_none_or(|domain| {
        domain.starts_with(|c: char| c.is_ascii_alphanumeric()) && domain.chars().all(plain)
    });
    domain_lawful && (6..=30).contains(&id.len()) && is_name(id)
}

/// The unique name of the image: name and start of the run.
pub(crate) fn image_name(name: &str, now: &str) -> Result<String, Problem> {
    let stamp = moment::stamp(now)?;
    let full = format!("{name}-{stamp}");
    if is_name(&full) && !name.is_empty() {
        return Ok(full);
    }
    let rule = if full.len() > LONGEST_NAME {
        "it may have 48 characters, because its time stamp takes 15 of 63"
    } else {
        "it starts with a lower-case letter and has lower-case letters, digits and `-` only"
    };
    Err(Problem::new(
        "unusable-name",
        format!("`{name}` cannot be the name of an image on Google Cloud: {rule}"),
    )
    .key("image_name")
    .remedy("choose another image_name"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_cannot_be_flags_filters_or_other_places() {
        for bad in [
            "",
            "--project",
            "a b",
            "a,b",
            "A",
            "a_b",
            "a*",
            "../a",
            "https://evil.example/projects/my-project/global/images/a",
            "projects/my-project/zones/z/images/a",
            "projects/--evil/global/images/a",
            "projects/a/b/global/images/a",
            "projects/my-project/global/images/",
            "a-",
            &"a".repeat(64),
        ] {
            assert_eq!(
                image_id(bad, "my-project").unwrap_err().code,
                "unusable-image-id",
                "{bad}"
            );
        }
    }

    #[test]
    fn a_project_in_the_id_is_kept_and_ones_own_is_left_out() {
        let own = "https://www.googleapis.com/compute/v1/projects/my-project/global/images/a-1";
        assert_eq!(own_image(own, "my-project").unwrap(), "a-1");
        let foreign = image_id("projects/example.com:other-one/global/images/a-1", "my-project").unwrap();
        assert_eq!(foreign.project.as_deref(), Some("example.com:other-one"));
        let problem = own_image("projects/other-one/global/images/a-1", "my-project").unwrap_err();
        assert_eq!(problem.code, "foreign-image");
    }

    #[test]
    fn names_follow_the_rule_of_compute_engine() {
        let now = "2026-11-22T09:30:05Z";
        assert_eq!(
            image_name("sindri-dev", now).unwrap(),
            "sindri-dev-20261122093005"
        );
        assert_eq!(image_name(&"x".repeat(48), now).unwrap().len(), 63);
        for bad in [
            "",
            "Sindri",
            "a.b",
            "a_b",
            "${x}",
            "n\u{e4}me",
            "1a",
            "-a",
            &"x".repeat(49),
        ] {
            assert_eq!(image_name(bad, now).unwrap_err().code, "unusable-name", "{bad}");
        }
        assert_eq!(image_name("x", "today").unwrap_err().code, "unusable-time");
    }
}
