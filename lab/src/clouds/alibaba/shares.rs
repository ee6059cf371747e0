//! Who else may use an image.

use serde_json::{Value, json};

use super::Alibaba;
use super::call::Call;
use super::failure::Failure;
use super::store::Kind;
use crate::{Rule, World};

/// More are left out by the API without a word, which no right client counts on.
const MOST: usize = 10;

impl Alibaba {
    /// Packer calls it without accounts as well.
    pub(super) fn share_image(&mut self, call: &Call, world: &mut World) -> Result<Value, Failure> {
        let id = call.text("ImageId");
        let (added, removed) = (call.list("AddAccount"), call.list("RemoveAccount"));
        for (name, accounts) in [("AddAccount", &added), ("RemoveAccount", &removed)] {
            let is_account =
                |account: &&str| account.len() == 16 && account.bytes().all(|b| b.is_ascii_digit());
            if let Some(account) = accounts.iter().find(|account| !is_account(account)) {
                let detail = format!("{name}: {account:?} is no account");
                return Err(Failure::wrong(world, "InvalidAccount.Malformed", &detail));
            }
            if accounts.len() > MOST {
                world.violation(
                    Rule::WrongValue,
                    format!("{name}: all after the tenth are ignored"),
                );
            }
        }
        let image = self.own(call, id)?;
        let status = image.status().to_owned();
        let shares = !added.is_empty() || call.is("IsPublic");
        if shares && status == "Deprecated" {
            world.violation(
                Rule::WrongOrder,
                format!("{id} is deprecated and cannot be shared"),
            );
            return Err(Failure::status("IncorrectImageStatus", id, &status));
        }
        for account in added.into_iter().take(MOST) {
            if !image.hidden.iter().any(|known| known == account) {
                image.hidden.push(account.to_owned());
                image.changes += 1;
            }
        }
        for account in removed.into_iter().take(MOST) {
            image.hidden.retain(|known| known != account);
            image.changes += 1;
        }
        if call.get("IsPublic").is_some() {
            image.change("IsPublic", call.is("IsPublic"));
        }
        Ok(json!({}))
    }

    pub(super) fn describe_shares(&mut self, call: &Call, _: &mut World) -> Result<Value, Failure> {
        let id = call.text("ImageId");
        let image = self
            .store
            .get(Kind::Image, &call.region, id)
            .filter(|image| image.text("ImageOwnerAlias") == "self")
            .ok_or_else(|| Failure::not_found("InvalidImageId.NotFound", id))?;
        let accounts = image
            .hidden
            .iter()
            .map(|account| json!({"AliyunId": account}))
            .collect();
        let groups: Vec<_> = image
            .is("IsPublic")
            .then(|| json!({"Group": "all"}))
            .into_iter()
            .collect();
        let mut answer = super::object(call.listed("Accounts", "Account", accounts));
        answer.insert("ImageId".to_owned(), json!(id));
        answer.insert("ShareGroups".to_owned(), json!({"ShareGroup": groups}));
        Ok(Value::Object(answer))
    }
}
