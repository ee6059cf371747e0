//! Ctrl-C and kill -9 in the middle of a build.

use nix::sys::signal::{Signal, killpg};
use nix::unistd::Pid;

use super::{BUILD, nobody_answers};
use crate::lab::{Moto, Packer, Running, Sindri, free_port};

/// A build that waits for its VM. Returns when the instance runs.
fn waiting(packer: Packer, moto: &Moto) -> (Sindri, Running) {
    let build = nobody_answers(free_port(), 600);
    let sindri = packer.sindri(moto, &build.iter().map(String::as_str).collect::<Vec<_>>());
    let mut running = sindri.start(BUILD);
    running.wait_until(|| !moto.instances().is_empty());
    // From "it exists" to "Packer waits for SSH", where an interruption takes the longest way.
    std::thread::sleep(std::time::Duration::from_millis(1500));
    (sindri, running)
}

/// What `vm runs` and `vm undo` must do after a kill -9.
fn undo(moto: &Moto, sindri: &Sindri) {
    sindri.wait_until_idle();
    let interrupted = sindri.interrupted();
    assert_eq!(interrupted.len(), 1);
    let id = interrupted[0].as_str();
    let undone = sindri.run(&["vm", "undo", id, "--json"]).succeeded().json();
    assert_eq!(undone["runs"][0]["run_id"], id);
    assert_eq!(moto.leftovers(), [""; 0], "{undone}");
    assert_eq!(sindri.interrupted(), [""; 0]);
    let again = sindri.run(&["vm", "undo", id, "--json"]);
    assert_eq!(again.failure(), (2, "usage/argument".to_owned()), "{again}");
}

/// Ctrl-C once.
pub fn ctrl_c_ends_the_build_and_leaves_nothing(packer: Packer) {
    let moto = Moto::start();
    let (sindri, running) = waiting(packer, &moto);
    running.interrupt();
    let run = running.wait();
    assert_eq!(run.failure(), (130, "run/interrupted".to_owned()), "{run}");
    assert_eq!(moto.leftovers(), [""; 0], "{run}");
    assert_eq!(sindri.interrupted(), [""; 0]);
}

/// Ctrl-C once, while every cloud is at work: those that cannot build here have failed before.
pub fn ctrl_c_reaches_every_cloud(packer: Packer) {
    let moto = Moto::start();
    let build = nobody_answers(free_port(), 600);
    let sindri = packer.sindri(&moto, &build.iter().map(String::as_str).collect::<Vec<_>>());
    let mut running = sindri.start(&[BUILD, &["--cloud", "all"]].concat());
    running.wait_until(|| !moto.instances().is_empty());
    std::thread::sleep(std::time::Duration::from_millis(1500));
    running.interrupt();
    let run = running.wait();
    assert_eq!(run.code(), Some(130), "{run}");
    let json = run.json();
    let clouds = json["clouds"].as_array().unwrap();
    let aws = clouds.iter().find(|cloud| cloud["cloud"] == "aws").unwrap();
    assert_eq!(aws["error"]["code"], "run/interrupted", "{run}");
    assert!(clouds.iter().all(|cloud| cloud["success"] == false), "{run}");
    assert_eq!(moto.leftovers(), [""; 0], "{run}");
    assert_eq!(sindri.interrupted(), [""; 0]);
}

/// Sindri is killed; the kernel tells Packer, which cleans up while `vm undo` waits for it.
pub fn undo_after_kill_waits_for_packer_and_leaves_nothing(packer: Packer) {
    let moto = Moto::start();
    let (sindri, running) = waiting(packer, &moto);
    running.kill();
    undo(&moto, &sindri);
}

/// Sindri and Packer are killed, as on a machine that loses its power: nobody cleans up but `vm undo`.
pub fn undo_after_everything_was_killed_leaves_nothing(packer: Packer) {
    let moto = Moto::start();
    let (sindri, running) = waiting(packer, &moto);
    let pid = packer_pid(&sindri);
    running.kill();
    killpg(pid, Signal::SIGKILL).expect("Packer still runs");
    assert!(!moto.leftovers().is_empty());
    undo(&moto, &sindri);
}

