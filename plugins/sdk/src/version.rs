//! Comparing versions of tools, most of all Packer's.

/// Whether `version` is at least `major.minor`. An unknown version stands for the newest.
///
/// What cannot be read counts as old: leaving an attribute out works everywhere, an attribute too many
/// stops an old Packer.
pub fn at_least(version: Option<&str>, major: u32, minor: u32) -> bool {
    match version {
        None => true,
        Some(text) => parse(text).is_some_and(|found| found >= (major, minor)),
    }
}

fn parse(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().trim_start_matches('v').split(['.', '-', '+']);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::at_least;

    #[test]
    fn minor_versions_compare_as_numbers() {
        assert!(at_least(Some("1.16.0"), 1, 7), "1.16 is newer than 1.7");
        assert!(!at_least(Some("1.6.6"), 1, 7));
        assert!(at_least(Some("1.7.0-dev"), 1, 7));
        assert!(at_least(Some("v2.0"), 1, 7));
    }

    #[test]
    fn unknown_is_newest_and_unreadable_is_old() {
        assert!(at_least(None, 1, 7));
        assert!(!at_least(Some("Packer"), 1, 7));
        assert!(!at_least(Some(""), 1, 7));
    }
}
