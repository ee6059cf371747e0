//! What names, tags and other values may look like.

use super::failure::Failure;
use super::store::Kind;
use crate::World;

/// 1 to 128 characters, not one of the provider's own.
pub(super) fn is_tag_key(key: &str) -> bool {
    (1..=128).contains(&key.chars().count())
        && !key.starts_with("aliyun")
        && !key.starts_with("acs:")
        && !is_address(key)
}

/// At most 128 characters.
pub(super) fn is_tag_value(value: &str) -> bool {
    value.chars().count() <= 128 && !value.starts_with("acs:") && !is_address(value)
}

fn is_address(text: &str) -> bool {
    text.contains("http://") || text.contains("https://")
}

/// 2 to 128 characters, a letter or an ideograph first, then also digits and `. : _ -`.
fn is_name(name: &str) -> bool {
    (2..=128).contains(&name.chars().count())
        && name.starts_with(char::is_alphabetic)
        && name.chars().all(|c| c.is_alphanumeric() || ".:_-".contains(c))
        && !is_address(name)
}

/// Refuses a name that a resource of the kind cannot have.
pub(super) fn check_name(kind: Kind, name: &str, world: &mut World) -> Result<(), Failure> {
    let reserved = kind == Kind::Image && (name.starts_with("aliyun") || name.starts_with("acs:"));
    if is_name(name) && !reserved {
        return Ok(());
    }
    let field = kind.fields().1;
    let detail = format!("{name:?} is no {field}");
    Err(Failure::wrong(
        world,
        &format!("Invalid{field}.Malformed"),
        &detail,
    ))
}

/// 2 to 256 characters, and no address first.
pub(super) fn check_description(
    parameter: &str,
    text: Option<&str>,
    world: &mut World,
) -> Result<(), Failure> {
    match text {
        Some(text) if !(2..=256).contains(&text.chars().count()) || text.starts_with("http") => {
            Err(Failure::wrong(
                world,
                "InvalidDescription.Malformed",
                &format!("{parameter} has not 2 to 256 characters, or begins with http"),
            ))
        }
        Some(_) | None => Ok(()),
    }
}

/// Refuses what is no range of addresses of version 4.
pub(super) fn check_range(parameter: &str, range: &str, world: &mut World) -> Result<(), Failure> {
    let (address, length) = range.split_once('/').unwrap_or((range, "32"));
    let fits =
        address.parse::<std::net::Ipv4Addr>().is_ok() && length.parse().is_ok_and(|length: u8| length <= 32);
    if fits {
        return Ok(());
    }
    Err(Failure::invalid(
        world,
        parameter,
        &format!("{range:?} is no range of addresses"),
    ))
}
