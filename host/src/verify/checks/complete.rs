//! What was not looked at proves nothing.

use super::{Check, nothing};
use crate::verify::facts::Facts;
use crate::verify::report::{Evidence, Judgement};

pub(super) const CHECK: Check = Check {
    id: "complete",
    title: "Everything could be looked at",
    proves: "the other points are about the whole root file system",
    reads: nothing,
    judge,
};

fn judge(facts: &Facts) -> Judgement {
    let tree = &facts.scene.tree;
    let mut evidence: Vec<_> = tree
        .gaps()
        .iter()
        .map(|gap| Evidence::at(&gap.path, format!("could not be looked at: {}", gap.reason)))
        .collect();
    if tree.is_empty() {
        evidence.push(Evidence::at("/".as_ref(), "there is nothing"));
    }
    Judgement::Judged(evidence)
}
