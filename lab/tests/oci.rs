//! Oracle Cloud Infrastructure: what it takes, and above all what it refuses.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods
)]

mod client;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use rustls::SignatureScheme;
use rustls::pki_types::{PrivateKeyDer, pem::PemObject};
use serde_json::{Value, json};
use sindri_lab::clouds::oci::{AVAILABILITY_DOMAIN, BUCKET, COMPARTMENT, NAMESPACE, Oci};
use sindri_lab::{Fault, Lab, Options};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc2822;
use tokio_rustls::rustls;

const CORE: &str = "iaas.us-phoenix-1.oraclecloud.com";
const STORAGE: &str = "objectstorage.us-phoenix-1.oraclecloud.com";

/// A user of the lab's tenancy.
struct User {
    lab: Lab,
    directory: std::path::PathBuf,
}

/// A reply.
struct Got {
    status: u16,
    head: String,
    body: Value,
}

impl Got {
    fn code(&self) -> (u16, &str) {
        (self.status, self.body["code"].as_str().unwrap_or_default())
    }

    fn header(&self, wanted: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (name, value) = line.split_once(": ")?;
            name.eq_ignore_ascii_case(wanted).then_some(value)
        })
    }

    fn id(&self) -> &str {
        self.body["id"]
            .as_str()
            .unwrap_or_else(|| panic!("{}", self.body))
    }
}

/// A request, and what is wrong with its signature.
#[derive(Default)]
struct Sent<'a> {
    host: &'a str,
    method: &'a str,
    target: &'a str,
    body: String,
    /// More headers, which are not signed.
    headers: String,
    /// Sent in place of the target that is signed.
    instead: Option<&'a str>,
    /// The body that is sent in place of the one that is signed.
    body_instead: Option<&'a str>,
    /// Seconds from now.
    clock: i64,
    uncovered: &'a str,
    forged: bool,
}

impl User {
    fn new(name: &str, change: impl FnOnce(&mut Options)) -> Self {
        let directory = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let mut options = Options::new(&directory);
        change(&mut options);
        let lab = Lab::start(options).unwrap();
        Self { lab, directory }
    }

    fn send(&self, sent: &Sent<'_>) -> Got {
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
        let answer = client::https_whole(self.lab.address(), &bundle, sent.host, &request);
        let (head, body) = answer.split_once("\r\n\r\n").unwrap();
        Got {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head: head.to_owned(),
            body: serde_json::from_str(body).unwrap_or_default(),
        }
    }

    fn at(&self, host: &str, method: &str, target: &str, body: Option<&Value>) -> Got {
        self.send(&Sent {
            host,
            method,
            target,
            body: body.map(ToString::to_string).unwrap_or_default(),
            ..Sent::default()
        })
    }

    /// A call to the core services.
    fn core(&self, method: &str, path: &str, body: Option<&Value>) -> Got {
        self.at(CORE, method, &format!("/20160918/{path}"), body)
    }

    fn base_image(&self, shape: &str) -> String {
        let images = self.core(
            "GET",
            &format!("images?compartmentId={COMPARTMENT}&operatingSystemVersion=24.04&shape={shape}"),
            None,
        );
        images.body[0]["id"].as_str().unwrap().to_owned()
    }

    fn launch(&self, change: impl FnOnce(&mut Value)) -> Got {
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

    fn group(&self) -> String {
        let body = json!({"compartmentId": COMPARTMENT, "vcnId": Oci::network().vcn, "displayName": "group"});
        self.core("POST", "networkSecurityGroups", Some(&body))
            .id()
            .to_owned()
    }

    fn image(&self, instance: &str) -> Got {
        let body = json!({"compartmentId": COMPARTMENT, "instanceId": instance, "displayName": "built"});
        self.core("POST", "images", Some(&body))
    }

    fn broken(&self) -> Vec<&'static str> {
        let codes = self
            .lab
            .violations()
            .iter()
            .map(|violation| violation.rule.code())
            .collect();
        self.lab.clear_record();
        codes
    }

