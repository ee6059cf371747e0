//! Nobody gets at the builder's container registries.

use std::path::PathBuf;

use serde_json::Value;

use super::{Check, unreadable};
use crate::verify::facts::{Facts, Scene};
use crate::verify::report::{Evidence, Judgement};

pub(super) const CHECK: Check = Check {
    id: "docker-credentials",
    title: "Docker credentials removed",
    proves: "no user's configuration of Docker or Podman has a login in it",
    reads,
    judge,
};

pub(super) const HOMES: &[&str] = &[
    ".docker/config.json",
    ".dockercfg",
    ".config/containers/auth.json",
];

fn reads(scene: &Scene) -> Vec<PathBuf> {
    scene.in_homes(HOMES)
}

fn judge(facts: &Facts) -> Judgement {
    let evidence = reads(&facts.scene).into_iter().filter_map(|path| {
        let bytes = match facts.bytes(&path) {
            Ok(bytes) => bytes,
            Err(why) => return Some(unreadable(&path, why)),
        };
        match serde_json::from_slice::<Value>(bytes) {
            Ok(document) => has_login(&document).then(|| Evidence::at(&path, "a login of a registry")),
            Err(_) => Some(Evidence::at(
                &path,
                "it is not JSON, so nobody knows what is in it",
            )),
        }
    });
    Judgement::Judged(evidence.collect())
}

/// A member that is a login, however deep it is: `auths`, or the whole document in the old form.
fn has_login(value: &Value) -> bool {
    const LOGINS: [&str; 5] = ["auth", "password", "identitytoken", "registrytoken", "secret"];
    match value {
        Value::Object(members) => members.iter().any(|(name, member)| {
            let is_login = LOGINS.contains(&name.to_ascii_lowercase().as_str());
            (is_login && member.as_str().is_some_and(|text| !text.is_empty())) || has_login(member)
        }),
        Value::Array(items) => items.iter().any(has_login),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => false,
    }
}
