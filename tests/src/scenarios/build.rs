//! A build that goes well.

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;

use serde_json::Value;

use super::{BUILD, SOURCE};
use crate::lab::{Moto, Packer, Sindri};

fn text(json: &Value, key: &str) -> String {
    json[key]
        .as_str()
        .unwrap_or_else(|| panic!("no {key} in {json}"))
        .to_owned()
}

/// Ids of what is left, of one kind.
fn left(moto: &Moto, kind: &str) -> BTreeSet<String> {
    let start = format!("{} {kind} ", moto.region());
    let lines = moto.leftovers();
    lines
        .iter()
        .filter_map(|line| line.strip_prefix(&start))
        .map(str::to_owned)
        .collect()
}

/// What the issue promises of the very first build.
fn check_first(moto: &Moto, sindri: &Sindri, built: &Value) {
    let image = text(built, "image_id");
    assert_eq!(built["cached"], false);
    assert_eq!(left(moto, "image"), BTreeSet::from([image.clone()]));
    let snapshots = left(moto, "snapshot");
    assert_eq!(
        moto.leftovers().len(),
        1 + snapshots.len(),
        "{:?}",
        moto.leftovers()
    );

    let run = text(built, "run_id");
    let tags = moto.tags(&image);
    let names: Vec<_> = tags.keys().map(String::as_str).collect();
    assert_eq!(
        names,
        [
            "BuildDate",
            "ManagedBy",
            "Name",
            "SindriCacheKey",
            "SindriRunId",
            "SindriVersion"
        ]
    );
    assert_eq!(
        (tags["ManagedBy"].as_str(), tags["Name"].as_str()),
        ("sindri", "sindri-dev")
    );
    assert_eq!(tags["SindriVersion"], "3.1.0");
    assert_eq!(
        (&tags["SindriRunId"], &tags["SindriCacheKey"]),
        (&run, &text(built, "cache_key"))
    );
    assert!(tags["BuildDate"].ends_with('Z') && tags["BuildDate"].len() == 20);
    assert_eq!(snapshots.len(), 1);
    for snapshot in &snapshots {
        assert_eq!(moto.tags(snapshot), tags, "the snapshot's tags");
    }
    for instance in moto.instances() {
        let tags = moto.tags(&instance);
        assert_eq!(tags["SindriRunId"], run, "undo would not find {instance}");
        assert!(
            !tags.contains_key("SindriCacheKey"),
            "a half-made image would be a hit"
        );
    }
    let directory = sindri.run_directory(&run);
    let mode = directory.metadata().unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o700);
    let bill = std::fs::read_to_string(directory.join("manifest.json")).unwrap();
    assert!(bill.contains(&image));
}

/// What only the account can say is asked once, after the look for an image and before Packer.
fn check_order(sindri: &Sindri) {
    let kind = |line: &Value| {
        let operation = &line["request"]["operation"];
        ["find-image", "check-build"]
            .into_iter()
            .find(|name| !operation[name].is_null())
            .or((line["event"] == "packer-started").then_some("packer"))
    };
    let journal = sindri.journal();
    let mut order: Vec<_> = journal.iter().filter_map(kind).collect();
    // Two runs, in the order of their random ids: the second one found the image and asked nothing more.
    if order.last() == Some(&"find-image") {
        order.pop();
    } else {
        order.remove(0);
    }
    assert_eq!(order, ["find-image", "check-build", "packer"]);
}

/// The main job: build, find again, build anew, list, delete.
pub fn an_image_is_built_once_found_again_listed_and_deleted(packer: Packer) {
    let moto = Moto::start();
    let sindri = packer.sindri(&moto, &["communicator: none"]);
    let build = |more: &[&str]| sindri.run(&[BUILD, more].concat()).succeeded().json();

    let first = build(&[]);
    check_first(&moto, &sindri, &first);
    let image = text(&first, "image_id");

    let again = build(&[]);
    assert_eq!(
        (&again["cached"], text(&again, "image_id")),
        (&Value::Bool(true), image.clone())
    );
    assert_eq!(text(&again, "image_name"), text(&first, "image_name"));
    assert_eq!(sindri.count("packer-started"), 1, "a hit runs no Packer");
    check_order(&sindri);

    let forced = build(&["--force"]);
    assert_eq!(forced["cached"], false);
    assert_ne!(text(&forced, "image_id"), image);
    assert_eq!(text(&forced, "cache_key"), text(&first, "cache_key"));
    let newest = build(&[]);
    assert_eq!(
        text(&newest, "image_id"),
        text(&forced, "image_id"),
        "a hit is the newest image of its content"
    );

    let changed = build(&["--disk-size", "20"]);
    assert_eq!(changed["cached"], false);
    assert_ne!(text(&changed, "cache_key"), text(&first, "cache_key"));

    let listed = sindri.run(&["vm", "list", "--json"]).succeeded().json();
    let listed: BTreeSet<_> = listed
        .as_array()
        .unwrap()
        .iter()
        .map(|image| text(image, "id"))
        .collect();
    assert_eq!(
        listed,
        [&first, &forced, &changed]
            .map(|built| text(built, "image_id"))
            .into()
    );

    for built in [&first, &forced, &changed] {
        let image = text(built, "image_id");
        let deleted = sindri
            .run(&["vm", "delete", &image, "--yes", "--json"])
            .succeeded()
            .json();
        let removed = deleted["removed"].to_string();
        assert!(removed.contains(&image) && removed.contains("snap-"), "{deleted}");
    }
    assert_eq!(moto.leftovers(), [""; 0]);
    assert_eq!(
        sindri.run(&["vm", "list", "--json"]).succeeded().json(),
        Value::Array(Vec::new())
    );
}

/// What Packer itself says of the template; nothing is made and no run is left to undo.
pub fn validate_asks_packer_and_leaves_nothing(packer: Packer) {
    let moto = Moto::start();
    let sindri = packer.sindri(&moto, &[SOURCE]);
    let json = sindri.run(&["vm", "validate", "--json"]).succeeded().json();
    assert_eq!(json["valid"], true);
    assert_eq!(json["checked_by"], serde_json::json!(["sindri", "packer"]));
    assert_eq!(json["errors"], serde_json::json!([]));
    assert_eq!(sindri.journal(), [Value::Null; 0]);
    assert_eq!((moto.instances(), moto.leftovers()), (vec![], vec![]));
}

/// `--debug` must not be Packer's own `-debug`, which waits for somebody to press Enter.
pub fn debug_keeps_packers_log_without_secrets(packer: Packer) {
    let moto = Moto::start();
    let mut sindri = packer.sindri(&moto, &["communicator: none"]);
    sindri.set("AWS_SECRET_ACCESS_KEY", "very-secret-access-key-of-a-test");
    let built = sindri.run(&[BUILD, &["--debug"]].concat()).succeeded();
    let directory = sindri.run_directory(&text(&built.json(), "run_id"));
    let log = std::fs::read_to_string(directory.join("packer.log")).unwrap();
    assert!(log.contains("[INFO] Packer version"), "{log}");
    assert!(!log.contains("very-secret-access-key-of-a-test"));
    assert!(
        !built.stderr.contains("very-secret-access-key-of-a-test"),
        "{built}"
    );
}
