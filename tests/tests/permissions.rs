//! What `sindri vm iam` prints is enough for the real Packer and the real AWS CLI, and no more than that: a local EC2 refuses
//! its users everything that their policy does not allow.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use std::collections::BTreeSet;

use serde_json::Value;
use sindri_tests::lab::{Moto, Packer, Run, Sindri, tool};

/// A base image of the local EC2.
const BASE: &str = "ami-0aaaaaaaaaaaaaa01";
/// Copies of images go there.
const OTHER: &str = "eu-central-1";
const PARTNER: &str = "210987654321";

/// The policy for tasks, as it is printed.
fn policy(tasks: &str) -> Value {
    let printed = Sindri::new().run(&["vm", "iam", "--cloud", "aws", "--for", tasks]);
    serde_json::from_str(&printed.succeeded().stdout).unwrap()
}

/// A policy without one of its actions.
fn without(policy: &Value, action: &str) -> Value {
    let mut less = policy.clone();
    for statement in less["Statement"].as_array_mut().unwrap() {
        let actions = statement["Action"].as_array_mut().unwrap();
        actions.retain(|one| one != action);
    }
    less
}

fn actions(policy: &Value) -> BTreeSet<String> {
    let statements = policy["Statement"].as_array().unwrap().iter();
    statements
        .flat_map(|statement| statement["Action"].as_array().unwrap())
        .map(|action| action.as_str().unwrap().to_owned())
        .collect()
}

/// A Sindri whose user may do what this policy allows.
fn user(moto: &Moto, name: &str, policy: &Value) -> Sindri {
    let [id, secret] = moto.user(name, &policy.to_string());
    let mut sindri = Packer::Debian.sindri(moto, &["communicator: none"]);
    let yaml = std::fs::read_to_string(sindri.work().join("sindri.yaml")).unwrap();
    // An image that is encrypted, as usual, can never be public.
    sindri.configure(&format!("{yaml}      encrypt_boot: false\n"));
    sindri
        .set("AWS_ACCESS_KEY_ID", id)
        .set("AWS_SECRET_ACCESS_KEY", secret);
    sindri
}

/// Runs a command while the account is guarded.
fn guarded(moto: &Moto, sindri: &Sindri, arguments: &[&str]) -> Run {
    moto.guard(true);
    let run = sindri.run(&[arguments, &["--json"]].concat());
    moto.guard(false);
    run
}

/// What the account has allowed this user so far.
fn used(moto: &Moto, name: &str) -> BTreeSet<String> {
    let arn = format!("user/{name} ");
    let log = moto.log();
    let lines = log.lines().filter(|line| line.starts_with("permitted "));
    lines
        .filter_map(|line| Some(line.split_once(&arn)?.1.to_owned()))
        .collect()
}

fn build(moto: &Moto, sindri: &Sindri) -> String {
    let built = guarded(moto, sindri, &["vm", "build"]).succeeded().json();
    built["image_id"].as_str().unwrap().to_owned()
}

fn deploy(image: &str) -> [&str; 5] {
    ["vm", "deploy", image, "--ssh-cidr", "203.0.113.7/32"]
}

#[test]
fn each_task_has_all_that_it_needs() {
    let moto = Moto::start();
    let as_user = |task: &str| user(&moto, task, &policy(task));
    let [inspect, builder, deployer] = ["inspect", "build", "deploy"].map(as_user);
    let image = build(&moto, &builder);
    let image = image.as_str();
    let listed = guarded(&moto, &inspect, &["vm", "list"]).succeeded();
    assert!(listed.stdout.contains(image), "{listed}");

    let deployed = guarded(&moto, &deployer, &deploy(image)).succeeded().json();
    let instance = deployed["instance_id"].as_str().unwrap();
    guarded(&moto, &deployer, &["vm", "destroy", instance, "--yes"]).succeeded();
    // One that nobody destroys, for another user to find.
    guarded(&moto, &deployer, &deploy(image)).succeeded();
    let found = guarded(&moto, &inspect, &["vm", "gc", "--older-than", "0s", "--deployed"]).succeeded();
    assert_eq!(found.json()["runs"].as_array().unwrap().len(), 1, "{found}");
    let all = ["vm", "gc", "--older-than", "0s", "--deployed", "--yes"];
    guarded(&moto, &as_user("gc"), &all).succeeded();

    guarded(
        &moto,
        &as_user("share"),
        &["vm", "share", image, "--with", PARTNER],
    )
    .succeeded();
    guarded(&moto, &as_user("copy"), &["vm", "copy", image, "--to", OTHER]).succeeded();
    guarded(&moto, &as_user("deprecate"), &["vm", "deprecate", image]).succeeded();
    let publish = [
        "vm",
        "publish",
        image,
        "--yes",
        "--skip-verify",
        "--allow-unverified",
        "r",
    ];
    guarded(&moto, &as_user("publish"), &publish).succeeded();
    let mut cleaner = as_user("delete");
    let yaml = std::fs::read_to_string(cleaner.work().join("sindri.yaml")).unwrap();
    cleaner.configure(&format!("{yaml}      ami_regions: [{OTHER}]\n"));
    guarded(&moto, &cleaner, &["vm", "delete", image, "--yes"]).succeeded();
    assert_eq!(moto.leftovers(), [""; 0]);

    // What is left is for cases that this life has not: copies of a build, a VPC of the user's, what a failure leaves.
    let unused = |task: &str| -> Vec<String> {
        let unused = actions(&policy(task));
        unused.difference(&used(&moto, task)).cloned().collect()
    };
    assert_eq!(
        unused("inspect"),
        ["sts:GetCallerIdentity"],
        "`vm doctor` did not run"
    );
    assert_eq!(
        unused("build"),
        [
            "ec2:CopyImage",
            "ec2:DeleteSnapshot",
            "ec2:DeleteVolume",
            "ec2:DeregisterImage",
            "ec2:DescribeInstanceTypeOfferings",
            "ec2:DescribeKeyPairs",
            "ec2:DescribeRegions",
            "ec2:DescribeSnapshots",
            "ec2:DescribeSubnets",
            "ec2:DescribeVpcs",
        ]
    );
    // moto does not ask for `CreateTags` where tags are given on creation.
    assert_eq!(
        unused("deploy"),
        [
            "ec2:CreateTags",
            "ec2:DeleteSnapshot",
            "ec2:DeregisterImage",
            "ec2:DescribeSnapshots",
            "ec2:DescribeSubnets",
        ]
    );
    for task in ["share", "copy", "delete"] {
        assert_eq!(unused(task), [""; 0], "{task}");
    }
}

