//! Signatures, bodies and who may see what.

use serde_json::{Value, json};
use sindri_lab::clouds::oci::{COMPARTMENT, Oci};

use crate::user::*;

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
