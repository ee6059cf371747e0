//! The life of an image, from the first build to the last trace.

use std::path::Path;

use serde_json::Value;
use sindri_tests::lab::Packer;

use crate::clouds::Cloud;
use crate::stage::{Stage, WAAGENT_NOTE};

const BUILD: &[&str] = &["vm", "build", "--json"];
const LIST: &[&str] = &["vm", "list", "--json"];
/// Somebody else's resources in the same account.
const DECOYS: usize = 10;

fn text<'a>(json: &'a Value, key: &str) -> &'a str {
    json[key].as_str().unwrap_or_else(|| panic!("no {key} in {json}"))
}

/// Everything that a user does with an image; in the end there is nothing but what there was before.
pub(crate) fn of_an_image(cloud: &'static Cloud, packer: Packer) {
    let stage = Stage::with_ssh(cloud, packer);
    let strangers = stage.lab.plant_decoys(DECOYS);
    assert!(strangers.len() >= DECOYS, "{strangers:?}");

    let doctor = ["vm", "doctor", "--cloud", cloud.name, "--json"];
    let ready = stage.sindri.run(&doctor).succeeded().json();
    assert_eq!(ready[0]["satisfied"], true, "{ready}");

    let image = build(&stage);
    deploy_and_destroy(&stage, &image);
    let deleted = stage.sindri.run(&["vm", "delete", &image, "--yes", "--json"]);
    assert!(deleted.succeeded().json()["removed"].to_string().contains(&image));
    assert_eq!(
        stage.sindri.run(LIST).succeeded().json(),
        Value::Array(Vec::new())
    );

    assert_eq!(stage.left(), [""; 0]);
    assert_eq!(stage.lab.strangers(), strangers);
    assert_eq!(stage.lab.violations(), []);
    assert_eq!(stage.sindri.interrupted(), [""; 0]);
}

/// A build, one that finds it, and what the account shows of it. Returns the image's id.
fn build(stage: &Stage) -> String {
    let built = stage.sindri.run(BUILD).succeeded();
    let json = built.json();
    let image = text(&json, "image_id").to_owned();
    assert_eq!(json["cached"], false, "{built}");
    assert_eq!(
        stage.inside("/home/ubuntu/sindri-was-asked"),
        "ubuntu in /home/ubuntu: profile install minimal --yes\n"
    );
    if stage.cloud.name == "azure" {
        assert_eq!(stage.inside(WAAGENT_NOTE), "-force -deprovision\n");
    }

    let again = stage.sindri.run(BUILD).succeeded().json();
    assert_eq!(
        (&again["cached"], text(&again, "image_id")),
        (&true.into(), &*image)
    );
    assert_eq!(stage.sindri.count("packer-started"), 1, "a hit runs no Packer");

    let listed = stage.sindri.run(LIST).succeeded().json();
    let listed: Vec<_> = listed.as_array().unwrap().iter().collect();
    assert_eq!(listed.len(), 1, "decoys are nobody's images: {listed:?}");
    assert_eq!(text(listed[0], "id"), image);
    assert_eq!(text(&listed[0]["tags"], "SindriRunId"), text(&json, "run_id"));
    image
}

fn deploy_and_destroy(stage: &Stage, image: &str) {
    let before = stage.left();
    let deploy = ["vm", "deploy", image, "--ssh-cidr", "127.0.0.1/32", "--json"];
    let deployed = stage.sindri.run(&deploy).succeeded().json();
    assert_eq!(text(&deployed, "public_ip"), "127.0.0.1");
    assert_eq!(text(&deployed, "ssh_user"), "ubuntu");
    let key = Path::new(text(&deployed, "ssh_key_path"));
    assert_eq!(
        stage.host_name(key),
        "ubuntu sindri-lab ",
        "the key that the cloud was given"
    );
    assert!(stage.left().len() > before.len());

    let instance = text(&deployed, "instance_id");
    let destroy = ["vm", "destroy", instance, "--yes", "--json"];
    stage.sindri.run(&destroy).succeeded();
    assert_eq!(stage.left(), before);
    assert!(!key.exists(), "a key that opens nothing any more");
    let again = stage.sindri.run(&destroy);
    assert_eq!(again.failure(), (1, "instance/not-found".to_owned()), "{again}");
}
