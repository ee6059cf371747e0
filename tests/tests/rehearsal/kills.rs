//! `kill -9` at random moments of builds and deployments, among resources of others, and `vm gc` afterwards.
//!
//! `SINDRI_TEST_KILLS` is how often, over all clouds (default 8), `SINDRI_TEST_SEED` chooses the moments.

use std::time::Duration;

use serde_json::Value;
use sindri_lab::Resource;
use sindri_tests::lab::{Run, Running};

use crate::clouds::Cloud;
use crate::dice::{Dice, number};
use crate::stage::Stage;

const DECOYS: usize = 50;
/// Clouds among which the kills are divided.
const CLOUDS: usize = 4;
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

/// Requests of a command that nobody disturbs: the moments are spread over them.
fn requests(stage: &Stage, command: &[&str]) -> (u64, Value) {
    stage.lab.clear_record();
    let done = stage.sindri.run(command).succeeded().json();
    (stage.lab.log().len() as u64, done)
}

/// Kills a program at a moment. One that has ended before is returned.
fn kill_at(stage: &Stage, mut running: Running, request: u64, pause: u64, victim: Victim) -> Option<Run> {
    while !running.has_ended() && (stage.lab.log().len() as u64) < request {
        std::thread::sleep(Duration::from_millis(5));
    }
    std::thread::sleep(Duration::from_millis(pause));
    if running.has_ended() {
        return Some(running.wait());
    }
    match victim {
        Victim::Program => running.kill(),
        Victim::Everything => running.kill_with_descendants(),
    }
    drop(running.wait());
    None
}

/// Removes what `vm gc` has to remove, and looks again.
fn collect(stage: &Stage, before: &[String], strangers: &[Resource]) {
    let collected = stage.sindri.run(COLLECT).succeeded();
    assert_eq!(stage.left(), before, "{collected}");
    let again = stage.sindri.run(COLLECT).succeeded().json();
    assert_eq!(again["runs"], Value::Array(Vec::new()), "{again}");
    assert_eq!(stage.left(), before);
    assert_eq!(stage.lab.strangers(), strangers);
    assert_eq!(stage.lab.violations(), []);
    assert_eq!(stage.sindri.interrupted(), [""; 0]);
}

/// The promise: nothing of ours is left, everything of others is, and the second look finds nothing.
pub(crate) fn at_random_moments(cloud: &'static Cloud) {
    let kills = number::<usize>("SINDRI_TEST_KILLS", 8).div_ceil(CLOUDS);
    let seed = number::<u64>("SINDRI_TEST_SEED", 3);
    let name: u64 = cloud.name.bytes().map(u64::from).sum();
    let mut dice = Dice(seed.wrapping_mul(1000).wrapping_add(name));

    let stage = Stage::quick(cloud);
    let strangers = stage.lab.plant_decoys(DECOYS);
    let build = ["vm", "build", "--force", "--json"];
    let (build_requests, built) = requests(&stage, &build);
    let deploy = stage.deployment(built["image_id"].as_str().unwrap());
    let deploy: Vec<_> = deploy.iter().map(String::as_str).collect();
    let before = stage.left();
    let (deploy_requests, deployed) = requests(&stage, &deploy);
    stage.destroy(&deployed);
    assert_eq!(stage.left(), before);

    let mut done = 0;
    let mut with_remains = 0;
    while done < kills {
        let (command, requests) = match dice.below(2) {
            0 => (&build[..], build_requests),
            _ => (&deploy[..], deploy_requests),
        };
        let victim = [Victim::Program, Victim::Everything][usize::try_from(dice.below(2)).unwrap()];
        let (request, pause) = (dice.below(requests), dice.below(PAUSE));
        let already = stage.left();
        stage.lab.clear_record();
        let running = stage.sindri.start(command);
        if let Some(run) = kill_at(&stage, running, request, pause, victim) {
            // What has come to a good end is not for `vm gc`.
            let json = run.succeeded().json();
            match command[1] {
                "build" => stage.delete(&json),
                _ => stage.destroy(&json),
            }
            continue;
        }
        done += 1;
        with_remains += usize::from(stage.left() != already);
        assert_eq!(
            stage.lab.violations(),
            [],
            "{victim:?} at request {request} of {command:?}"
        );
    }
    stage.sindri.wait_until_idle();
    collect(&stage, &before, &strangers);
    eprintln!(
        "{}: {kills} kills with seed {seed}, {with_remains} of them left something at once",
        cloud.name
    );
}
