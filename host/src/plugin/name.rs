//! The names that a plugin can be known by. They become keys of the configuration, names of files and of
//! environment variables, so there is one spelling of each.

use crate::error::{Code, Error, Result};

/// Longest name.
const LONGEST: usize = 32;
/// Words that mean something else where a cloud's name may stand.
const RESERVED: &[&str] = &["all", "none", "sindri"];

/// Refuses everything but lower-case letters, digits and single `-` inside.
pub fn check(name: &str) -> Result<()> {
    let refused = |why: &str| {
        Err(Error::new(
            Code::PluginName,
            format!(
                "`{}` cannot be the name of a plugin: {why}",
                name.escape_default()
            ),
        )
        .remedy("give a name such as `hcloud`: up to 32 lower-case letters, digits and -"))
    };
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    if name.is_empty() || name.len() > LONGEST {
        return refused("it has no or more than 32 characters");
    }
    if !name.chars().all(plain) {
        return refused("it has other characters than lower-case letters, digits and -");
    }
    if !name.starts_with(|c: char| c.is_ascii_lowercase()) || name.ends_with('-') || name.contains("--") {
        return refused("it begins with a letter and has no - at its end and no two together");
    }
    if RESERVED.contains(&name) {
        return refused("it means something else");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_no_path_no_flag_and_has_one_spelling() {
        for name in [
            "",
            "../x",
            "/etc/x",
            "x/y",
            "a\0b",
            "AWS",
            "Hcloud",
            "h\u{e9}",
            "h cloud",
            "-x",
            "x-",
            "a--b",
            "1x",
            "all",
            "h.cloud",
            "h_cloud",
            "con\n",
            &"x".repeat(33),
        ] {
            assert_eq!(check(name).unwrap_err().code(), Code::PluginName, "{name:?}");
        }
        for name in ["hcloud", "x", "open-stack", "s3"] {
            check(name).unwrap();
        }
    }
}
