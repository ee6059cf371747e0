//! Whom a gallery is open to.

use sindri_plugin_sdk::Command;
use sindri_plugin_sdk::contract::{Principal, Problem, PublishRequest, ShareRequest, Step, Turn};

use super::super::images::{missing, show_gallery, show_version};
use super::super::{Run, publish as change};
use super::{distribution, version_of};
use crate::ids::VersionId;
use crate::model::{Gallery, Version};

/// Seconds that a change of a gallery may take.
const TIMEOUT: u32 = 600;

pub(in crate::plan) fn share(run: &Run<'_>, share: &ShareRequest) -> Result<Turn, Problem> {
    let mut subscriptions = Vec::new();
    let mut tenants = Vec::new();
    for principal in &share.principals {
        match principal {
            Principal::Account(id) => subscriptions.push(guid(id, "a subscription")?),
            Principal::Organization(id) => tenants.push(guid(id, "a tenant")?),
            Principal::User(user) => {
                return Err(Problem::new(
                    "unsupported-principal",
                    format!("Azure shares galleries with subscriptions and tenants, not with a user such as `{user}`"),
                )
                .remedy("give the user the role Reader on the gallery: az role assignment create"));
            }
        }
    }
    if subscriptions.is_empty() && tenants.is_empty() {
        return Err(Problem::new(
            "missing-principal",
            "nobody is named to share the image with",
        ));
    }
    let version = version_of(run, &share.image_id, "shared")?;
    let verb = if share.revoke { "remove" } else { "add" };
    let mut command = of_gallery(change(&format!("sig share {verb}")), &version);
    if !subscriptions.is_empty() {
        command = command.flag_values("subscription-ids", subscriptions);
    }
    if !tenants.is_empty() {
        command = command.flag_values("tenant-ids", tenants);
    }
    let purpose = if share.revoke {
        format!("Take back the right to use the gallery {}", version.gallery)
    } else {
        format!("Share the gallery {}, with all images in it", version.gallery)
    };
    permit(
        run,
        &share.image_id,
        &version,
        "Groups",
        command.step("permit", purpose),
    )
}

pub(in crate::plan) fn publish(run: &Run<'_>, publish: &PublishRequest) -> Result<Turn, Problem> {
    let version = version_of(run, &publish.image_id, "made public")?;
    let (verb, purpose) = if publish.withdraw {
        (
            "sig share reset",
            format!("Make the gallery {} private", version.gallery),
        )
    } else {
        (
            "sig share enable-community",
            format!(
                "Offer the gallery {}, with all images in it, to everybody",
                version.gallery
            ),
        )
    };
    let step = of_gallery(change(verb), &version).step("permit", purpose);
    permit(run, &publish.image_id, &version, "Community", step)
}

fn of_gallery(command: Command, version: &VersionId) -> Command {
    command
        .flag("resource-group", &version.group)
        .flag("gallery-name", &version.gallery)
        .timeout(TIMEOUT)
}

/// Changes the gallery and reads what holds afterwards. What kind of sharing a gallery has is decided when it
/// is made, so that is looked at first.
fn permit(run: &Run<'_>, id: &str, version: &VersionId, kind: &str, change: Step) -> Result<Turn, Problem> {
    if !run.history.has("gallery") {
        return Ok(Turn::Run(vec![
            show_version(version, "image"),
            show_gallery(&version.group, &version.gallery),
        ]));
    }
    let found: Option<Version> = run.history.decode_tolerated("image")?;
    let found = found.ok_or_else(|| missing(id))?;
    let gallery: Option<Gallery> = run.history.decode_tolerated("gallery")?;
    let gallery = gallery.ok_or_else(|| missing(id))?;
    if gallery.permissions() != kind {
        return Err(wrong_kind(version, gallery.permissions(), kind));
    }
    if !run.history.has("permit") {
        let mut after = show_gallery(&version.group, &version.gallery);
        after.id = "after".to_owned();
        return Ok(Turn::Run(vec![change, after]));
    }
    let after: Option<Gallery> = run.history.decode_tolerated("after")?;
    distribution(id, &found, &after.ok_or_else(|| missing(id))?)
}

fn wrong_kind(version: &VersionId, actual: &str, wanted: &str) -> Problem {
    let VersionId { group, gallery, .. } = version;
    let message = format!("the gallery {gallery} has the permissions {actual}, and this needs {wanted}");
    let update =
        format!("az sig update --resource-group {group} --gallery-name {gallery} --permissions {wanted}");
    Problem::new("gallery-permissions", message)
        .key("gallery.gallery_name")
        .remedy(match wanted {
            "Community" => format!(
                "{update} --publisher-uri … --publisher-email … --eula … --public-name-prefix …, or use a gallery of \
                 that kind"
            ),
            _ => format!("{update}, or use a gallery of that kind"),
        })
}

fn guid(id: &str, what: &str) -> Result<String, Problem> {
    let lengths: Vec<usize> = id.split('-').map(str::len).collect();
    let lawful = id.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
    if lawful && lengths == [8, 4, 4, 4, 12] {
        Ok(id.to_ascii_lowercase())
    } else {
        Err(Problem::new(
            "unsupported-principal",
            format!("`{id}` is not the id of {what}, a GUID"),
        ))
    }
}