    fn left(&self) -> Vec<String> {
        let left = self.lab.leftovers();
        left.iter()
            .map(|resource| format!("{} {}", resource.kind, resource.name))
            .collect()
    }
}

/// Attack: a request that somebody changed on its way, or sends again later.
#[test]
fn only_the_users_own_signature_of_this_very_request_counts() {
    let user = User::new("oci-signature", |_| {});
    let list = format!("/20160918/instances?compartmentId={COMPARTMENT}");
    let sent = |method, target| Sent {
        host: CORE,
        method,
        target,
        body: if method == "POST" {
            "{}".to_owned()
        } else {
            String::new()
        },
        ..Sent::default()
    };
    assert_eq!(user.send(&sent("GET", &list)).status, 200);
    assert_eq!(user.broken(), [""; 0]);
    let other = format!("{list}&limit=1");
    let wrong = [
        Sent {
            forged: true,
            ..sent("GET", &list)
        },
        Sent {
            instead: Some(&other),
            ..sent("GET", &list)
        },
        Sent {
            clock: -600,
            ..sent("GET", &list)
        },
        Sent {
            clock: 600,
            ..sent("GET", &list)
        },
        Sent {
            uncovered: "date",
            ..sent("GET", &list)
        },
        Sent {
            uncovered: "(request-target)",
            ..sent("GET", &list)
        },
        Sent {
            uncovered: "x-content-sha256",
            ..sent("POST", "/20160918/instances")
        },
        Sent {
            body_instead: Some("{ }"),
            ..sent("POST", "/20160918/instances")
        },
    ];
    for wrong in wrong {
        let got = user.send(&wrong);
        assert_eq!(
            got.code(),
            (401, "NotAuthenticated"),
            "{} {:?}",
            wrong.method,
            wrong.uncovered
        );
        assert_eq!(user.broken(), ["unauthenticated"]);
    }
}

#[test]
fn an_image_goes_through_its_whole_life() {
    let user = User::new("oci-life", |_| {});
    let launched = user.launch(|_| {});
    assert_eq!(launched.body["lifecycleState"], "PROVISIONING");
    let work = launched.header("opc-work-request-id").unwrap();
    assert_eq!(
        user.core("GET", &format!("workRequests/{work}"), None).body["status"],
        "SUCCEEDED"
    );
    let instance = launched.id();
    let path = format!("instances/{instance}");
    assert_eq!(user.core("GET", &path, None).body["lifecycleState"], "RUNNING");
    let attachments = user.core(
        "GET",
        &format!("vnicAttachments?compartmentId={COMPARTMENT}&instanceId={instance}"),
        None,
    );
    let vnic = attachments.body[0]["vnicId"].as_str().unwrap().to_owned();
    let vnic = user.core("GET", &format!("vnics/{vnic}"), None).body;
    assert_eq!(
        (&vnic["publicIp"], &vnic["privateIp"]),
        (&json!("127.0.0.1"), &json!("127.0.0.2"))
    );

    let image = user.image(instance);
    assert_eq!(image.body["lifecycleState"], "PROVISIONING");
    let image_path = format!("images/{}", image.id());
    let image = user.core("GET", &image_path, None);
    assert_eq!(
        (
            &image.body["lifecycleState"],
            &image.body["operatingSystem"],
            &image.body["sizeInMBs"]
        ),
        (&json!("AVAILABLE"), &json!("Canonical Ubuntu"), &json!(81920))
    );
    assert!(
        image.body.get("x-arm").is_none(),
        "what the lab alone knows is not shown"
    );
    assert_eq!(user.core("DELETE", &path, None).status, 204);
    assert_eq!(
        user.left(),
        ["images built"],
        "a boot volume goes with its instance"
    );
    assert_eq!(
        user.core("GET", &path, None).body["lifecycleState"],
        "TERMINATED",
        "it can be read for a while"
    );
    assert_eq!(user.core("DELETE", &image_path, None).status, 204);
    assert_eq!(
        user.core("GET", &image_path, None).body["lifecycleState"],
        "DELETED"
    );
    assert_eq!((user.left().len(), user.broken().len()), (0, 0));
}

