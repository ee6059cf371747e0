//! What interrupted runs left, among other people's resources: `vm gc` with the real Packer and AWS CLI.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use std::time::Duration;

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;
use serde_json::Value;
use sindri_tests::lab::{Moto, Packer, Running, Sindri, free_port};

const IMAGE: &str = "ami-0aaaaaaaaaaaaaa01";
const BUILD: &[&str] = &["vm", "build", "--json"];
const DEPLOY: &[&str] = &["vm", "deploy", IMAGE, "--ssh-cidr", "203.0.113.7/32", "--json"];
/// Dry runs.
const LOOK: &[&str] = &["vm", "gc", "--json"];
const LOOK_AT_ALL: &[&str] = &["vm", "gc", "--older-than", "0s", "--json"];
const REMOVE: &[&str] = &["vm", "gc", "--older-than", "0s", "--yes", "--json"];

/// One whose builds wait for a VM at which nobody answers.
fn sindri(moto: &Moto) -> Sindri {
    let port = format!("ssh_port: {}", free_port());
    let build = [
        "ssh_host: 127.0.0.1",
        &port,
        "ssh_timeout: 600s",
        "ssh_source_cidrs: [127.0.0.1/32]",
    ];
    Packer::Debian.sindri(moto, &build)
}

/// Resources of others, some of which look like ours.
fn put_decoys(moto: &Moto, copied_run_id: &str) {
    let tagged: [&[(&str, &str)]; 5] = [
        &[],
        &[("ManagedBy", "terraform"), ("SindriRunId", copied_run_id)],
        &[("SindriRunId", copied_run_id), ("SindriPurpose", "build")],
        &[("ManagedBy", "sindri"), ("Name", "Packer Builder")],
        &[("managedby", "Sindri"), ("SindriRunId", "abcdefghijkm")],
    ];
    for tags in tagged {
        let mut parameters = vec![
            ("ImageId".to_owned(), IMAGE.to_owned()),
            ("MinCount".into(), "1".into()),
            ("MaxCount".into(), "1".into()),
        ];
        if !tags.is_empty() {
            parameters.push(("TagSpecification.1.ResourceType".into(), "instance".into()));
        }
        for (number, (key, value)) in (1..).zip(tags) {
            let prefix = format!("TagSpecification.1.Tag.{number}");
            parameters.push((format!("{prefix}.Key"), (*key).to_owned()));
            parameters.push((format!("{prefix}.Value"), (*value).to_owned()));
        }
        let parameters: Vec<_> = parameters
            .iter()
            .map(|(name, value)| (name.as_str(), value.as_str()))
            .collect();
        moto.call("RunInstances", &parameters);
    }
    let longer = format!("sindri-{copied_run_id}x");
    for name in [
        "packer_6560f1a2-7689-26cf-17db-abfbffc13b0e",
        "packer_team",
        "sindri-production",
        &longer,
    ] {
        moto.call("CreateKeyPair", &[("KeyName", name)]);
        let group = [
            ("GroupName", name),
            ("GroupDescription", "Temporary group for Packer"),
        ];
        moto.call("CreateSecurityGroup", &group);
    }
    moto.call(
        "CreateVolume",
        &[("AvailabilityZone", "us-west-2a"), ("Size", "8")],
    );
}

/// A deployment that is killed when it has announced its n-th change of the account.
fn killed_deployment(sindri: &Sindri, changes: usize) {
    let before = changes_so_far(sindri);
    let mut running = sindri.start(DEPLOY);
    running.wait_until(|| changes_so_far(sindri) >= before + changes);
    running.kill();
    running.wait();
}

/// A deployment that is killed when its instance is there.
fn killed_with_instance(moto: &Moto, sindri: &Sindri) {
    let before = moto.instances().len();
    let mut running = sindri.start(DEPLOY);
    running.wait_until(|| moto.instances().len() > before);
    running.kill();
    running.wait();
}

fn changes_so_far(sindri: &Sindri) -> usize {
    let is_change = |line: &&Value| line["event"] == "command-started" && line["effect"] == "create";
    sindri.journal().iter().filter(is_change).count()
}

/// A build whose instance runs and that waits for its VM.
fn waiting_build(moto: &Moto, sindri: &Sindri) -> Running {
    let before = moto.instances().len();
    let mut running = sindri.start(BUILD);
    running.wait_until(|| moto.instances().len() > before);
    std::thread::sleep(Duration::from_millis(1500));
    running
}

/// Sindri and Packer are killed, as on a machine that loses its power.
fn killed_build(moto: &Moto, sindri: &Sindri) {
    let running = waiting_build(moto, sindri);
    running.kill();
    kill_packers(sindri);
    running.wait();
}

