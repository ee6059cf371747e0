//! Whose a resource is and which run made it.
//!
//! Instances and what `deploy` makes carry the host's tags. Packer's builder can tag nothing but its instance,
//! and before plugin 1.0.1 not even that; but it takes names for all of it. Such a name is the mark then.

use sindri_plugin_sdk::contract::{Context, Tag};
use sindri_plugin_sdk::tags::{BUILD_DATE, MANAGED_BY, SINDRI, SINDRI_RUN_ID, labels, with};

/// Longer than `sindri-` on purpose: `sindri-production12` is somebody's VPC and looks like a run's id.
const PREFIX: &str = "sindri-run-";

/// The name of everything that this run makes.
pub(crate) fn name(run_id: &str) -> String {
    format!("{PREFIX}{run_id}")
}

/// The name of what this context's run makes.
pub(crate) fn of(context: &Context) -> String {
    name(&context.run_id)
}

/// For searches in which `*` stands for anything. What they find has to be looked at with [`run_of`].
pub(crate) fn pattern() -> String {
    format!("{PREFIX}*")
}

/// The run that a name says.
pub(crate) fn run_of(name: &str) -> Option<&str> {
    name.strip_prefix(PREFIX)
        .filter(|id| sindri_plugin_sdk::check::run_id(id).is_ok())
}

/// The tags of a resource, those included that its name stands for. Somebody else's `ManagedBy` is believed
/// before a name.
pub(crate) fn tags(name: &str, tags: Vec<Tag>, created: Option<&str>) -> Vec<Tag> {
    let Some(run) = run_of(name).filter(|_| tags.iter().all(|tag| tag.key != MANAGED_BY)) else {
        return tags;
    };
    let marked = with(&with(&tags, MANAGED_BY, SINDRI), SINDRI_RUN_ID, run);
    match created {
        Some(created) => with(&marked, BUILD_DATE, created),
        None => marked,
    }
}

/// The run that made a resource of ours; none when it is somebody else's.
pub(crate) fn owner(tags: &[Tag]) -> Option<String> {
    let labels = labels(tags);
    labels.run_id.filter(|_| labels.managed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tag(key: &str, value: &str) -> Tag {
        Tag {
            key: key.to_owned(),
            value: value.to_owned(),
        }
    }

    #[test]
    fn only_the_whole_name_is_a_mark() {
        assert_eq!(run_of(&name("abcdef012345")), Some("abcdef012345"));
        for other in [
            "sindri-abcdef012345",
            "sindri-run-production",
            "sindri-run-abcdef012345-2",
            "my-sindri-run-abcdef012345",
            "sindri-run-*",
            "packer_6b03ea54",
            "",
        ] {
            assert_eq!(owner(&tags(other, Vec::new(), None)), None, "{other}");
        }
    }

    #[test]
    fn a_resource_of_another_tool_is_not_ours_whatever_its_name() {
        let foreign = vec![tag(MANAGED_BY, "terraform")];
        assert_eq!(owner(&tags("sindri-run-abcdef012345", foreign, None)), None);
    }
}
