//! Giving images to others, against a local EC2: the real CLI, the real Packer, effects read back through the API.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

mod chain;
mod refused;
#[allow(dead_code)] // The tests of `vm verify` use all of it.
#[path = "../verify/root.rs"]
mod root;

use sindri_tests::lab::{Moto, Packer, Sindri, Sshd};

/// Where copies go.
const OTHER: &str = "eu-central-1";

/// A Sindri that builds without entering the VM.
fn sindri(moto: &Moto) -> Sindri {
    let mut sindri = Packer::Debian.sindri(moto, &["communicator: none"]);
    // An image that is encrypted, as usual, can never be public.
    add(&mut sindri, "encrypt_boot: false");
    sindri
}

/// From here on it enters instances, at `sshd`.
fn reach(sindri: &mut Sindri, sshd: &Sshd) {
    let lines = [
        "ssh_host: 127.0.0.1",
        &format!("ssh_port: {}", sshd.port()),
        "ssh_timeout: 60s",
        "ssh_source_cidrs: [127.0.0.1/32]",
    ];
    let yaml = std::fs::read_to_string(sindri.work().join("sindri.yaml")).unwrap();
    sindri.configure(&yaml.replace("communicator: none", &lines.join("\n      ")));
}

/// Adds a line to the cloud's section of the configuration.
fn add(sindri: &mut Sindri, line: &str) {
    let yaml = std::fs::read_to_string(sindri.work().join("sindri.yaml")).unwrap();
    sindri.configure(&format!("{yaml}      {line}\n"));
}

/// Builds an image and returns its id.
fn built(sindri: &Sindri) -> String {
    let built = sindri.run(&["vm", "build", "--json"]).succeeded().json();
    built["image_id"].as_str().unwrap().to_owned()
}

/// Who may start instances of an image: accounts, and `all` for everybody.
fn permitted(moto: &Moto, region: &str, image: &str) -> Vec<String> {
    let parameters = [("ImageId", image), ("Attribute", "launchPermission")];
    let answer = moto.call_in(region, "DescribeImageAttribute", &parameters);
    let texts = |element: &str| {
        let (open, close) = (format!("<{element}>"), format!("</{element}>"));
        answer
            .split(&open)
            .skip(1)
            .filter_map(|rest| Some(rest.split_once(&close)?.0.to_owned()))
            .collect::<Vec<_>>()
    };
    [texts("userId"), texts("group")].concat()
}
