//! Whose secrets there may be.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use super::tree::{Kind, Tree};

/// A line of `/etc/passwd`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct User {
    /// Login name.
    pub name: String,
    /// Home directory, as written.
    pub home: PathBuf,
}

/// Reads `/etc/passwd`; lines that are none are left out.
pub(super) fn parse(passwd: &str) -> Vec<User> {
    passwd
        .lines()
        .filter_map(|line| {
            let fields: Vec<_> = line.split(':').collect();
            let [name, _, _, _, _, home, ..] = fields.as_slice() else {
                return None;
            };
            Some(User {
                name: (*name).to_owned(),
                home: home.into(),
            })
        })
        .collect()
}

/// The homes of all users, system users too, and those that a removed user has left: where they really are.
pub(super) fn homes(users: &[User], tree: &Tree) -> Vec<PathBuf> {
    let named = users.iter().map(|user| user.home.clone());
    let fixed = ["/root", "/etc/skel"].map(PathBuf::from);
    let left = tree.real(Path::new("/home")).into_iter().flat_map(|home| {
        let is_child = |path: &Path| path.parent() == Some(home.as_path());
        let children: Vec<_> = tree
            .below(&home)
            .filter(|(path, _)| is_child(path))
            .map(|(path, _)| path.to_path_buf())
            .collect();
        children
    });
    let homes: BTreeSet<_> = named
        .chain(fixed)
        .chain(left)
        .filter_map(|home| tree.real(&home))
        .filter(|home| tree.get(home).is_some_and(|entry| entry.kind == Kind::Directory))
        .collect();
    homes.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::verify::tree::Entry;

    #[test]
    fn homes_are_those_of_everybody_and_of_nobody_any_more() {
        let passwd = "root:x:0:0::/root:/bin/sh\nsvc:x:99:99::/srv/svc:/bin/false\nbroken\nu:x:1000:1000::/home/u:/bin/sh\n\
                      none:x:1:1::/nonexistent:/bin/sh\n";
        let users = parse(passwd);
        assert_eq!(users.len(), 4);
        let mut tree = Tree::default();
        let mut add = |path: &str, target: Option<&str>| {
            let kind = if target.is_some() {
                Kind::Link
            } else {
                Kind::Directory
            };
            let target = target.map(PathBuf::from);
            let (mode, uid, gid, size, modified) = (0o755, 0, 0, 0, 0);
            tree.insert(
                path.into(),
                Entry {
                    kind,
                    mode,
                    uid,
                    gid,
                    size,
                    modified,
                    target,
                },
            );
        };
        for path in ["/root", "/srv", "/srv/svc", "/data", "/data/u", "/data/gone"] {
            add(path, None);
        }
        add("/home", Some("data"));
        assert_eq!(
            homes(&users, &tree),
            ["/data/gone", "/data/u", "/root", "/srv/svc"].map(PathBuf::from)
        );
    }
}
