//! A build that fails: nothing is left unless the user wants to look at it.

use super::{BUILD, nobody_answers};
use crate::lab::{Moto, Packer, Sindri, free_port};

/// A build whose VM cannot be reached.
fn unreachable(packer: Packer, moto: &Moto, ssh_seconds: u32) -> Sindri {
    let build = nobody_answers(free_port(), ssh_seconds);
    packer.sindri(moto, &build.iter().map(String::as_str).collect::<Vec<_>>())
}

/// The whole chain: Packer's own message reaches the user, and nothing is left.
pub fn a_failed_build_says_why_and_leaves_nothing(packer: Packer) {
    let moto = Moto::start();
    let sindri = unreachable(packer, &moto, 2);
    let run = sindri.run(BUILD);
    assert_eq!(run.failure(), (1, "packer/build".to_owned()), "{run}");
    let details = run.json()["error"]["details"].to_string();
    assert!(details.contains("Timeout waiting for SSH"), "{run}");
    assert_eq!(moto.instances().len(), 1, "Packer did start an instance");
    assert_eq!(moto.leftovers(), [""; 0]);
    assert_eq!(sindri.interrupted(), [""; 0]);
}

/// `--on-error=abort` leaves the VM to look at, and `vm undo` takes it away.
pub fn abort_keeps_the_vm_until_undo(packer: Packer) {
    let moto = Moto::start();
    let sindri = unreachable(packer, &moto, 2);
    let run = sindri.run(&[BUILD, &["--on-error=abort"]].concat());
    assert_eq!(run.failure(), (1, "packer/build".to_owned()), "{run}");
    let instance = moto.instances().remove(0);
    assert!(
        moto.leftovers()
            .contains(&format!("{} instance {instance}", moto.region())),
        "{:?}",
        moto.leftovers()
    );
    let interrupted = sindri.interrupted();
    assert_eq!(interrupted.len(), 1);
    assert!(
        run.json()["error"]["remedy"]
            .to_string()
            .contains(&format!("sindri vm undo {}", interrupted[0])),
        "{run}"
    );
    let undone = sindri.run(&["vm", "undo", &interrupted[0], "--json"]).succeeded();
    assert!(undone.json().to_string().contains(&instance), "{undone}");
    assert_eq!(moto.leftovers(), [""; 0]);
}

/// The user's own limit; Packer is asked to stop and cleans up.
pub fn a_build_that_runs_out_of_time_leaves_nothing(packer: Packer) {
    let moto = Moto::start();
    let sindri = unreachable(packer, &moto, 600);
    let run = sindri.run(&[BUILD, &["--timeout", "4s"]].concat());
    assert_eq!(run.failure(), (124, "run/timeout".to_owned()), "{run}");
    assert_eq!(moto.instances().len(), 1, "nothing was made in that time: {run}");
    assert_eq!(moto.leftovers(), [""; 0]);
    assert_eq!(sindri.interrupted(), [""; 0]);

    // So short that Packer itself may not be there yet.
    let run = sindri.run(&[BUILD, &["--timeout", "1s"]].concat());
    assert_eq!(run.failure(), (124, "run/timeout".to_owned()), "{run}");
    assert_eq!(moto.leftovers(), [""; 0]);
}
