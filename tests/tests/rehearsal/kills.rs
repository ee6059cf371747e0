//! `kill -9` at random moments of builds and deployments, among resources of others, and `vm gc` afterwards.
//!
//! `SINDRI_TEST_KILLS` is how often, over all clouds (default 10), `SINDRI_TEST_SEED` chooses the moments.

use std::time::Duration;

use serde_json::{Value, json};
use sindri_lab::Fault;
use sindri_tests::lab::Running;

use crate::account::{Account, Amazon};
use crate::clouds::Cloud;
use crate::dice::{Dice, number};
use crate::stage::Stage;

const DECOYS: usize = 50;
/// Clouds among which the kills are divided.
const CLOUDS: usize = 5;
/// Longest time between a request and the kill: some of a client's work is none that the cloud sees.
const PAUSE: u64 = 400;
const COLLECT: &[&str] = &["vm", "gc", "--older-than", "0s", "--yes", "--json"];

/// What is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Victim {
    /// The program alone, as by the kernel for want of memory.
    Program,
    /// It and all that it started, as when a machine loses its power.
    Everything,
}

const BUILD: &[&str] = &["vm", "build", "--force", "--json"];

/// Requests of a command that nobody disturbs: the moments are spread over them.
fn requests(account: &impl Account, command: &[&str]) -> (u64, Value) {
    let before = account.begin();
    let done = account.sindri().run(command).succeeded().json();
    (account.requests() - before, done)
}

/// Removes what a command made that came to its end.
fn take_back(account: &impl Account, command: &[&str], done: &Value) {
    let (verb, id) = match command[1] {
        "build" => ("delete", &done["image_id"]),
        _ => ("destroy", &done["instance_id"]),
    };
    let id = id.as_str().unwrap();
    account
        .sindri()
        .run(&["vm", verb, id, "--yes", "--json"])
        .succeeded();
}

/// A moment, and who is killed then.
#[derive(Clone, Copy, Debug)]
struct Kill {
    /// After so many requests of the command …
    request: u64,
    /// … and so many milliseconds.
    pause: u64,
    victim: Victim,
}

/// Kills a command. What one has made that came to its end before is returned.
fn kill(account: &impl Account, command: &[&str], kill: Kill) -> Option<Value> {
    let earlier = account.sindri().runs(&[]);
    let before = account.begin();
    let mut running: Running = account.sindri().start(command);
    while !running.has_ended() && account.requests() - before < kill.request {
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(kill.pause));
    if running.has_ended() {
        return Some(running.wait().succeeded().json());
    }
    match kill.victim {
        Victim::Program => running.kill(),
        Victim::Everything => running.kill_with_descendants(),
    }
    drop(running.wait());
    // Its journal may have been complete already, and only the result was not printed: that is no orphan.
    let runs = account.sindri().runs(&[]);
    let known = |run: &Value| earlier.iter().any(|other| other["id"] == run["id"]);
    let new = runs.iter().find(|run| !known(run))?;
    (new["state"] == "succeeded")
        .then(|| json!({"image_id": new["image"]["id"], "instance_id": new["instance"]["id"]}))
}

/// Removes what `vm gc` has to remove, and looks again.
fn collect(account: &impl Account, before: &[String], strangers: &[String]) {
    let mut collected = account.sindri().run(COLLECT);
    // What it must not remove for want of a proof it names, once.
    if collected.code() != Some(0) && account.removes_what_is_told(&collected) {
        collected = account.sindri().run(COLLECT);
    }
    let collected = collected.succeeded();
    assert_eq!(account.left(), before, "{collected}");
    let again = account.sindri().run(COLLECT).succeeded().json();
    assert_eq!(again["runs"], Value::Array(Vec::new()), "{again}");
    assert_eq!(account.left(), before);
    assert_eq!(account.strangers(), strangers);
    assert_eq!(account.violations(), [""; 0]);
    assert_eq!(account.sindri().interrupted(), [""; 0]);
}