#[test]
fn a_body_that_oracle_would_refuse_is_refused() {
    let user = User::new("oci-body", |_| {});
    let arm = user.base_image("VM.Standard.A1.Flex");
    let private = Oci::network().private;
    let many: serde_json::Map<_, _> = (0..11).map(|number| (format!("k{number}"), json!("v"))).collect();
    let cases: &[(&str, Value, &str)] = &[
        ("/shielded", json!(true), "unknown-field"),
        ("/shapeConfig", Value::Null, "wrong-value"),
        (
            "/shapeConfig",
            json!({"memory_in_gbs": 1, "ocpus": 1}),
            "unknown-field",
        ),
        (
            "/shapeConfig",
            json!({"ocpus": 1, "memoryInGBs": 65}),
            "wrong-value",
        ),
        ("/shape", json!("VM.Standard2.1"), "wrong-value"),
        ("/shape", json!("VM.Standard9.Flex"), "wrong-value"),
        ("/shape", json!("VM.Standard.A1.Flex"), "wrong-value"),
        ("/sourceDetails/imageId", json!(arm), "wrong-value"),
        ("/sourceDetails/sourceType", json!("Image"), "wrong-value"),
        ("/sourceDetails/bootVolumeSizeInGBs", json!(49), "wrong-value"),
        ("/imageId", json!(arm), "wrong-value"),
        (
            "/availabilityDomain",
            json!("Labs:US-ASHBURN-AD-1"),
            "wrong-value",
        ),
        ("/createVnicDetails/subnetId", json!(private), "wrong-value"),
        ("/createVnicDetails/assignPublicIp", json!("true"), "wrong-value"),
        ("/freeformTags", json!(many), "wrong-value"),
        ("/freeformTags", json!({"a.b": "c"}), "wrong-value"),
        ("/freeformTags", json!({"a": 1}), "wrong-value"),
        ("/definedTags", json!({"Operations": {"a": "b"}}), "unknown-field"),
        ("/displayName", json!(""), "wrong-value"),
        ("/metadata", json!({"user_data": "#!/bin/sh"}), "wrong-value"),
        ("/metadata", json!({"a": "b".repeat(32_001)}), "wrong-value"),
        ("/launchOptions", json!({"firmware": "UEFI"}), "wrong-value"),
    ];
    for (pointer, value, rule) in cases {
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        let got = user.launch(|body| body.pointer_mut(parent).unwrap()[field] = value.clone());
        assert_eq!(got.code(), (400, "InvalidParameter"), "{pointer} {value}");
        assert_eq!(user.broken(), [*rule], "{pointer} {value}");
    }
    let got = user.launch(|body| drop(body.as_object_mut().unwrap().remove("shape")));
    assert_eq!(got.code(), (400, "MissingParameter"));
    assert_eq!(user.left(), [""; 0]);
}

#[test]
fn what_is_not_there_or_somebody_elses_is_the_same_404() {
    let user = User::new("oci-absent", |_| {});
    let base = user.base_image("VM.Standard.E4.Flex");
    for (method, path) in [
        ("GET", "images/ocid1.image.oc1.phx.none".to_owned()),
        ("DELETE", format!("images/{base}")),
        ("GET", format!("instances/{base}")),
        (
            "GET",
            "instances?compartmentId=ocid1.compartment.oc1..other".to_owned(),
        ),
    ] {
        let got = user.core(method, &path, None);
        assert_eq!(got.code(), (404, "NotAuthorizedOrNotFound"), "{method} {path}");
    }
    assert_eq!(user.broken(), [""; 0]);
    // What is in one region is not in another.
    let elsewhere = "iaas.us-ashburn-1.oraclecloud.com";
    let got = user.at(elsewhere, "GET", &format!("/20160918/images/{base}"), None);
    assert_eq!(got.status, 404);
    assert_eq!(user.core("GET", "volumes", None).status, 404);
    assert_eq!(user.core("GET", "workRequests/ocid1.x", None).status, 404);
    let list = format!("images?compartmentId={COMPARTMENT}");
    assert_eq!(user.core("GET", &format!("{list}&filter=a"), None).status, 400);
    assert_eq!(
        user.core("GET", &format!("{list}&sortBy=timeCreated"), None)
            .status,
        400
    );
    assert_eq!(user.core("GET", "images", None).code(), (400, "MissingParameter"));
    assert_eq!(
        user.broken(),
        [
            "unknown-route",
            "wrong-order",
            "unknown-field",
            "wrong-value",
            "missing-field"
        ]
    );
}

