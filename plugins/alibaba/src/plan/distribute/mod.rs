//! Who may use an image, where it is, and how long it is offered.
//!
//! Shares belong to each region's image, so every change is made on the copies in the other configured regions as
//! well.

mod copy;
mod deprecate;
mod share;

use sindri_plugin_sdk::contract::{Distribution, Outcome, Principal, Problem, Resource, Step, Turn};
use sindri_plugin_sdk::step_id;

use super::{Run, in_region, list, look, numbered, publish as change};
use crate::config::Config;
use crate::model::{Account, Image};

pub(super) use copy::{copied, copy, portable_tags};
pub(super) use deprecate::deprecate;
pub(super) use share::{publish, share};

/// More are ignored by the API.
const MOST_ACCOUNTS: usize = 10;

/// Asks who may use the image. An image that nobody can be asked about, such as one that is still being made, is
/// shared with nobody.
pub(super) fn read_accounts(config: &Config, region: &str, id: &str) -> Step {
    let command = look("DescribeImageSharePermission").flag("ImageId", id);
    in_region(command, config, region).tolerates_any_failure().step(
        accounts_step(region, id),
        format!("Read who may use {id} in {region}"),
    )
}

fn accounts_step(region: &str, id: &str) -> String {
    step_id(&["accounts", region, id])
}

/// The answer to [`read_accounts`].
pub(super) fn accounts_of(run: &Run<'_>, region: &str, id: &str) -> Result<Vec<String>, Problem> {
    let step = accounts_step(region, id);
    if !run.history.succeeded(&step) {
        return Ok(Vec::new());
    }
    let accounts: Vec<Account> = list::items(&run.history, &step, list::ACCOUNTS)?;
    Ok(accounts.into_iter().map(|account| account.aliyun_id).collect())
}

/// Grants the right to use an image or takes it back, ten accounts at a time.
pub(super) fn change_accounts(
    config: &Config,
    region: &str,
    id: &str,
    accounts: &[String],
    add: bool,
) -> Vec<Step> {
    let (flag, verb, purpose) = if add {
        ("AddAccount", "share", "Grant the right to use")
    } else {
        ("RemoveAccount", "unshare", "Take back the right to use")
    };
    let step = |(number, accounts): (usize, &[String])| {
        let command = change("ModifyImageSharePermission").flag("ImageId", id);
        let command = numbered(command, flag, accounts.iter().map(String::as_str));
        in_region(command, config, region).step(
            step_id(&[verb, region, id, &number.to_string()]),
            format!("{purpose} {id} in {region}"),
        )
    };
    accounts.chunks(MOST_ACCOUNTS).enumerate().map(step).collect()
}

fn distribution(
    image: &Image,
    accounts: Vec<String>,
    copies: Vec<Resource>,
    deprecated_at: Option<String>,
) -> Turn {
    Turn::Done(Outcome::Distribution(Distribution {
        image_id: image.image_id.clone(),
        public: image.is_public,
        shared_with: accounts.into_iter().map(Principal::Account).collect(),
        copies,
        deprecated_at,
    }))
}
