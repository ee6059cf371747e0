//! Google Cloud: what it takes, and above all what it refuses.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::disallowed_methods
)]

mod client;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use client::Api;
use rustls::SignatureScheme;
use rustls::pki_types::{PrivateKeyDer, pem::PemObject};
use serde_json::{Value, json};
use tokio_rustls::rustls;

const BASE: &str = "/compute/v1/projects/sindri-lab";

fn compute(name: &str) -> Api {
    Api::new(name, "compute.googleapis.com", |_| {}).with_token("ya29.sindri-lab-1".to_owned())
}

fn instance(change: impl FnOnce(&mut Value)) -> Value {
    let mut body = json!({
        "name": "vm", "machineType": "zones/us-west1-a/machineTypes/e2-standard-4",
        "disks": [{"boot": true, "autoDelete": false, "initializeParams": {
            "sourceImage": "projects/ubuntu-os-cloud/global/images/family/ubuntu-2404-lts-amd64", "diskSizeGb": "20",
        }}],
        "networkInterfaces": [{"network": "global/networks/default", "accessConfigs": [{"type": "ONE_TO_ONE_NAT"}]}],
    });
    change(&mut body);
    body
}

impl Api {
    fn make_instance(&self, change: impl FnOnce(&mut Value)) -> (u16, Value) {
        self.call(
            "POST",
            &format!("{BASE}/zones/us-west1-a/instances"),
            Some(&instance(change)),
        )
    }

    fn make_image(&self, query: &str, change: impl FnOnce(&mut Value)) -> (u16, Value) {
        let mut body = json!({"name": "image", "sourceDisk": "zones/us-west1-a/disks/vm"});
        change(&mut body);
        self.call("POST", &format!("{BASE}/global/images{query}"), Some(&body))
    }

    fn reason(reply: &(u16, Value)) -> (u16, &str) {
        (
            reply.0,
            reply.1["error"]["errors"][0]["reason"]
                .as_str()
                .unwrap_or_default(),
        )
    }
}

/// Exchanges an assertion with these claims, signed by the account's key or with a broken signature.
fn exchange(api: &Api, change: impl FnOnce(&mut Value), forged: bool) -> (u16, Value) {
    let account = std::fs::read_to_string(api.directory.join("gcp/service-account.json")).unwrap();
    let account: Value = serde_json::from_str(&account).unwrap();
    let now = std::time::SystemTime::UNIX_EPOCH.elapsed().unwrap().as_secs();
    let mut claims = json!({
        "iss": account["client_email"], "scope": "https://www.googleapis.com/auth/cloud-platform",
        "aud": account["token_uri"], "iat": now, "exp": now + 3600,
    });
    change(&mut claims);
    let header = json!({"alg": "RS256", "typ": "JWT", "kid": account["private_key_id"]});
    let signed = [header, claims]
        .map(|part| URL_SAFE_NO_PAD.encode(part.to_string()))
        .join(".");
    let key = PrivateKeyDer::from_pem_slice(account["private_key"].as_str().unwrap().as_bytes()).unwrap();
    let key = rustls::crypto::ring::sign::any_supported_type(&key).unwrap();
    let signer = key.choose_scheme(&[SignatureScheme::RSA_PKCS1_SHA256]).unwrap();
    let mut signature = signer.sign(signed.as_bytes()).unwrap();
    if forged {
        signature[0] ^= 1;
    }
    let assertion = format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature));
    let form =
        format!("grant_type=urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer&assertion={assertion}");
    api.form("oauth2.googleapis.com", "/token", &form)
}

#[test]
fn only_the_accounts_own_signature_gets_a_token() {
    let api = compute("gcp-token");
    let (status, body) = exchange(&api, |_| {}, false);
    assert_eq!((status, body["token_type"].as_str()), (200, Some("Bearer")));
    assert_eq!(api.lab.log()[0].answered, None, "the log keeps no token");
    assert_eq!(api.broken(), [""; 0]);

    for (change, forged) in [
        (json!({}), true),
        (json!({"iss": "other@sindri-lab.iam.gserviceaccount.com"}), false),
        (json!({"exp": 1}), false),
        (json!({"aud": "https://evil.example/token"}), false),
        (json!({"extra": 1}), false),
    ] {
        let (status, body) = exchange(&api, |claims| merge(claims, &change), forged);
        assert_eq!(
            (status, body["error"].as_str()),
            (400, Some("invalid_grant")),
            "{change}"
        );
        assert!(api.broken().contains(&"unauthenticated"), "{change}");
    }
}

fn merge(into: &mut Value, from: &Value) {
    for (name, value) in from.as_object().unwrap() {
        into[name] = value.clone();
    }
}

#[test]
fn without_a_token_nothing_is_answered() {
    let api = compute("gcp-anonymous").with_token("ya29.other".to_owned());
    assert_eq!(Api::reason(&api.call("GET", BASE, None)), (401, "authError"));
    assert_eq!(api.broken(), ["unauthenticated"]);
}