/// The copies are made, and what a build made is taken back, with the permissions of a build alone.
#[test]
fn a_build_that_copies_and_one_that_fails_have_all_that_they_need() {
    let moto = Moto::start();
    let mut builder = user(&moto, "copying", &policy("build"));
    let yaml = std::fs::read_to_string(builder.work().join("sindri.yaml")).unwrap();
    builder.configure(&format!("{yaml}      ami_regions: [{OTHER}]\n"));
    build(&moto, &builder);
    assert!(used(&moto, "copying").contains("ec2:CopyImage"));

    let before = moto.leftovers();
    let failing = user(&moto, "failing", &without(&policy("build"), "ec2:CreateImage"));
    refused(&guarded(&moto, &failing, &["vm", "build", "--force"]));
    assert_eq!(moto.leftovers(), before, "what was made so far is taken back");
}

/// The account refused it, and the program says so.
fn refused(run: &Run) {
    assert!(!run.status.success(), "{run}");
    assert!(run.to_string().contains("UnauthorizedOperation"), "{run}");
}

#[test]
fn who_may_do_one_thing_cannot_do_another() {
    let moto = Moto::start();
    let image = build(&moto, &user(&moto, "everything", &policy("build")));
    let image = image.as_str();
    let share: &[&str] = &["vm", "share", image, "--with", PARTNER];
    let copy: &[&str] = &["vm", "copy", image, "--to", OTHER];
    let deprecate: &[&str] = &["vm", "deprecate", image];
    let publish: &[&str] = &[
        "vm",
        "publish",
        image,
        "--yes",
        "--skip-verify",
        "--allow-unverified",
        "r",
    ];
    let delete: &[&str] = &["vm", "delete", image, "--yes"];
    let deploy = &deploy(image)[..];
    let build: &[&str] = &["vm", "build", "--force"];
    let others: [(&str, &[&[&str]]); 7] = [
        (
            "inspect",
            &[build, deploy, delete, share, copy, deprecate, publish],
        ),
        ("build", &[deploy, share, deprecate, publish]),
        ("deploy", &[share, copy, deprecate, publish]),
        ("delete", &[deploy, share, copy]),
        ("share", &[deploy, delete, copy]),
        ("copy", &[deploy, delete, share]),
        ("deprecate", &[deploy, delete, share]),
    ];
    let before = moto.leftovers();
    for (task, commands) in others {
        let sindri = user(&moto, task, &policy(task));
        for command in commands {
            refused(&guarded(&moto, &sindri, command));
            assert_eq!(moto.leftovers(), before, "{task}: {command:?}");
        }
    }
}

/// A permission that could be left out would be one too many.
#[test]
fn a_deployment_fails_without_any_of_its_permissions() {
    let moto = Moto::start();
    let whole = policy("deploy");
    let life = |sindri: &Sindri| -> Run {
        let deployed = guarded(&moto, sindri, &deploy(BASE));
        if !deployed.status.success() {
            return deployed;
        }
        let json = deployed.json();
        let instance = json["instance_id"].as_str().unwrap();
        guarded(&moto, sindri, &["vm", "destroy", instance, "--yes"])
    };
    let admin = user(&moto, "admin", &whole);
    life(&admin).succeeded();
    let mut used = used(&moto, "admin");
    // Refused this, a removal waits ten minutes for the end of the instance; the next test asks directly.
    assert!(used.remove("ec2:TerminateInstances"));
    for (number, action) in used.iter().enumerate() {
        let name = format!("less-{number}");
        let sindri = user(&moto, &name, &without(&whole, action));
        let run = life(&sindri);
        assert!(!run.status.success(), "{action}: {run}");
        refused(&run);
    }
}

/// Somebody else's instance in the same account stays, whatever the user tries.
#[test]
fn an_instance_without_the_tag_is_not_ended() {
    let moto = Moto::start();
    let run = [("ImageId", BASE), ("MinCount", "1"), ("MaxCount", "1")];
    let instance = moto.query("RunInstances", &run, "instanceId").remove(0);
    let sindri = user(&moto, "deployer", &policy("deploy"));
    let end = |instance: &str| {
        let mut command = std::process::Command::new(tool("SINDRI_TEST_AWS"));
        command.env_clear().envs(sindri.environment());
        command.args(["--region", moto.region(), "--endpoint-url", &moto.endpoint()]);
        command.args(["ec2", "terminate-instances", "--instance-ids", instance]);
        moto.guard(true);
        let output = command.output().unwrap();
        moto.guard(false);
        (
            output.status.success(),
            String::from_utf8_lossy(&output.stderr).into_owned(),
        )
    };
    let (ended, said) = end(&instance);
    assert!(!ended && said.contains("UnauthorizedOperation"), "{said}");
    let deployed = guarded(&moto, &sindri, &deploy(BASE)).succeeded().json();
    let (ended, said) = end(deployed["instance_id"].as_str().unwrap());
    assert!(ended, "{said}");
}
