//! Whoever asks, and how their requests are signed.

use std::cell::Cell;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::client::Api;

pub(crate) const KEY: &str =
    "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";
pub(crate) const ECS: &str = "ecs.cn-hangzhou.aliyuncs.com";
pub(crate) const VPC: &str = "vpc.cn-hangzhou.aliyuncs.com";

/// A client that signs with a `Signer` of its own: OpenSSL's, not the lab's.
pub(crate) struct User {
    pub(crate) api: Api,
    pub(crate) nonce: Cell<u32>,
}

impl User {
    pub(crate) fn new(name: &str) -> Self {
        Self::delayed(name, 0)
    }

    pub(crate) fn delayed(name: &str, delay: u32) -> Self {
        Self {
            api: Api::new(name, ECS, |options| options.delay = delay),
            nonce: Cell::new(0),
        }
    }

    pub(crate) fn variable(&self, name: &str) -> String {
        let environment = self.api.lab.environment();
        let (_, value) = environment.iter().find(|(known, _)| known == name).unwrap();
        value.clone()
    }

    /// Everything that a signed request has.
    pub(crate) fn parameters(&self, action: &str, given: &[(&str, &str)]) -> Vec<(String, String)> {
        self.nonce.set(self.nonce.get() + 1);
        let nonce = self.nonce.get().to_string();
        let key = self.variable("ALICLOUD_ACCESS_KEY");
        let common = [
            ("AccessKeyId", key.as_str()),
            ("Action", action),
            ("Format", "JSON"),
            ("SignatureMethod", "HMAC-SHA1"),
            ("SignatureNonce", &nonce),
            ("SignatureVersion", "1.0"),
            ("Timestamp", "2026-11-22T10:20:30Z"),
            ("Version", "2014-05-26"),
            ("RegionId", "cn-hangzhou"),
        ];
        let kept = common
            .iter()
            .filter(|(name, _)| !given.iter().any(|(other, _)| other == name));
        kept.chain(given)
            .filter(|(_, value)| *value != "-")
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect()
    }

    pub(crate) fn sign(&self, method: &str, parameters: &mut Vec<(String, String)>) {
        let mut pairs: Vec<_> = parameters
            .iter()
            .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
            .collect();
        pairs.sort();
        let text = format!("{method}&%2F&{}", encode(&pairs.join("&")));
        let key = format!("{}&", self.variable("ALICLOUD_SECRET_KEY"));
        parameters.push(("Signature".to_owned(), openssl(&key, &text)));
    }

    /// `ROUTE` is the host; a parameter with the value `-` is left out, one of the common ones can be given.
    pub(crate) fn ask(&self, host: &str, action: &str, given: &[(&str, &str)]) -> (u16, Value) {
        let mut parameters = self.parameters(action, given);
        self.sign("POST", &mut parameters);
        self.api.form(host, "/", &form(&parameters))
    }

    pub(crate) fn ecs(&self, action: &str, given: &[(&str, &str)]) -> Value {
        let (status, body) = self.ask(ECS, action, given);
        assert_eq!(status, 200, "{action}: {body}");
        body
    }

    pub(crate) fn refused(&self, action: &str, given: &[(&str, &str)]) -> String {
        let (status, body) = self.ask(ECS, action, given);
        assert!(status >= 400, "{action}: {body}");
        body["Code"].as_str().unwrap().to_owned()
    }

    pub(crate) fn id(&self, action: &str, given: &[(&str, &str)], field: &str) -> String {
        self.ecs(action, given)[field].as_str().unwrap().to_owned()
    }

    /// A VPC, a vSwitch in a zone and a group, each ready.
    pub(crate) fn network(&self, zone: &str) -> [String; 3] {
        let vpc = self.id("CreateVpc", &[("CidrBlock", "192.168.0.0/16")], "VpcId");
        let ready = |action, field, id: &str, outer: &str, inner: &str| {
            let shown = || self.ecs(action, &[(field, id)])[outer][inner][0]["Status"].clone();
            while shown() != "Available" {}
        };
        ready("DescribeVpcs", "VpcId", &vpc, "Vpcs", "Vpc");
        let place = [
            ("VpcId", vpc.as_str()),
            ("ZoneId", zone),
            ("CidrBlock", "192.168.0.0/24"),
        ];
        let vswitch = self.id("CreateVSwitch", &place, "VSwitchId");
        ready("DescribeVSwitches", "VSwitchId", &vswitch, "VSwitches", "VSwitch");
        let group = self.id("CreateSecurityGroup", &[("VpcId", &vpc)], "SecurityGroupId");
        [vpc, vswitch, group]
    }

    pub(crate) fn launch(&self, action: &str, network: &[String; 3], more: &[(&str, &str)]) -> (u16, Value) {
        let usual = [
            ("ImageFamily", "acs:ubuntu_24_04_x64"),
            ("InstanceType", "ecs.g7.large"),
            ("VSwitchId", &network[1]),
            ("SecurityGroupId", &network[2]),
        ];
        let kept = usual
            .iter()
            .filter(|(name, _)| !more.iter().any(|(other, _)| other == name));
        let given: Vec<_> = kept.chain(more).copied().collect();
        self.ask(ECS, action, &given)
    }

    pub(crate) fn running(&self, network: &[String; 3], more: &[(&str, &str)]) -> String {
        let (status, body) = self.launch("RunInstances", network, more);
        assert_eq!(status, 200, "{body}");
        let id = body["InstanceIdSets"]["InstanceIdSet"][0]
            .as_str()
            .unwrap()
            .to_owned();
        let shown = self.instance(&id);
        assert_eq!(shown["Status"], "Running", "{shown}");
        id
    }

    pub(crate) fn instance(&self, id: &str) -> Value {
        let ids = json!([id]).to_string();
        self.ecs("DescribeInstances", &[("InstanceIds", &ids)])["Instances"]["Instance"][0].clone()
    }

    pub(crate) fn image(&self, id: &str) -> Value {
        let status = "Creating,Waiting,Available,UnAvailable,CreateFailed,Deprecated";
        self.ecs("DescribeImages", &[("ImageId", id), ("Status", status)])["Images"]["Image"][0].clone()
    }

    pub(crate) fn broken(&self) -> Vec<&'static str> {
        self.api.broken()
    }
}

pub(crate) fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

pub(crate) fn form(parameters: &[(String, String)]) -> String {
    let pairs: Vec<_> = parameters
        .iter()
        .map(|(name, value)| format!("{}={}", encode(name), encode(value)))
        .collect();
    pairs.join("&")
}

/// HMAC-SHA1 by somebody else than the lab.
pub(crate) fn openssl(key: &str, text: &str) -> String {
    use std::io::Write;
    let mut child = std::process::Command::new("openssl")
        .args(["dgst", "-sha1", "-hmac", key, "-binary"])
        .stdin(std::process::Stdio::piped())
        .stdout(std::process::Stdio::piped())
        .spawn()
        .expect("OpenSSL is installed");
    child.stdin.take().unwrap().write_all(text.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success());
    STANDARD.encode(output.stdout)
}