/// Defect: a group that is deleted while its instance is still going away stays for ever.
#[test]
fn a_group_in_use_cannot_be_deleted_until_its_instance_is_gone() {
    let user = User::new("oci-group", |options| options.delay = 1);
    let group = user.group();
    let path = format!("networkSecurityGroups/{group}");
    let launched = user.launch(|body| body["createVnicDetails"]["nsgIds"] = json!([group]));
    assert_eq!(user.core("DELETE", &path, None).code(), (409, "IncorrectState"));
    user.core("DELETE", &format!("instances/{}", launched.id()), None);
    assert_eq!(user.core("DELETE", &path, None).code(), (409, "IncorrectState"));
    assert_eq!(user.core("DELETE", &path, None).status, 204);
    assert_eq!((user.left().len(), user.broken().len()), (0, 0));
}

#[test]
fn rules_are_checked_added_and_removed() {
    let user = User::new("oci-rules", |_| {});
    let path = format!("networkSecurityGroups/{}", user.group());
    let add = |change: &dyn Fn(&mut Value)| {
        let mut rule = json!({
            "direction": "INGRESS", "protocol": "6", "source": "192.0.2.1/32", "sourceType": "CIDR_BLOCK",
            "tcpOptions": {"destinationPortRange": {"min": 22, "max": 22}},
        });
        change(&mut rule);
        let body = json!({"securityRules": [rule]});
        user.core("POST", &format!("{path}/actions/addSecurityRules"), Some(&body))
    };
    let added = add(&|_| {});
    let rule = added.body["securityRules"][0]["id"].clone();
    assert_eq!(
        user.core("GET", &format!("{path}/securityRules"), None).body[0]["id"],
        rule
    );
    let body = json!({"securityRuleIds": [rule]});
    let remove = format!("{path}/actions/removeSecurityRules");
    assert_eq!(user.core("POST", &remove, Some(&body)).status, 204);
    assert_eq!(user.core("POST", &remove, Some(&body)).status, 404);
    assert_eq!(user.broken(), [""; 0]);
    for change in [
        json!({"protocol": "tcp"}),
        json!({"source": "192.0.2.1"}),
        json!({"source": "192.0.2.1/24"}),
        json!({"direction": "EGRESS"}),
        json!({"protocol": "17"}),
        json!({"tcpOptions": {"destinationPortRange": {"min": 23, "max": 22}}}),
        json!({"sourceType": "cidr"}),
    ] {
        let got = add(&|rule| {
            for (name, value) in change.as_object().unwrap() {
                rule[name] = value.clone();
            }
        });
        assert_eq!(got.status, 400, "{change}");
        assert_eq!(user.broken(), ["wrong-value"], "{change}");
    }
}

#[test]
fn while_an_image_is_made_neither_it_nor_its_instance_can_go() {
    let user = User::new("oci-imaging", |options| options.delay = 1);
    let instance = user.launch(|_| {}).id().to_owned();
    assert_eq!(
        user.image(&instance).code(),
        (409, "IncorrectState"),
        "it does not run yet"
    );
    user.core("GET", &format!("instances/{instance}"), None);
    let image = user.image(&instance).id().to_owned();
    let path = format!("instances/{instance}");
    assert_eq!(user.core("DELETE", &path, None).code(), (409, "IncorrectState"));
    assert_eq!(
        user.core("DELETE", &path, None).status,
        204,
        "every attempt is a look"
    );
    assert_eq!(user.core("DELETE", &format!("images/{image}"), None).status, 204);
    assert_eq!(user.left(), [""; 0]);
}

