//! A private key that is in an image is everybody's.

use std::path::{Path, PathBuf};

use super::{Check, unreadable};
use crate::verify::facts::{Facts, Scene, State};
use crate::verify::private_key;
use crate::verify::report::{Evidence, Judgement};
use crate::verify::tree::Entry;

pub(super) const CHECK: Check = Check {
    id: "private-keys",
    title: "Private keys removed",
    proves: "no private key of a user, a service or this host came with the image, wherever packages of the system do \
             not keep their files",
    reads,
    judge,
};

/// Containers of keys, and keys in forms that have no head, by their endings.
const CONTAINERS: &[&str] = &["jks", "kdb", "kdbx", "keystore", "p12", "pfx", "ppk"];

/// Where nobody's own files are: what packages bring is the same for everybody.
const OF_PACKAGES: &[&str] = &["/usr", "/lib", "/boot", "/snap"];

fn is_of_packages(path: &Path) -> bool {
    OF_PACKAGES.iter().any(|folder| path.starts_with(folder)) && !path.starts_with("/usr/local")
}

fn is_host_key(path: &Path) -> bool {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    path.parent() == Some(Path::new("/etc/ssh")) && name.starts_with("ssh_host_") && name.ends_with("_key")
}

fn reads(scene: &Scene) -> Vec<PathBuf> {
    scene
        .marked
        .iter()
        .filter(|path| !private_key::is_published_sample(path))
        .cloned()
        .collect()
}

fn judge(facts: &Facts) -> Judgement {
    let scene = &facts.scene;
    let mut evidence = Vec::new();
    for path in reads(scene) {
        if is_host_key(&path) {
            continue;
        }
        match facts.bytes(&path) {
            Ok(bytes) => {
                if let Some(line) = private_key::line_of(bytes) {
                    evidence.push(Evidence::in_line(&path, line, "a private key"));
                }
            }
            Err(why) => evidence.push(unreadable(&path, why)),
        }
    }
    for (path, entry) in scene.tree.all() {
        if let Some(found) = objection(path, entry, scene.state) {
            evidence.push(Evidence::at(path, found));
        }
    }
    Judgement::Judged(evidence)
}

/// What a name alone says.
fn objection(path: &Path, entry: &Entry, state: State) -> Option<&'static str> {
    if !entry.is_written() || is_of_packages(path) {
        return None;
    }
    if is_host_key(path) {
        // A running system has made its own by now.
        return match state {
            State::AtRest => Some("a host key that all instances would share"),
            State::Booted(start) => (entry.modified < start).then_some("a host key from before the start"),
        };
    }
    let ending = path
        .extension()
        .unwrap_or_default()
        .to_string_lossy()
        .to_ascii_lowercase();
    if CONTAINERS.contains(&ending.as_str()) && !private_key::is_published_sample(path) {
        return Some("a container of keys");
    }
    let in_gnupg = path
        .parent()
        .is_some_and(|parent| parent.ends_with("private-keys-v1.d"));
    in_gnupg.then_some("a private key of GnuPG")
}
