//! The kinds of resources that the lab's Azure has.

use super::schema;
use crate::schema::Shape;

/// A kind of resource.
#[derive(Debug)]
pub(super) struct Kind {
    /// For example `Microsoft.Compute/virtualMachines`.
    pub(super) name: &'static str,
    pub(super) shape: &'static Shape,
    /// What its names look like, in words and as a test.
    pub(super) form: (&'static str, fn(&str) -> bool),
    /// Whether making and deleting are long-running operations.
    pub(super) slow: bool,
}

const WORD: (&str, fn(&str) -> bool) = ("1 to 80 letters, digits, - _ .", is_word);

macro_rules! kinds {
    ($($constant:ident = $name:literal, $shape:ident, $form:expr, $slow:literal;)*) => {
        $(pub(super) const $constant: &str = $name;)*
        static KINDS: &[Kind] = &[$(Kind { name: $name, shape: &schema::$shape, form: $form, slow: $slow }),*];
    };
}

kinds! {
    VM = "Microsoft.Compute/virtualMachines", VIRTUAL_MACHINE, ("1 to 64 letters, digits, - _ .", is_machine), true;
    DISK = "Microsoft.Compute/disks", DISK, WORD, true;
    SNAPSHOT = "Microsoft.Compute/snapshots", SNAPSHOT, WORD, true;
    IMAGE = "Microsoft.Compute/images", IMAGE, ("1 to 80 letters, digits, - _ ., ending with a letter, digit or _", is_image), true;
    GALLERY = "Microsoft.Compute/galleries", GALLERY, ("1 to 80 letters, digits, _ .", is_gallery), true;
    DEFINITION = "Microsoft.Compute/galleries/images", GALLERY_IMAGE, WORD, true;
    VERSION = "Microsoft.Compute/galleries/images/versions", GALLERY_VERSION, ("MAJOR.MINOR.PATCH of 32-bit numbers", is_version), true;
    NETWORK = "Microsoft.Network/virtualNetworks", NETWORK, WORD, false;
    SUBNET = "Microsoft.Network/virtualNetworks/subnets", SUBNET, WORD, false;
    INTERFACE = "Microsoft.Network/networkInterfaces", NETWORK_INTERFACE, WORD, false;
    ADDRESS = "Microsoft.Network/publicIPAddresses", PUBLIC_ADDRESS, WORD, false;
    SECURITY_GROUP = "Microsoft.Network/networkSecurityGroups", SECURITY_GROUP, WORD, false;
    RULE = "Microsoft.Network/networkSecurityGroups/securityRules", RULE, WORD, false;
}

/// By name, in any case.
pub(super) fn find(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name.eq_ignore_ascii_case(name))
}

/// Those directly below another.
pub(super) fn below(parent: &str) -> impl Iterator<Item = &'static Kind> {
    KINDS.iter().filter(move |kind| {
        kind.name
            .strip_prefix(parent)
            .and_then(|rest| rest.strip_prefix('/'))
            .is_some_and(|rest| !rest.contains('/'))
    })
}

fn is_word(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    (1..=80).contains(&text.len()) && text.chars().all(fits)
}

fn is_machine(text: &str) -> bool {
    is_word(text) && text.len() <= 64
}

/// `^[A-Za-z0-9][A-Za-z0-9_.-]{0,78}[A-Za-z0-9_]$`
fn is_image(text: &str) -> bool {
    is_word(text)
        && text.starts_with(|c: char| c.is_ascii_alphanumeric())
        && text.ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
}

/// Dashes are not taken.
fn is_gallery(text: &str) -> bool {
    is_word(text) && !text.contains('-')
}

fn is_version(text: &str) -> bool {
    let parts: Vec<_> = text.split('.').collect();
    parts.len() == 3
        && parts.iter().all(|part| {
            part.chars().all(|c| c.is_ascii_digit())
                && part.parse::<u32>().is_ok_and(|number| number <= 2_147_483_647)
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_follow_azures_rules() {
        assert!(
            is_image("sindri-dev-1.0") && !is_image("a-") && !is_image("_a") && !is_image(&"a".repeat(81))
        );
        assert!(is_gallery("lab_1.a") && !is_gallery("lab-1"));
        assert!(is_version("2026.131.42") && !is_version("1.0") && !is_version("20260131120000.0.1"));
    }

    #[test]
    fn parts_are_found_below_their_kind() {
        let names: Vec<_> = below(GALLERY).map(|kind| kind.name).collect();
        assert_eq!(names, [DEFINITION]);
    }
}
