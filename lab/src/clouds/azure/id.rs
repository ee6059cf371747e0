//! Resource ids: `/subscriptions/S/resourceGroups/G/providers/NAMESPACE/TYPE/NAME[/SUBTYPE/SUBNAME …]`.

use super::SUBSCRIPTION;

/// An id of a resource in a group. Compared without regard to case.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Id {
    pub(super) group: String,
    pub(super) namespace: String,
    /// Types and names in turn.
    pub(super) pairs: Vec<(String, String)>,
}

impl Id {
    /// Reads one of the lab's subscription.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let parts: Vec<_> = text.strip_prefix('/')?.split('/').collect();
        let [
            subscriptions,
            subscription,
            groups,
            group,
            providers,
            namespace,
            rest @ ..,
        ] = parts.as_slice()
        else {
            return None;
        };
        let fixed = subscriptions.eq_ignore_ascii_case("subscriptions")
            && subscription.eq_ignore_ascii_case(SUBSCRIPTION)
            && groups.eq_ignore_ascii_case("resourceGroups")
            && providers.eq_ignore_ascii_case("providers");
        if !fixed
            || rest.is_empty()
            || !rest.len().is_multiple_of(2)
            || rest.iter().any(|part| part.is_empty())
        {
            return None;
        }
        let pairs = rest.chunks_exact(2).filter_map(|pair| match pair {
            [kind, name] => Some(((*kind).to_owned(), (*name).to_owned())),
            _ => None,
        });
        Some(Self {
            group: (*group).to_owned(),
            namespace: (*namespace).to_owned(),
            pairs: pairs.collect(),
        })
    }

    pub(super) fn new(group: &str, kind: &str, names: &str) -> Option<Self> {
        let (namespace, types) = kind.split_once('/')?;
        let pairs = types.split('/').zip(names.split('/'));
        Some(Self {
            group: group.to_owned(),
            namespace: namespace.to_owned(),
            pairs: pairs
                .map(|(kind, name)| (kind.to_owned(), name.to_owned()))
                .collect(),
        })
    }

    /// For example `Microsoft.Compute/galleries/images`.
    pub(super) fn kind(&self) -> String {
        let types: Vec<_> = self.pairs.iter().map(|(kind, _)| kind.as_str()).collect();
        format!("{}/{}", self.namespace, types.join("/"))
    }

    /// The last name.
    pub(super) fn name(&self) -> &str {
        self.pairs.last().map_or("", |(_, name)| name)
    }

    /// That of the resource that it is a part of.
    pub(super) fn parent(&self) -> Option<Self> {
        let mut parent = self.clone();
        parent.pairs.pop();
        (!parent.pairs.is_empty()).then_some(parent)
    }

    /// What ids are compared by.
    pub(super) fn key(&self) -> String {
        self.to_string().to_lowercase()
    }
}

impl std::fmt::Display for Id {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}/providers/{}", group_id(&self.group), self.namespace)?;
        self.pairs
            .iter()
            .try_for_each(|(kind, name)| write!(f, "/{kind}/{name}"))
    }
}

/// The id of a resource group.
pub(super) fn group_id(name: &str) -> String {
    format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/{name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_reading_and_writing() {
        let text = format!(
            "/subscriptions/{SUBSCRIPTION}/resourceGroups/g/providers/Microsoft.Compute/galleries/a/images/b/versions/1.0.0"
        );
        let id = Id::parse(&text).unwrap();
        assert_eq!(id.to_string(), text);
        assert_eq!(id.kind(), "Microsoft.Compute/galleries/images/versions");
        assert_eq!((id.name(), id.parent().unwrap().name()), ("1.0.0", "b"));
        assert_eq!(Id::new("g", &id.kind(), "a/b/1.0.0"), Some(id));
    }

    #[test]
    fn what_is_not_in_the_labs_subscription_is_no_id() {
        for text in [
            "",
            "/subscriptions/other/resourceGroups/g/providers/n/t/x",
            &group_id("g"),
        ] {
            assert_eq!(Id::parse(text), None, "{text}");
        }
    }
}