/// Packer alone is killed, for example for want of memory: Sindri does its clean-up.
pub fn a_killed_packer_leaves_nothing(packer: Packer) {
    let moto = Moto::start();
    let (sindri, running) = waiting(packer, &moto);
    killpg(packer_pid(&sindri), Signal::SIGKILL).expect("Packer runs");
    let run = running.wait();
    assert_eq!(run.failure(), (1, "packer/build".to_owned()), "{run}");
    assert!(
        run.json()["error"]["message"].to_string().contains("signal 9"),
        "{run}"
    );
    assert_eq!(moto.leftovers(), [""; 0], "{run}");
    assert_eq!(sindri.interrupted(), [""; 0]);
}

/// A build that is stopped this long after it began to work.
fn stopped_after(packer: Packer, moto: &Moto, milliseconds: u64, stop: fn(&Running)) -> (Sindri, Running) {
    let sindri = packer.sindri(moto, &["communicator: none"]);
    let mut running = sindri.start(BUILD);
    running.wait_until(|| sindri.count("operation") > 0);
    std::thread::sleep(std::time::Duration::from_millis(milliseconds));
    stop(&running);
    (sindri, running)
}

/// All over the three seconds that a build takes here: while the CLI looks for an image, while Packer checks,
/// builds and cleans up, and while the image is resolved.
const MOMENTS: [u64; 7] = [0, 500, 1000, 1400, 1800, 2200, 2700];

/// Either there is an image that the program knows of, or there is nothing.
fn delete_what_was_finished(moto: &Moto, sindri: &Sindri) {
    let listed = sindri.run(&["vm", "list", "--json"]).succeeded().json();
    for image in listed.as_array().unwrap() {
        let id = image["id"].as_str().unwrap();
        sindri.run(&["vm", "delete", id, "--yes", "--json"]).succeeded();
    }
    assert_eq!(moto.leftovers(), [""; 0]);
}

/// Ctrl-C at any moment of a build that would go well.
pub fn ctrl_c_at_any_moment_leaves_all_or_nothing(packer: Packer) {
    let moto = Moto::start();
    for moment in MOMENTS {
        let (sindri, running) = stopped_after(packer, &moto, moment, Running::interrupt);
        let run = running.wait();
        if run.code() == Some(0) {
            assert_eq!(sindri.count("built"), 1, "{moment} ms: {run}");
            delete_what_was_finished(&moto, &sindri);
        } else {
            let failure = run.failure();
            assert_eq!(failure, (130, "run/interrupted".to_owned()), "{moment} ms: {run}");
        }
        assert_eq!(moto.leftovers(), [""; 0], "{moment} ms: {run}");
        assert_eq!(sindri.interrupted(), [""; 0], "{moment} ms: {run}");
    }
}

/// kill -9 at any moment of a build that would go well.
pub fn kill_at_any_moment_can_be_undone(packer: Packer) {
    let moto = Moto::start();
    for moment in MOMENTS {
        let (sindri, running) = stopped_after(packer, &moto, moment, Running::kill);
        drop(running);
        sindri.wait_until_idle();
        let undone = sindri.run(&["vm", "undo", "--all", "--json"]).succeeded().json();
        if sindri.count("built") == 1 {
            delete_what_was_finished(&moto, &sindri);
        }
        assert_eq!(moto.leftovers(), [""; 0], "{moment} ms: {undone}");
        assert_eq!(sindri.interrupted(), [""; 0]);
    }
}

fn packer_pid(sindri: &Sindri) -> Pid {
    let journal = sindri.journal();
    let started = journal
        .iter()
        .find(|line| line["event"] == "packer-started")
        .expect("the journal names Packer");
    Pid::from_raw(started["pid"].as_i64().unwrap().try_into().unwrap())
}
