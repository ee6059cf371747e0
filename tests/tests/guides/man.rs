//! The manual pages: one for each command, and such that `man` reads them.

use std::collections::BTreeSet;
use std::process::Command;

use clap::CommandFactory as _;
use sindri::cli::Cli;
use sindri_tests::lab::Sindri;

fn names(command: &clap::Command, found: &mut BTreeSet<String>) {
    found.insert(format!("{}.1", command.get_display_name().unwrap_or("sindri")));
    for inner in command
        .get_subcommands()
        .filter(|inner| !inner.is_hide_set() && inner.get_name() != "help")
    {
        names(inner, found);
    }
}

#[test]
fn every_command_has_a_page_that_a_formatter_takes_without_a_warning() {
    let sindri = Sindri::new();
    let json = sindri
        .run(&["man", "--out", "share/man1", "--json"])
        .succeeded()
        .json();
    let mut program = Cli::command();
    program.build();
    let mut expected = BTreeSet::new();
    names(&program, &mut expected);
    let directory = sindri.work().join("share/man1");
    let written: BTreeSet<String> = std::fs::read_dir(&directory)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    assert_eq!(written, expected);
    assert_eq!(json["pages"].as_array().unwrap().len(), expected.len());
    for name in expected {
        let path = directory.join(&name);
        // groff is on every machine that has `man`; a page for which it has warnings shows wrongly.
        let groff = Command::new("groff")
            .args(["-man", "-Tutf8", "-ww", "-z"])
            .arg(&path)
            .output()
            .expect("groff, of the package of that name");
        let said = String::from_utf8_lossy(&groff.stderr);
        assert!(groff.status.success() && said.is_empty(), "{name}: {said}");
    }
}

/// The same program must make the same bytes, or a package of it could not be made twice.
#[test]
fn the_page_of_the_program_names_its_commands_and_says_no_date() {
    let (one, other) = (Sindri::new().run(&["man"]), Sindri::new().run(&["man"]));
    let one = one.succeeded();
    assert_eq!(one.stdout, other.succeeded().stdout);
    assert!(
        one.stdout.contains(".TH sindri 1") && one.stdout.contains("sindri\\-vm(1)"),
        "{one}"
    );
}
