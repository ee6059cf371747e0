//! The settings of the hardening script, read from the table that the InSpec profile reads too.

mod settings;
mod table;

use std::path::{Path, PathBuf};

use super::{Check, in_lines, unreadable};
use crate::verify::facts::{Facts, Scene};
use crate::verify::report::{Evidence, Judgement};
use settings::{FirstWins, Setting};
pub use table::{Mode, Table, table};

pub(super) const CHECK: Check = Check {
    id: "hardening",
    title: "Security hardening applied (CIS)",
    proves: "the configuration files say what CIS level 1 asks for; a start shows whether the services obey them",
    reads,
    judge,
};

const SSHD: &str = "/etc/ssh/sshd_config";
const SSHD_PARTS: &str = "/etc/ssh/sshd_config.d";
/// In the order in which systemd reads directories; files of one name: the earlier directory wins.
const SYSCTL: [&str; 4] = [
    "/etc/sysctl.d",
    "/run/sysctl.d",
    "/usr/local/lib/sysctl.d",
    "/usr/lib/sysctl.d",
];
const MODPROBE: &str = "/etc/modprobe.d";
const LOGIN_DEFS: &str = "/etc/login.defs";
/// Any of them says that the script has run.
pub(super) const SIGNS: [&str; 3] = [
    "/etc/ssh/sshd_config.d/10-sindri-cis.conf",
    "/etc/sysctl.d/90-sindri-cis.conf",
    "/etc/modprobe.d/50-sindri-cis.conf",
];

/// Configuration files of a directory in the order of their names.
fn parts(scene: &Scene, directory: &str) -> Vec<PathBuf> {
    let directory = Path::new(directory);
    scene
        .contents_of(directory)
        .into_iter()
        .filter(|path| {
            path.parent() == Some(directory) && path.extension().is_some_and(|ending| ending == "conf")
        })
        .collect()
}

fn sysctl_files(scene: &Scene) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = Vec::new();
    for path in SYSCTL.iter().flat_map(|directory| parts(scene, directory)) {
        if !files.iter().any(|known| known.file_name() == path.file_name()) {
            files.push(path);
        }
    }
    files.sort_by(|a, b| a.file_name().cmp(&b.file_name()));
    files
}

fn reads(scene: &Scene) -> Vec<PathBuf> {
    let mut paths: Vec<PathBuf> = vec![SSHD.into(), LOGIN_DEFS.into()];
    paths.extend(parts(scene, SSHD_PARTS));
    paths.extend(sysctl_files(scene));
    paths.extend(parts(scene, MODPROBE));
    if let Ok(table) = table() {
        paths.extend(table.file_lines.iter().map(|line| PathBuf::from(&line.path)));
        paths.push(table.own_firewall.rules.into());
    }
    paths
}

fn judge(facts: &Facts) -> Judgement {
    let tree = &facts.scene.tree;
    let is_hardened = SIGNS.iter().any(|sign| tree.get(Path::new(sign)).is_some());
    match facts.expectation.hardened {
        Some(true) => {}
        Some(false) | None if is_hardened => {}
        Some(false) => return Judgement::NotApplicable("the image was built without --cis-hardening".into()),
        None => {
            return Judgement::NotApplicable(
                "nothing of the hardening is there; --cis-hardening says that there should be".into(),
            );
        }
    }
    let table = match table() {
        Ok(table) => table,
        Err(error) => return Judgement::Judged(vec![unreadable(Path::new(SSHD), &error.to_string())]),
    };
    let mut evidence = sshd(facts, &table);
    evidence.extend(sysctl(facts, &table));
    evidence.extend(modules(facts, &table));
    evidence.extend(login_defs(facts, &table));
    evidence.extend(file_lines(facts, &table));
    evidence.extend(modes(facts, &table));
    Judgement::Judged(evidence)
}

fn sshd(facts: &Facts, table: &Table) -> Vec<Evidence> {
    let mut found = FirstWins::default();
    let main = Path::new(SSHD);
    let text = match facts.text(main) {
        Ok(text) => text,
        Err(why) => return vec![unreadable(main, why)],
    };
    let mut evidence = Vec::new();
    let is_include = |line: &str| {
        let mut words = line.split_whitespace();
        words
            .next()
            .is_some_and(|word| word.eq_ignore_ascii_case("include"))
            && words.any(|word| word.starts_with(SSHD_PARTS))
    };
    for (index, line) in text.lines().enumerate() {
        if !is_include(line) {
            found.sshd_line(main, index + 1, line);
            continue;
        }
        for part in parts(&facts.scene, SSHD_PARTS) {
            match facts.text(&part) {
                Ok(text) => text
                    .lines()
                    .enumerate()
                    .for_each(|(index, line)| found.sshd_line(&part, index + 1, line)),
                Err(why) => evidence.push(unreadable(&part, why)),
            }
            found.end_of_match();
        }
    }
    evidence.extend(compare(table.sshd.iter(), main, |key| found.get(key)));
    evidence
}

