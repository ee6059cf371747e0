//! Versions of an image definition: three numbers of 31 bits.

use sindri_plugin_sdk::contract::Problem;
use sindri_plugin_sdk::moment;

/// Largest number in a version.
const LARGEST: u32 = 2_147_483_647;

/// The start of a run as a version that sorts by time: `2026.1122.93005` of `2026-11-22T09:30:05Z`. One
/// number of 14 digits would not fit, and Azure takes no leading zeros.
pub(crate) fn of_moment(now: &str) -> Result<String, Problem> {
    let digits = moment::stamp(now)?;
    let (Some(year), Some(day), Some(time)) = (digits.get(..4), digits.get(4..8), digits.get(8..)) else {
        return Err(moment::unusable(now));
    };
    let plain = |part: &str| match part.trim_start_matches('0') {
        "" => "0".to_owned(),
        rest => rest.to_owned(),
    };
    Ok(format!("{}.{}.{}", plain(year), plain(day), plain(time)))
}

/// A configured version. The schema has seen to its shape; only the size of the numbers is left.
pub(crate) fn check(version: &str) -> Result<(), Problem> {
    let lawful = |part: &str| {
        part.parse::<u32>()
            .is_ok_and(|number| number <= LARGEST && number.to_string() == part)
    };
    if version.split('.').count() == 3 && version.split('.').all(lawful) {
        return Ok(());
    }
    Err(unusable(version))
}

fn unusable(version: &str) -> Problem {
    Problem::new(
        "unusable-version",
        format!("`{version}` is not a version of an image: three numbers up to {LARGEST}"),
    )
    .key("gallery.image_version")
    .remedy("leave gallery.image_version out to have it made from the time of the build")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_becomes_a_version_without_leading_zeros() {
        assert_eq!(of_moment("2026-11-22T09:30:05Z").unwrap(), "2026.1122.93005");
        assert_eq!(of_moment("2026-01-02T00:00:00Z").unwrap(), "2026.102.0");
        assert_eq!(of_moment("1970-01-01T00:00:07Z").unwrap(), "1970.101.7");
        assert_eq!(of_moment("today").unwrap_err().code, "unusable-time");
    }

    #[test]
    fn numbers_that_azure_refuses_after_the_build_are_refused_at_once() {
        assert!(check("1.0.0").is_ok() && check("2026.1122.2147483647").is_ok());
        for bad in [
            "1.0",
            "1.0.0.0",
            "1.0.2147483648",
            "1.01.0",
            "1.-1.0",
            "a.b.c",
            "",
        ] {
            assert_eq!(check(bad).unwrap_err().code, "unusable-version", "{bad}");
        }
    }
}
