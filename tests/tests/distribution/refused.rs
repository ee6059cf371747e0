//! What must not become public.

use sindri_tests::lab::{Moto, Sshd};

use super::root::Root;
use super::{OTHER, built, sindri};

const BASE: &str = "ami-0aaaaaaaaaaaaaa01";

/// A private key that the clean-up missed would be read by everybody.
#[test]
fn an_image_with_a_secret_stays_private_unless_somebody_answers_for_it() {
    let moto = Moto::start();
    let root = Root::clean();
    let key = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAE\n-----END OPENSSH PRIVATE KEY-----\n";
    root.write("/home/ubuntu/.ssh/id_ed25519", key);
    root.unmount();
    let sshd = Sshd::on(&moto, &root.layers());
    let mut sindri = sindri(&moto);
    let image = built(&sindri);
    sshd.reached_by(&mut sindri);
    let publish = ["vm", "publish", image.as_str(), "--yes", "--json"];
    let run = sindri.run(&publish);
    assert_eq!(run.failure(), (1, "image/unverified".to_owned()), "{run}");
    assert!(run.to_string().contains("private-keys"), "{run}");
    assert_eq!(moto.permitted(moto.region(), &image), [""; 0]);
    assert_eq!(sindri.count("unverified-allowed"), 0);

    let answered = ["--allow-unverified", "a key for a demonstration"];
    let run = sindri.run(&[&publish[..], &answered].concat()).succeeded();
    assert_eq!(run.json()["verification"]["success"], false, "{run}");
    assert_eq!(moto.permitted(moto.region(), &image), ["all"]);
    assert_eq!(sindri.count("unverified-allowed"), 1);
}

#[test]
fn nobody_skips_the_verification_without_a_reason() {
    let moto = Moto::start();
    let sindri = sindri(&moto);
    let image = built(&sindri);
    let publish = ["vm", "publish", image.as_str(), "--yes", "--json"];
    for flags in [
        &["--skip-verify"][..],
        &["--skip-verify", "--allow-unverified", " "],
        &[],
    ] {
        let run = sindri.run(&[&publish[..], flags].concat());
        assert_eq!(run.code(), Some(2), "{flags:?}: {run}");
    }
    let run = sindri.run(&[
        "vm",
        "publish",
        &image,
        "--json",
        "--skip-verify",
        "--allow-unverified",
        "r",
    ]);
    assert_eq!(run.failure(), (2, "usage/confirmation".to_owned()), "{run}");
    assert_eq!(moto.permitted(moto.region(), &image), [""; 0]);

    sindri
        .run(
            &[
                &publish[..],
                &["--skip-verify", "--allow-unverified", "seen by hand"],
            ]
            .concat(),
        )
        .succeeded();
    assert_eq!(moto.permitted(moto.region(), &image), ["all"]);
    assert_eq!(
        (sindri.count("unverified-allowed"), moto.instances().len()),
        (1, 1)
    );
}

#[test]
fn somebody_elses_image_is_not_given_to_others() {
    let moto = Moto::start();
    let sindri = sindri(&moto);
    let before = moto.leftovers();
    let permissions = moto.permitted(moto.region(), BASE);
    let commands: [&[&str]; 4] = [
        &["share", BASE, "--with", "210987654321"],
        &[
            "publish",
            BASE,
            "--yes",
            "--skip-verify",
            "--allow-unverified",
            "r",
        ],
        &["copy", BASE, "--to", OTHER],
        &["deprecate", BASE],
    ];
    for command in commands {
        let run = sindri.run(&[&["vm"], command, &["--json"]].concat());
        assert_eq!(run.failure(), (3, "image/foreign".to_owned()), "{run}");
    }
    assert_eq!(moto.leftovers(), before);
    assert_eq!(moto.permitted(moto.region(), BASE), permissions);
}

/// Neither `--plan` nor `--dry-run` may change an account, and both say the same.
#[test]
fn a_plan_is_shown_and_not_run() {
    let moto = Moto::start();
    let sindri = sindri(&moto);
    let log = moto.log();
    let commands: [&[&str]; 4] = [
        &["share", BASE, "--with", "210987654321"],
        &["publish", BASE],
        &["copy", BASE, "--to", OTHER],
        &["deprecate", BASE, "--state", "obsolete"],
    ];
    for command in commands {
        let shown = |flag: &str| {
            let run = sindri.run(&[&["vm"], command, &[flag, "--json"]].concat());
            run.succeeded().json()["plan"].clone()
        };
        let plan = shown("--plan");
        assert_eq!(plan, shown("--dry-run"));
        let steps = plan.as_array().unwrap();
        assert!(
            steps.len() >= 2 && steps.iter().all(|step| step["effect"] == "read"),
            "{plan}"
        );
    }
    assert_eq!(moto.log(), log, "nobody asked the account");
    assert_eq!(sindri.count("started"), 0);
}
