//! The jobs that give an image to others: real rights at a local EC2, a real look inside, and a failure at each step.

use std::fs;
use std::rc::Rc;

use serde_json::{Value, json};
use sindri_tests::lab::{Moto, Sindri, Sshd};

use crate::machine::{Fault, Machine};
use crate::root::Root;
use crate::stage::{entering, machine, prepare};
use crate::workflow;

const NAME: &str = "v3-packer-publish";
const PARTNER: &str = "210987654321";
const OTHER: &str = "eu-central-1";

/// What runs a script in the job, in its order.
const STEPS: [&str; 11] = [
    "Sindri",
    "Command line of the cloud",
    "Check that everything is there",
    "Where to work",
    "Words that say where",
    "Copy",
    "Share",
    "Publish",
    "Deprecate",
    "Undo what was stopped",
    "Result",
];

/// An account with an image, and a VM that stands for its instances.
struct Account {
    moto: Rc<Moto>,
    sshd: Sshd,
    image: String,
    _root: Root,
}

impl Account {
    fn new(root: Root) -> Self {
        root.unmount();
        let moto = Rc::new(Moto::start());
        let sshd = Sshd::on(&*moto, &root.layers());
        let mut sindri = entering(&moto);
        // What is encrypted can never be public.
        sindri.add("encrypt_boot: false");
        let built = sindri.run(&["vm", "build", "--json"]).succeeded().json();
        let image = built["image_id"].as_str().unwrap().to_owned();
        Self {
            moto,
            sshd,
            image,
            _root: root,
        }
    }

    /// The user of a fresh machine.
    fn user(&self) -> Sindri {
        let mut sindri = entering(&self.moto);
        self.sshd.reached_by(&mut sindri);
        sindri
    }

    /// Everything that a job can be asked for.
    fn contexts(&self) -> Value {
        json!({
            "matrix": {
                "id": "aws-1", "cloud": "aws", "region": "us-west-2", "image_id": self.image,
                "copy_to": OTHER, "share_with": PARTNER,
            },
            "secrets": {"AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/sindri"},
            "vars": {},
            "inputs": {"publish": true, "cis_hardening": false, "deprecate_date": "2028-01-31"},
        })
    }

    fn run(&self, sindri: &Sindri, fault: Option<Fault>, contexts: &Value) -> (Machine, bool) {
        let mut machine = machine(sindri, fault);
        let (_, succeeded) = machine.job(&workflow(NAME)["jobs"]["publish"], contexts);
        (machine, succeeded)
    }

    fn is_public(&self) -> bool {
        self.permitted().contains(&"all".to_owned())
    }

    fn permitted(&self) -> Vec<String> {
        self.moto.permitted(self.moto.region(), &self.image)
    }

    /// What is left in the account besides images and their snapshots.
    fn left(&self) -> Vec<String> {
        let all = self.moto.leftovers().into_iter();
        all.filter(|line| !line.contains(" image ") && !line.contains(" snapshot "))
            .collect()
    }
}