/// On a cloud of the lab.
pub(crate) fn at_random_moments(cloud: &'static Cloud) {
    let stage = Stage::quick(cloud);
    let strangers = stage.lab.plant_decoys(DECOYS);
    assert!(strangers.len() >= DECOYS, "{strangers:?}");
    in_account(&stage);
}

/// On the local EC2.
pub(crate) fn at_random_moments_on_aws() {
    in_account(&Amazon::new(DECOYS));
}

/// In the seconds in which Packer has an elastic address on Alibaba Cloud that nothing leads to: `vm gc` names it, does not
/// touch it, and removes the rest.
pub(crate) fn before_an_address_is_bound(cloud: &'static Cloud) {
    let stage = Stage::quick(cloud);
    stage.lab.plant_decoys(DECOYS);
    let strangers = Account::strangers(&stage);
    let (status, code) = cloud.refusal;
    // Packer looks whether the address is there, and five seconds later again.
    stage
        .lab
        .inject(Fault::refuse(status, code).path("Action=DescribeEipAddresses"));
    let mut running = stage.sindri.start(BUILD);
    running.wait_until(|| stage.lab.faults_to_come() == 0);
    running.kill_with_descendants();
    drop(running.wait());
    stage.sindri.wait_until_idle();
    let left = Account::left(&stage);
    assert!(left.iter().any(|thing| thing.contains("eip")), "{left:?}");
    let told = stage.sindri.run(COLLECT);
    assert_ne!(told.code(), Some(0), "{told}");
    assert_eq!(Account::left(&stage).len(), 1, "{told}");
    assert!(stage.removes_what_is_told(&told), "{told}");
    collect(&stage, &[], &strangers);
}

/// The promise: nothing of ours is left, everything of others is, and the second look finds nothing.
fn in_account(account: &impl Account) {
    let kills = number::<usize>("SINDRI_TEST_KILLS", 10).div_ceil(CLOUDS);
    let seed = number::<u64>("SINDRI_TEST_SEED", 3);
    let name: u64 = account.name().bytes().map(u64::from).sum();
    let mut dice = Dice(seed.wrapping_mul(1000).wrapping_add(name));

    let strangers = account.strangers();
    assert!(strangers.len() >= DECOYS, "{strangers:?}");
    let (build_requests, built) = requests(account, BUILD);
    let image = built["image_id"].as_str().unwrap();
    let deploy = ["vm", "deploy", image, "--ssh-cidr", "127.0.0.1/32", "--json"];
    let before = account.left();
    let (deploy_requests, deployed) = requests(account, &deploy);
    take_back(account, &deploy, &deployed);
    assert_eq!(account.left(), before);

    let mut done = 0;
    let mut with_remains = 0;
    while done < kills {
        let (command, requests) = match dice.below(2) {
            0 => (BUILD, build_requests),
            _ => (&deploy[..], deploy_requests),
        };
        let moment = Kill {
            victim: [Victim::Program, Victim::Everything][usize::try_from(dice.below(2)).unwrap()],
            request: dice.below(requests),
            pause: dice.below(PAUSE),
        };
        let already = account.left();
        // What has come to a good end is not for `vm gc`.
        if let Some(made) = kill(account, command, moment) {
            take_back(account, command, &made);
            continue;
        }
        done += 1;
        eprintln!(
            "{}: {done} of {kills}: {moment:?} of {}",
            account.name(),
            command[1]
        );
        with_remains += usize::from(account.left() != already);
        assert_eq!(account.violations(), [""; 0], "{moment:?} of {command:?}");
    }
    account.sindri().wait_until_idle();
    collect(account, &before, &strangers);
    eprintln!(
        "{}: {kills} kills with seed {seed}, {with_remains} of them left something at once; {} of others untouched",
        account.name(),
        strangers.len()
    );
}
