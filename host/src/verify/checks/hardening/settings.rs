//! Configuration files as lists of settings.

use std::path::{Path, PathBuf};

/// A key and its value where they stand.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Setting {
    pub(super) key: String,
    pub(super) value: String,
    pub(super) path: PathBuf,
    pub(super) line: usize,
}

/// sshd's rule: of several values the first holds. What stands in a `Match` block holds for some only, and could
/// only weaken what is asked for here: it counts as the value of all.
#[derive(Debug, Default)]
pub(super) struct FirstWins {
    settings: Vec<Setting>,
    weaker: Vec<Setting>,
    in_match: bool,
}

impl FirstWins {
    pub(super) fn sshd_line(&mut self, path: &Path, line: usize, text: &str) {
        let text = text.trim();
        if text.is_empty() || text.starts_with('#') {
            return;
        }
        let end = text
            .find(|c: char| c.is_whitespace() || c == '=')
            .unwrap_or(text.len());
        let (key, rest) = text.split_at(end);
        let value = rest
            .trim_start_matches(|c: char| c.is_whitespace() || c == '=')
            .trim();
        let key = key.to_ascii_lowercase();
        if key == "match" {
            self.in_match = !value.eq_ignore_ascii_case("all");
            return;
        }
        let setting = Setting {
            key,
            value: value.trim_matches('"').to_owned(),
            path: path.to_path_buf(),
            line,
        };
        if self.in_match {
            self.weaker.push(setting);
        } else if !self.settings.iter().any(|known| known.key == setting.key) {
            self.settings.push(setting);
        }
    }

    /// A `Match` block ends with its file.
    pub(super) fn end_of_match(&mut self) {
        self.in_match = false;
    }

    /// The value that holds; one of a `Match` block that differs from the rest goes before it.
    pub(super) fn get(&self, key: &str) -> Option<&Setting> {
        let key = key.to_ascii_lowercase();
        let of_all = self.settings.iter().find(|setting| setting.key == key);
        let differs = |setting: &&Setting| {
            setting.key == key && of_all.is_none_or(|all| !all.value.eq_ignore_ascii_case(&setting.value))
        };
        self.weaker.iter().find(differs).or(of_all)
    }
}

/// `key = value`, of `sysctl.d`: `/` and `.` both separate, `-` before a key means that errors do not count.
pub(super) fn sysctl(path: &Path, text: &str) -> Vec<Setting> {
    let setting = |(index, line): (usize, &str)| {
        let line = line.trim();
        if line.starts_with(['#', ';']) {
            return None;
        }
        let (key, value) = line.split_once('=')?;
        Some(Setting {
            key: key.trim().trim_start_matches('-').replace('/', "."),
            value: value.trim().to_owned(),
            path: path.to_path_buf(),
            line: index + 1,
        })
    };
    text.lines().enumerate().filter_map(setting).collect()
}

/// `KEY value`, of `login.defs`.
pub(super) fn words(path: &Path, text: &str) -> Vec<Setting> {
    let setting = |(index, line): (usize, &str)| {
        let mut words = line.split_whitespace();
        let key = words.next().filter(|key| !key.starts_with('#'))?;
        Some(Setting {
            key: key.to_owned(),
            value: words.next()?.to_owned(),
            path: path.to_path_buf(),
            line: index + 1,
        })
    };
    text.lines().enumerate().filter_map(setting).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sshd(text: &str) -> FirstWins {
        let mut found = FirstWins::default();
        for (index, line) in text.lines().enumerate() {
            found.sshd_line(Path::new("/c"), index + 1, line);
        }
        found
    }

    /// cloud-init writes a `50-cloud-init.conf` with `PasswordAuthentication yes`.
    #[test]
    fn the_first_value_holds_and_a_match_block_cannot_weaken_it_unseen() {
        let found = sshd("# X11Forwarding yes\nX11Forwarding no\nx11forwarding yes\nMaxAuthTries=4\n");
        assert_eq!(found.get("X11Forwarding").unwrap().line, 2);
        assert_eq!(found.get("MaxAuthTries").unwrap().value, "4");
        let found =
            sshd("PermitRootLogin no\nMatch User root\n  PermitRootLogin yes\nMatch all\nMaxAuthTries 4\n");
        assert_eq!(found.get("PermitRootLogin").unwrap().line, 3);
        assert_eq!(found.get("MaxAuthTries").unwrap().line, 5);
    }

    #[test]
    fn sysctl_keys_have_one_spelling() {
        let found = sysctl(Path::new("/s"), "# a\n-net/ipv4/x=1\nkernel.y = 2\n");
        let pairs: Vec<_> = found
            .iter()
            .map(|s| (s.key.as_str(), s.value.as_str(), s.line))
            .collect();
        assert_eq!(pairs, [("net.ipv4.x", "1", 2), ("kernel.y", "2", 3)]);
    }
}
