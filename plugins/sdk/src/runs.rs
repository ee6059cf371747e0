//! Which runs have left something, told from the tags of what they left.

use std::collections::BTreeMap;

use crate::contract::{Resource, RunPurpose, RunTrace, Tag};
use crate::tags::{BUILD_DATE, labels, purpose, value_of};

/// Resources with their tags in the host's own spelling, gathered by run.
///
/// What does not carry the mark of ownership and the id of a run belongs to somebody else and is left
/// out. Runs come out in the order of their ids, resources in the order in which they came in.
pub fn traces(found: impl IntoIterator<Item = (Resource, Vec<Tag>)>) -> Vec<RunTrace> {
    let mut runs: BTreeMap<String, RunTrace> = BTreeMap::new();
    for (resource, tags) in found {
        let owner = labels(&tags);
        let Some(run_id) = owner.run_id.filter(|_| owner.managed) else {
            continue;
        };
        let trace = runs.entry(run_id.clone()).or_insert_with(|| RunTrace {
            run_id,
            purpose: RunPurpose::Unknown,
            started: None,
            resources: Vec::new(),
        });
        if trace.purpose == RunPurpose::Unknown {
            trace.purpose = purpose(&tags);
        }
        if trace.started.is_none() {
            trace.started = value_of(&tags, BUILD_DATE).map(str::to_owned);
        }
        trace.resources.push(resource);
    }
    runs.into_values().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tags::{MANAGED_BY, SINDRI, SINDRI_PURPOSE, SINDRI_RUN_ID, with};

    fn resource(id: &str) -> Resource {
        Resource {
            kind: "instance".to_owned(),
            id: id.to_owned(),
            location: "here".to_owned(),
        }
    }

    #[test]
    fn only_what_is_marked_as_ours_is_gathered() {
        let ours = with(&with(&[], MANAGED_BY, SINDRI), SINDRI_RUN_ID, "abcdef012345");
        let build = with(&ours, SINDRI_PURPOSE, "build");
        let dated = with(&build, BUILD_DATE, "2026-11-22T09:30:05Z");
        let found = [
            (resource("decoy"), with(&[], SINDRI_RUN_ID, "abcdef012345")),
            (resource("a"), ours.clone()),
            (resource("b"), dated),
            (resource("terraform's"), with(&ours, MANAGED_BY, "terraform")),
            (resource("no run"), with(&[], MANAGED_BY, SINDRI)),
        ];
        let traces = traces(found);
        assert_eq!(traces.len(), 1);
        assert_eq!(traces[0].purpose, RunPurpose::Build);
        assert_eq!(traces[0].started.as_deref(), Some("2026-11-22T09:30:05Z"));
        assert_eq!(traces[0].resources, [resource("a"), resource("b")]);
    }
}
