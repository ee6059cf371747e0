//! Instances and images in an account, with the real AWS CLI and without Packer.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use std::os::unix::fs::PermissionsExt;
use std::path::Path;

use serde_json::Value;
use sindri_tests::lab::{Moto, Running, Sindri, tool};

/// A base image of the local EC2: an instance can be started from any image.
const IMAGE: &str = "ami-0aaaaaaaaaaaaaa01";
const ARM_IMAGE: &str = "ami-0bbbbbbbbbbbbbb01";
const DEPLOY: &[&str] = &["vm", "deploy", IMAGE, "--ssh-cidr", "203.0.113.7/32", "--json"];

fn sindri(moto: &Moto) -> Sindri {
    let mut sindri = Sindri::on(moto, &[]);
    sindri.path(tool("SINDRI_TEST_AWS").parent().unwrap(), false);
    sindri
}

/// An image of the account that Sindri did not make, with a snapshot.
fn foreign_image(moto: &Moto) -> String {
    let run = [("ImageId", IMAGE), ("MinCount", "1"), ("MaxCount", "1")];
    let instance = moto.query("RunInstances", &run, "instanceId").remove(0);
    let create = [("InstanceId", instance.as_str()), ("Name", "somebodys")];
    let image = moto.query("CreateImage", &create, "imageId").remove(0);
    moto.call("TerminateInstances", &[("InstanceId.1", &instance)]);
    image
}

/// Address ranges of a group's incoming rules.
fn open_to(moto: &Moto, group: &str) -> Vec<String> {
    let answer = moto.call("DescribeSecurityGroups", &[("GroupId.1", group)]);
    let (_, incoming) = answer.split_once("<ipPermissions>").unwrap();
    let (incoming, _) = incoming.split_once("</ipPermissions>").unwrap();
    let ranges = |element: &str| {
        incoming
            .split(&format!("<{element}>"))
            .skip(1)
            .map(|rest| rest.split('<').next().unwrap().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(
        (ranges("fromPort"), ranges("toPort")),
        (vec!["22".to_owned()], vec!["22".to_owned()])
    );
    [ranges("cidrIp"), ranges("cidrIpv6")].concat()
}

fn resource<'a>(deployed: &'a Value, kind: &str) -> &'a str {
    let resources = deployed["resources"].as_array().unwrap();
    let found = resources.iter().find(|resource| resource["kind"] == kind);
    found.unwrap_or_else(|| panic!("no {kind} in {deployed}"))["id"]
        .as_str()
        .unwrap()
}