#[test]
fn a_boot_volume_stays_only_if_that_is_asked_for() {
    let user = User::new("oci-volume", |_| {});
    let instance = user.launch(|_| {}).id().to_owned();
    let list = format!("bootVolumes?compartmentId={COMPARTMENT}&availabilityDomain={AVAILABILITY_DOMAIN}");
    let volume = user.core("GET", &list, None).body[0]["id"]
        .as_str()
        .unwrap()
        .to_owned();
    let path = format!("bootVolumes/{volume}");
    assert_eq!(user.core("DELETE", &path, None).code(), (409, "IncorrectState"));
    let terminate = format!("instances/{instance}?preserveBootVolume=true");
    assert_eq!(user.core("DELETE", &terminate, None).status, 204);
    assert_eq!(user.left(), ["bootVolumes vm (Boot Volume)"]);
    assert_eq!(user.core("DELETE", &path, None).status, 204);
    assert_eq!(user.left(), [""; 0]);
}

/// Defect: a client that repeats a request whose reply was lost makes everything twice.
#[test]
fn a_repeated_request_with_its_retry_token_does_nothing_more() {
    let user = User::new("oci-retry", |_| {});
    let body = json!({"compartmentId": COMPARTMENT, "vcnId": Oci::network().vcn});
    let send = |body: &Value| {
        user.send(&Sent {
            host: CORE,
            method: "POST",
            target: "/20160918/networkSecurityGroups",
            body: body.to_string(),
            headers: "opc-retry-token: t1\r\n".to_owned(),
            ..Sent::default()
        })
    };
    user.lab
        .inject(Fault::lose(503, "ServiceUnavailable").cloud("oci"));
    assert_eq!(send(&body).code(), (503, "ServiceUnavailable"));
    assert_eq!(send(&body).id(), send(&body).id());
    assert_eq!(user.left().len(), 1);
    let other = json!({"compartmentId": COMPARTMENT, "vcnId": Oci::network().vcn, "displayName": "b"});
    assert_eq!(send(&other).code(), (409, "InvalidatedRetryToken"));
}

#[test]
fn a_change_of_an_older_state_is_refused() {
    let user = User::new("oci-etag", |_| {});
    let target = format!("/20160918/networkSecurityGroups/{}", user.group());
    let etag = user
        .at(CORE, "GET", &target, None)
        .header("etag")
        .unwrap()
        .to_owned();
    let update = |etag: &str| {
        user.send(&Sent {
            host: CORE,
            method: "PUT",
            target: &target,
            body: json!({"displayName": "other"}).to_string(),
            headers: format!("if-match: {etag}\r\n"),
            ..Sent::default()
        })
    };
    assert_eq!(update(&etag).status, 200);
    assert_eq!(update(&etag).code(), (412, "NoEtagMatch"));
}

#[test]
fn lists_come_in_pages_filtered_and_newest_first() {
    let user = User::new("oci-pages", |_| {});
    user.lab.plant_decoys(12);
    let list = format!("images?compartmentId={COMPARTMENT}");
    let first = user.core("GET", &format!("{list}&limit=7"), None);
    let token = first.header("opc-next-page").unwrap();
    let second = user.core("GET", &format!("{list}&limit=7&page={token}"), None);
    assert_eq!(
        (
            first.body.as_array().unwrap().len(),
            second.body.as_array().unwrap().len(),
            second.header("opc-next-page")
        ),
        (7, 2, None),
        "six of Oracle and three of somebody else"
    );
    assert!(first.header("opc-request-id").is_some());
    let ubuntu = format!("{list}&operatingSystem=Canonical%20Ubuntu&operatingSystemVersion=24.04");
    let names = |query: &str| {
        let got = user.core("GET", &format!("{ubuntu}&lifecycleState=AVAILABLE{query}"), None);
        let images = got.body.as_array().unwrap().clone();
        let names = images
            .iter()
            .map(|image| image["displayName"].as_str().unwrap().to_owned());
        names
            .filter(|name| name.starts_with("Canonical"))
            .collect::<Vec<_>>()
    };
    assert_eq!(
        names("&shape=VM.Standard.E4.Flex"),
        [
            "Canonical-Ubuntu-24.04-2026.10.31-0",
            "Canonical-Ubuntu-24.04-2026.07.31-0"
        ]
    );
    assert_eq!(
        names("&shape=VM.Standard.A1.Flex"),
        ["Canonical-Ubuntu-24.04-aarch64-2026.10.31-0"]
    );
}