fn result(machine: &Machine) -> Value {
    let text = fs::read_to_string(machine.temp().join("distribution.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

#[test]
fn a_job_copies_shares_verifies_publishes_and_deprecates_an_image() {
    let account = Account::new(Root::clean());
    let (machine, succeeded) = account.run(&account.user(), None, &account.contexts());
    assert!(succeeded, "{}", machine.output);
    assert_eq!(machine.reached, STEPS);
    let result = result(&machine);
    let copy = result["steps"]["copy"]["copies"][0]["id"].as_str().unwrap();
    for (region, id) in [(account.moto.region(), account.image.as_str()), (OTHER, copy)] {
        let mut permitted = account.moto.permitted(region, id);
        permitted.sort();
        assert_eq!(permitted, [PARTNER, "all"], "{region}");
    }
    assert_eq!(result["job"]["id"], "aws-1");
    assert_eq!(
        result["steps"]["publish"]["verification"]["success"], true,
        "{result}"
    );
    assert_eq!(
        result["steps"]["deprecate"]["deprecated_at"],
        "2028-01-31T00:00:00.000Z"
    );
    for step in ["copy", "share", "publish", "deprecate"] {
        let row = format!("| {step} | done |");
        assert!(machine.summary.contains(&row), "{}", machine.summary);
    }
    assert_eq!(account.left(), [""; 0]);
}

/// What was asked for last is not done before what comes first, and no instance that showed an image stays.
#[test]
fn wherever_a_job_fails_nothing_runs_on_and_nothing_more_becomes_public() {
    let account = Account::new(Root::clean());
    for (number, step) in STEPS.iter().enumerate() {
        let faults: &[Fault] = match *step {
            // Later ones find the image public already.
            "Publish" => &[Fault::Before(number), Fault::After(number)],
            _ => &[Fault::Before(number)],
        };
        for fault in faults {
            let (machine, succeeded) = account.run(&account.user(), Some(*fault), &account.contexts());
            assert!(!succeeded, "{fault:?}: {}", machine.output);
            assert!(machine.reached.contains(&STEPS[number].to_owned()), "{step}");
            let published = number > 7 || *fault == Fault::After(7);
            assert_eq!(account.is_public(), published, "{fault:?}: {}", machine.output);
            assert_eq!(account.left(), [""; 0], "{fault:?} {step}: {}", machine.output);
            if *step != "Result" {
                let said = &result(&machine)["steps"]["publish"]["success"];
                assert_eq!(said == true, published, "{fault:?}: {said}");
            }
        }
    }
}

/// A private key that the clean-up missed would be read by everybody.
#[test]
fn an_image_that_fails_its_verification_does_not_become_public() {
    let root = Root::clean();
    let key = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAE\n-----END OPENSSH PRIVATE KEY-----\n";
    root.write("/home/ubuntu/.ssh/id_ed25519", key);
    let account = Account::new(root);
    let (machine, succeeded) = account.run(&account.user(), None, &account.contexts());
    assert!(!succeeded, "{}", machine.output);
    assert_eq!(account.permitted(), [PARTNER], "{}", machine.output);
    let result = result(&machine);
    assert_eq!(
        result["steps"]["publish"]["error"]["code"], "image/unverified",
        "{result}"
    );
    assert!(result["steps"]["deprecate"].is_null(), "{result}");
    let row = "| publish | image/unverified |";
    assert!(machine.summary.contains(row), "{}", machine.summary);
    assert_eq!(account.left(), [""; 0]);
}

/// The step dies while the instance that shows the image is there; a later one removes it.
#[test]
fn an_instance_of_a_publication_that_is_killed_is_removed_and_nothing_is_public() {
    let account = Account::new(Root::clean());
    let before = account.moto.instances().len();
    let sindri = account.user();
    let mut machine = machine(&sindri, None);
    let moto = Rc::clone(&account.moto);
    machine.dies = Some(Box::new(move || moto.instances().len() > before));
    let (_, succeeded) = machine.job(&workflow(NAME)["jobs"]["publish"], &account.contexts());
    assert!(!succeeded, "{}", machine.output);
    assert!(account.moto.instances().len() > before, "{}", machine.output);
    assert!(!account.is_public());
    assert_eq!(account.left(), [""; 0], "{}", machine.output);
    assert_eq!(sindri.interrupted(), [""; 0], "{}", machine.output);
}

/// The first job, with a stand-in for the question to GitHub.
fn plan(inputs: &Value, rules: &str) -> (Result<Value, String>, Sindri) {
    let mut sindri = Sindri::new();
    prepare(&mut sindri);
    sindri.fake("gh", rules);
    let mut machine = machine(&sindri, None);
    let contexts = json!({"inputs": inputs, "github": {"token": "token"}});
    let (steps, succeeded) = machine.job(&workflow(NAME)["jobs"]["plan"], &contexts);
    let matrix = || serde_json::from_str(steps["matrix"]["outputs"]["matrix"].as_str().unwrap()).unwrap();
    (succeeded.then(matrix).ok_or(machine.output), sindri)
}

fn inputs(changes: &[(&str, Value)]) -> Value {
    let mut inputs = json!({
        "images": "aws=ami-1,gcp=sindri-24,aws=ami-2", "regions": "aws=us-west-2", "copy_to": "",
        "share_with": "", "publish": false, "cis_hardening": false, "deprecate_date": "",
    });
    for (name, value) in changes {
        inputs[name] = value.clone();
    }
    inputs
}

const REVIEWED: &str = "echo 'wait_timer required_reviewers'";

#[test]
fn each_image_gets_what_is_named_for_its_cloud() {
    let arn = "organization:arn:aws:organizations::123456789012:organization/o-a1b2c3d4e5";
    let wanted = inputs(&[
        (
            "share_with",
            json!(format!("aws={PARTNER},aws={arn},gcp=user:a@example.com")),
        ),
        ("copy_to", json!("aws=eu-central-1,aws=us-east-1")),
        ("publish", json!(true)),
    ]);
    let matrix = plan(&wanted, REVIEWED).0.unwrap();
    let jobs = matrix["include"].as_array().unwrap();
    let partners = format!("{PARTNER},{arn}");
    let copies = "eu-central-1,us-east-1";
    let row = |id: &str, cloud: &str, image: &str, region: &str, copy_to: &str, share_with: &str| json!({"id": id, "cloud": cloud, "image_id": image, "region": region, "copy_to": copy_to, "share_with": share_with});
    assert_eq!(
        jobs,
        &[
            row("aws-1", "aws", "ami-1", "us-west-2", copies, &partners),
            row("gcp-2", "gcp", "sindri-24", "", "", "user:a@example.com"),
            row("aws-3", "aws", "ami-2", "us-west-2", copies, &partners),
        ]
    );
    let text = workflow(NAME)["jobs"]["publish"].to_string();
    for rest in text.split("matrix.").skip(1) {
        let end = rest.find(|sign: char| !(sign.is_ascii_lowercase() || sign == '_'));
        let key = &rest[..end.unwrap_or(rest.len())];
        assert!(jobs.iter().all(|job| job[key].is_string()), "matrix.{key}");
    }
}

/// A word that was left out in silence would be an image that stays private, or a partner who gets nothing.
#[test]
fn what_cannot_be_read_or_belongs_to_no_image_is_an_error_and_executes_nothing() {
    let mark = std::env::temp_dir().join("sindri-publish-executed");
    let hostile = format!("aws=$(touch {0});`touch {0}`\"'\\", mark.display());
    for changes in [
        vec![],
        vec![("images", json!("")), ("publish", json!(true))],
        vec![("images", json!("ami-1")), ("publish", json!(true))],
        vec![("images", json!("nimbus=ami-1")), ("publish", json!(true))],
        vec![("images", json!("aws=ami-1 gcp=x")), ("publish", json!(true))],
        vec![("images", json!("aws=a\ngcp=b")), ("publish", json!(true))],
        vec![("share_with", json!(PARTNER))],
        vec![("share_with", json!("azure=11111111-1111-1111-1111-111111111111"))],
        vec![("copy_to", json!("aws="))],
        vec![("share_with", json!(hostile)), ("regions", json!("aws"))],
    ] {
        let (matrix, _) = plan(&inputs(&changes), REVIEWED);
        assert!(matrix.is_err(), "{changes:?}: {matrix:?}");
        assert!(!mark.exists(), "{changes:?}");
    }
}

/// An environment that nobody has made is made by GitHub, without rules.
#[test]
fn nothing_becomes_public_where_nobody_has_to_approve_it() {
    let public = inputs(&[("publish", json!(true))]);
    for rules in ["echo ''", "echo wait_timer", "echo 'Not Found' >&2; exit 1"] {
        let said = plan(&public, rules).0.unwrap_err();
        assert!(said.contains("public-images has no required reviewers"), "{said}");
    }
    // Partners need no such environment.
    let shared = inputs(&[("share_with", json!(format!("aws={PARTNER}")))]);
    plan(&shared, "exit 1").0.unwrap();
    let job = &workflow(NAME)["jobs"]["publish"];
    assert_eq!(
        job["environment"],
        "${{ inputs.publish && 'public-images' || 'shared-images' }}"
    );
}

#[test]
fn hostile_words_of_a_job_stay_words() {
    let moto = Moto::start();
    let sindri = entering(&moto);
    let mark = sindri.work().join("executed");
    let hostile = format!("$(touch {0}); touch {0}; `touch {0}` \" ' \\", mark.display());
    for key in ["image_id", "region", "copy_to", "share_with"] {
        let mut contexts = json!({
            "matrix": {"id": "aws-1", "cloud": "aws", "region": "", "image_id": "ami-1", "copy_to": "", "share_with": PARTNER},
            "secrets": {"AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/sindri"}, "vars": {},
            "inputs": {"publish": false, "cis_hardening": false, "deprecate_date": ""},
        });
        contexts["matrix"][key] = json!(hostile);
        let mut machine = machine(&sindri, None);
        let (_, succeeded) = machine.job(&workflow(NAME)["jobs"]["publish"], &contexts);
        assert!(!succeeded, "{key}: {}", machine.output);
        assert!(!mark.exists(), "{key}");
    }
    assert_eq!(moto.leftovers(), [""; 0]);
}
