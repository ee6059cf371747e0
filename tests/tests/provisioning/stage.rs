//! Scripts as the host renders them, and machines that some of them have run in.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use sindri::provision::{Docker, ImageContent, Provisioned, Release, ReleaseArchive, UserFile, provision};
use sindri_tests::lab::{Machine, Ran, Surroundings};

pub(crate) const VERSION: &str = "3.1.0";

/// What goes into the image where a test says nothing else.
pub(crate) fn content<'a>(
    environment: &'a BTreeMap<String, String>,
    archives: &'a [ReleaseArchive],
) -> ImageContent<'a> {
    ImageContent {
        sindri_version: VERSION,
        profile: Some("minimal"),
        extensions: &[],
        cis_hardening: true,
        clean_sensitive_data: true,
        remove_ssh_keys: true,
        user_scripts: &[],
        uploads: &[],
        ansible_playbook: None,
        environment,
        release: Release::Uploaded { archives },
        docker: Docker::Distribution,
        openscap: None,
        checks: true,
        manifest_without: None,
    }
}

/// A release whose program notes who asked it for what.
pub(crate) fn release() -> Vec<ReleaseArchive> {
    vec![ReleaseArchive {
        arch: "x86_64",
        file: UserFile {
            name: format!("sindri-v{VERSION}-linux-x86_64.tar.gz"),
            content: sindri_tests::lab::archive(VERSION),
        },
    }]
}

/// The text of a script.
pub(crate) fn script(provisioned: &Provisioned, name: &str) -> String {
    let path = format!("scripts/{name}.sh");
    let file = provisioned.files.iter().find(|file| file.path == path);
    let file = file.unwrap_or_else(|| panic!("there is no {path}"));
    String::from_utf8(file.content.clone()).unwrap()
}

/// The scripts of an ordinary hardened image.
pub(crate) fn ordinary() -> Provisioned {
    provision(&content(&BTreeMap::new(), &release())).unwrap()
}

/// Puts the files where Packer's file provisioner would.
pub(crate) fn upload(machine: &Machine, provisioned: &Provisioned) {
    for file in &provisioned.files {
        if let Some(below) = file.path.strip_prefix("files/") {
            machine.put(&format!("/tmp/{below}"), 0o644, &file.content);
        }
    }
}

pub(crate) fn run(machine: &Machine, provisioned: &Provisioned, name: &str) -> Ran {
    machine.run(&script(provisioned, name), &Surroundings::default())
}

/// A machine after the first script, which takes most of the time. Fork it.
pub(crate) fn after_init() -> &'static Machine {
    static MACHINE: OnceLock<Machine> = OnceLock::new();
    MACHINE.get_or_init(|| {
        let machine = Machine::debian();
        machine.remove_at_exit();
        let ran = run(&machine, &ordinary(), "10-init").succeeded();
        machine.keep_archives();
        report("init", &ran);
        machine
    })
}

/// A machine that is ready to be cleaned. Fork it.
pub(crate) fn provisioned() -> &'static Machine {
    static MACHINE: OnceLock<Machine> = OnceLock::new();
    MACHINE.get_or_init(|| {
        let machine = after_init().fork();
        machine.remove_at_exit();
        let provisioned = ordinary();
        upload(&machine, &provisioned);
        for name in ["20-install-sindri", "40-harden"] {
            let ran = run(&machine, &provisioned, name).succeeded();
            report(name, &ran);
        }
        machine
    })
}

/// For docs/performance.md: `--nocapture` shows it.
pub(crate) fn report(script: &str, ran: &Ran) {
    for (step, seconds) in ran.steps() {
        eprintln!("{script:16} {seconds:7.1} s  {step}");
    }
}