#[test]
fn an_image_gets_to_another_region_through_object_storage() {
    let user = User::new("oci-copy", |_| {});
    let instance = user.launch(|_| {}).id().to_owned();
    user.core("GET", &format!("instances/{instance}"), None);
    let image = user.image(&instance).id().to_owned();
    user.core("GET", &format!("images/{image}"), None);
    let place = json!({"namespaceName": NAMESPACE, "bucketName": BUCKET, "objectName": "a.oci"});
    let with = |more: Value| {
        let mut body = place.clone();
        body.as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        body
    };
    let export = with(json!({"destinationType": "objectStorageTuple", "exportFormat": "OCI"}));
    let path = format!("images/{image}/actions/export");
    assert_eq!(
        user.core("POST", &path, Some(&export)).body["lifecycleState"],
        "EXPORTING"
    );
    let copy = |bucket: &str| {
        let body = json!({
            "sourceObjectName": "a.oci", "destinationRegion": "us-ashburn-1", "destinationNamespace": NAMESPACE,
            "destinationBucket": bucket, "destinationObjectName": "a.oci",
        });
        let got = user.at(
            STORAGE,
            "POST",
            &format!("/n/{NAMESPACE}/b/{BUCKET}/actions/copyObject"),
            Some(&body),
        );
        let work = got.header("opc-work-request-id").unwrap().to_owned();
        user.at(STORAGE, "GET", &format!("/workRequests/{work}"), None)
            .body["status"]
            .clone()
    };
    assert_eq!(copy("none"), "FAILED");
    assert_eq!(copy(BUCKET), "COMPLETED");
    let import = json!({
        "compartmentId": COMPARTMENT, "displayName": "copy",
        "imageSourceDetails": with(json!({"sourceType": "objectStorageTuple"})),
    });
    let there = "iaas.us-ashburn-1.oraclecloud.com";
    let got = user.at(there, "POST", "/20160918/images", Some(&import));
    assert_eq!(
        (&got.body["lifecycleState"], &got.body["operatingSystemVersion"]),
        (&json!("IMPORTING"), &json!("24.04"))
    );
    let object = format!("/n/{NAMESPACE}/b/{BUCKET}/o/a.oci");
    assert_eq!(user.at(STORAGE, "DELETE", &object, None).status, 204);
    assert_eq!(
        user.at(STORAGE, "DELETE", &object, None).code(),
        (404, "ObjectNotFound")
    );
    assert_eq!(user.broken(), [""; 0]);
}

#[test]
fn a_touched_decoy_shows() {
    let user = User::new("oci-decoys", |_| {});
    let before = user.lab.plant_decoys(4);
    let group = before
        .iter()
        .find(|resource| resource.kind == "networkSecurityGroups" && resource.cloud == "oci")
        .unwrap();
    let path = format!("networkSecurityGroups/{}", group.id);
    assert_eq!(
        user.core("PUT", &path, Some(&json!({"freeformTags": {}}))).status,
        200
    );
    assert_ne!(user.lab.strangers(), before);
    assert_eq!(
        user.lab.leftovers(),
        [],
        "what belongs to others is not left over"
    );
}
