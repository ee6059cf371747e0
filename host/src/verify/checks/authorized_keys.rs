//! Nobody but the owner of an instance can log in with a key.

use std::path::PathBuf;

use super::{Check, in_lines};
use crate::verify::facts::{Facts, Scene};
use crate::verify::report::Judgement;

pub(super) const CHECK: Check = Check {
    id: "authorized-keys",
    title: "SSH authorized_keys cleared",
    proves: "no key of the build or of its people opens an instance",
    reads,
    judge,
};

/// Wherever they are: `AuthorizedKeysFile` may name any place.
fn reads(scene: &Scene) -> Vec<PathBuf> {
    let named = scene.tree.all().filter(|(path, entry)| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        let in_folder = path.parent().and_then(|parent| parent.file_name());
        let by_name =
            name.starts_with("authorized_keys") || in_folder.is_some_and(|name| name == "authorized_keys");
        by_name && counts(entry) && !path.starts_with("/usr/share")
    });
    named.map(|(path, _)| path.to_path_buf()).collect()
}

fn counts(entry: &crate::verify::tree::Entry) -> bool {
    entry.is_written() || entry.kind == crate::verify::tree::Kind::Link
}

fn judge(facts: &Facts) -> Judgement {
    let own = facts.expectation.login_key.as_deref();
    Judgement::Judged(in_lines(facts, reads(&facts.scene), |line| {
        let line = line.trim();
        let is_key = !line.is_empty() && !line.starts_with('#');
        let is_own = own.is_some_and(|own| line.contains(own));
        (is_key && !is_own).then(|| "a key that may log in".to_owned())
    }))
}