#[test]
fn an_image_goes_through_its_whole_life() {
    let api = compute("gcp-life");
    let operation = api.make_instance(|_| {}).1;
    assert_eq!(
        (&operation["status"], &operation["operationType"]),
        (&json!("RUNNING"), &json!("insert"))
    );
    let path = format!(
        "{BASE}/zones/us-west1-a/operations/{}",
        operation["name"].as_str().unwrap()
    );
    assert_eq!(api.call("GET", &path, None).1["status"], "DONE");
    let vm = api
        .call("GET", &format!("{BASE}/zones/us-west1-a/instances/vm"), None)
        .1;
    assert_eq!(vm["status"], "RUNNING");
    let interface = &vm["networkInterfaces"][0];
    assert_eq!(interface["accessConfigs"][0]["natIP"], "127.0.0.1");
    assert_eq!(interface["networkIP"], "127.0.0.2");
    assert_eq!(vm["disks"][0]["diskSizeGb"], "20");

    assert_eq!(
        api.call("DELETE", &format!("{BASE}/zones/us-west1-a/instances/vm"), None)
            .0,
        200
    );
    assert_eq!(
        api.left(),
        ["disks vm"],
        "a disk that is not deleted with its VM stays"
    );
    assert_eq!(api.make_image("", |body| body["family"] = json!("own")).0, 200);
    let newest = api
        .call("GET", &format!("{BASE}/global/images/family/own"), None)
        .1;
    assert_eq!(
        (&newest["name"], &newest["architecture"]),
        (&json!("image"), &json!("X86_64"))
    );
    assert_eq!(
        api.call("DELETE", &format!("{BASE}/zones/us-west1-a/disks/vm"), None)
            .0,
        200
    );
    assert_eq!(
        api.call("DELETE", &format!("{BASE}/global/images/image"), None).0,
        200
    );
    assert_eq!((api.left().len(), api.broken().len()), (0, 0));
}

/// Defect: an image of a disk that a VM writes to is broken.
#[test]
fn an_image_of_a_running_vm_is_out_of_order() {
    let api = compute("gcp-order");
    api.make_instance(|_| {});
    assert_eq!(
        Api::reason(&api.make_image("", |_| {})),
        (400, "resourceInUseByAnotherResource")
    );
    assert_eq!(api.broken(), ["wrong-order"]);
    let path = format!("{BASE}/zones/us-west1-a/operations/operation-999");
    assert_eq!(api.call("GET", &path, None).0, 404);
    assert_eq!(api.broken(), ["wrong-order"], "an operation that was never begun");
    // A disk in use is an error that clients have to expect, not a broken rule.
    let disk = format!("{BASE}/zones/us-west1-a/disks/vm");
    assert_eq!(
        Api::reason(&api.call("DELETE", &disk, None)),
        (400, "resourceInUseByAnotherResource")
    );
    assert_eq!(api.broken(), [""; 0]);
}

#[test]
fn a_body_that_google_would_refuse_is_refused() {
    let api = compute("gcp-body");
    let cases: &[(&str, Value, &str)] = &[
        ("/shieldedVm", json!({}), "unknown-field"),
        ("/name", json!("Vm_1"), "wrong-value"),
        ("/labels", json!({"k": "1.0"}), "wrong-value"),
        ("/labels", json!({"Key": "v"}), "wrong-value"),
        (
            "/machineType",
            json!("zones/us-west1-a/machineTypes/e2-standard-5"),
            "wrong-value",
        ),
        (
            "/machineType",
            json!("zones/us-west1-a/machineTypes/t2a-standard-4"),
            "wrong-value",
        ),
        (
            "/disks/0/initializeParams/diskType",
            json!("pd-ssd"),
            "wrong-value",
        ),
        ("/disks/0/initializeParams/diskSizeGb", json!("5"), "wrong-value"),
        (
            "/networkInterfaces/0/network",
            json!("global/networks/none"),
            "wrong-value",
        ),
        (
            "/scheduling",
            json!({"preemptible": true, "onHostMaintenance": "MIGRATE"}),
            "wrong-value",
        ),
        (
            "/scheduling",
            json!({"maxRunDuration": {"seconds": "7200"}}),
            "wrong-value",
        ),
        ("/serviceAccounts", json!([{"email": "default"}]), "wrong-value"),
        (
            "/shieldedInstanceConfig",
            json!({"enableIntegrityMonitoring": true}),
            "wrong-value",
        ),
        (
            "/metadata",
            json!({"items": [{"key": "a", "value": "1"}, {"key": "a", "value": "2"}]}),
            "wrong-value",
        ),
    ];
    for (pointer, value, rule) in cases {
        let (parent, field) = pointer.rsplit_once('/').unwrap();
        let reply = api.make_instance(|body| body.pointer_mut(parent).unwrap()[field] = value.clone());
        assert_eq!(reply.0, 400, "{pointer} {value}");
        assert_eq!(api.broken(), [*rule], "{pointer} {value}");
    }
    assert_eq!(api.left(), [""; 0]);
}

