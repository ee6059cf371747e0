//! The job that tests an image, step by step as GitHub would run it, with a failure at each.

use std::rc::Rc;

use serde_json::{Value, json};
use sindri_tests::lab::Moto;

use crate::machine::Fault;
use crate::stage::{IMAGE, contexts, machine, ready, user};
use crate::workflow;

const LAUNCH: &str = ".github/actions/packer/launch-instance";
const TERMINATE: &str = ".github/actions/packer/terminate-instance";

/// What runs a script in the job, in its order.
const STEPS: [&str; 9] = [
    "Sindri",
    "Command line of the cloud",
    "Check that everything is there",
    "Where to work",
    "Check the cloud",
    "Launch",
    "Look inside",
    "Terminate",
    "Check the cloud",
];

#[test]
fn a_job_launches_looks_inside_and_leaves_nothing() {
    let moto = Moto::start();
    let sindri = user(&moto);
    let mut machine = machine(&sindri, None);
    let (steps, succeeded) = machine.job(&workflow("v3-packer-test")["jobs"]["test"], &contexts(IMAGE));
    assert!(succeeded, "{}", machine.output);
    assert_eq!(machine.reached, STEPS);
    let launched = &steps["launch"]["outputs"];
    assert_eq!(json!(moto.instances()), json!([launched["instance-id"]]));
    assert_eq!(launched["ssh-user"], "ubuntu");
    assert!(
        launched["ssh-argv"]
            .as_str()
            .unwrap()
            .starts_with("[\"ssh\",\"-i\","),
        "{launched}"
    );
    let key = launched["ssh-key-path"].as_str().unwrap();
    assert!(
        !std::path::Path::new(key).exists(),
        "a key that opens nothing any more"
    );
    assert_eq!(moto.leftovers(), [""; 0]);
}

/// The earlier launch action lost the instance when anything failed after it was made.
#[test]
fn wherever_a_job_fails_nothing_is_left_running() {
    let job = &workflow("v3-packer-test")["jobs"]["test"];
    let moto = Moto::start();
    for (number, step) in STEPS.iter().enumerate() {
        let faults: &[Fault] = match *step {
            "Launch" => &[
                Fault::Before(number),
                Fault::After(number),
                Fault::Forgotten(number),
            ],
            "Terminate" => &[Fault::Before(number), Fault::After(number)],
            // What comes after is the same, whether the step has done its work or not.
            _ => &[Fault::Before(number)],
        };
        for fault in faults {
            let sindri = user(&moto);
            let mut machine = machine(&sindri, Some(*fault));
            let (_, succeeded) = machine.job(job, &contexts(IMAGE));
            assert!(!succeeded, "{fault:?}: {}", machine.output);
            assert_eq!(machine.reached[number], *step);
            // The step that removes it did not begin: the workflow for dead machines does it.
            if *fault == Fault::Before(number) && *step == "Terminate" {
                assert_ne!(moto.leftovers(), [""; 0], "{}", machine.output);
                collect(&moto);
            }
            assert_eq!(moto.leftovers(), [""; 0], "{fault:?} {step}: {}", machine.output);
        }
    }
}

/// On another machine, which knows nothing of the first one.
fn collect(moto: &Moto) {
    let sindri = user(moto);
    let mut machine = machine(&sindri, None);
    let (_, succeeded) = machine.job(&workflow("v3-packer-gc")["jobs"]["collect"], &contexts(IMAGE));
    assert!(succeeded, "{}", machine.output);
}

/// Nothing answers: the action gives up, removes what it has made, and says why.
#[test]
fn an_instance_that_does_not_answer_is_removed_by_the_launch_itself() {
    let moto = Moto::start();
    let mut sindri = user(&moto);
    sindri.fake("ssh", "exit 255");
    let mut machine = ready(&sindri);
    let launch = json!({"cloud": "aws", "image-id": IMAGE, "instance-type": "t3.micro"});
    let (outputs, succeeded) = machine.action(LAUNCH, &launch);
    assert!(!succeeded);
    assert_eq!(
        json!(moto.instances()),
        json!([outputs["instance-id"]]),
        "it is reported"
    );
    assert!(
        machine.output.contains("did not answer SSH after 2 tries"),
        "{}",
        machine.output
    );
    assert_eq!(moto.leftovers(), [""; 0], "{}", machine.output);

    // The job's own last step finds that there is nothing left to do.
    let terminate = json!({"cloud": "aws", "instance-id": outputs["instance-id"]});
    let (_, succeeded) = machine.action(TERMINATE, &terminate);
    assert!(succeeded, "{}", machine.output);
}

/// The caller reads standard output: the complaint was taken for the address.
#[test]
fn a_machine_without_an_address_of_its_own_says_so_and_starts_nothing() {
    let moto = Moto::start();
    let mut sindri = user(&moto);
    for curl in ["exit 7", "echo '<html>'"] {
        sindri.fake("curl", curl);
        let mut machine = ready(&sindri);
        let (_, succeeded) = machine.action(LAUNCH, &json!({"cloud": "aws", "image-id": IMAGE}));
        assert!(!succeeded, "{curl}");
        assert!(
            machine.output.contains("own address cannot be found"),
            "{}",
            machine.output
        );
    }
    assert_eq!((moto.leftovers(), moto.instances()), (vec![], vec![]));
}

/// A machine that loses its power cleans nothing up and reports nothing.
#[test]
fn a_launch_that_is_killed_is_undone() {
    let moto = Rc::new(Moto::start());
    let mut sindri = user(&moto);
    // The key and the group are there when it happens.
    sindri.aws_except("run-instances", "sleep 20; exit 1");
    let mut machine = ready(&sindri);
    let account = Rc::clone(&moto);
    machine.dies = Some(Box::new(move || {
        let left = account.leftovers();
        left.iter().any(|line| line.contains(" security group "))
    }));
    let launch = json!({"cloud": "aws", "image-id": IMAGE});
    let (outputs, succeeded) = machine.action(LAUNCH, &launch);
    assert!(!succeeded);
    assert_eq!(outputs["instance-id"], Value::Null);
    assert_ne!(moto.leftovers(), [""; 0], "{}", machine.output);
    let (_, succeeded) = machine.action(TERMINATE, &json!({"cloud": "aws"}));
    assert!(succeeded, "{}", machine.output);
    assert_eq!(moto.leftovers(), [""; 0], "{}", machine.output);
}

/// What comes from outside is a word and never a part of a script.
#[test]
fn hostile_inputs_stay_words() {
    let moto = Moto::start();
    let sindri = user(&moto);
    let mark = sindri.work().join("executed");
    let hostile = format!("$(touch {0}); touch {0}; `touch {0}` \" ' \\", mark.display());
    for input in [
        "image-id",
        "region",
        "instance-type",
        "subnet-id",
        "ssh-cidr",
        "cloud",
    ] {
        let mut inputs = json!({"cloud": "aws", "image-id": IMAGE, "ssh-cidr": "203.0.113.7/32"});
        inputs[input] = json!(hostile);
        let (_, succeeded) = ready(&sindri).action(LAUNCH, &inputs);
        assert!(!succeeded, "{input}");
        assert!(!mark.exists(), "{input}");
    }
    let flags = json!({"cloud": "aws", "image-id": "--help"});
    let mut machine = ready(&sindri);
    assert!(!machine.action(LAUNCH, &flags).1);
    assert_eq!(moto.leftovers(), [""; 0]);
}
