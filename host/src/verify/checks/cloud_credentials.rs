//! Nobody gets at the builder's cloud accounts.

use std::path::{Path, PathBuf};

use super::{Check, nothing};
use crate::verify::facts::Facts;
use crate::verify::report::{Judgement, each};

pub(super) const CHECK: Check = Check {
    id: "cloud-credentials",
    title: "Cloud credentials removed",
    proves: "no user's home has a login, a key or a cached token of a cloud",
    reads: nothing,
    judge,
};

/// Below each home.
pub(super) const HOMES: &[&str] = &[
    ".alibabacloud",
    ".aliyun",
    ".aws",
    ".azure",
    ".boto",
    ".config/doctl",
    ".config/gcloud",
    ".config/hcloud",
    ".config/linode-cli",
    ".config/oci",
    ".kube",
    ".oci",
    ".pulumi/credentials.json",
    ".s3cfg",
    ".terraform.d/credentials.tfrc.json",
    ".terraformrc",
    ".vault-token",
];
pub(super) const SYSTEM: &[&str] = &["/etc/boto.cfg", "/etc/kubernetes/admin.conf"];

fn judge(facts: &Facts) -> Judgement {
    let scene = &facts.scene;
    let system: Vec<PathBuf> = SYSTEM
        .iter()
        .flat_map(|path| scene.contents_of(Path::new(path)))
        .collect();
    let paths = scene.in_homes(HOMES).into_iter().chain(system);
    Judgement::Judged(each(paths, "may hold credentials of a cloud"))
}
