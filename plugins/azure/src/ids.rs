//! Azure's resource ids of images and machines. Their names of members are compared without case, as
//! Azure does, and every part has to be a plain name before it goes into a command.

use sindri_plugin_sdk::contract::Problem;

/// An image, either kind of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum ImageId {
    /// `…/resourceGroups/GROUP/providers/Microsoft.Compute/images/NAME`.
    Managed { group: String, name: String },
    /// `…/galleries/GALLERY/images/DEFINITION/versions/VERSION`.
    Version(VersionId),
}

/// A version of an image definition.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct VersionId {
    pub(crate) group: String,
    pub(crate) gallery: String,
    pub(crate) definition: String,
    pub(crate) version: String,
}

/// A machine.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct MachineId {
    pub(crate) group: String,
}

impl ImageId {
    /// Reads an id. Commands act in the configured subscription only, so that it has to be the id's.
    pub(crate) fn parse(text: &str, subscription: &str) -> Result<Self, Problem> {
        let unusable = || {
            Problem::new("unusable-image-id", format!("`{text}` is no id of an image")).remedy(
                "an id looks like /subscriptions/…/resourceGroups/…/providers/Microsoft.Compute/images/… or \
                 …/galleries/…/images/…/versions/…; `sindri vm list` shows them",
            )
        };
        let (owner, group, members) = members(text).ok_or_else(unusable)?;
        let id = match members.as_slice() {
            [("images", name)] => Self::Managed {
                group: group.to_owned(),
                name: (*name).to_owned(),
            },
            [
                ("galleries", gallery),
                ("images", definition),
                ("versions", version),
            ] => Self::Version(VersionId {
                group: group.to_owned(),
                gallery: (*gallery).to_owned(),
                definition: (*definition).to_owned(),
                version: (*version).to_owned(),
            }),
            _ => return Err(unusable()),
        };
        own(text, owner, subscription)?;
        Ok(id)
    }
}

impl VersionId {
    /// The name under which Sindri shows a version, which has none of its own.
    pub(crate) fn name(&self) -> String {
        format!("{}/{}", self.definition, self.version)
    }
}

impl MachineId {
    pub(crate) fn parse(text: &str, subscription: &str) -> Result<Self, Problem> {
        let parsed = members(text).and_then(|(owner, group, members)| match members.as_slice() {
            [("virtualmachines", _)] => Some((owner, group)),
            _ => None,
        });
        let (owner, group) = parsed.ok_or_else(|| {
            Problem::new("unusable-instance-id", format!("`{text}` is no id of a machine")).remedy(
                "an id looks like /subscriptions/…/resourceGroups/…/providers/Microsoft.Compute/virtualMachines/…",
            )
        })?;
        own(text, owner, subscription)?;
        Ok(Self {
            group: group.to_owned(),
        })
    }
}

fn own(id: &str, owner: &str, subscription: &str) -> Result<(), Problem> {
    if owner.eq_ignore_ascii_case(subscription) {
        return Ok(());
    }
    Err(Problem::new(
        "foreign-subscription",
        format!("`{id}` is not in the subscription {subscription}"),
    )
    .key("subscription_id")
    .remedy("set subscription_id to the subscription of the resource"))
}

/// Kinds (in small letters) and names of the members behind `Microsoft.Compute`.
type Members<'a> = Vec<(&'static str, &'a str)>;

/// Subscription, resource group and the members of a compute resource's id.
fn members(text: &str) -> Option<(&str, &str, Members<'_>)> {
    let mut parts = text.strip_prefix('/')?.split('/');
    let mut keyword = |word: &str| parts.next()?.eq_ignore_ascii_case(word).then(|| parts.next())?;
    let subscription = plain(keyword("subscriptions")?)?;
    let group = plain(keyword("resourceGroups")?)?;
    if !keyword("providers")?.eq_ignore_ascii_case("Microsoft.Compute") {
        return None;
    }
    let mut members = Vec::new();
    while let Some(kind) = parts.next() {
        let kind = ["images", "galleries", "versions", "virtualmachines"]
            .into_iter()
            .find(|known| known.eq_ignore_ascii_case(kind))?;
        members.push((kind, plain(parts.next()?)?));
    }
    Some((subscription, group, members))
}

/// A name that no command reads as anything else.
fn plain(name: &str) -> Option<&str> {
    let lawful = |c: char| c.is_ascii_alphanumeric() || "_.()-".contains(c);
    let starts_well = name.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_' || c == '(');
    (starts_well && name.len() <= 90 && name.chars().all(lawful)).then_some(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    const SUBSCRIPTION: &str = "00000000-0000-0000-0000-000000000001";

    fn id(rest: &str) -> String {
        format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/rg/providers/Microsoft.Compute/{rest}")
    }

    #[test]
    fn both_kinds_of_images_are_read_in_any_case() {
        let managed = id("images/sindri-1").replace("resourceGroups", "resourcegroups");
        let expected = ImageId::Managed {
            group: "rg".to_owned(),
            name: "sindri-1".to_owned(),
        };
        assert_eq!(ImageId::parse(&managed, SUBSCRIPTION).unwrap(), expected);
        let version = id("galleries/g/images/d/versions/1.2.3");
        let Ok(ImageId::Version(version)) = ImageId::parse(&version, SUBSCRIPTION) else {
            panic!()
        };
        assert_eq!(version.name(), "d/1.2.3");
    }

    #[test]
    fn an_id_cannot_be_a_flag_a_path_or_somebody_elses() {
        for bad in [
            "",
            "sindri-1",
            "--ids",
            &id("images/--yes"),
            &id("images/@file"),
            &id("images/a/../b"),
            &id("images/a b"),
            &id("images/"),
            &id("disks/a"),
            &id("galleries/g/images/d"),
            &id("virtualMachines/vm"),
            &format!("{}/x", id("images/a")),
            &id("images/a").replace("Microsoft.Compute", "Microsoft.Network"),
        ] {
            assert_eq!(
                ImageId::parse(bad, SUBSCRIPTION).unwrap_err().code,
                "unusable-image-id",
                "{bad}"
            );
        }
        let other = "00000000-0000-0000-0000-000000000002";
        assert_eq!(
            ImageId::parse(&id("images/a"), other).unwrap_err().code,
            "foreign-subscription"
        );
    }

    #[test]
    fn only_a_machine_is_a_machine() {
        assert_eq!(
            MachineId::parse(&id("virtualMachines/vm"), SUBSCRIPTION)
                .unwrap()
                .group,
            "rg"
        );
        assert!(MachineId::parse(&id("images/a"), SUBSCRIPTION).is_err());
    }
}
