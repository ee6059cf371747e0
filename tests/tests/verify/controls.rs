//! The InSpec profile and its stand-in on pytest-testinfra: one list of controls, one table of values.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use sindri_tests::lab::tool;

use super::root::{Root, failed};

fn folder(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("inspec").join(name)
}

fn table(name: &str) -> toml::Table {
    let path = folder("sindri/files").join(name);
    toml::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// What is known of a control: its title, and what it needs.
type Facts = (String, BTreeSet<String>);

fn listed(file: &str) -> BTreeMap<String, Facts> {
    let list = table("controls.toml");
    let controls = list[file].as_table().unwrap().iter();
    controls
        .map(|(id, facts)| {
            let needs = facts["needs"].as_array().unwrap().iter();
            let needs = needs.map(|need| need.as_str().unwrap().to_owned()).collect();
            (id.clone(), (facts["title"].as_str().unwrap().to_owned(), needs))
        })
        .collect()
}

/// The controls of a file of the profile, read from its text.
fn of_profile(file: &str) -> BTreeMap<String, Facts> {
    let path = folder("sindri/controls").join(format!("{file}.rb"));
    let text = fs::read_to_string(path).unwrap();
    let mut found = BTreeMap::new();
    for block in text.split("\ncontrol '").skip(1) {
        let (id, block) = block.split_once('\'').unwrap();
        let line = block
            .lines()
            .find_map(|line| line.trim().strip_prefix("title "))
            .unwrap();
        let title = line[1..line.len() - 1].to_owned();
        let guard = block
            .lines()
            .find(|line| line.contains("only_if"))
            .unwrap_or_default();
        let conditions = [
            ("booted", "input('booted')"),
            ("hardened", "input('hardened')"),
            ("extensions", "input('extensions')"),
            ("mise", "has_mise"),
        ];
        let needs = conditions
            .iter()
            .filter(|(_, condition)| guard.contains(condition))
            .map(|(need, _)| (*need).to_owned())
            .collect();
        assert!(block.contains("describe "), "{id} asks for nothing");
        assert!(
            found.insert(id.to_owned(), (title, needs)).is_none(),
            "{id} stands twice"
        );
    }
    found
}

fn of_stand_in(file: &str) -> BTreeSet<String> {
    let path = folder("testinfra").join(format!("test_{file}.py"));
    let text = fs::read_to_string(path).unwrap();
    let tests = text.lines().filter_map(|line| line.strip_prefix("def test_"));
    tests
        .map(|rest| rest.split('(').next().unwrap().replace('_', "-"))
        .collect()
}

const FILES: [&str; 5] = [
    "docker_installed",
    "extensions",
    "mise",
    "security",
    "sindri_installed",
];

/// A control that only one of them has would be believed to hold here and asked for there.
#[test]
fn the_profile_and_its_stand_in_are_the_list() {
    assert_eq!(table("controls.toml").keys().collect::<Vec<_>>(), FILES);
    let mut all = BTreeSet::new();
    for file in FILES {
        let listed = listed(file);
        assert_eq!(of_profile(file), listed, "{file}.rb");
        let ids: BTreeSet<_> = listed.into_keys().collect();
        assert_eq!(of_stand_in(file), ids, "test_{file}.py");
        all.extend(ids);
    }
    assert!(all.len() > 30);
    for (name, count) in [("sindri/controls", FILES.len()), ("testinfra", FILES.len() + 1)] {
        let entries = fs::read_dir(folder(name)).unwrap().flatten();
        let sources =
            entries.filter(|entry| entry.path().extension().is_some_and(|e| e == "rb" || e == "py"));
        assert_eq!(sources.count(), count, "a file of {name} is in no list");
    }
}

/// A value that one of them had written out for itself would drift.
#[test]
fn both_take_every_value_from_the_same_tables() {
    let read = |path: PathBuf| fs::read_to_string(path).unwrap();
    let ruby: String = FILES
        .iter()
        .map(|file| read(folder("sindri/controls").join(format!("{file}.rb"))))
        .collect();
    let python: String = FILES
        .iter()
        .map(|file| read(folder("testinfra").join(format!("test_{file}.py"))))
        .collect();
    let hardening = table("hardening.toml");
    let image = table("image.toml");
    let of_image = image
        .values()
        .filter_map(toml::Value::as_table)
        .flat_map(toml::Table::keys);
    for key in hardening.keys().chain(of_image) {
        assert!(ruby.contains(&format!("['{key}']")), "no control reads {key}");
        assert!(python.contains(&format!("[\"{key}\"]")), "no test reads {key}");
    }
}

/// The values of the table are those that the script writes.
#[test]
fn the_table_says_what_the_script_does() {
    let script = super::root::script("40-harden.sh");
    let words = |line: &str| line.split_whitespace().collect::<Vec<_>>().join(" ");
    let lines: BTreeSet<String> = script.lines().map(words).collect();
    let hardening = table("hardening.toml");
    let pairs = |name: &str| -> Vec<(String, String)> {
        let table = hardening[name].as_table().unwrap().iter();
        table
            .map(|(key, value)| (key.clone(), value.as_str().unwrap().to_owned()))
            .collect()
    };
    let expected = pairs("sshd")
        .into_iter()
        .chain(pairs("login_defs"))
        .map(|(key, value)| format!("{key} {value}"))
        .chain(
            pairs("sysctl")
                .into_iter()
                .map(|(key, value)| format!("{key} = {value}")),
        );
    for line in expected {
        assert!(lines.contains(&line), "40-harden.sh does not write `{line}`");
    }
    for module in hardening["modules"].as_array().unwrap() {
        assert!(script.contains(module.as_str().unwrap()), "{module:?}");
    }
}

fn judge(root: &Root, more: &[&str]) -> Output {
    Command::new(tool("SINDRI_TEST_TESTINFRA"))
        .args([
            "-q",
            "-p",
            "no:cacheprovider",
            "--tb=line",
            "--no-boot",
            "--connection=chroot",
        ])
        .arg(format!("--hosts={}", root.path().display()))
        .args(more)
        .arg(folder("testinfra/test_security.py"))
        .env("PYTHONDONTWRITEBYTECODE", "1")
        .output()
        .unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// On a root that the real scripts have hardened and cleaned: controls and checklist are green, and both see each
/// thing that somebody changes back.
#[test]
fn the_controls_judge_a_hardened_root() {
    let root = Root::hardened();
    let output = judge(&root, &["--hardened"]);
    assert!(output.status.success(), "{}", text(&output));
    let run = root.verify(&["--cis-hardening"]);
    assert_eq!(failed(&run.json()), [""; 0], "{run}");
    for (control, script) in [
        (
            "sec_01",
            "echo 'PermitRootLogin yes' >/etc/ssh/sshd_config.d/00-own.conf",
        ),
        (
            "sec_13",
            "sed -i 's/^kernel.dmesg_restrict = 1/kernel.dmesg_restrict = 0/' /etc/sysctl.d/90-sindri-cis.conf",
        ),
        ("sec_15", "sed -i '/cramfs/d' /etc/modprobe.d/50-sindri-cis.conf"),
        (
            "sec_16",
            "sed -i 's/^PASS_MAX_DAYS.*/PASS_MAX_DAYS 99999/' /etc/login.defs",
        ),
        ("sec_12", "chmod 0644 /etc/shadow"),
        ("sec_06", "sed -i 's/^ENABLED=yes/ENABLED=no/' /etc/ufw/ufw.conf"),
    ] {
        let changed = root.fork();
        changed.run(script);
        let test = format!("test_{control}");
        let output = judge(&changed, &["--hardened", "-k", &test]);
        assert!(
            !output.status.success() && text(&output).contains(&test),
            "{}",
            text(&output)
        );
        let run = changed.verify(&["--cis-hardening"]);
        assert_eq!(failed(&run.json()), ["hardening"], "{script}: {run}");
    }
    rules_of_the_images_own(&root);
    // Nobody takes a run in which nothing was judged for a good one.
    let output = judge(&root, &["-k", "test_sec_14"]);
    assert!(!output.status.success(), "{}", text(&output));
}

/// What Oracle's images bring along and the hardening leaves in place counts as the firewall, as long as it is one.
fn rules_of_the_images_own(root: &Root) {
    let kept = root.fork();
    kept.run(
        r"sed -i 's/^ENABLED=yes/ENABLED=no/' /etc/ufw/ufw.conf
        systemctl disable ufw.service
        mkdir -p /etc/iptables
        printf '%s\n' '*filter' ':INPUT ACCEPT [0:0]' '-A INPUT -p tcp --dport 22 -j ACCEPT' \
            '-A INPUT -j REJECT --reject-with icmp-host-prohibited' COMMIT >/etc/iptables/rules.v4
        unit=netfilter-persistent.service
        printf '%s\n' '[Service]' ExecStart=/bin/true '[Install]' WantedBy=multi-user.target >/usr/lib/systemd/system/$unit
        systemctl enable $unit",
    );
    let output = judge(&kept, &["--hardened"]);
    assert!(output.status.success(), "{}", text(&output));
    let run = kept.verify(&["--cis-hardening"]);
    assert_eq!(failed(&run.json()), [""; 0], "{run}");
    for script in [
        "sed -i '/REJECT/d' /etc/iptables/rules.v4",
        "systemctl disable netfilter-persistent.service",
    ] {
        let open = kept.fork();
        open.run(script);
        let output = judge(&open, &["--hardened", "-k", "test_sec_06"]);
        assert!(!output.status.success(), "{}", text(&output));
        let run = open.verify(&["--cis-hardening"]);
        assert_eq!(failed(&run.json()), ["hardening"], "{script}: {run}");
    }
}
