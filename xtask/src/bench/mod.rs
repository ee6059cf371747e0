//! `cargo xtask bench`: how fast the program is and how much memory it takes, beside what it is compared with, in one
//! run.

mod build;
mod doctor;
mod dry_run;
mod figure;
mod measure;
mod micro;
mod site;
mod sizes;

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context as _, Result, bail};

use crate::process::{capture, show};
use crate::setup::{self, Tool, Toolbox, plugin_folder};
use crate::workspace::{Scratch, Workspace};
use figure::Report;
use site::{Packer, Programs, Site};

const USAGE: &str = "usage: cargo xtask bench [micro [FILTER] | program [--program PATH]]";

/// All benchmarks; `micro` for those inside the program alone, `program` for those of the whole program.
/// A goal that is not met is printed and is no failure: on a busy machine any figure is worse.
pub(crate) fn command(workspace: &Workspace, arguments: &[String]) -> Result<bool> {
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match *words.as_slice() {
        [] => {
            micro::run(workspace, None)?;
            whole_program(workspace, None)
        }
        ["micro"] => micro::run(workspace, None),
        ["micro", filter] => micro::run(workspace, Some(filter)),
        ["program"] => whole_program(workspace, None),
        ["program", "--program", path] => {
            let path = std::fs::canonicalize(path).with_context(|| path.to_owned())?;
            whole_program(workspace, Some(path))
        }
        _ => bail!("{USAGE}"),
    }
}

fn whole_program(workspace: &Workspace, given: Option<PathBuf>) -> Result<bool> {
    let toolbox = setup::run(
        workspace,
        &[
            Tool::Wasm,
            Tool::Moto,
            Tool::Aws,
            Tool::PackerDebian,
            Tool::PackerCurrent,
            Tool::Az,
            Tool::Gcloud,
            Tool::Oci,
            Tool::Aliyun,
        ],
    )?;
    let programs = compile(workspace, given)?;
    let scratch = Scratch::new("sindri-bench")?;
    let mut report = Report::default();
    println!("\n{}", machine());

    let plain = Site::plain(&scratch, &toolbox)?;
    dry_run::against_native(&programs, &plain, &mut report)?;
    doctor::measure(&programs, &plain, &toolbox, &mut report)?;
    for packer in packers(workspace, &toolbox, &mut report) {
        let site = Site::with_ec2(workspace, &scratch, &toolbox, packer)?;
        build::measure(&programs, &site, &mut report)?;
    }
    sizes::measure(&programs, &mut report)?;
    report.print();
    Ok(true)
}

/// The real ones that are there; one that is not leaves its figures open, with the reason.
fn packers(workspace: &Workspace, toolbox: &Toolbox, report: &mut Report) -> Vec<Packer> {
    let wanted = [
        ("1.6.6", Tool::PackerDebian, None),
        ("current", Tool::PackerCurrent, Some(plugin_folder(workspace))),
    ];
    let mut found = Vec::new();
    for (name, tool, plugins) in wanted {
        match toolbox.path(tool) {
            Ok(program) => found.push(Packer {
                name,
                program: program.into(),
                plugins,
            }),
            Err(reason) => report.open(&format!("everything with Packer {name}"), &reason),
        }
    }
    found
}

/// The released form of the program and of what it is compared with. Always the whole workspace: cargo would choose
/// other features for one package alone, and compile the WebAssembly engine again.
fn compile(workspace: &Workspace, given: Option<PathBuf>) -> Result<Programs> {
    let mut cargo = Command::new("cargo");
    cargo
        .args([
            "build",
            "--workspace",
            "--release",
            "--bins",
            "--example",
            "native_render",
        ])
        .current_dir(&workspace.root);
    if !show(&mut cargo)?.success() {
        bail!("the program does not compile")
    }
    // target/debug/sindri
    let program = workspace.program();
    let target = program
        .ancestors()
        .nth(2)
        .context("a target folder")?
        .join("release");
    Ok(Programs {
        sindri: given.unwrap_or_else(|| target.join("sindri")),
        native: target.join("examples/native_render"),
        target,
    })
}

/// What the figures were measured on.
fn machine() -> String {
    let cpus = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(':'))
        .map_or("unknown processor", |(_, model)| model.trim());
    let count = std::thread::available_parallelism().map_or(1, usize::from);
    let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default().to_owned();
    let date = capture(
        Command::new("date").args(["-u", "+%Y-%m-%d"]),
        std::time::Duration::from_secs(10),
    );
    let date = date.map(|finished| finished.stdout).unwrap_or_default();
    format!(
        "{} · {count} × {model} · load before the measurement {load}",
        date.trim()
    )
}