#[test]
fn a_deployment_has_its_own_key_and_group_and_destroy_takes_everything() {
    let moto = Moto::start();
    let sindri = sindri(&moto);
    let deployed = sindri.run(DEPLOY).succeeded().json();
    let instance = deployed["instance_id"].as_str().unwrap();
    let run = deployed["run_id"].as_str().unwrap();
    let key_file = Path::new(deployed["ssh_key_path"].as_str().unwrap());
    assert_eq!(key_file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
    let command = deployed["ssh_command"].as_str().unwrap();
    let address = deployed["public_ip"].as_str().unwrap();
    assert!(command.ends_with(&format!("ubuntu@{address}")), "{command}");

    let region = moto.region();
    let mut left = moto.leftovers();
    left.retain(|line| !line.contains(" volume "));
    assert_eq!(
        left,
        [
            format!("{region} instance {instance}"),
            format!("{region} key pair sindri-{run}"),
            format!("{region} security group sindri-{run}")
        ]
    );
    assert_eq!(
        open_to(&moto, resource(&deployed, "security-group")),
        ["203.0.113.7/32"]
    );
    let volumes = moto.query("DescribeVolumes", &[], "volumeId");
    let keys = moto.query("DescribeKeyPairs", &[], "keyPairId");
    let group = resource(&deployed, "security-group").to_owned();
    for id in [instance, &volumes[0], &keys[0], &group] {
        let tags = moto.tags(id);
        assert_eq!(
            (tags["ManagedBy"].as_str(), tags["SindriRunId"].as_str()),
            ("sindri", run),
            "{id}"
        );
    }

    let destroy = ["vm", "destroy", instance, "--yes", "--json"];
    let destroyed = sindri.run(&destroy).succeeded();
    assert_eq!(moto.leftovers(), [""; 0], "{destroyed}");
    assert!(!key_file.exists(), "a key that opens nothing any more");
    let again = sindri.run(&destroy);
    assert_eq!(again.failure(), (1, "instance/not-found".to_owned()), "{again}");
    let runs = sindri.run(&["vm", "runs", "--json"]).succeeded().json();
    let states: Vec<_> = runs
        .as_array()
        .unwrap()
        .iter()
        .filter(|run| run["command"] == "destroy")
        .map(|run| run["state"].as_str().unwrap())
        .collect();
    assert_eq!(states, ["succeeded", "failed"], "the journal agrees");
}

/// Nothing is there, in this region: the instance's only key must stay.
#[test]
fn a_destruction_in_the_wrong_region_forgets_nothing() {
    let moto = Moto::start();
    let sindri = sindri(&moto);
    let deployed = sindri.run(DEPLOY).succeeded().json();
    let instance = deployed["instance_id"].as_str().unwrap();
    let wrong = [
        "vm",
        "destroy",
        instance,
        "--region",
        "eu-central-1",
        "--yes",
        "--json",
    ];
    let run = sindri.run(&wrong);
    assert_eq!(run.failure(), (1, "instance/not-found".to_owned()), "{run}");
    assert!(Path::new(deployed["ssh_key_path"].as_str().unwrap()).exists());
}

#[test]
fn images_of_all_clouds_are_one_document_and_one_table() {
    let moto = Moto::start();
    let sindri = sindri(&moto);
    let image = foreign_image(&moto);
    let list = ["vm", "list", "--cloud", "all", "--name", "some"];
    let run = sindri.run(&[&list[..], &["--json"]].concat());
    let json = run.json();
    let clouds = json["clouds"].as_array().unwrap();
    let aws = clouds.iter().find(|cloud| cloud["cloud"] == "aws").unwrap();
    assert_eq!(aws["result"][0]["id"], image.as_str(), "{run}");
    let table = sindri.run(&list);
    let head: Vec<_> = table.stdout.lines().next().unwrap().split_whitespace().collect();
    assert_eq!(&head[..2], ["CLOUD", "ID"], "{table}");
    assert!(table.stdout.contains(&image), "{table}");
    assert!(table.stderr.lines().all(|line| line.contains(": ")), "{table}");
}

#[test]
fn doctor_names_the_account() {
    let moto = Moto::start();
    let run = sindri(&moto).run(&["vm", "doctor", "--cloud", "aws", "--json"]);
    let report = &run.json()[0];
    assert_eq!(report["credentials_configured"], true, "{run}");
    assert_eq!(report["account"], "123456789012", "{run}");
}

#[test]
fn what_cannot_be_deployed_leaves_nothing() {
    let moto = Moto::start();
    let sindri = sindri(&moto);
    for image in [ARM_IMAGE, "ami-0123456789abcdef0"] {
        let run = sindri.run(&["vm", "deploy", image, "--ssh-cidr", "203.0.113.7/32", "--json"]);
        assert_eq!(run.failure().0, 1, "{run}");
        assert_eq!(moto.leftovers(), [""; 0]);
    }
    assert_eq!(moto.instances(), [""; 0]);
    assert_eq!(sindri.interrupted(), [""; 0]);
}

#[test]
fn somebody_elses_image_and_instance_are_refused() {
    let moto = Moto::start();
    let sindri = sindri(&moto);
    let image = foreign_image(&moto);
    let delete = ["vm", "delete", image.as_str(), "--yes", "--json"];
    let before = moto.leftovers();
    let run = sindri.run(&delete);
    assert_eq!(run.failure(), (3, "image/foreign".to_owned()), "{run}");
    assert_eq!(moto.leftovers(), before);

    let listed = |arguments: &[&str]| sindri.run(arguments).succeeded().json();
    assert_eq!(listed(&["vm", "list", "--json"]), Value::Array(Vec::new()));
    let by_name = listed(&["vm", "list", "--name", "some", "--json"]);
    assert_eq!(
        (&by_name[0]["id"], &by_name[0]["managed"]),
        (&Value::from(image.as_str()), &Value::Bool(false))
    );

    sindri.run(&[&delete[..], &["--force"]].concat()).succeeded();
    assert_eq!(moto.leftovers(), [""; 0], "the snapshot goes with its image");
    let run = sindri.run(&delete);
    assert_eq!(run.failure(), (1, "image/not-found".to_owned()), "{run}");

    let start = [("ImageId", IMAGE), ("MinCount", "1"), ("MaxCount", "1")];
    let instance = moto.query("RunInstances", &start, "instanceId").remove(0);
    let run = sindri.run(&["vm", "destroy", &instance, "--yes", "--json"]);
    assert_ne!(run.failure().0, 0, "{run}");
    let alive = format!("{} instance {instance}", moto.region());
    assert!(moto.leftovers().contains(&alive), "{run}");
}

/// A deployment that is stopped when it has announced its n-th change of the account.
fn deploying(moto: &Moto, changes: usize) -> (Sindri, Running) {
    let sindri = sindri(moto);
    let mut running = sindri.start(DEPLOY);
    running.wait_until(|| {
        let journal = sindri.journal();
        let created = journal
            .iter()
            .filter(|line| line["event"] == "command-started" && line["effect"] == "create");
        created.count() >= changes
    });
    (sindri, running)
}

/// How many commands of a deployment change something: key, group, rule, instance.
const CHANGES: usize = 4;

#[test]
fn ctrl_c_anywhere_in_a_deployment_leaves_nothing() {
    let moto = Moto::start();
    for changes in 1..=CHANGES {
        let (sindri, running) = deploying(&moto, changes);
        running.interrupt();
        let run = running.wait();
        assert_eq!(
            run.failure(),
            (130, "run/interrupted".to_owned()),
            "{changes}: {run}"
        );
        assert_eq!(moto.leftovers(), [""; 0], "{changes}: {run}");
        assert_eq!(sindri.interrupted(), [""; 0]);
    }
}

#[test]
fn kill_anywhere_in_a_deployment_can_be_undone() {
    let moto = Moto::start();
    for (changes, later) in [(1, 0), (2, 400), (3, 0), (4, 0), (4, 600)] {
        let (sindri, running) = deploying(&moto, changes);
        // Before the command has reached the cloud, and after.
        std::thread::sleep(std::time::Duration::from_millis(later));
        running.kill();
        // At once: a child that was just being started holds the journal's lock for a moment longer.
        running.wait();
        let undone = sindri.run(&["vm", "undo", "--all", "--json"]).succeeded().json();
        assert_eq!(
            undone["runs"].as_array().unwrap().len(),
            1,
            "{changes}+{later} ms: {undone}"
        );
        assert_eq!(moto.leftovers(), [""; 0], "{changes}+{later} ms: {undone}");
        assert_eq!(sindri.interrupted(), [""; 0]);
        let nothing = sindri.run(&["vm", "undo", "--all", "--json"]).succeeded().json();
        assert_eq!(nothing["runs"], serde_json::json!([]));
    }
}
