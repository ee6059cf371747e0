//! Alibaba Cloud: ECS with the network around it, STS and the directory of endpoints, in RPC style.
//!
//! Source of parameters, states and error codes: the API references of ECS 2014-05-26, VPC 2016-04-28 and STS 2015-04-01.

mod actions;
mod call;
mod catalog;
mod copies;
mod disks;
mod eips;
mod failure;
mod groups;
mod images;
mod instances;
mod key_pairs;
mod network;
mod rules;
mod shares;
mod sign;
mod store;
mod tags;
mod values;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use self::call::{Call, Product};
use self::failure::Failure;
use self::sign::AccessKey;
use self::store::Store;
use super::Cloud;
use crate::{Reply, Request, Resource, Rule, World};

/// The account of the lab's user.
pub const ACCOUNT: &str = "1234567890123456";
/// Where the VMs of the examples run.
pub const REGION: &str = "cn-hangzhou";

/// Names and versions that a signature has.
const SIGNATURE: [(&str, &str); 2] = [("SignatureMethod", "HMAC-SHA1"), ("SignatureVersion", "1.0")];

/// What was asked for with a token, and what was answered.
type Made = (Vec<(String, String)>, Value);

/// Alibaba Cloud.
#[derive(Debug, Default)]
pub struct Alibaba {
    key: Option<AccessKey>,
    /// Where key pairs are made.
    directory: PathBuf,
    store: Store,
    /// A nonce serves once.
    nonces: BTreeSet<String>,
    /// By action, region and token.
    tokens: BTreeMap<[String; 3], Made>,
    /// Groups and vSwitches that network interfaces of released instances still hold, and for how many looks.
    interfaces: Vec<(String, String, u32)>,
}

impl Alibaba {
    /// With base images and an empty account.
    pub fn new() -> Self {
        let mut alibaba = Self::default();
        catalog::seed(&mut alibaba.store);
        alibaba
    }

    fn respond(&mut self, call: &Call, method: &str, world: &mut World) -> Result<Value, Failure> {
        self.authenticate(call, method, world)?;
        let action = actions::named(call).ok_or_else(|| Failure::unknown_action(call, world))?;
        if call.text("Version") != call.product.version() {
            return Err(Failure::wrong(
                world,
                "InvalidVersion",
                "Specified parameter Version is not valid",
            ));
        }
        // Without it the API answers XML, which the lab has not.
        if call.get("Format").is_none() {
            return Err(Failure::missing(world, "Format"));
        }
        action.check(call, world)?;
        if !catalog::is_region(&call.region) && call.product != Product::Location {
            return Err(Failure::not_found("InvalidRegionId.NotFound", &call.region));
        }
        let token = call.get("ClientToken");
        let token = token.map(|token| [action.name.to_owned(), call.region.clone(), token.to_owned()]);
        let asked = asked(call);
        match token.as_ref().and_then(|token| self.tokens.get(token)) {
            Some((before, answer)) if *before == asked => return Ok(answer.clone()),
            Some(_) => {
                world.violation(Rule::WrongValue, "ClientToken: it was used for something else");
                return Err(Failure::new(
                    400,
                    "IdempotentParameterMismatch",
                    "The request uses a client token of a previous request but is not identical with that request.",
                ));
            }
            None => {}
        }
        let answer = (action.answer)(self, call, world)?;
        if let Some(token) = token {
            self.tokens.insert(token, (asked, answer.clone()));
        }
        Ok(answer)
    }

    fn authenticate(&mut self, call: &Call, method: &str, world: &mut World) -> Result<(), Failure> {
        let key = self.key.as_ref();
        let known = key.filter(|key| call.get("AccessKeyId") == Some(key.id.as_str()));
        let Some(key) = known else {
            world.violation(Rule::Unauthenticated, "no access key of this lab");
            return Err(match call.get("AccessKeyId") {
                Some(_) => Failure::new(
                    404,
                    "InvalidAccessKeyId.NotFound",
                    "Specified access key is not found.",
                ),
                None => Failure::new(
                    400,
                    "MissingAccessKeyId",
                    "AccessKeyId is mandatory for this action.",
                ),
            });
        };
        // An empty one is sent by SDKs that have none.
        if call.get("SecurityToken").is_some() {
            world.violation(
                Rule::Unauthenticated,
                "a session token with a key that needs none",
            );
            return Err(Failure::new(
                400,
                "InvalidSecurityToken.MismatchWithAccessKey",
                "Specified SecurityToken mismatch with the AccessKey.",
            ));
        }
        for (name, value) in SIGNATURE {
            if call.get(name) != Some(value) {
                return Err(Failure::invalid(world, name, "not what the lab checks"));
            }
        }
        if call.get("Signature") != Some(key.signature(method, &call.parameters).as_str()) {
            world.violation(Rule::Unauthenticated, "a signature that is not the key's");
            let signed = sign::string_to_sign(method, &call.parameters);
            return Err(Failure::new(
                400,
                "SignatureDoesNotMatch",
                format!(
                    "Specified signature is not matched with our calculation. server string to sign is:{signed}"
                ),
            ));
        }
        if !is_timestamp(call.text("Timestamp")) {
            return Err(Failure::wrong(
                world,
                "InvalidTimeStamp.Format",
                "Specified time stamp or date value is not well formatted",
            ));
        }
        let nonce = call.text("SignatureNonce");
        if nonce.is_empty() || !self.nonces.insert(nonce.to_owned()) {
            return Err(Failure::wrong(
                world,
                "SignatureNonceUsed",
                "Specified signature nonce was used already",
            ));
        }
        Ok(())
    }
}

