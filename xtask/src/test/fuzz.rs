//! A short run of each fuzz target of `fuzz/`, from seeds that are made here.
//!
//! The targets are built with the instruments of LLVM's fuzzer by the stable compiler: the passes and their settings are
//! ordinary options of code generation. What needs a nightly compiler, sanitizers of memory, would find little in
//! code without `unsafe`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;

use super::Tally;
use super::runner::gate;
use crate::process::{capture, on_path};
use crate::workspace::Workspace;

/// Seconds for each target.
const SECONDS: u32 = 20;
const TARGETS: [&str; 4] = ["hcl", "argv", "component", "lock"];
/// Counters for each edge, their addresses, and the operands of comparisons.
const INSTRUMENTS: &str = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
    -Cllvm-args=-sanitizer-coverage-inline-8bit-counters -Cllvm-args=-sanitizer-coverage-pc-table \
    -Cllvm-args=-sanitizer-coverage-trace-compares --cfg fuzzing -Cforce-frame-pointers";

/// Builds the targets and runs each; without a C++ compiler they are counted as skipped.
pub(super) fn run(workspace: &Workspace, tally: &mut Tally) -> Result<()> {
    if on_path("c++").is_empty() {
        for target in TARGETS {
            tally.skip(
                &format!("fuzz {target}"),
                "libFuzzer is built from source and needs c++ on PATH",
            );
        }
        return Ok(());
    }
    let folder = workspace.root.join("target/fuzz");
    let triple = host()?;
    let mut build = Command::new("cargo");
    // Naming the target keeps the instruments out of build scripts and macros.
    build
        .args([
            "build",
            "--locked",
            "--release",
            "--bins",
            "--target",
            &triple,
            "--manifest-path",
        ])
        .arg(workspace.root.join("fuzz/Cargo.toml"))
        .env("CARGO_TARGET_DIR", &folder)
        .env("RUSTFLAGS", INSTRUMENTS);
    gate(tally, "build of the fuzz targets", &mut build)?;
    for target in TARGETS {
        let program = folder.join(&triple).join("release").join(target);
        if !program.exists() {
            continue;
        }
        let corpus = folder.join("corpus").join(target);
        sow(&workspace.root, target, &corpus)?;
        let mut fuzz = Command::new(program);
        fuzz.arg(format!("-max_total_time={SECONDS}"))
            .args([
                // The same walk each time: who looks for new findings lets it run longer, with other numbers.
                "-seed=1",
                "-timeout=60",
                "-rss_limit_mb=2048",
                "-max_len=8192",
                "-close_fd_mask=1",
            ])
            .arg(format!("-artifact_prefix={}/{target}-", folder.display()))
            .arg(&corpus)
            .current_dir(&folder);
        gate(tally, &format!("fuzz {target}"), &mut fuzz)?;
    }
    Ok(())
}

/// The triple of this machine.
fn host() -> Result<String> {
    let said = capture(Command::new("rustc").arg("-vV"), Duration::from_secs(60))?;
    let line = said.stdout.lines().find_map(|line| line.strip_prefix("host: "));
    line.map(str::to_owned)
        .context("rustc does not say for which machine it compiles")
}

/// Writes the seeds of a target.
fn sow(root: &Path, target: &str, corpus: &Path) -> Result<()> {
    fs::create_dir_all(corpus).with_context(|| format!("creating {}", corpus.display()))?;
    let seeds = match target {
        "hcl" => templates(root),
        "argv" => commands(root),
        "lock" => locks(),
        _ => components(),
    };
    for (number, seed) in seeds.iter().enumerate() {
        let path = corpus.join(format!("seed-{number:04}"));
        fs::write(&path, seed).with_context(|| format!("writing {}", path.display()))?;
    }
    Ok(())
}