fn kill_packers(sindri: &Sindri) {
    for line in sindri.journal() {
        if line["event"] == "packer-started" {
            // Those of earlier builds are gone already.
            let _ = killpg(
                Pid::from_raw(line["pid"].as_i64().unwrap().try_into().unwrap()),
                Signal::SIGKILL,
            );
        }
    }
}

fn runs(document: &Value) -> &Vec<Value> {
    document["runs"]
        .as_array()
        .unwrap_or_else(|| panic!("no runs in {document}"))
}

/// For each run what is done with it and why.
fn verdicts(document: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    runs(document)
        .iter()
        .map(|run| (text(&run["verdict"]), text(&run["why"])))
        .collect()
}

fn of(verdict: &str, why: &str) -> (String, String) {
    (verdict.to_owned(), why.to_owned())
}

/// The promise: nothing of ours is left, everything of others is, and the second look finds nothing.
#[test]
fn everything_of_interrupted_runs_goes_and_no_decoy_does() {
    let moto = Moto::start();
    let sindri = sindri(&moto);
    killed_deployment(&sindri, 1);
    killed_deployment(&sindri, 3);
    killed_with_instance(&moto, &sindri);
    killed_build(&moto, &sindri);
    let interrupted = sindri.interrupted();
    assert_eq!(interrupted.len(), 4);
    let ours = moto.leftovers();
    put_decoys(&moto, interrupted.last().unwrap());
    let with_decoys = moto.leftovers();
    let decoys: Vec<_> = with_decoys
        .iter()
        .filter(|thing| !ours.contains(thing))
        .cloned()
        .collect();
    assert!(decoys.len() >= 14, "{decoys:?}");

    // The age guard, then a dry run: nothing goes.
    let young = sindri.run(LOOK).succeeded().json();
    assert_eq!(young["dry_run"], true);
    assert_eq!(verdicts(&young), vec![of("keep", "young"); 4], "{young}");
    let guarded = ["vm", "gc", "--yes", "--json"];
    assert_eq!(
        verdicts(&sindri.run(&guarded).succeeded().json()),
        vec![of("keep", "young"); 4]
    );
    let found = sindri.run(LOOK_AT_ALL).succeeded().json();
    assert_eq!(verdicts(&found), vec![of("remove", "interrupted"); 4], "{found}");
    assert_eq!(moto.leftovers(), with_decoys);

    let removed = sindri.run(REMOVE).succeeded().json();
    assert_eq!(removed["success"], true);
    assert_eq!(moto.leftovers(), decoys, "{removed}");
    assert_eq!(sindri.interrupted(), [""; 0]);

    for arguments in [LOOK_AT_ALL, REMOVE] {
        let again = sindri.run(arguments).succeeded().json();
        assert_eq!(runs(&again), &Vec::<Value>::new());
    }
    assert_eq!(moto.leftovers(), decoys);
}

/// A colleague's machine, or a CI runner that is gone with its journal.
#[test]
fn a_machine_without_the_journal_finds_builds_by_their_tags_and_leaves_deployments() {
    let moto = Moto::start();
    let first = sindri(&moto);
    killed_build(&moto, &first);
    let build = first.interrupted().remove(0);
    let deployed = first.run(DEPLOY).succeeded().json();
    let deployment = deployed["run_id"].as_str().unwrap();

    let second = sindri(&moto);
    let found = second.run(LOOK_AT_ALL).succeeded().json();
    for run in runs(&found) {
        let (verdict, purpose) = (&run["verdict"], &run["purpose"]);
        assert_eq!(run["journal"], Value::Null);
        assert!(run["age_secs"].as_u64().unwrap() < 600, "{run}");
        if run["run_id"] == build.as_str() {
            assert_eq!((verdict, purpose), (&"remove".into(), &"build".into()), "{run}");
        } else {
            assert_eq!(run["run_id"], deployment, "{found}");
            assert_eq!(
                (&run["why"], purpose),
                (&"in-use".into(), &"deploy".into()),
                "{run}"
            );
        }
    }
    assert_eq!(runs(&found).len(), 2, "{found}");

    second.run(REMOVE).succeeded();
    let left = moto.leftovers();
    assert!(
        left.contains(&format!(
            "{} instance {}",
            moto.region(),
            deployed["instance_id"].as_str().unwrap()
        )),
        "{left:?}"
    );
    assert!(!left.iter().any(|thing| thing.contains("packer_")), "{left:?}");
    assert!(!left.iter().any(|thing| thing.contains(&build)), "{left:?}");

    let all = [REMOVE, &["--deployed"]].concat();
    let removed = second.run(&all).succeeded().json();
    assert_eq!(verdicts(&removed), [of("remove", "deployed")]);
    assert_eq!(moto.leftovers(), [""; 0], "{removed}");
    assert_eq!(second.count("removed"), 2, "what is removed is written down");
}