fn sysctl(facts: &Facts, table: &Table) -> Vec<Evidence> {
    let mut found = Vec::new();
    let mut evidence = Vec::new();
    for path in sysctl_files(&facts.scene) {
        match facts.text(&path) {
            Ok(text) => found.extend(settings::sysctl(&path, &text)),
            Err(why) => evidence.push(unreadable(&path, why)),
        }
    }
    let last = |key: &str| found.iter().rev().find(|setting: &&Setting| setting.key == key);
    evidence.extend(compare(table.sysctl.iter(), Path::new("/etc/sysctl.d"), last));
    evidence
}

fn login_defs(facts: &Facts, table: &Table) -> Vec<Evidence> {
    let path = Path::new(LOGIN_DEFS);
    match facts.text(path) {
        Ok(text) => {
            let found = settings::words(path, &text);
            let last = |key: &str| found.iter().rev().find(|setting| setting.key == key);
            compare(table.login_defs.iter(), path, last)
        }
        Err(why) => vec![unreadable(path, why)],
    }
}

/// What does not have the value that it should.
fn compare<'a, 'b>(
    wanted: impl Iterator<Item = (&'b String, &'b String)>,
    default: &Path,
    found: impl Fn(&str) -> Option<&'a Setting>,
) -> Vec<Evidence> {
    wanted
        .filter_map(|(key, value)| match found(key) {
            Some(setting) if setting.value.eq_ignore_ascii_case(value) => None,
            Some(setting) => Some(Evidence::in_line(
                &setting.path,
                setting.line,
                format!("{key} is {}, and should be {value}", setting.value),
            )),
            None => Some(Evidence::at(
                default,
                format!("{key} is not set, and should be {value}"),
            )),
        })
        .collect()
}

fn modules(facts: &Facts, table: &Table) -> Vec<Evidence> {
    let files = parts(&facts.scene, MODPROBE);
    let lines: Vec<String> = files
        .iter()
        .filter_map(|path| facts.text(path).ok())
        .flat_map(|text| text.lines().map(str::to_owned).collect::<Vec<_>>())
        .collect();
    let is_blocked = |module: &str| {
        lines.iter().any(|line| {
            let words: Vec<_> = line.split_whitespace().collect();
            matches!(words.as_slice(), ["install", name, "/bin/false" | "/bin/true"] if *name == module)
        })
    };
    table
        .modules
        .iter()
        .filter(|module| !is_blocked(module))
        .map(|module| Evidence::at(Path::new(MODPROBE), format!("the module {module} can be loaded")))
        .collect()
}

/// Whether the image has a firewall that the script leaves in place: rules that refuse the rest, loaded at each start.
fn has_own_firewall(facts: &Facts, table: &Table) -> bool {
    let own = &table.own_firewall;
    let starts = facts.scene.tree.get(Path::new(&own.wanted())).is_some();
    starts
        && facts
            .text(Path::new(&own.rules))
            .is_ok_and(|rules| own.holds(&rules))
}

fn file_lines(facts: &Facts, table: &Table) -> Vec<Evidence> {
    let own_firewall = has_own_firewall(facts, table);
    let mut evidence = Vec::new();
    for wanted in &table.file_lines {
        if wanted.firewall && own_firewall {
            continue;
        }
        let path = PathBuf::from(&wanted.path);
        let has = |line: &str| {
            let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
            (line == wanted.line).then(String::new)
        };
        match facts.text(&path) {
            Ok(_) if !in_lines(facts, [path.clone()], has).is_empty() => {}
            Ok(_) => evidence.push(Evidence::at(
                &path,
                format!("it lacks the line `{}`", wanted.line),
            )),
            Err(why) => evidence.push(unreadable(&path, why)),
        }
    }
    evidence
}

fn modes(facts: &Facts, table: &Table) -> Vec<Evidence> {
    let mut evidence = Vec::new();
    for wanted in &table.modes {
        let path = Path::new(&wanted.path);
        match facts.scene.tree.follow(path) {
            None => evidence.push(Evidence::at(path, "it is not there")),
            Some(entry) => {
                if entry.uid != 0 {
                    evidence.push(Evidence::at(path, format!("it belongs to user {}", entry.uid)));
                }
                if entry.mode & !wanted.bits() != 0 {
                    let found = format!(
                        "its mode is {:04o}, and should be at most {}",
                        entry.mode, wanted.most
                    );
                    evidence.push(Evidence::at(path, found));
                }
            }
        }
    }
    evidence
}