/// What was asked for, without what differs between two requests for the same.
fn asked(call: &Call) -> Vec<(String, String)> {
    let differs = |name: &str| name.starts_with("Signature") || name == "Timestamp";
    let mut asked: Vec<_> = call
        .parameters
        .iter()
        .filter(|(name, _)| !differs(name))
        .cloned()
        .collect();
    asked.sort_unstable();
    asked
}

/// `2026-01-31T12:00:00Z`.
fn is_timestamp(text: &str) -> bool {
    let fits = |(wanted, byte): (u8, u8)| {
        if wanted == b'0' {
            byte.is_ascii_digit()
        } else {
            wanted == byte
        }
    };
    const FORM: &str = "0000-00-00T00:00:00Z";
    text.len() == FORM.len() && FORM.bytes().zip(text.bytes()).all(fits)
}

/// Who the lab's user is.
fn caller() -> Value {
    json!({
        "AccountId": ACCOUNT, "UserId": "200000000000000001", "PrincipalId": "200000000000000001",
        "Arn": format!("acs:ram::{ACCOUNT}:user/builder"), "IdentityType": "RAMUser",
    })
}

/// The product that a host serves, and its region; a host without one serves all.
fn endpoint(host: &str) -> Option<(Product, Option<&str>)> {
    let name = host.strip_suffix(".aliyuncs.com")?;
    for (prefix, product) in [
        ("ecs", Product::Ecs),
        ("vpc", Product::Vpc),
        ("sts", Product::Sts),
    ] {
        let Some(rest) = name.strip_prefix(prefix) else {
            continue;
        };
        if rest.is_empty() {
            return Some((product, None));
        }
        // The older spelling is the one endpoint for many regions.
        if rest.strip_prefix('-').is_some_and(catalog::is_region) {
            return Some((product, None));
        }
        let region = rest.strip_prefix('.')?;
        return catalog::is_region(region).then_some((product, Some(region)));
    }
    ["location", "location-readonly"]
        .contains(&name)
        .then_some((Product::Location, None))
}

impl Cloud for Alibaba {
    fn name(&self) -> &'static str {
        "alibaba"
    }

    fn serves(&self, host: &str) -> bool {
        endpoint(host).is_some()
    }

    fn answer(&mut self, request: &Request, world: &mut World) -> Reply {
        let id = world.uuid().to_uppercase();
        let Some((product, region)) = endpoint(&request.host) else {
            return Failure::new(404, "InvalidHost", "no such endpoint").reply(&request.host, &id);
        };
        let call = Call::new(request, product, region.unwrap_or(REGION));
        let outcome = if request.path != "/" || !["GET", "POST"].contains(&request.method.as_str()) {
            world.violation(Rule::UnknownRoute, "the RPC style knows GET and POST of / only");
            Err(Failure::new(
                404,
                "InvalidAction.NotFound",
                "Specified api is not found.",
            ))
        } else if region.is_some_and(|region| region != call.region) {
            let detail = format!("RegionId: {} is not served by {}", call.region, request.host);
            world.violation(Rule::WrongValue, detail);
            Err(Failure::not_found("InvalidRegionId.NotFound", &call.region))
        } else {
            self.respond(&call, request.method.as_str(), world)
        };
        let secret = call.text("Action") == "CreateKeyPair";
        let reply = match outcome {
            Ok(answer) => {
                let mut body = object(answer);
                body.insert("RequestId".to_owned(), id.into());
                Reply::json(200, &Value::Object(body))
            }
            Err(failure) => failure.reply(&request.host, &id),
        };
        if secret { reply.secret() } else { reply }
    }

    fn error(&self, status: u16, code: &str, message: &str) -> Reply {
        Failure::new(status, code, message).reply("ecs.aliyuncs.com", "FAULT")
    }

    fn equip(&mut self, directory: &Path) -> io::Result<Vec<(&'static str, String)>> {
        let key = AccessKey::at(&directory.join("access-key"))?;
        directory.clone_into(&mut self.directory);
        let (id, secret) = (key.id.clone(), key.secret.clone());
        self.key = Some(key);
        // Packer reads the first two, the CLI the others.
        Ok(vec![
            ("ALICLOUD_ACCESS_KEY", id.clone()),
            ("ALICLOUD_SECRET_KEY", secret.clone()),
            ("ALIBABA_CLOUD_ACCESS_KEY_ID", id),
            ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", secret),
            ("ALIBABA_CLOUD_IGNORE_PROFILE", "TRUE".to_owned()),
        ])
    }

    fn resources(&self) -> Vec<Resource> {
        self.store.resources()
    }

    fn plant_decoys(&mut self, count: usize, world: &mut World) {
        catalog::plant_decoys(&mut self.store, count, world);
    }
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(fields) => fields,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) | Value::Array(_) => Map::new(),
    }
}
