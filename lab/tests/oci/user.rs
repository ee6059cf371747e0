//! Whoever asks, and how their requests are signed.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::SignatureScheme;
use rustls::pki_types::{PrivateKeyDer, pem::PemObject};
use serde_json::{Value, json};
use sindri_lab::clouds::oci::{AVAILABILITY_DOMAIN, COMPARTMENT, Oci};
use sindri_lab::{Lab, Options};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;
use tokio_rustls::rustls;

pub(crate) const CORE: &str = "iaas.us-phoenix-1.oraclecloud.com";
pub(crate) const STORAGE: &str = "objectstorage.us-phoenix-1.oraclecloud.com";

/// A user of the lab's tenancy.
pub(crate) struct User {
    pub(crate) lab: Lab,
    pub(crate) directory: std::path::PathBuf,
}

/// A reply.
pub(crate) struct Got {
    pub(crate) status: u16,
    pub(crate) head: String,
    pub(crate) body: Value,
}

impl Got {
    pub(crate) fn code(&self) -> (u16, &str) {
        (self.status, self.body["code"].as_str().unwrap_or_default())
    }

    pub(crate) fn header(&self, wanted: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case(wanted).then_some(value)
        })
    }

    pub(crate) fn id(&self) -> &str {
        self.body["id"]
            .as_str()
            .unwrap_or_else(|| panic!("{}", self.body))
    }
}

/// A request, and what is wrong with its signature.
#[derive(Default)]
pub(crate) struct Sent<'a> {
    pub(crate) host: &'a str,
    pub(crate) method: &'a str,
    pub(crate) target: &'a str,
    pub(crate) body: String,
    /// More headers, which are not signed.
    pub(crate) headers: String,
    /// Sent in place of the target that is signed.
    pub(crate) instead: Option<&'a str>,
    /// The body that is sent in place of the one that is signed.
    pub(crate) body_instead: Option<&'a str>,
    /// Seconds from now.
    pub(crate) clock: i64,
    pub(crate) uncovered: &'a str,
    pub(crate) forged: bool,
}

impl User {
    pub(crate) fn new(name: &str, change: impl FnOnce(&mut Options)) -> Self {
        let (lab, directory) = crate::client::lab(name, change);
        Self { lab, directory }
    }

    pub(crate) fn send(&self, sent: &Sent<'_>) -> Got {
        let profile = std::fs::read_to_string(self.directory.join("oci/config")).unwrap();
        let setting = |name: &str| {
            let found = profile
                .lines()
                .find_map(|line| line.strip_prefix(name)?.strip_prefix('='));
            found.unwrap().to_owned()
        };
        let date = (OffsetDateTime::now_utc() + time::Duration::seconds(sent.clock))
            .format(&Rfc2822)
            .unwrap()
            .replace("+0000", "GMT");
        let suite = rustls::crypto::ring::cipher_suite::TLS13_AES_128_GCM_SHA256
            .tls13()
            .unwrap();
        let digest = suite.common.hash_provider.hash(sent.body.as_bytes());
        let mut lines = vec![
            ("date", date.clone()),
            (
                "(request-target)",
                format!("{} {}", sent.method.to_lowercase(), sent.target),
            ),
            ("host", sent.host.to_owned()),
        ];
        let body = sent.body_instead.unwrap_or(&sent.body);
        let mut headers = format!("Date: {date}\r\n");
        if matches!(sent.method, "POST" | "PUT") {
            let parts = [
                ("content-length", body.len().to_string()),
                ("content-type", "application/json".to_owned()),
                ("x-content-sha256", STANDARD.encode(digest.as_ref())),
            ];
            headers.extend(parts.iter().map(|(name, value)| format!("{name}: {value}\r\n")));
            lines.extend(parts);
        }
        lines.retain(|(name, _)| *name != sent.uncovered);
        let covered: Vec<_> = lines.iter().map(|(name, _)| *name).collect();
        let text: Vec<_> = lines
            .iter()
            .map(|(name, value)| format!("{name}: {value}"))
            .collect();
        let key = PrivateKeyDer::from_pem_file(setting("key_file")).unwrap();
        let key = rustls::crypto::ring::sign::any_supported_type(&key).unwrap();
        let signer = key.choose_scheme(&[SignatureScheme::RSA_PKCS1_SHA256]).unwrap();
        let mut signature = signer.sign(text.join("\n").as_bytes()).unwrap();
        if sent.forged {
            signature[0] ^= 1;
        }
        let key_id = [setting("tenancy"), setting("user"), setting("fingerprint")].join("/");
        let request = format!(
            "{} {} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{headers}{}Authorization: Signature \
             version=\"1\",headers=\"{}\",keyId=\"{key_id}\",algorithm=\"rsa-sha256\",signature=\"{}\"\r\n\r\n{body}",
            sent.method,
            sent.instead.unwrap_or(sent.target),
            sent.host,
            sent.headers,
            covered.join(" "),
            STANDARD.encode(signature),
        );
        let bundle = self.directory.join("ca.pem");
        let answer = crate::client::https_whole(self.lab.address(), &bundle, sent.host, &request);
        let (status, head, body) = crate::client::parts(&answer).unwrap();
        Got {
            status,
            head: head.to_owned(),
            body: serde_json::from_str(body).unwrap_or_default(),
        }
    }

