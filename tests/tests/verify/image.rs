//! An image, by an instance that is made for it: the real CLI on a local EC2, the real SSH into a real root.

use serde_json::json;
use sindri_tests::lab::{Moto, Packer, Sindri, Sshd};

use super::root::{Root, failed};
use super::seeds::{FOREIGN, content};

const IMAGE: &str = "ami-0aaaaaaaaaaaaaa01";

fn sindri(moto: &Moto, sshd: &Sshd, build: &[&str]) -> Sindri {
    let port = format!("ssh_port: {}", sshd.port());
    let lines = [
        "ssh_host: 127.0.0.1",
        &port,
        "ssh_timeout: 60s",
        "ssh_source_cidrs: [127.0.0.1/32]",
    ];
    Packer::Debian.sindri(moto, &[&lines[..], build].concat())
}

fn seeded() -> Root {
    let root = Root::clean();
    let (_, path, text) = FOREIGN[0];
    root.write(path, &content(text));
    root.unmount();
    root
}

#[test]
fn an_image_is_verified_on_an_instance_that_is_gone_afterwards() {
    let moto = Moto::start();
    let root = Root::clean();
    root.unmount();
    let sshd = Sshd::on(&moto, &root.layers());
    let sindri = sindri(&moto, &sshd, &[]);
    let run = sindri.run(&["vm", "verify", IMAGE, "--json"]);
    let report = run.json();
    assert_eq!((failed(&report), run.code()), (vec![], Some(0)), "{run}");
    assert_eq!(report["source"], json!({"image_id": IMAGE, "cloud": "aws"}));
    assert_eq!(moto.leftovers(), [""; 0]);
    assert_eq!(
        (
            sindri.count("deployed"),
            sindri.count("verified"),
            sindri.count("removed")
        ),
        (1, 1, 1)
    );
    assert_eq!(sindri.interrupted(), [""; 0]);
}

#[test]
fn an_image_with_a_secret_is_red_and_its_instance_is_gone_too() {
    let moto = Moto::start();
    let root = seeded();
    let sshd = Sshd::on(&moto, &root.layers());
    let run = sindri(&moto, &sshd, &[]).run(&["vm", "verify", IMAGE, "--json"]);
    assert_eq!(
        (failed(&run.json()), run.code()),
        (vec!["private-keys"], Some(1)),
        "{run}"
    );
    assert_eq!(moto.leftovers(), [""; 0]);
}

#[test]
fn an_instance_that_nobody_can_reach_is_an_error_and_gone() {
    let moto = Moto::start();
    let root = Root::clean();
    root.unmount();
    let sshd = Sshd::on(&moto, &root.layers());
    let port = sshd.port();
    let sindri = sindri(&moto, &sshd, &[]);
    drop(sshd);
    let yaml = std::fs::read_to_string(sindri.work().join("sindri.yaml")).unwrap();
    assert!(yaml.contains(&port.to_string()));
    std::fs::write(sindri.work().join("sindri.yaml"), yaml.replace("60s", "5s")).unwrap();
    let run = sindri.run(&["vm", "verify", IMAGE, "--json"]);
    assert_eq!(run.failure(), (1, "tool/failed".to_owned()), "{run}");
    assert_eq!(moto.leftovers(), [""; 0]);
}

#[test]
fn ctrl_c_while_it_looks_removes_the_instance() {
    let moto = Moto::start();
    let root = Root::clean();
    root.unmount();
    let sshd = Sshd::on(&moto, &root.layers());
    let sindri = sindri(&moto, &sshd, &[]);
    let mut running = sindri.start(&["vm", "verify", IMAGE, "--json"]);
    running.wait_until(|| sindri.count("deployed") == 1);
    running.interrupt();
    let run = running.wait();
    assert_eq!(run.failure(), (130, "run/interrupted".to_owned()), "{run}");
    assert_eq!(moto.leftovers(), [""; 0]);
}

const BUILD: [&str; 4] = ["vm", "build", "--verify", "--json"];

#[test]
fn a_build_is_a_success_only_with_a_green_checklist() {
    let moto = Moto::start();
    let root = Root::clean();
    root.unmount();
    let sshd = Sshd::on(&moto, &root.layers());
    let sindri = bare(&moto, &sshd, &[]);
    let run = sindri.run(&BUILD).succeeded();
    let built = run.json();
    assert_eq!(
        (&built["verified"], &built["deleted"]),
        (&true.into(), &false.into()),
        "{run}"
    );
    assert!(built["verification"]["passed"].as_u64().unwrap() >= 13, "{run}");
    let image = built["image_id"].as_str().unwrap().to_owned();
    // The same content is found again, and looked at again.
    let again = sindri.run(&BUILD).succeeded().json();
    assert_eq!(
        (&again["cached"], &again["verified"]),
        (&true.into(), &true.into())
    );
    sindri
        .run(&["vm", "delete", &image, "--yes", "--json"])
        .succeeded();
    assert_eq!(moto.leftovers(), [""; 0]);
}

#[test]
fn an_image_that_fails_is_deleted_and_the_point_is_named() {
    let moto = Moto::start();
    let root = seeded();
    let sshd = Sshd::on(&moto, &root.layers());
    let run = bare(&moto, &sshd, &[]).run(&["vm", "build", "--json"]);
    let (code, error) = run.failure();
    assert_eq!((code, error.as_str()), (1, "image/unverified"), "{run}");
    let json = run.json();
    assert_eq!(
        (&json["verified"], &json["deleted"]),
        (&false.into(), &true.into()),
        "{run}"
    );
    assert!(
        json["error"]["message"]
            .as_str()
            .unwrap()
            .contains("private-keys"),
        "{run}"
    );
    assert!(
        json["error"]["details"][0]
            .as_str()
            .unwrap()
            .contains(FOREIGN[0].1),
        "{run}"
    );
    assert_eq!(moto.leftovers(), [""; 0]);
}

#[test]
fn an_image_that_fails_is_kept_to_look_at_when_somebody_says_so() {
    let moto = Moto::start();
    let root = seeded();
    let sshd = Sshd::on(&moto, &root.layers());
    let sindri = bare(&moto, &sshd, &["on_error: abort"]);
    let run = sindri.run(&BUILD);
    assert_eq!(run.failure(), (1, "image/unverified".to_owned()), "{run}");
    let image = run.json()["image_id"].as_str().unwrap().to_owned();
    // The next build finds it, and does not take it for a good one.
    let again = sindri.run(&BUILD);
    assert_eq!(again.failure(), (1, "image/unverified".to_owned()), "{again}");
    assert_eq!(
        (&again.json()["cached"], &again.json()["deleted"]),
        (&true.into(), &false.into())
    );
    sindri
        .run(&["vm", "delete", &image, "--yes", "--json"])
        .succeeded();
    assert_eq!(moto.leftovers(), [""; 0]);
}

/// Whoever cannot be reached is asked about before an hour of building.
#[test]
fn who_may_reach_the_instance_is_asked_before_anything_is_built() {
    let moto = Moto::start();
    let sindri = Packer::Debian.sindri(&moto, &[]);
    let run = sindri.run(&BUILD);
    assert_eq!(run.failure(), (2, "config/missing-keys".to_owned()), "{run}");
    assert_eq!(moto.leftovers(), [""; 0]);
    assert_eq!(sindri.count("started"), 0);
}

/// A build that does not enter the VM, and a verification that does.
fn bare(moto: &Moto, sshd: &Sshd, build: &[&str]) -> Sindri {
    sindri(
        moto,
        sshd,
        &[&["communicator: none", "verify: true"], build].concat(),
    )
}
