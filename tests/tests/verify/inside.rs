//! The check inside the build VM and the one here must say the same.

use super::root::{Root, script};
use super::seeds::{self, SECRET, content};

/// A running machine writes these all the time: only a look at what it has left shows them.
const NOT_SHOWN: [&str; 3] = [
    "/var/log/dpkg.log",
    "/var/log/journal/0123456789abcdef0123456789abcdef/system.journal",
    "/var/log/cloud-init-output.log",
];

fn check(root: &Root) -> (bool, String) {
    let ran = root.try_run(&script("92-check.sh"));
    let said = String::from_utf8_lossy(&[ran.stdout, ran.stderr].concat()).into_owned();
    (ran.status.success(), said)
}

/// What neither the bare Debian nor its clean-up has: the script of a hardened build asks for it.
fn objections(said: &str) -> Vec<&str> {
    said.lines()
        .filter_map(|line| line.strip_prefix("sindri check: FAIL "))
        .filter(|line| !line.starts_with("hardening: "))
        .collect()
}

#[test]
fn every_kind_of_secret_of_every_user_is_named_inside_the_vm_too() {
    let root = Root::clean();
    let (_, said) = check(&root);
    assert_eq!(objections(&said), [""; 0], "{said}");
    let seeds: Vec<_> = seeds::all().collect();
    for (_, path, text) in &seeds {
        root.write(path, &content(text));
    }
    let (succeeded, said) = check(&root);
    assert!(!succeeded, "{said}");
    let objections = objections(&said);
    let missed: Vec<_> = seeds
        .iter()
        .filter(|(point, path, _)| {
            let start = format!("{point}: {path}: ");
            !objections.iter().any(|line| line.starts_with(&start)) && !NOT_SHOWN.contains(&path.as_str())
        })
        .collect();
    assert!(missed.is_empty(), "{missed:#?}\n{said}");
    // More than the host names would be an alarm that nobody else confirms.
    let others: Vec<_> = objections
        .iter()
        .filter(|line| !seeds.iter().any(|(_, path, _)| line.contains(path.as_str())))
        .collect();
    assert!(others.is_empty(), "{others:#?}");
    assert!(!said.contains(SECRET), "{said}");
}

/// `latest` has `test` in it, and `pkg` is what people call a folder of their own.
#[test]
fn only_test_data_of_installed_packages_may_be_keys() {
    let key = content("-----BEGIN PRIVATE KEY-----\n@AAAAAAAA\n-----END PRIVATE KEY-----\n");
    let root = Root::clean();
    let paths = [
        ("/home/ubuntu/app/pkg/latest/key.pem", true),
        ("/home/ubuntu/registry/contest/key.pem", true),
        ("/home/ubuntu/app/test/key.pem", true),
        ("/home/ubuntu/app/node_modules/a/test/key.pem", false),
        ("/home/ubuntu/go/pkg/mod/b/testdata/deep/key.pem", false),
    ];
    for (path, _) in paths {
        root.write(path, &key);
    }
    let (_, said) = check(&root);
    let report = root.verify(&[]).json();
    for (path, expected) in paths {
        assert_eq!(
            said.contains(&format!("FAIL private-keys: {path}: ")),
            expected,
            "{path}\n{said}"
        );
        assert_eq!(report.to_string().contains(path), expected, "{path}\n{report}");
    }
}

/// As when a change of the script's switches left no point on.
#[test]
fn a_check_of_nothing_is_no_success() {
    let whole = script("92-check.sh");
    let (head, points) = whole
        .split_once("\npoint root-password\n")
        .expect("the first point");
    let (_, end) = points
        .split_once("\nend_point\n")
        .expect("the end of the last point");
    let root = Root::clean();
    let ran = root.try_run(&format!("{head}\nend_point\n{end}"));
    let said = String::from_utf8_lossy(&[ran.stdout, ran.stderr].concat()).into_owned();
    assert!(!ran.status.success(), "{said}");
    assert!(said.contains("not a single point was checked"), "{said}");
}
