//! Where each value comes from, and the pointers that name values.
//!
//! Inside `config/` a value is named by its JSON pointer below `providers.packer` (`/aws/region`),
//! which is unambiguous for any key. People see the dotted form (`providers.packer.aws.region`).

use std::collections::BTreeMap;
use std::fmt;

/// Where a value comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Origin {
    /// Nobody set it.
    Default,
    /// The configuration file.
    File {
        /// Line, from 1.
        line: usize,
    },
    /// The environment.
    Environment {
        /// Name of the variable.
        variable: String,
    },
    /// The command line.
    Flag {
        /// Without the dashes.
        name: String,
    },
}

impl fmt::Display for Origin {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Default => f.write_str("default"),
            Self::File { line } => write!(f, "line {line}"),
            Self::Environment { variable } => write!(f, "environment variable {variable}"),
            Self::Flag { name } => write!(f, "--{name}"),
        }
    }
}

/// The origin of every value that somebody set.
#[derive(Clone, Debug, Default)]
pub struct Origins(BTreeMap<String, Origin>);

impl Origins {
    /// The origin of a key below `providers.packer`, for example `aws.region`.
    pub fn of(&self, key: &str) -> Origin {
        self.at(&key
            .split('.')
            .fold(String::new(), |pointer, part| child(&pointer, part)))
    }

    /// Every value that somebody set, by its dotted key.
    pub fn iter(&self) -> impl Iterator<Item = (String, &Origin)> {
        self.0.iter().map(|(pointer, origin)| (dotted(pointer), origin))
    }

    /// In the file every entry of a list or map has a line; a flag or variable sets the whole.
    pub(super) fn at(&self, pointer: &str) -> Origin {
        match self.around(pointer) {
            Some((found, origin)) if found == pointer || !matches!(origin, Origin::File { .. }) => {
                origin.clone()
            }
            _ => Origin::Default,
        }
    }

    /// The line of a value or, when it is missing, of what it is missing in.
    pub(super) fn line_around(&self, pointer: &str) -> Option<usize> {
        match self.around(pointer)?.1 {
            Origin::File { line } => Some(*line),
            Origin::Default | Origin::Environment { .. } | Origin::Flag { .. } => None,
        }
    }

    fn around<'p>(&self, pointer: &'p str) -> Option<(&'p str, &Origin)> {
        std::iter::successors(Some(pointer), |pointer| {
            pointer.rsplit_once('/').map(|(parent, _)| parent)
        })
        .find_map(|pointer| self.0.get(pointer).map(|origin| (pointer, origin)))
    }

    /// The origin of exactly this value.
    pub(super) fn of_pointer(&self, pointer: &str) -> Option<&Origin> {
        self.0.get(pointer)
    }

    pub(super) fn set(&mut self, pointer: &str, origin: Origin) {
        let below = format!("{pointer}/");
        self.0.retain(|key, _| !key.starts_with(&below));
        self.0.insert(pointer.into(), origin);
    }

    pub(super) fn insert_line(&mut self, pointer: String, line: usize) {
        self.0.insert(pointer, Origin::File { line });
    }
}

/// The pointer of a key of the mapping at `pointer`.
pub(super) fn child(pointer: &str, key: &str) -> String {
    format!("{pointer}/{}", key.replace('~', "~0").replace('/', "~1"))
}

/// The form that people see.
pub(super) fn dotted(pointer: &str) -> String {
    let mut text = "providers.packer".to_owned();
    for part in pointer.split('/').skip(1) {
        let part = part.replace("~1", "/").replace("~0", "~");
        if part.bytes().all(|byte| byte.is_ascii_digit()) {
            text.push_str(&format!("[{part}]"));
        } else if part
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-'))
        {
            text.push('.');
            text.push_str(&part);
        } else {
            text.push_str(&format!("[{part:?}]"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_with_dots_slashes_or_quotes_keep_their_own_names() {
        assert_eq!(
            dotted(&child(&child("", "tags"), "a.b")),
            "providers.packer.tags[\"a.b\"]"
        );
        assert_eq!(
            dotted(&child(&child("", "tags"), "a/b~1")),
            "providers.packer.tags[\"a/b~1\"]"
        );
        assert_ne!(child("/tags", "a/b"), child("/tags/a", "b"));
        assert_eq!(dotted("/build/scripts/0"), "providers.packer.build.scripts[0]");
    }

    #[test]
    fn a_key_that_is_not_in_its_section_does_not_come_from_the_file() {
        let mut origins = Origins::default();
        origins.insert_line("/aws".into(), 3);
        assert_eq!(origins.of("aws.region"), Origin::Default);
        assert_eq!(origins.line_around("/aws/region"), Some(3));
        assert_eq!(origins.line_around("/gcp/zone"), None);
    }

    #[test]
    fn a_value_replaced_by_a_flag_does_not_keep_the_lines_of_its_old_entries() {
        let mut origins = Origins::default();
        origins.insert_line("/build/extensions".into(), 3);
        origins.insert_line("/build/extensions/0".into(), 4);
        origins.set(
            "/build/extensions",
            Origin::Flag {
                name: "extensions".into(),
            },
        );
        assert_eq!(
            origins.of("build.extensions.0"),
            Origin::Flag {
                name: "extensions".into()
            }
        );
    }
}
