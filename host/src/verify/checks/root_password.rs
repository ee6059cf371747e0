//! Nobody knows a password of an image that is given to others.

use std::path::{Path, PathBuf};

use super::{Check, unreadable};
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

fn reads(_: &Scene) -> Vec<PathBuf> {
    vec![SHADOW.into(), PASSWD.into()]
}

fn judge(facts: &Facts) -> Judgement {
    let mut evidence = Vec::new();
    let (shadow, passwd) = (Path::new(SHADOW), Path::new(PASSWD));
    match facts.text(shadow) {
        Ok(text) => {
            let mut has_root = false;
            for (index, line) in text.lines().enumerate() {
                let mut fields = line.split(':');
                let (name, Some(password)) = (fields.next().unwrap_or_default(), fields.next()) else {
                    continue;
                };
                has_root |= name == "root";
                if let Some(found) = usable(password) {
                    evidence.push(Evidence::in_line(
                        shadow,
                        index + 1,
                        format!("{name} has {found}"),
                    ));
                }
            }
            if !has_root {
                evidence.push(Evidence::at(shadow, "it has no line for root"));
            }
        }
        Err(why) => evidence.push(unreadable(shadow, why)),
    }
    if let Err(why) = facts.text(passwd) {
        evidence.push(unreadable(passwd, why));
    }
    for user in &facts.scene.users {
        // `x`: see the other file. Older systems wrote the hash here, and everybody can read it.
        if user.password != "x"
            && let Some(found) = usable(&user.password)
        {
            evidence.push(Evidence::at(passwd, format!("{} has {found}", user.name)));
        }
    }
    Judgement::Judged(evidence)
}

/// What a password field lets in with. `!` and `*` before anything let nobody in.
fn usable(password: &str) -> Option<&'static str> {
    match password {
        "" => Some("an empty password"),
        locked if locked.starts_with(['!', '*']) => None,
        _ => Some("a password"),
    }
}
