//! References to resources: `projects/p/zones/z/disks/d`, whole or in part, with or without the host.

/// What every `selfLink` begins with.
pub(super) const BASE: &str = "https://www.googleapis.com/compute/v1/";

const BASES: [&str; 4] = [
    BASE,
    // What the current Packer plugin sends.
    "/compute/v1/",
    "https://compute.googleapis.com/compute/v1/",
    "https://content-compute.googleapis.com/compute/v1/",
];

/// The whole URL of a path.
pub(super) fn url(path: &str) -> String {
    format!("{BASE}{path}")
}

/// The path below `/compute/v1/` that a reference means: a URL, `projects/…`, or relative to the project
/// (`global/…`, `zones/…`, `regions/…`). None if it is nothing of these.
pub(super) fn path(project: &str, reference: &str) -> Option<String> {
    let rest = BASES
        .iter()
        .find_map(|base| reference.strip_prefix(base))
        .unwrap_or(reference);
    if rest.contains("://") {
        return None;
    }
    match rest.split('/').next()? {
        "projects" => Some(rest.to_owned()),
        "global" | "zones" | "regions" => Some(format!("projects/{project}/{rest}")),
        _ => None,
    }
}

/// What stands after the last slash.
pub(super) fn last(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_of_a_reference_means_the_same_path() {
        let expected = Some("projects/p/zones/z/disks/d".to_owned());
        for reference in [
            "https://www.googleapis.com/compute/v1/projects/p/zones/z/disks/d",
            "https://compute.googleapis.com/compute/v1/projects/p/zones/z/disks/d",
            "/compute/v1/projects/p/zones/z/disks/d",
            "projects/p/zones/z/disks/d",
            "zones/z/disks/d",
        ] {
            assert_eq!(path("p", reference), expected, "{reference}");
        }
        assert_eq!(path("p", "https://evil.example/projects/p"), None);
        assert_eq!(path("p", "d"), None);
    }
}