#[test]
fn names_in_use_public_projects_and_unknown_routes_are_refused() {
    let api = compute("gcp-refused");
    api.make_instance(|_| {});
    assert_eq!(Api::reason(&api.make_instance(|_| {})), (409, "alreadyExists"));
    let public = "/compute/v1/projects/ubuntu-os-cloud/global/images/ubuntu-2404-noble-amd64-v20261101";
    assert_eq!(api.call("GET", public, None).0, 200);
    assert_eq!(Api::reason(&api.call("DELETE", public, None)), (403, "forbidden"));
    assert_eq!(api.broken(), [""; 0]);
    assert_eq!(
        api.call("POST", &format!("{BASE}/global/snapshots"), Some(&json!({})))
            .0,
        404
    );
    assert_eq!(api.call("GET", &format!("{BASE}/zones/mars-a"), None).0, 404);
    assert_eq!(
        api.call("GET", &format!("{BASE}/global/images?fitler=a"), None).0,
        400
    );
    assert_eq!(api.broken(), ["unknown-route", "unknown-field"]);
}

#[test]
fn a_changed_resource_needs_its_present_fingerprint() {
    let api = compute("gcp-fingerprint");
    api.make_instance(|_| {});
    let path = format!("{BASE}/zones/us-west1-a/instances/vm");
    let old = api.call("GET", &path, None).1["labelFingerprint"].clone();
    let body = json!({"labelFingerprint": old, "labels": {"a": "b"}});
    assert_eq!(api.call("POST", &format!("{path}/setLabels"), Some(&body)).0, 200);
    let again = api.call("POST", &format!("{path}/setLabels"), Some(&body));
    assert_eq!(Api::reason(&again), (412, "conditionNotMet"));
}

#[test]
fn an_image_is_shared_with_accounts_but_never_with_everybody() {
    let api = compute("gcp-policy");
    api.make_instance(|_| {});
    api.call("DELETE", &format!("{BASE}/zones/us-west1-a/instances/vm"), None);
    api.make_image("", |_| {});
    let path = format!("{BASE}/global/images/image/setIamPolicy");
    let policy = |member: &str| json!({"policy": {"bindings": [{"role": "roles/compute.imageUser", "members": [member]}]}});
    assert_eq!(api.call("POST", &path, Some(&policy("user:a@b.example"))).0, 200);
    assert_eq!(
        api.call("POST", &path, Some(&policy("allAuthenticatedUsers"))).0,
        200
    );
    assert_eq!(api.broken(), [""; 0]);
    assert_eq!(api.call("POST", &path, Some(&policy("allUsers"))).0, 400);
    assert_eq!(api.broken(), ["wrong-value"]);
}

#[test]
fn lists_come_in_pages_and_filtered() {
    let api = compute("gcp-pages");
    api.lab.plant_decoys(12);
    let list = |query: &str| api.call("GET", &format!("{BASE}/global/images{query}"), None).1;
    let first = list("?maxResults=2");
    assert_eq!(first["items"].as_array().unwrap().len(), 2);
    let next = list(&format!(
        "?maxResults=2&pageToken={}",
        first["nextPageToken"].as_str().unwrap()
    ));
    assert_eq!(
        (next["items"].as_array().unwrap().len(), &next["nextPageToken"]),
        (1, &Value::Null)
    );
    let filtered = list("?filter=labels.owner%20eq%20%22nobody%22");
    assert_eq!(filtered["items"], json!([]));
    assert_eq!(list("?filter=name%7E%5Ea")["error"]["code"], 400);
}

#[test]
fn a_touched_decoy_shows() {
    let api = compute("gcp-decoys");
    let before = api.lab.plant_decoys(8);
    let here = before.iter().filter(|resource| resource.cloud == "gcp");
    assert_eq!(here.count(), 8);
    let image = before
        .iter()
        .find(|resource| resource.cloud == "gcp" && resource.kind == "images")
        .unwrap();
    let body = json!({"labelFingerprint": "42WmSpB8rSM=", "labels": {}});
    assert_eq!(
        api.call(
            "POST",
            &format!("/compute/v1/{}/setLabels", image.id),
            Some(&body)
        )
        .0,
        200
    );
    assert_ne!(api.lab.strangers(), before);
    assert_eq!(api.lab.leftovers(), [], "what belongs to others is not left over");
}

#[test]
fn with_a_delay_an_operation_has_to_be_asked_for_again() {
    let api = Api::new("gcp-delay", "compute.googleapis.com", |options| options.delay = 2)
        .with_token("ya29.sindri-lab-1".to_owned());
    let operation = api.make_instance(|_| {}).1;
    let path = format!(
        "{BASE}/zones/us-west1-a/operations/{}",
        operation["name"].as_str().unwrap()
    );
    let statuses: Vec<_> = (0..3)
        .map(|_| api.call("GET", &path, None).1["status"].clone())
        .collect();
    assert_eq!(statuses, ["RUNNING", "RUNNING", "DONE"]);
}
