//! Who may start instances of an image.

use sindri_plugin_sdk::contract::{Principal, Problem, PublishRequest, ShareRequest, Step, Turn};
use sindri_plugin_sdk::step_id;

use super::super::images::{copies, copy_of, describe_step, needed};
use super::super::{Progress, Run, in_region, publish as change_permission};
use super::{accounts_of, change_accounts, distribution, read_accounts};
use crate::check;
use crate::model::Image;

pub(in crate::plan) fn share(run: &Run<'_>, share: &ShareRequest) -> Result<Turn, Problem> {
    let accounts = share
        .principals
        .iter()
        .map(account)
        .collect::<Result<Vec<String>, Problem>>()?;
    if accounts.is_empty() {
        let message = "nobody is named to share the image with";
        return Err(Problem::new("missing-principal", message));
    }
    let change = |region: &str, id: &str| change_accounts(run.config, region, id, &accounts, !share.revoke);
    permit(run, &share.image_id, !share.revoke, change)
}

/// A community image. The account has to have agreed to that with Alibaba Cloud before.
pub(in crate::plan) fn publish(run: &Run<'_>, publish: &PublishRequest) -> Result<Turn, Problem> {
    let (value, purpose) = if publish.withdraw {
        ("false", "Make private")
    } else {
        ("true", "Make public")
    };
    let change = |region: &str, id: &str| {
        let command = change_permission("ModifyImageSharePermission")
            .flag("ImageId", id)
            .flag("IsPublic", value);
        vec![in_region(command, run.config, region).step(
            step_id(&["publish", region, id]),
            format!("{purpose} {id} in {region}"),
        )]
    };
    permit(run, &publish.image_id, !publish.withdraw, change)
}

/// Changes the permission of an image and its copies, and reads what holds afterwards.
fn permit(
    run: &Run<'_>,
    id: &str,
    grants: bool,
    change: impl Fn(&str, &str) -> Vec<Step>,
) -> Result<Turn, Problem> {
    check::image_id(id)?;
    if !run.history.has("image") {
        return super::super::ask(describe_step("image", id));
    }
    let image = needed(run, "image", id)?;
    if grants {
        check_available(&image)?;
    }
    let copies = match copies(run, &image)? {
        Progress::Ask(steps) => return Ok(Turn::Run(steps)),
        Progress::Done(copies) => copies,
    };
    let region = run.config.region.as_str();
    if !run.history.has("after") {
        let mut steps = Vec::new();
        for (region, copy) in &copies {
            steps.extend(change(region, &copy.image_id));
        }
        steps.extend(change(region, id));
        steps.push(describe_step("after", id));
        steps.push(read_accounts(run.config, region, id));
        return Ok(Turn::Run(steps));
    }
    let after = needed(run, "after", id)?;
    let copies = copies
        .into_iter()
        .map(|(region, copy)| copy_of(&copy.image_id, &region))
        .collect();
    Ok(distribution(&after, accounts_of(run, region, id)?, copies, None))
}

/// Alibaba Cloud shares no deprecated image and none that is still being made.
fn check_available(image: &Image) -> Result<(), Problem> {
    if image.status == "Available" {
        return Ok(());
    }
    let message = format!(
        "image {} is {} and cannot be shared",
        image.image_id, image.status
    );
    Err(Problem::new("image-not-available", message))
}

fn account(principal: &Principal) -> Result<String, Problem> {
    match principal {
        Principal::Account(id)
            if (5..=20).contains(&id.len()) && id.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            Ok(id.clone())
        }
        Principal::Account(other) => Err(unsupported(&format!(
            "`{other}` is no account id, which has digits only"
        ))),
        Principal::Organization(other) | Principal::User(other) => Err(unsupported(&format!(
            "Alibaba Cloud shares images with accounts only, not with `{other}`"
        ))),
    }
}

fn unsupported(message: &str) -> Problem {
    Problem::new("unsupported-principal", message)
        .remedy("give the ids of accounts, such as 1234567890123456")
}
