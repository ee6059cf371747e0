//! Checks that hold for every cloud.

use std::net::IpAddr;

use crate::contract::Problem;

/// A run's id goes into filters and names; a wildcard in it would match other people's resources.
pub fn run_id(id: &str) -> Result<(), Problem> {
    let lawful = id.len() == 12 && id.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'z'));
    if lawful {
        Ok(())
    } else {
        Err(Problem::new(
            "unusable-run-id",
            format!("`{id}` is not the id of a run"),
        ))
    }
}

/// Who may reach a port: an address or a range, with its family.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Source {
    /// IPv4.
    V4(String),
    /// IPv6.
    V6(String),
}

/// An IPv4 or IPv6 range; a bare address stands for itself alone.
pub fn source(text: &str) -> Result<Source, Problem> {
    let unusable = || {
        Problem::new("unusable-range", format!("`{text}` is not an address range"))
            .key("ssh_cidr")
            .remedy("write it like 203.0.113.7/32 or 2001:db8::/64")
    };
    let (address, prefix) = text
        .split_once('/')
        .map_or((text, None), |(address, prefix)| (address, Some(prefix)));
    let address: IpAddr = address.parse().map_err(|_| unusable())?;
    let longest = if address.is_ipv4() { 32 } else { 128 };
    let prefix = match prefix {
        None => longest,
        Some(digits) if digits.bytes().all(|byte| byte.is_ascii_digit()) => {
            digits.parse().map_err(|_| unusable())?
        }
        Some(_) => return Err(unusable()),
    };
    if prefix > longest {
        return Err(unusable());
    }
    let range = format!("{address}/{prefix}");
    Ok(if address.is_ipv4() {
        Source::V4(range)
    } else {
        Source::V6(range)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_run_id_cannot_be_a_wildcard() {
        for bad in [
            "*",
            "abcdef01234",
            "abcdef01234*",
            "ABCDEF012345",
            "abcdef0123456",
        ] {
            assert!(run_id(bad).is_err(), "{bad}");
        }
        assert!(run_id("abcdef012345").is_ok());
    }

    #[test]
    fn ranges_are_parsed_and_not_passed_through() {
        assert_eq!(
            source("203.0.113.7").unwrap(),
            Source::V4("203.0.113.7/32".to_owned())
        );
        assert_eq!(
            source("2001:db8::/64").unwrap(),
            Source::V6("2001:db8::/64".to_owned())
        );
        for bad in [
            "",
            "0.0.0.0/33",
            "::/129",
            "1.2.3.4/+8",
            "1.2.3.4/",
            "1.2.3.4/8/8",
            "all",
            "010.0.0.1/8",
            "1.2.3.4/8]",
        ] {
            assert!(source(bad).is_err(), "{bad}");
        }
    }
}
