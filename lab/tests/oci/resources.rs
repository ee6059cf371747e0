//! Groups, images, volumes and lists.

use serde_json::{Value, json};
use sindri_lab::Fault;
use sindri_lab::clouds::oci::{AVAILABILITY_DOMAIN, BUCKET, COMPARTMENT, NAMESPACE, Oci};

use crate::user::*;

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
