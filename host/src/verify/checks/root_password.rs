//! Nobody knows a password of an image that is given to others.

use std::path::{Path, PathBuf};

use super::{Check, in_lines};
use crate::verify::facts::{Facts, Scene};
use crate::verify::report::{Evidence, Judgement};

const SHADOW: &str = "/etc/shadow";
const PASSWD: &str = "/etc/passwd";

pub(super) const CHECK: Check = Check {
    id: "root-password",
    title: "Root password disabled",
    proves: "neither root nor any other user can log in with a password that the build has set",
    reads,
    judge,
};

/// What tools keep of earlier versions: a hash that was valid once can still be tried.
const COPIES: &[&str] = &["/etc/shadow-", "/etc/passwd-", "/var/backups"];

fn copies(scene: &Scene) -> impl Iterator<Item = PathBuf> + '_ {
    let all = COPIES.iter().flat_map(|path| scene.tree.files(Path::new(path)));
    let named = all.filter(|(path, entry)| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        entry.is_written() && (name.starts_with("shadow") || name.starts_with("passwd"))
    });
    named.map(|(path, _)| path.to_path_buf())
}

fn reads(scene: &Scene) -> Vec<PathBuf> {
    [SHADOW, PASSWD]
        .map(PathBuf::from)
        .into_iter()
        .chain(copies(scene))
        .collect()
}

fn judge(facts: &Facts) -> Judgement {
    let (shadow, passwd) = (PathBuf::from(SHADOW), PathBuf::from(PASSWD));
    let has_root = |text: &str| text.lines().any(|line| line.starts_with("root:"));
    let mut evidence = Vec::new();
    if let Ok(text) = facts.text(&shadow)
        && !has_root(&text)
    {
        evidence.push(Evidence::at(&shadow, "it has no line for root"));
    }
    evidence.extend(in_lines(facts, [shadow, passwd], |line| {
        let (name, found) = usable(line)?;
        Some(format!("{name} has {found}"))
    }));
    evidence.extend(in_lines(facts, copies(&facts.scene), |line| {
        let (name, found) = usable(line)?;
        Some(format!("{name} had {found}"))
    }));
    Judgement::Judged(evidence)
}

/// Whom a line of either file lets in, and with what. `x` points to the other file; `!` and `*` before anything let
/// nobody in.
fn usable(line: &str) -> Option<(&str, &'static str)> {
    let mut fields = line.split(':');
    let (name, password) = (fields.next()?, fields.next()?);
    match password {
        "" => Some((name, "an empty password")),
        "x" => None,
        locked if locked.starts_with(['!', '*']) => None,
        _ => Some((name, "a password")),
    }
}
