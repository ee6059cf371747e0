//! Who may start instances of an image.

use sindri_plugin_sdk::Command;
use sindri_plugin_sdk::contract::{Principal, Problem, PublishRequest, ShareRequest, Turn};
use sindri_plugin_sdk::step_id;

use super::super::images::{describe_step, needed};
use super::super::{Run, ask};
use super::{EVERYBODY, ROLE, distribution, read_policy};
use crate::check;

pub(in crate::plan) fn share(run: &Run<'_>, share: &ShareRequest) -> Result<Turn, Problem> {
    let members = share
        .principals
        .iter()
        .map(member)
        .collect::<Result<Vec<_>, _>>()?;
    if members.is_empty() {
        return Err(Problem::new(
            "missing-principal",
            "nobody is named to share the image with",
        ));
    }
    permit(run, &share.image_id, !share.revoke, &members)
}

pub(in crate::plan) fn publish(run: &Run<'_>, publish: &PublishRequest) -> Result<Turn, Problem> {
    permit(run, &publish.image_id, !publish.withdraw, &[EVERYBODY.to_owned()])
}

/// Changes the image's policy and reads what holds afterwards.
fn permit(run: &Run<'_>, id: &str, add: bool, members: &[String]) -> Result<Turn, Problem> {
    let name = check::own_image(id, &run.config.project_id)?;
    if !run.history.has("image") {
        return ask(describe_step(&name));
    }
    let image = needed(run, "image", &name)?;
    if !run.history.has("policy") {
        let mut steps: Vec<_> = members
            .iter()
            .map(|member| {
                let (verb, purpose) = if add {
                    ("add-iam-policy-binding", "Let")
                } else {
                    ("remove-iam-policy-binding", "No longer let")
                };
                let mut command = Command::publish("gcloud", ["compute", "images", verb])
                    .positional(&name)
                    .flag("member", member)
                    .flag("role", ROLE)
                    // Or gcloud asks about it as soon as any other right has a condition.
                    .flag("condition", "None");
                if !add {
                    // Not there: nothing to take away.
                    command = command.tolerates(["bindingNotFound"]);
                }
                let who = if member == EVERYBODY { "everybody" } else { member };
                command.step(
                    step_id(&["permit", member]),
                    format!("{purpose} {who} use {name}"),
                )
            })
            .collect();
        steps.push(read_policy(&name));
        return Ok(Turn::Run(steps));
    }
    Ok(distribution(&image, &run.history.decode("policy")?))
}

/// As Google's policies name it. Only one name: a list, a condition or another kind of member is refused.
fn member(principal: &Principal) -> Result<String, Problem> {
    let unsupported =
        |message: String, remedy: &str| Err(Problem::new("unsupported-principal", message).remedy(remedy));
    match principal {
        Principal::Account(project) => unsupported(
            format!(
                "Google Cloud shares images with people and service accounts, not with a project such as `{project}`"
            ),
            "name that project's service account as a user: NUMBER@cloudservices.gserviceaccount.com starts its managed instances",
        ),
        Principal::Organization(domain) if is_domain(domain) => Ok(format!("domain:{domain}")),
        Principal::Organization(other) => unsupported(
            format!("`{other}` is not the domain of an organization"),
            "write it like example.com",
        ),
        Principal::User(user) => {
            let (kind, email) = match user.split_once(':') {
                Some((kind @ ("user" | "group" | "serviceAccount"), email)) => (kind, email),
                Some(_) => ("", ""),
                None if user.ends_with(".gserviceaccount.com") => ("serviceAccount", user.as_str()),
                None => ("user", user.as_str()),
            };
            if is_email(email) {
                Ok(format!("{kind}:{email}"))
            } else {
                unsupported(
                    format!("`{user}` is not the address of a user, a group or a service account"),
                    "write it like jane@example.com or group:builders@example.com",
                )
            }
        }
    }
}

fn is_email(text: &str) -> bool {
    let local = |text: &str| {
        text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "._+-".contains(c))
    };
    text.len() <= 254
        && text
            .split_once('@')
            .is_some_and(|(name, domain)| local(name) && is_domain(domain))
}

fn is_domain(text: &str) -> bool {
    let label = |label: &str| {
        !label.is_empty()
            && !label.starts_with('-')
            && label
                .bytes()
                .all(|byte| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'-'))
    };
    text.len() <= 253 && text.contains('.') && text.split('.').all(label)
}