/// The attacks, and what the bundled plugins write.
fn templates(root: &Path) -> Vec<Vec<u8>> {
    let mut folders = vec![root.join("tests/attacks/templates")];
    let plugins = fs::read_dir(root.join("plugins")).into_iter().flatten().flatten();
    folders.extend(plugins.map(|plugin| plugin.path().join("tests/golden")));
    let mut files: Vec<PathBuf> = folders
        .iter()
        .flat_map(|folder| fs::read_dir(folder).into_iter().flatten().flatten())
        .map(|entry| entry.path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "hcl"))
        .collect();
    files.sort();
    files.iter().filter_map(|file| fs::read(file).ok()).collect()
}

/// The attacks in the form of the target, and one command of each tool.
fn commands(root: &Path) -> Vec<Vec<u8>> {
    let mut seeds: Vec<String> = [
        "aws r ec2 describe-images\n--image-ids\nami-1\n--filters\n[{\"Name\":\"x\",\"Values\":[\"y\"]}]",
        "az r image list\n--resource-group\nimages",
        "gcloud r compute images list\n--filter\nname:x",
        "oci r compute image list\n--compartment-id\nocid1.compartment.oc1..aaaa",
        "aliyun r ecs DescribeImages\n--ImageId\nm-1",
    ]
    .map(str::to_owned)
    .to_vec();
    let attacks = fs::read(root.join("tests/attacks/argv.json")).unwrap_or_default();
    let attacks: Value = serde_json::from_slice(&attacks).unwrap_or_default();
    for attack in attacks.as_array().into_iter().flatten() {
        let tool = attack.get("program").and_then(Value::as_str).unwrap_or_default();
        let words = attack.get("argv").and_then(Value::as_array).into_iter().flatten();
        let (mut seed, mut in_verb) = (format!("{tool} r"), true);
        for word in words.filter_map(Value::as_str) {
            in_verb &= !word.starts_with('-');
            seed.push(if in_verb { ' ' } else { '\n' });
            seed.push_str(word);
        }
        seeds.push(seed);
    }
    seeds.into_iter().map(String::into_bytes).collect()
}

/// A lock file with one of everything, and the least.
fn locks() -> Vec<Vec<u8>> {
    let digest = "0123456789abcdef".repeat(4);
    let whole = format!(
        "version = 1\n\n[plugin.sixth]\nsha256 = \"{digest}\"\ncontract = \"sindri:packer@0.1.0\"\nsource = \"plugins/sixth.wasm\"\nwasi = \"none\"\n\n[plugin.sixth.grants]\nbuilders = [{{ name = \"hcloud\", attributes = [\"image\"] }}]\npacker_plugins = []\ncommands = [{{ tool = \"hcloud\", verb = [\"image\", \"list\"], flags = [\"output\"], effect = \"read\" }}]\nguest_phases = [\"prepare\"]\n\n[bundled.aws]\n"
    );
    vec![b"version = 1\n".to_vec(), whole.into_bytes()]
}

/// Headers, a section that imports and one that exports.
fn components() -> Vec<Vec<u8>> {
    const COMPONENT: &[u8] = b"\0asm\x0d\0\x01\0";
    let named = |section: u8, name: &[u8]| {
        let mut bytes = [COMPONENT, b"\x07\x03\x01\x42\x00", &[section]].concat();
        let length = u8::try_from(name.len()).unwrap_or_default();
        bytes.extend([length + 5, 1, 0, length]);
        bytes.extend(name);
        bytes.extend([5, 0]);
        bytes
    };
    vec![
        b"\0asm\x01\0\0\0".to_vec(),
        COMPONENT.to_vec(),
        named(0x0a, b"wasi:cli/environment@0.2.0"),
        named(0x0a, b"sindri:packer/packer-provider@0.1.0"),
        [COMPONENT, b"\x01\x08\0asm\x01\0\0\0"].concat(),
        [COMPONENT, b"\x04\x08\0asm\x0d\0\x01\0"].concat(),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_seeds_for_every_target() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
        assert!(
            templates(&root).len() > 20,
            "the plugins' golden templates at least"
        );
        assert!(commands(&root).len() >= 5);
        assert!(
            components()
                .iter()
                .all(|component| component.starts_with(b"\0asm"))
        );
    }
}
