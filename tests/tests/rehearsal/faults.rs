//! A failure at every step, one by one: each request that changes something is refused once, and once carried out
//! while its reply is lost. Whatever the step, the command says so and nothing is left.
//!
//! `SINDRI_TEST_FAULTS` is at how many steps builds fail whose machine is provisioned (default 1, 1000 for all);
//! `SINDRI_TEST_SEED` chooses them, `SINDRI_TEST_STEP` takes only those whose request has it. Packer's builders have their pauses built in, so `SINDRI_TEST_WORKERS` (default 1)
//! clouds of one kind wait at the same time.

use serde_json::Value;
use sindri_lab::{Fault, Lab};
use sindri_tests::lab::Run;

use crate::account::Account as _;
use crate::clouds::Cloud;
use crate::dice::{Dice, number};
use crate::stage::Stage;

const DECOYS: usize = 10;
const BUILD: &[&str] = &["vm", "build", "--json"];

/// A request that changes something, as a fault finds it again in the next run.
#[derive(Debug)]
struct Step {
    method: &'static str,
    /// The part of its path that is the same in every run.
    path: String,
    /// Of those that the two fit.
    nth: u32,
}

impl Step {
    fn refused(&self, cloud: &Cloud) -> Fault {
        let (status, code) = cloud.refusal;
        self.meant(Fault::refuse(status, code))
    }

    fn lost(&self, cloud: &Cloud) -> Fault {
        let (status, code) = cloud.refusal;
        self.meant(Fault::lose(status, code))
    }

    fn meant(&self, fault: Fault) -> Fault {
        fault.method(self.method).path(&self.path).nth(self.nth)
    }
}

/// The changes that the lab has seen since its record was cleared.
fn steps(cloud: &Cloud, lab: &Lab, run_id: &str) -> Vec<Step> {
    let log = lab.log();
    let mut steps = Vec::new();
    for (index, entry) in log.iter().enumerate() {
        let method = match entry.method.as_str() {
            "POST" => "POST",
            "PUT" => "PUT",
            "PATCH" => "PATCH",
            "DELETE" => "DELETE",
            "GET" => "GET",
            _ => continue,
        };
        let Some(path) = (cloud.change)(entry) else {
            continue;
        };
        // Names have the run's id in them.
        let path = path.split(run_id).next().unwrap_or_default().to_owned();
        let alike = log[..=index]
            .iter()
            .filter(|other| other.method == method && other.path.contains(&path));
        let nth = u32::try_from(alike.count()).unwrap();
        steps.push(Step { method, path, nth });
    }
    steps
}

/// Fails at each of the steps of a command, in both ways.
fn at_each<'a>(
    stage: &Stage,
    steps: impl Iterator<Item = &'a Step>,
    command: &[&str],
    check: impl Fn(&Run, &str),
) {
    let strangers = stage.lab.strangers();
    let before = stage.left();
    for step in steps {
        for (how, fault) in [
            ("refused", step.refused(stage.cloud)),
            ("lost", step.lost(stage.cloud)),
        ] {
            let what = format!("{how}: {step:?}");
            stage.lab.clear_record();
            stage.lab.inject(fault);
            let run = stage.sindri.run(command);
            assert_eq!(stage.lab.faults_to_come(), 0, "{what}: {run}");
            check(&run, &what);
            if stage.left() != before {
                let told = stage.removes_what_is_told(&run);
                assert!(told || run.code() != Some(0), "{what}: nobody was told: {run}");
                stage.sindri.run(&["vm", "undo", "--all", "--json"]).succeeded();
            }
            assert_eq!(stage.left(), before, "{what}: {run}");
            assert_eq!(stage.sindri.interrupted(), [""; 0], "{what}: {run}");
            assert_eq!(stage.lab.strangers(), strangers, "{what}");
            assert_eq!(stage.lab.violations(), [], "{what}");
        }
    }
}

fn summary(cloud: &Cloud, command: &[&str], steps: usize) {
    eprintln!(
        "{}: `sindri {}` failed at {steps} steps, in two ways each",
        cloud.name,
        command.join(" ")
    );
}

fn failed(run: &Run, what: &str) -> Value {
    let json = run.json();
    assert_ne!(run.code(), Some(0), "{what}: {run}");
    assert_eq!(json["success"], false, "{what}: {run}");
    assert!(json["error"]["code"].is_string(), "{what}: {run}");
    json
}

/// No deployment is half there.
pub(crate) fn at_every_step_of_a_deployment(cloud: &'static Cloud) {
    let stage = Stage::quick(cloud);
    stage.lab.plant_decoys(DECOYS);
    let image = stage.build();
    let deploy = stage.deployment(&image);
    let deploy: Vec<_> = deploy.iter().map(String::as_str).collect();

    let before = stage.left();
    stage.lab.clear_record();
    let deployed = stage.sindri.run(&deploy).succeeded().json();
    let steps = steps(cloud, &stage.lab, deployed["run_id"].as_str().unwrap());
    assert!(steps.len() >= 2, "{steps:?}");
    stage.destroy(&deployed);
    assert_eq!(stage.left(), before);

    at_each(&stage, steps.iter(), &deploy, |run, what| {
        let json = failed(run, what);
        if stage.left() != before {
            let remedy = json["error"]["remedy"].to_string();
            assert!(remedy.contains("sindri vm undo "), "{what}: {run}");
        }
    });
    summary(cloud, &deploy, steps.len());
}

/// No image is half there.
pub(crate) fn at_steps_of_a_build(cloud: &'static Cloud) {
    let stage = Stage::quick(cloud);
    stage.lab.plant_decoys(DECOYS);
    stage.lab.clear_record();
    let built = stage.sindri.run(BUILD).succeeded().json();
    let mut steps = steps(cloud, &stage.lab, built["run_id"].as_str().unwrap());
    assert!(steps.len() >= 4, "{steps:?}");
    if let Ok(text) = std::env::var("SINDRI_TEST_STEP") {
        steps.retain(|step| step.path.contains(&text));
        assert!(!steps.is_empty(), "no step has {text}");
    }
    if cloud.needs_ssh {
        let wanted: usize = number("SINDRI_TEST_FAULTS", 1);
        let mut dice = Dice(number("SINDRI_TEST_SEED", 1));
        while steps.len() > wanted {
            steps.remove(dice.below(steps.len() as u64) as usize);
        }
    }
    stage.delete(&built);
    assert_eq!(stage.left(), [""; 0]);

    let workers = number::<usize>("SINDRI_TEST_WORKERS", 1).clamp(1, steps.len());
    let (stage, steps) = (&stage, &steps);
    std::thread::scope(|scope| {
        for worker in 1..workers {
            scope.spawn(move || {
                let own = Stage::quick(cloud);
                own.lab.plant_decoys(DECOYS);
                at_each(
                    &own,
                    steps.iter().skip(worker).step_by(workers),
                    BUILD,
                    built_or_failed(&own),
                );
            });
        }
        at_each(
            stage,
            steps.iter().step_by(workers),
            BUILD,
            built_or_failed(stage),
        );
    });
    summary(cloud, BUILD, steps.len());
}

/// A build may go well without what it did not need, such as a step of Packer's own clean-up; then there is an image and
/// nothing else.
fn built_or_failed(stage: &Stage) -> impl Fn(&Run, &str) {
    |run, what| {
        if run.code() == Some(0) {
            stage.delete(&run.json());
        } else {
            failed(run, what);
        }
    }
}
