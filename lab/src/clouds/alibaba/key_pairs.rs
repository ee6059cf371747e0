//! SSH key pairs.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::super::rsa::RsaKey;
use super::Alibaba;
use super::call::Call;
use super::failure::Failure;
use super::images::TAG;
use super::rules::check_name;
use super::store::Kind;
use crate::{World, files};

/// What an import may begin with; no ed25519.
const IMPORTED: [&str; 5] = [
    "ecdsa-sha2-nistp256 ",
    "ecdsa-sha2-nistp384 ",
    "ecdsa-sha2-nistp521 ",
    "ssh-dss ",
    "ssh-rsa ",
];

impl Alibaba {
    pub(super) fn create_key_pair(&mut self, call: &Call, world: &mut World) -> Result<Value, Failure> {
        let tags = self.new_key_pair(call, world)?;
        let path = self.directory.join(format!("key-pair-{}", world.serial()));
        let made =
            RsaKey::at(&path).and_then(|key| Ok((key, files::read_text(&path.with_extension("pub"))?)));
        let (key, public) =
            made.map_err(|error| Failure::new(500, "InternalError", format!("no key can be made: {error}")))?;
        let mut answer = super::object(self.keep_key_pair(call, public.trim(), tags, world));
        answer.insert("PrivateKeyBody".to_owned(), json!(key.private));
        answer.insert("KeyPairId".to_owned(), json!(Kind::KeyPair.id(world)));
        Ok(Value::Object(answer))
    }

    pub(super) fn import_key_pair(&mut self, call: &Call, world: &mut World) -> Result<Value, Failure> {
        let tags = self.new_key_pair(call, world)?;
        let public = call.text("PublicKeyBody").trim().to_owned();
        if !IMPORTED.iter().any(|kind| public.starts_with(kind)) {
            let detail = "the key is not of RSA, DSA or ECDSA";
            return Err(Failure::wrong(world, "InvalidPublicKeyBody.Malformed", detail));
        }
        Ok(self.keep_key_pair(call, &public, tags, world))
    }

    fn new_key_pair(&mut self, call: &Call, world: &mut World) -> Result<BTreeMap<String, String>, Failure> {
        let name = call.text("KeyPairName");
        check_name(Kind::KeyPair, name, world)?;
        if self.store.get(Kind::KeyPair, &call.region, name).is_some() {
            let message = format!("The key pair {name:?} already exists.");
            return Err(Failure::new(400, "KeyPair.AlreadyExist", message));
        }
        call.tags(world)
    }

    fn keep_key_pair(
        &mut self,
        call: &Call,
        public: &str,
        tags: BTreeMap<String, String>,
        world: &World,
    ) -> Value {
        let body = json!({
            "KeyPairName": call.text("KeyPairName"), "KeyPairFingerPrint": "00000000000000000000000000000000",
        });
        let item = self
            .store
            .make(Kind::KeyPair, &call.region, body.clone(), tags, None, world);
        item.hidden.push(public.to_owned());
        body
    }

    pub(super) fn describe_key_pairs(&mut self, call: &Call, world: &mut World) -> Result<Value, Failure> {
        let tags = call.wanted_tags(world)?;
        let found = self.store.look(Kind::KeyPair, &call.region, |key| {
            call.fits("KeyPairName", key.text("KeyPairName")) && tags.fit(key)
        });
        let shown = found.iter().map(|key| {
            let mut shown = super::object(key.shown(TAG));
            if call.is("IncludePublicKey") {
                shown.insert("PublicKey".to_owned(), json!(key.hidden.first()));
            }
            Value::Object(shown)
        });
        Ok(call.listed("KeyPairs", "KeyPair", shown.collect()))
    }

    /// One that is not there is no error; one that an instance has stays in it.
    pub(super) fn delete_key_pairs(&mut self, call: &Call, world: &mut World) -> Result<Value, Failure> {
        for name in call.ids("KeyPairNames", world)?.unwrap_or_default() {
            self.store.remove(Kind::KeyPair, &call.region, &name);
        }
        Ok(json!({}))
    }

    /// The public key of a pair.
    pub(super) fn public_key(&self, call: &Call, name: &str) -> Result<String, Failure> {
        self.store
            .get(Kind::KeyPair, &call.region, name)
            .and_then(|key| key.hidden.first().cloned())
            .ok_or_else(|| Failure::not_found("InvalidKeyPairName.NotFound", name))
    }

    pub(super) fn attach_key_pair(&mut self, call: &Call, world: &mut World) -> Result<Value, Failure> {
        let name = call.text("KeyPairName");
        let public = self.public_key(call, name)?;
        let answer = self.bind_key_pair(call, name, world)?;
        world.authorize(&public);
        Ok(answer)
    }

    pub(super) fn detach_key_pair(&mut self, call: &Call, world: &mut World) -> Result<Value, Failure> {
        self.public_key(call, call.text("KeyPairName"))?;
        self.bind_key_pair(call, "", world)
    }

    fn bind_key_pair(&mut self, call: &Call, name: &str, world: &mut World) -> Result<Value, Failure> {
        let mut results = Vec::new();
        for id in call.ids("InstanceIds", world)?.unwrap_or_default() {
            let instance = self.instance(call, &id)?;
            instance.change("KeyPairName", name);
            results
                .push(json!({"InstanceId": id, "Success": "true", "Code": "200", "Message": "successful"}));
        }
        Ok(json!({
            "KeyPairName": call.text("KeyPairName"), "TotalCount": results.len().to_string(), "FailCount": "0",
            "Results": {"Result": results},
        }))
    }
}
