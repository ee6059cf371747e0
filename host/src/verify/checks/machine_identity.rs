//! No two instances are the same machine.

use std::path::{Path, PathBuf};

use super::{Check, unreadable};
use crate::verify::facts::{Facts, Scene, State};
use crate::verify::report::{Evidence, Judgement, each};
use crate::verify::tree::Kind;

pub(super) const CHECK: Check = Check {
    id: "machine-identity",
    title: "Identity of the build's machine removed",
    proves: "each instance gets a machine id, a random seed and addresses of its own",
    reads,
    judge,
};

const MACHINE_ID: &str = "/etc/machine-id";
const DBUS: &str = "/var/lib/dbus/machine-id";
/// Files, and directories with files.
const SEEDS: &[&str] = &[
    "/var/lib/systemd/random-seed",
    "/var/lib/dhcp",
    "/var/lib/NetworkManager",
];

fn reads(scene: &Scene) -> Vec<PathBuf> {
    [MACHINE_ID, DBUS]
        .iter()
        .map(PathBuf::from)
        .filter(|path| scene.tree.get(path).is_some_and(|entry| entry.kind == Kind::File))
        .collect()
}

fn judge(facts: &Facts) -> Judgement {
    let scene = &facts.scene;
    match scene.state {
        State::Booted(_) => {
            return Judgement::NotShown(
                "a running system has its own by now; look at the image's root".into(),
            );
        }
        State::AtRest => {}
    }
    let mut evidence = Vec::new();
    for path in reads(scene) {
        match facts.text(&path) {
            Ok(id) if id.trim().is_empty() || id.trim() == "uninitialized" => {}
            Ok(_) => evidence.push(Evidence::at(&path, "a machine id that all instances would share")),
            Err(why) => evidence.push(unreadable(&path, why)),
        }
    }
    let seeds = SEEDS
        .iter()
        .flat_map(|path| scene.tree.files(Path::new(path)))
        .filter(|(path, entry)| entry.is_written() && is_seed(path));
    evidence.extend(each(
        seeds.map(|(path, _)| path.to_path_buf()),
        "state of the build's machine",
    ));
    Judgement::Judged(evidence)
}

fn is_seed(path: &Path) -> bool {
    let ending = path.extension().unwrap_or_default();
    path.ends_with("random-seed") || path.ends_with("secret_key") || ending == "lease" || ending == "leases"
}
