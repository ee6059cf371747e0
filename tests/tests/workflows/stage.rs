//! A job's machine beside a local EC2.

use std::fs;

use serde_json::{Value, json};
use sindri_tests::lab::{Moto, Packer, Sindri, program};

use crate::machine::{Fault, Machine};

/// A base image of the local EC2: an instance can be started from any image.
pub(crate) const IMAGE: &str = "ami-0aaaaaaaaaaaaaa01";

/// A fresh user of the local EC2 with the real command line, and stand-ins for what would leave this machine and for the
/// instances, in which nothing listens.
pub(crate) fn user(moto: &Moto) -> Sindri {
    let mut sindri = entering(moto);
    answer(&mut sindri);
    sindri
}

/// One who has the real `ssh`, for an [`sindri_tests::lab::Sshd`] that stands for the instances.
pub(crate) fn entering(moto: &Moto) -> Sindri {
    let mut sindri = Packer::Debian.sindri(moto, &["communicator: none"]);
    // Last, so that they stand first on the PATH.
    prepare(&mut sindri);
    sindri
}

/// An `ssh` that finds every instance as it should be.
pub(crate) fn answer(sindri: &mut Sindri) {
    sindri.fake(
        "ssh",
        "case \"$*\" in *'passwd --status'*) echo 'root L 2026-01-01 0 99999 7 -1' ;; esac",
    );
}

/// The stand-ins.
pub(crate) fn prepare(sindri: &mut Sindri) {
    // Where builds of the program come from in a workflow.
    let built = format!(
        "mkdir -p target/release && ln -sf '{}' target/release/sindri",
        program().display()
    );
    sindri
        .fake("cargo", &built)
        // The runner's own address.
        .fake("curl", "echo 203.0.113.7")
        .set("SINDRI_SSH_TRIES", "2")
        .set("SINDRI_RETRY_SECONDS", "0");
}

/// A machine of this user, with the program that the first job has built.
pub(crate) fn machine(sindri: &Sindri, fault: Option<Fault>) -> Machine {
    let environment = sindri.environment().iter();
    let machine = Machine::new(
        &sindri.work(),
        environment.map(|(name, value)| (name.clone(), value.clone())),
        fault,
    );
    let downloaded = machine.temp().join("sindri-program");
    fs::create_dir(&downloaded).unwrap();
    std::os::unix::fs::symlink(program(), downloaded.join("sindri")).unwrap();
    machine
}

/// The contexts of a job for an image.
pub(crate) fn contexts(image: &str) -> Value {
    json!({
        "matrix": {
            "id": "aws-test", "cloud": "aws", "region": "us-west-2", "instance_type": "t3.micro",
            "arch": "x86_64", "image_id": image,
        },
        "secrets": {"AWS_ROLE_ARN": "arn:aws:iam::123456789012:role/sindri"},
        "vars": {},
        "inputs": {"older_than": "0s"},
    })
}

/// A machine on which sindri is set up.
pub(crate) fn ready(sindri: &Sindri) -> Machine {
    let mut machine = machine(sindri, None);
    let (_, succeeded) = machine.action(".github/actions/setup-sindri", &json!({"program": program()}));
    assert!(succeeded, "{}", machine.output);
    machine.reached.clear();
    machine
}