    pub(crate) fn at(&self, host: &str, method: &str, target: &str, body: Option<&Value>) -> Got {
        self.send(&Sent {
            host,
            method,
            target,
            body: body.map(ToString::to_string).unwrap_or_default(),
            ..Sent::default()
        })
    }

    /// A call to the core services.
    pub(crate) fn core(&self, method: &str, path: &str, body: Option<&Value>) -> Got {
        self.at(CORE, method, &format!("/20160918/{path}"), body)
    }

    pub(crate) fn base_image(&self, shape: &str) -> String {
        let images = self.core(
            "GET",
            &format!("images?compartmentId={COMPARTMENT}&operatingSystemVersion=24.04&shape={shape}"),
            None,
        );
        images.body[0]["id"].as_str().unwrap().to_owned()
    }

    pub(crate) fn launch(&self, change: impl FnOnce(&mut Value)) -> Got {
        let mut body = json!({
            "availabilityDomain": AVAILABILITY_DOMAIN, "compartmentId": COMPARTMENT,
            "displayName": "vm", "shape": "VM.Standard.E4.Flex",
            "shapeConfig": {"ocpus": 2, "memoryInGBs": 16},
            "sourceDetails": {
                "sourceType": "image", "imageId": self.base_image("VM.Standard.E4.Flex"), "bootVolumeSizeInGBs": 80,
            },
            "createVnicDetails": {"subnetId": Oci::network().public, "assignPublicIp": true},
        });
        change(&mut body);
        self.core("POST", "instances", Some(&body))
    }

    pub(crate) fn group(&self) -> String {
        let body = json!({"compartmentId": COMPARTMENT, "vcnId": Oci::network().vcn, "displayName": "group"});
        self.core("POST", "networkSecurityGroups", Some(&body))
            .id()
            .to_owned()
    }

    pub(crate) fn image(&self, instance: &str) -> Got {
        let body = json!({"compartmentId": COMPARTMENT, "instanceId": instance, "displayName": "built"});
        self.core("POST", "images", Some(&body))
    }

    pub(crate) fn broken(&self) -> Vec<&'static str> {
        let codes = self
            .lab
            .violations()
            .iter()
            .map(|violation| violation.rule.code())
            .collect();
        self.lab.clear_record();
        codes
    }

    pub(crate) fn left(&self) -> Vec<String> {
        let left = self.lab.leftovers();
        left.iter()
            .map(|resource| format!("{} {}", resource.kind, resource.name))
            .collect()
    }
}