/// The bug that would end somebody's work.
#[test]
fn a_build_that_is_going_on_is_not_touched() {
    let moto = Moto::start();
    let sindri = sindri(&moto);
    let running = waiting_build(&moto, &sindri);
    let before = moto.leftovers();
    let everything = [REMOVE, &["--deployed"]].concat();
    let kept = sindri.run(&everything).succeeded().json();
    assert_eq!(verdicts(&kept), [of("keep", "active")], "{kept}");
    assert_eq!(moto.leftovers(), before);
    running.interrupt();
    assert_eq!(running.wait().failure().0, 130);
    assert_eq!(moto.leftovers(), [""; 0]);
}

#[test]
fn a_deployment_of_this_machine_stays_until_it_is_given_up() {
    let moto = Moto::start();
    let sindri = sindri(&moto);
    let deployed = sindri.run(DEPLOY).succeeded().json();
    let key = std::path::Path::new(deployed["ssh_key_path"].as_str().unwrap());
    let before = moto.leftovers();
    let kept = sindri.run(REMOVE).succeeded().json();
    assert_eq!(verdicts(&kept), [of("keep", "in-use")]);
    assert_eq!((moto.leftovers(), key.exists()), (before, true));

    sindri.run(&[REMOVE, &["--deployed"]].concat()).succeeded();
    assert_eq!((moto.leftovers(), key.exists()), (vec![], false));
    let told = sindri.run(&["vm", "runs", "--json"]).succeeded().json();
    let states: Vec<_> = told
        .as_array()
        .unwrap()
        .iter()
        .filter(|run| run["command"] == "deploy")
        .map(|run| &run["state"])
        .collect();
    assert_eq!(states, ["undone"]);
}

/// One that cannot be removed does not keep the others, and is there again the next time.
#[test]
fn what_fails_is_partial_and_found_again() {
    let moto = Moto::start();
    let mut sindri = sindri(&moto);
    killed_with_instance(&moto, &sindri);
    killed_with_instance(&moto, &sindri);
    let stubborn = sindri.interrupted().remove(0);
    let refusal = "An error occurred (OperationNotPermitted) when calling the DeleteKeyPair operation: no";
    sindri.aws_except(
        "delete-key-pair",
        &format!("case \"$*\" in *sindri-{stubborn}*) echo '{refusal}' >&2; exit 254 ;; esac"),
    );
    let run = sindri.run(REMOVE);
    assert_eq!(run.code(), Some(5), "{run}");
    let json = run.json();
    assert_eq!(json["success"], false);
    let failed: Vec<_> = runs(&json).iter().filter(|run| run["success"] == false).collect();
    assert_eq!(failed.len(), 1, "{run}");
    assert_eq!(failed[0]["run_id"], stubborn.as_str());
    assert_eq!(failed[0]["error"]["code"], "resources/leftovers");
    assert!(run.stderr.contains("OperationNotPermitted"), "{run}");

    sindri.aws_except("no-such-verb", ":");
    let mended = sindri.run(REMOVE).succeeded().json();
    assert_eq!(runs(&mended).len(), 1, "{mended}");
    assert_eq!(moto.leftovers(), [""; 0], "{mended}");
}

/// Packer 1.6.6 tags neither its key nor its group: before there is an instance, only the key's name says
/// whose it is.
#[test]
fn the_temporary_key_of_an_old_packer_has_the_runs_name() {
    let moto = Moto::start();
    let sindri = sindri(&moto);
    let mut running = sindri.start(BUILD);
    let keys = || moto.query("DescribeKeyPairs", &[], "keyName");
    running.wait_until(|| !keys().is_empty());
    running.kill();
    kill_packers(&sindri);
    running.wait();
    let run = sindri.interrupted().remove(0);
    assert_eq!(keys(), [format!("sindri-{run}")]);
    sindri.run(REMOVE).succeeded();
    assert_eq!(keys(), [""; 0]);
}

/// Every cloud at once, in one document.
#[test]
fn all_clouds_are_one_document() {
    let moto = Moto::start();
    let sindri = sindri(&moto);
    killed_with_instance(&moto, &sindri);
    let run = sindri.run(&[REMOVE, &["--cloud", "all"]].concat());
    let json = run.json();
    let clouds = json["clouds"].as_array().unwrap();
    let aws = clouds.iter().find(|cloud| cloud["cloud"] == "aws").unwrap();
    assert_eq!(aws["success"], true, "{run}");
    assert_eq!(verdicts(&aws["result"]), [of("remove", "interrupted")]);
    assert_eq!(moto.leftovers(), [""; 0], "{run}");
}
