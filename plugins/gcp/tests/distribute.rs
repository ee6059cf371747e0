//! Sharing, publishing, copying and deprecating images.
#![allow(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::wildcard_enum_match_arm
)]

mod support;

use serde_json::json;
use sindri_plugin_sdk::contract::*;
use sindri_plugin_sdk::testing::{Driven, Tool};
use support::{IMAGE, empty_project, flag, image, problem, run, verbs, with};

fn share(principals: Vec<Principal>, revoke: bool) -> Operation {
    Operation::Share(ShareRequest {
        image_id: IMAGE.to_owned(),
        principals,
        revoke,
    })
}

fn user(name: &str) -> Principal {
    Principal::User(name.to_owned())
}

fn members(driven: &Driven) -> Vec<String> {
    let permits = driven.steps().filter(|step| step.id.starts_with("permit"));
    permits
        .map(|step| flag(driven, &step.id, "member").unwrap())
        .collect()
}

fn distribution(driven: Driven) -> Distribution {
    match driven.result {
        Ok(Outcome::Distribution(distribution)) => distribution,
        other => panic!("{other:?}"),
    }
}

fn deprecate(tool: &Tool, state: DeprecationState, at: Option<&str>) -> Driven {
    let request = DeprecateRequest {
        image_id: IMAGE.to_owned(),
        state,
        at: at.map(str::to_owned),
        replacement: Some("sindri-newer".to_owned()),
    };
    run(tool, json!({}), Operation::Deprecate(request))
}

#[test]
fn an_image_is_shared_by_name_and_what_holds_is_read_back() {
    let policy = json!({ "bindings": [
        { "role": "roles/compute.imageUser", "members": ["user:jane@example.com", "group:b@example.com", "domain:example.com"] },
        { "role": "roles/owner", "members": ["user:owner@example.com"] },
    ] });
    let principals = vec![
        user("jane@example.com"),
        user("vm@my-project.iam.gserviceaccount.com"),
        user("group:b@example.com"),
        Principal::Organization("example.com".to_owned()),
    ];
    let driven = run(
        &empty_project().prints("policy", policy),
        json!({}),
        share(principals, false),
    );
    assert_eq!(
        members(&driven),
        [
            "user:jane@example.com",
            "serviceAccount:vm@my-project.iam.gserviceaccount.com",
            "group:b@example.com",
            "domain:example.com"
        ]
    );
    let distribution = distribution(driven);
    assert!(!distribution.public);
    assert_eq!(
        distribution.shared_with,
        [
            user("jane@example.com"),
            user("group:b@example.com"),
            Principal::Organization("example.com".to_owned())
        ]
    );
}

#[test]
fn a_right_that_is_not_there_is_taken_back_all_the_same() {
    let tool = empty_project().fails("compute images remove-iam-policy-binding", "bindingNotFound");
    let driven = run(&tool, json!({}), share(vec![user("jane@example.com")], true));
    assert_eq!(
        verbs(&driven)[1],
        ["images remove-iam-policy-binding", "images get-iam-policy"]
    );
    assert!(distribution(driven).shared_with.is_empty());
}

#[test]
fn nobody_but_one_named_principal_is_let_in() {
    for principal in [
        Principal::Account("other-project".to_owned()),
        Principal::Organization("123456789012".to_owned()),
        Principal::Organization("example.com,allUsers".to_owned()),
        user("allUsers"),
        user("allAuthenticatedUsers"),
        user("projectOwner:my-project"),
        user("user:jane@example.com,user:eve@example.com"),
        user("--role"),
        user("@example.com"),
        user("jane@"),
    ] {
        let driven = run(&empty_project(), json!({}), share(vec![principal.clone()], false));
        assert!(driven.turns.is_empty(), "{principal:?}");
        assert_eq!(problem(driven).code, "unsupported-principal");
    }
    let nobody = run(&empty_project(), json!({}), share(Vec::new(), false));
    assert_eq!(problem(nobody).code, "missing-principal");
}

#[test]
fn an_image_is_made_public_for_everybody_who_has_logged_in() {
    let policy =
        json!({ "bindings": [{ "role": "roles/compute.imageUser", "members": ["allAuthenticatedUsers"] }] });
    let request = |withdraw| {
        Operation::Publish(PublishRequest {
            image_id: IMAGE.to_owned(),
            withdraw,
        })
    };
    let driven = run(
        &empty_project().prints("policy", policy),
        json!({}),
        request(false),
    );
    assert_eq!(
        members(&driven),
        ["allAuthenticatedUsers"],
        "Google refuses allUsers for images"
    );
    assert!(distribution(driven).public);
    let driven = run(&empty_project(), json!({}), request(true));
    assert_eq!(verbs(&driven)[1][0], "images remove-iam-policy-binding");
    assert!(!distribution(driven).public);
}

#[test]
fn a_global_image_needs_no_copy_and_the_user_is_told() {
    let copy = Operation::Copy(CopyRequest {
        image_id: IMAGE.to_owned(),
        locations: vec!["eu".to_owned()],
    });
    let problem = problem(run(&empty_project(), json!({}), copy));
    assert_eq!(problem.code, "unsupported-operation");
    assert!(problem.remedy.is_some());
}

#[test]
fn an_image_is_deprecated_at_once_or_at_a_time_to_come() {
    use DeprecationState::{Active, Deprecated, Obsolete};
    let future = Some("2027-01-01T00:00:00Z");
    let past = Some("2026-01-01T00:00:00Z");
    for (state, at, expected, on) in [
        (Deprecated, None, "DEPRECATED", None),
        (Deprecated, past, "DEPRECATED", None),
        (Deprecated, future, "ACTIVE", Some("deprecate-on")),
        (Obsolete, None, "OBSOLETE", None),
        (Obsolete, future, "ACTIVE", Some("obsolete-on")),
        (Active, future, "ACTIVE", None),
    ] {
        let driven = deprecate(&empty_project(), state, at);
        assert_eq!(
            flag(&driven, "deprecate", "state").unwrap(),
            expected,
            "{state:?} {at:?}"
        );
        for name in ["deprecate-on", "obsolete-on"] {
            let time = flag(&driven, "deprecate", name);
            assert_eq!(
                time.as_deref(),
                at.filter(|_| on == Some(name)),
                "{state:?} {at:?} {name}"
            );
        }
        assert_eq!(flag(&driven, "deprecate", "replacement").unwrap(), "sindri-newer");
    }
    let after = with(
        image(IMAGE),
        "deprecated",
        json!({ "state": "DEPRECATED", "deprecated": "2026-11-22T01:30:05-08:00" }),
    );
    let driven = deprecate(&empty_project().prints("after", after), Deprecated, None);
    assert_eq!(
        distribution(driven).deprecated_at.as_deref(),
        Some("2026-11-22T09:30:05Z")
    );
    assert_eq!(
        problem(deprecate(&empty_project(), Deprecated, Some("soon"))).code,
        "unusable-time"
    );
}
