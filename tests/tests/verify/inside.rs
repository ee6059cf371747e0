//! The check inside the build VM and the one here must say the same.

use super::root::{Root, script};
use super::seeds::{ANYWHERE, FOREIGN, HOMES, IN_HOMES, SECRET, content};

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
    let in_homes = HOMES.iter().flat_map(|home| {
        IN_HOMES
            .iter()
            .map(move |(point, path, text)| (*point, format!("{home}/{path}"), *text))
    });
    let anywhere = ANYWHERE
        .iter()
        .chain(&FOREIGN)
        .map(|(point, path, text)| (*point, (*path).to_owned(), *text));
    let seeds: Vec<_> = in_homes.chain(anywhere).collect();
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
