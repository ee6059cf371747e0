//! Who may start instances of an image.

use serde_json::{Value as Json, json};
use sindri_plugin_sdk::Command;
use sindri_plugin_sdk::contract::{Principal, Problem, PublishRequest, ShareRequest, Step, Turn};

use super::super::images::{Copies, copies, copy_of, needed};
use super::super::{Run, in_region, look};
use super::{distribution, read_permissions};
use crate::check;
use crate::model::{Image, PublicAccess};

pub(in crate::plan) fn share(run: &Run<'_>, share: &ShareRequest) -> Result<Turn, Problem> {
    let permissions = share
        .principals
        .iter()
        .map(permission)
        .collect::<Result<Vec<Json>, Problem>>()?;
    if permissions.is_empty() {
        return Err(Problem::new(
            "missing-principal",
            "nobody is named to share the image with",
        ));
    }
    let purpose = if share.revoke {
        "Take back the right to use"
    } else {
        "Grant the right to use"
    };
    permit(run, &share.image_id, !share.revoke, &permissions, purpose, |_| {
        Ok(())
    })
}

pub(in crate::plan) fn publish(run: &Run<'_>, publish: &PublishRequest) -> Result<Turn, Problem> {
    let everybody = [json!({ "Group": "all" })];
    if publish.withdraw {
        return permit(run, &publish.image_id, false, &everybody, "Make private", |_| {
            Ok(())
        });
    }
    permit(run, &publish.image_id, true, &everybody, "Make public", |image| {
        if image.is_encrypted() {
            let message = format!("image {} is encrypted and cannot be made public", image.image_id);
            return Err(Problem::new("encrypted-public", message)
                .key("encrypt_boot")
                .remedy("build the image again with encrypt_boot: false"));
        }
        check_public_access(run)
    })
}

/// An account can forbid public images, region by region. The question needs a permission of its own and
/// emulators do not know it, so no answer does not stop anything.
fn check_public_access(run: &Run<'_>) -> Result<(), Problem> {
    for region in std::iter::once(run.config.region.as_str()).chain(run.config.other_regions()) {
        let access: Option<PublicAccess> = run.history.decode_tolerated(&public_access_step(region))?;
        let Some(access) =
            access.filter(|access| access.image_block_public_access_state == "block-new-sharing")
        else {
            continue;
        };
        let problem = Problem::new(
            "public-access-blocked",
            format!("the account forbids public images in {region}"),
        );
        return Err(match access.managed_by.as_deref() {
            None | Some("account") => problem.remedy(format!(
                "aws ec2 disable-image-block-public-access --region {region}, which takes some minutes to come into force"
            )),
            Some(manager) => problem.remedy(format!("it is managed by {manager}; ask the organization's administrators")),
        });
    }
    Ok(())
}

fn public_access_step(region: &str) -> String {
    format!("public-access-{region}")
}

/// Changes the launch permission of an image and its copies, and reads what holds afterwards.
fn permit(
    run: &Run<'_>,
    id: &str,
    add: bool,
    permissions: &[Json],
    purpose: &str,
    allowed: impl Fn(&Image) -> Result<(), Problem>,
) -> Result<Turn, Problem> {
    check::image_id(id)?;
    if !run.history.has("image") {
        let publishing = add
            && permissions
                .iter()
                .any(|permission| permission.get("Group").is_some());
        let mut steps = vec![
            look("describe-images")
                .flag("image-ids", id)
                .step("image", "Describe the image"),
        ];
        let regions = std::iter::once(run.config.region.as_str()).chain(run.config.other_regions());
        for region in regions.filter(|_| publishing) {
            let command = in_region(look("get-image-block-public-access-state"), run.config, region);
            let purpose = format!("Ask whether {region} allows public images");
            steps.push(
                command
                    .tolerates_any_failure()
                    .step(public_access_step(region), purpose),
            );
        }
        return Ok(Turn::Run(steps));
    }
    let image = needed(run, "image", id)?;
    allowed(&image)?;
    let copies = match copies(run, &image)? {
        Copies::Ask(steps) => return Ok(Turn::Run(steps)),
        Copies::Known(copies) => copies,
    };
    if !run.history.has("permissions") {
        let change = json!({ if add { "Add" } else { "Remove" }: permissions });
        let modify = |region: &str, id: &str| {
            let command = Command::publish("aws", ["ec2", "modify-image-attribute"]).flag("image-id", id);
            let command =
                in_region(command, run.config, region).json_flag("launch-permission", change.clone());
            command.step(
                format!("permit-{region}-{id}"),
                format!("{purpose} {id} in {region}"),
            )
        };
        let mut steps: Vec<Step> = copies
            .iter()
            .map(|(region, copy)| modify(region, &copy.image_id))
            .collect();
        steps.push(modify(&run.config.region, id));
        steps.push(read_permissions(id));
        return Ok(Turn::Run(steps));
    }
    let copies = copies
        .into_iter()
        .map(|(region, copy)| copy_of(&copy.image_id, &region))
        .collect();
    distribution(run, &image, copies)
}

fn permission(principal: &Principal) -> Result<Json, Problem> {
    match principal {
        Principal::Account(number)
            if number.len() == 12 && number.bytes().all(|byte| byte.is_ascii_digit()) =>
        {
            Ok(json!({ "UserId": number }))
        }
        Principal::Account(other) => Err(Problem::new(
            "unsupported-principal",
            format!("`{other}` is no account number of 12 digits"),
        )),
        Principal::Organization(arn) if is_organizations_arn(arn, ":ou/") => {
            Ok(json!({ "OrganizationalUnitArn": arn }))
        }
        Principal::Organization(arn) if is_organizations_arn(arn, ":organization/") => {
            Ok(json!({ "OrganizationArn": arn }))
        }
        Principal::Organization(other) => Err(Problem::new(
            "unsupported-principal",
            format!("`{other}` is not the ARN of an organization or of an organizational unit"),
        )),
        Principal::User(user) => Err(Problem::new(
            "unsupported-principal",
            format!("AWS shares images with accounts and organizations, not with a user such as `{user}`"),
        )),
    }
}

fn is_organizations_arn(arn: &str, kind: &str) -> bool {
    let lawful = |byte: u8| byte.is_ascii_alphanumeric() || b":/-".contains(&byte);
    arn.starts_with("arn:aws")
        && arn.contains(":organizations::")
        && arn.contains(kind)
        && arn.bytes().all(lawful)
}
