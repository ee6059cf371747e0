//! A mounted root.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use sindri_tests::lab::Sindri;

use super::root::{Root, failed, paths};
use super::seeds::{self, ANYWHERE, FOREIGN, HOMES, IN_HOMES, SECRET, content};

#[test]
fn a_real_debian_after_the_real_clean_up_is_green() {
    let root = Root::clean();
    let run = root.verify(&[]);
    let report = run.json();
    assert_eq!(report["success"], true, "{run}");
    assert_eq!(run.code(), Some(0));
    assert!(report["passed"].as_u64().unwrap() >= 13, "{run}");
    // The table for people says the same.
    let directory = root.path().display().to_string();
    let run = Sindri::new()
        .run(&["vm", "verify", "--root", &directory])
        .succeeded();
    assert!(
        run.stdout.contains("root-password") && run.stdout.contains("0 failed"),
        "{run}"
    );
}

/// Each seed alone must be found: together they would hide each other's absence.
#[test]
fn every_kind_of_secret_of_every_user_is_found_at_its_place_and_not_printed() {
    let root = Root::clean();
    let mut seeded = 0;
    for (point, path, text) in seeds::all() {
        let file = root.path().join(path.trim_start_matches('/'));
        let before = fs::read(&file).ok();
        root.write(&path, &content(text));
        let run = root.verify(&[]);
        let report = run.json();
        assert_eq!(
            (run.code(), &report["success"]),
            (Some(1), &false.into()),
            "{path}: {run}"
        );
        assert_eq!(failed(&report), [point], "{path}: {run}");
        assert_eq!(paths(&report), [path.as_str()], "{run}");
        assert!(
            !run.stdout.contains(SECRET) && !run.stderr.contains(SECRET),
            "{run}"
        );
        match before {
            Some(before) => fs::write(&file, before).unwrap(),
            None => fs::remove_file(&file).unwrap(),
        }
        seeded += 1;
    }
    assert_eq!(
        seeded,
        HOMES.len() * IN_HOMES.len() + ANYWHERE.len() + FOREIGN.len()
    );
    assert_eq!(root.verify(&[]).code(), Some(0), "the seeds are gone again");
}

#[test]
fn passwords_are_found_in_the_file_that_the_system_itself_writes() {
    for (script, path) in [
        ("echo 'root:correct-horse' | chpasswd", "/etc/shadow"),
        ("echo 'ubuntu:correct-horse' | chpasswd", "/etc/shadow"),
        ("passwd --delete ubuntu", "/etc/shadow"),
        ("sed -i 's/^ubuntu:x:/ubuntu::/' /etc/passwd", "/etc/passwd"),
    ] {
        let root = Root::clean();
        root.run(script);
        let run = root.verify(&[]);
        assert_eq!(failed(&run.json()), ["root-password"], "{script}: {run}");
        assert!(paths(&run.json()).contains(&path), "{script}: {run}");
    }
}

/// The other way round: nothing of it survives the clean-up.
#[test]
fn what_was_seeded_before_the_clean_up_is_gone_after_it() {
    let root = Root::debian();
    for home in HOMES {
        for (_, path, text) in IN_HOMES {
            root.write(&format!("{home}/{path}"), &content(text));
        }
    }
    for (_, path, text) in ANYWHERE {
        root.write(path, &content(text));
    }
    let before = root.verify(&[]).json();
    let failed_before = failed(&before).len();
    assert!(failed_before >= 10, "{before:#}");
    root.clean_up();
    let run = root.verify(&[]);
    assert_eq!(failed(&run.json()), [""; 0], "{run}");
}

#[test]
fn a_file_that_others_exchange_for_a_directory_or_hide_is_no_pass() {
    let root = Root::clean();
    let shadow = root.path().join("etc/shadow");
    fs::remove_file(&shadow).unwrap();
    fs::create_dir(&shadow).unwrap();
    assert_eq!(failed(&root.verify(&[]).json()), ["root-password"]);
    // Root reads everything; the mode is no reason not to look.
    let root = Root::clean();
    root.write("/root/.netrc", "machine x password y\n");
    fs::set_permissions(root.path().join("root"), fs::Permissions::from_mode(0o000)).unwrap();
    assert_eq!(failed(&root.verify(&[]).json()), ["git-credentials"]);
}

#[test]
fn exactly_one_source_is_named_and_promised_hardening_is_looked_for() {
    let sindri = Sindri::new();
    for arguments in [
        &["vm", "verify", "--json"][..],
        &["vm", "verify", "ami-1", "--root", "/", "--json"],
        &["vm", "verify", "--host", "h", "--json"],
        &["vm", "verify", "--root", "/nonexistent", "--json"],
    ] {
        let run = sindri.run(arguments);
        assert_eq!(run.failure(), (2, "usage/argument".to_owned()), "{run}");
    }
    let run = Root::clean().verify(&["--cis-hardening"]);
    assert_eq!(failed(&run.json()), ["hardening"], "{run}");
}
