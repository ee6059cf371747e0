//! Files of a bundle that would land elsewhere, or in the place of the host's own.

use std::path::Path;

use serde_json::json;

use super::super::attack::{Attack, HOST_SCRIPT, Verdict};
use super::{hex, templates};
use crate::error::{Code, Error, Result};
use crate::files;

/// Name, what it tries, path, another path.
type Row = (&'static str, &'static str, &'static str, Option<&'static str>);

const ROWS: &[Row] = &[
    (
        "path-up",
        "to write a file beside the run's directory",
        "x/../../../outside",
        None,
    ),
    (
        "path-absolute",
        "to write a file anywhere",
        "/tmp/sindri-owned",
        None,
    ),
    ("path-home", "to write into the home directory", "~/.bashrc", None),
    ("path-nul", "to cut a path short by a NUL", "x/run.sh\0.txt", None),
    (
        "path-backslash",
        "to leave by the other system's separator",
        "x\\..\\..\\outside",
        None,
    ),
    (
        "path-hidden",
        "to leave a file that a tool reads by itself",
        "x/.gitconfig",
        None,
    ),
    (
        "path-reserved",
        "to write the template that Packer gets",
        "build.pkr.json",
        None,
    ),
    (
        "path-manifest",
        "to write the manifest that names the image",
        "manifest.json",
        None,
    ),
    (
        "path-packer-plugin",
        "to leave a program that old Packers run by its name",
        "packer-provisioner-shell",
        None,
    ),
    (
        "path-working-directory",
        "to leave a module where a tool in Python is started",
        "arguments/1-show/azure.py",
        None,
    ),
    (
        "path-packer-configuration",
        "to write Packer's configuration, which names programs",
        "packer/config.json",
        None,
    ),
    (
        "path-host-script",
        "to replace a script of the host",
        HOST_SCRIPT,
        None,
    ),
    (
        "path-case-of-host",
        "the same where case does not count",
        "Scripts/10-Init.sh",
        None,
    ),
    (
        "path-case",
        "to have two files in one where case does not count",
        "x/run.sh",
        Some("x/RUN.sh"),
    ),
    (
        "path-below-file",
        "to make a file a folder",
        "x/run.sh",
        Some("x/run.sh/x"),
    ),
];

pub(in super::super) fn attacks() -> Vec<Attack> {
    let mut attacks: Vec<Attack> = ROWS
        .iter()
        .map(|(name, tries, path, other)| Attack {
            name,
            tries,
            run: Box::new(move |lab| {
                let mut config = json!({
                    "attack": "template", "template": hex(&templates::source("", "")), "path": hex(path),
                });
                if let (Some(other), Some(config)) = (other, config.as_object_mut()) {
                    config.insert("path2".to_owned(), hex(other).into());
                }
                Verdict::of_refusal(lab.compile(&config), &[Code::TemplatePath])
            }),
        })
        .collect();
    attacks.push(Attack {
        name: "path-read",
        tries: "to upload a file that is not in the bundle",
        run: Box::new(|lab| {
            let step = "build {\n sources = [\"source.amazon-ebs.x\"]\n provisioner \"file\" {\n  source = \"/proc/self/environ\"\n  destination = \"/tmp/x\"\n }\n}";
            let template = templates::source("", step);
            let compiled = lab.compile(&json!({"attack": "template", "template": hex(&template)}));
            Verdict::of_refusal(compiled, &[Code::TemplatePath])
        }),
    });
    attacks.push(Attack {
        name: "path-symlink",
        tries: "to have a file written through a link",
        run: Box::new(|_| match through_a_link() {
            Ok(changed) => Verdict::of_mechanism(
                !changed,
                "O_EXCL, O_NOFOLLOW",
                "the file behind the link is as it was",
                "the file behind the link was changed",
            ),
            Err(error) => Verdict::NotBlocked {
                what: error.to_string(),
            },
        }),
    });
    attacks
}

/// Whether writing a file of a bundle changes what a link of its name points to.
fn through_a_link() -> Result<bool> {
    let broken = |error: std::io::Error| {
        Error::new(Code::RunFiles, "cannot prepare a link in a temporary directory").source(error)
    };
    let directory = files::temporary_directory(Path::new("/tmp")).map_err(broken)?;
    let (target, link) = (directory.path().join("target"), directory.path().join("run.sh"));
    files::write_new_private(&target, b"canary").map_err(broken)?;
    files::link(&target, &link).map_err(broken)?;
    let written = files::write_new_private(&link, b"owned");
    let now = files::read(&target, 64).map_err(broken)?;
    Ok(written.is_ok() || now != b"canary")
}
