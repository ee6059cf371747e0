//! `sindri policy check` on attacks and on what honest authors write: every file of `tests/attacks` says in its first
//! line what the answer is.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};
use sindri_tests::lab::Sindri;
use tempfile::TempDir;

/// A program whose PATH leads nowhere: a check runs nothing.
fn bare() -> Sindri {
    let mut sindri = Sindri::new();
    let empty = sindri.home();
    sindri.path(&empty, true);
    sindri
}

fn attacks() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("attacks")
}

/// Which plugin a template is for: what it says in `# plugin-cloud: NAME`, else its builder's.
fn cloud_of(text: &str) -> &'static str {
    let clouds = [
        ("aws", "amazon-ebs"),
        ("azure", "azure-arm"),
        ("gcp", "googlecompute"),
        ("oci", "oracle-oci"),
        ("alibaba", "alicloud-ecs"),
    ];
    let said = text
        .lines()
        .find_map(|line| line.strip_prefix("# plugin-cloud: "));
    let named = clouds
        .iter()
        .find(|(cloud, _)| Some(*cloud) == said.map(str::trim));
    let built = clouds
        .iter()
        .find(|(_, builder)| text.contains(&format!("source \"{builder}\"")));
    named.or(built).map_or("aws", |(cloud, _)| cloud)
}

fn cloud_of_program(program: &str) -> &'static str {
    match program {
        "az" => "azure",
        "gcloud" => "gcp",
        "oci" => "oci",
        "aliyun" => "alibaba",
        _ => "aws",
    }
}

/// Checks one template and returns exit status and document.
fn template(sindri: &Sindri, cloud: &str, file: &Path, more: &[&str]) -> (i32, Value) {
    let file = file.display().to_string();
    let mut arguments = vec!["policy", "check", "--json", "--cloud", cloud, "--template", &file];
    arguments.extend(more);
    let run = sindri.run(&arguments);
    (run.code().unwrap(), run.json())
}

fn argv(sindri: &Sindri, cloud: &str, entries: &Value, more: &[&str]) -> (i32, Value) {
    let directory = TempDir::new().unwrap();
    let file = directory.path().join("argv.json");
    fs::write(&file, entries.to_string()).unwrap();
    let file = file.display().to_string();
    let mut arguments = vec!["policy", "check", "--json", "--cloud", cloud, "--argv", &file];
    arguments.extend(more);
    let run = sindri.run(&arguments);
    (run.code().unwrap(), run.json())
}

/// What the first line expects: a code, `deny` for any, or nothing when the file is allowed.
fn expected(text: &str) -> Option<&str> {
    let line = text.trim_start_matches('\u{feff}').lines().next().unwrap();
    let answer = line
        .strip_prefix("# expect: ")
        .unwrap_or_else(|| panic!("{line}"));
    match answer.split_whitespace().collect::<Vec<_>>().as_slice() {
        ["allow"] => None,
        ["deny", code, ..] => Some(code),
        _ => panic!("{line}"),
    }
}

/// Every file of a directory; `strict` wants the very code.
fn templates_of(directory: &Path, strict: bool) -> usize {
    let sindri = bare();
    let mut wrong = Vec::new();
    let mut checked = 0;
    let mut files: Vec<_> = fs::read_dir(directory)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.to_string_lossy().ends_with(".pkr.hcl"))
        .collect();
    files.sort();
    for file in files {
        let text = fs::read_to_string(&file).unwrap();
        let (status, document) = template(&sindri, cloud_of(&text), &file, &[]);
        checked += 1;
        let codes: Vec<_> = document["findings"]
            .as_array()
            .unwrap_or_else(|| panic!("{document}"))
            .iter()
            .map(|finding| finding["rule"].as_str().unwrap())
            .collect();
        let right = match expected(&text) {
            None => status == 0 && codes.is_empty(),
            Some(code) => status == 3 && !codes.is_empty() && (!strict || codes.contains(&code)),
        };
        if !right {
            wrong.push(format!("{}: {status} {}", file.display(), document["findings"]));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    checked
}

#[test]
fn every_template_of_the_attacks_gets_its_answer() {
    assert!(templates_of(&attacks().join("templates"), true) > 100);
}

/// A directory of further templates in the same form, for who has one. Else `cargo xtask test` says that it is left out.
#[test]
fn further_templates_get_their_answers() {
    let directory = std::env::var_os("SINDRI_TEST_ATTACK_CASES")
        .expect("SINDRI_TEST_ATTACK_CASES names a directory of further templates");
    assert!(templates_of(Path::new(&directory), false) > 0);
    let text = fs::read_to_string(Path::new(&directory).join("argv.json")).unwrap();
    command_lines(&text);
}

/// Checks the entries of every cloud at once: the findings say which of them are refused, and why.
fn command_lines(text: &str) {
    let sindri = bare();
    let mut by_cloud: BTreeMap<&str, Vec<(String, Value)>> = BTreeMap::new();
    let entries: Vec<Value> = serde_json::from_str(text).unwrap();
    for mut entry in entries {
        let members = entry.as_object_mut().unwrap();
        let expect = members.remove("expect").unwrap().as_str().unwrap().to_owned();
        let cloud = cloud_of_program(members["program"].as_str().unwrap());
        by_cloud.entry(cloud).or_default().push((expect, entry));
    }
    let mut wrong = Vec::new();
    for (cloud, cases) in by_cloud {
        let all: Vec<&Value> = cases.iter().map(|(_, entry)| entry).collect();
        let (status, document) = argv(&sindri, cloud, &json!(all), &[]);
        assert_eq!(status, 3, "{document}");
        let findings = document["findings"].as_array().unwrap();
        for (index, (expect, entry)) in cases.iter().enumerate() {
            let found = findings.iter().find(|finding| finding["entry"] == index);
            let right = match (expect.as_str(), found) {
                ("allow", found) => found.is_none(),
                ("deny", found) => found.is_some(),
                (code, found) => found.is_some_and(|found| found["rule"] == code),
            };
            if !right {
                wrong.push(format!("{expect} {entry}: {found:?}"));
            }
        }
        // Alone they are allowed without a finding.
        let allowed: Vec<&Value> = cases
            .iter()
            .filter(|(expect, _)| expect == "allow")
            .map(|(_, entry)| entry)
            .collect();
        assert_eq!(argv(&sindri, cloud, &json!(allowed), &[]).0, 0, "{cloud}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_command_line_of_the_attacks_gets_its_answer() {
    let text = fs::read_to_string(attacks().join("argv.json")).unwrap();
    command_lines(&text);
}

/// The template of an honest author, with a line more.
fn aws(line: &str) -> String {
    format!(
        "source \"amazon-ebs\" \"vm\" {{\n  region = \"us-east-1\"\n  instance_type = \"t3.small\"\n  source_ami = \"ami-1\"\n  \
         ami_name = \"x\"\n  ssh_username = \"ubuntu\"\n  {line}\n}}\n"
    )
}

fn written(directory: &TempDir, name: &str, text: &str) -> PathBuf {
    let file = directory.path().join(name);
    fs::create_dir_all(file.parent().unwrap()).unwrap();
    fs::write(&file, text).unwrap();
    file
}

/// A verdict must not depend on where it was asked for.
#[test]
fn what_only_the_user_may_give_is_refused_unless_the_configuration_gives_just_that() {
    let directory = TempDir::new().unwrap();
    let config = "providers:\n  packer:\n    aws:\n      ami_users: [\"111122223333\"]\n      endpoint_url: https://ec2.own.example\n";
    let config = written(&directory, "given.yaml", config).display().to_string();
    let with = ["--config", config.as_str()];
    let sindri = bare();
    for (line, alone, given) in [
        ("ami_users = [\"111122223333\"]", 3, 0),
        ("ami_users = [\"444455556666\"]", 3, 3),
        ("ami_users = [\"111122223333\", \"444455556666\"]", 3, 3),
        ("ami_groups = [\"all\"]", 3, 3),
        ("custom_endpoint_ec2 = \"https://evil.example\"", 3, 3),
        ("custom_endpoint_ec2 = \"https://ec2.own.example\"", 3, 0),
        ("ebs_optimized = true", 0, 0),
    ] {
        let file = written(&directory, "t.pkr.hcl", &aws(line));
        assert_eq!(template(&sindri, "aws", &file, &[]).0, alone, "{line}");
        assert_eq!(template(&sindri, "aws", &file, &with).0, given, "{line}");
    }
    let other = "providers:\n  packer:\n    aws:\n      region: eu-west-1\n";
    let other = written(&directory, "other.yaml", other).display().to_string();
    let file = written(&directory, "t.pkr.hcl", &aws(""));
    let (status, document) = template(&sindri, "aws", &file, &["--config", &other]);
    assert_eq!(status, 3, "another region than the configured one: {document}");
    assert_eq!(document["findings"][0]["rule"], "template/pinned");
    assert_eq!(document["findings"][0]["line"], 2);
    let (status, _) = template(&sindri, "amazon", &file, &[]);
    assert_eq!(
        status, 0,
        "a default such as the instance type pins nothing, and an alias is a name"
    );
}

/// A link out of the bundle is the oldest way to have a file of the host uploaded.
#[test]
fn with_a_bundle_paths_name_its_files_and_no_links() {
    let directory = TempDir::new().unwrap();
    let bundle = directory.path().join("bundle");
    let inside = |name: &str| bundle.join(name);
    fs::create_dir_all(inside("scripts/real")).unwrap();
    fs::create_dir_all(inside("files/mixed")).unwrap();
    for name in ["scripts/a.sh", "scripts/real/b.sh", "files/mixed/x", "top.sh"] {
        fs::write(inside(name), "x").unwrap();
    }
    std::os::unix::fs::symlink("/etc/passwd", inside("scripts/link.sh")).unwrap();
    std::os::unix::fs::symlink("/etc", inside("files/etc")).unwrap();
    std::os::unix::fs::symlink("/etc/shadow", inside("files/mixed/shadow")).unwrap();
    std::os::unix::fs::symlink(inside("scripts"), inside("again")).unwrap();
    let sindri = bare();
    let shown = bundle.display().to_string();
    for (path, allowed) in [
        ("scripts/a.sh", true),
        ("./scripts/real/b.sh", true),
        ("top.sh", true),
        ("scripts/real", true),
        ("scripts/absent.sh", false),
        ("scripts/link.sh", false),
        ("files/etc", false),
        ("files/etc/passwd", false),
        ("files/mixed", false),
        ("files", false),
        ("again/a.sh", false),
        ("../bundle/scripts/a.sh", false),
        ("/etc/passwd", false),
    ] {
        let text = format!(
            "{}build {{\n  sources = [\"source.amazon-ebs.vm\"]\n  provisioner \"file\" {{\n    source = \"{path}\"\n    destination = \
             \"/tmp/x\"\n  }}\n}}\n",
            aws("")
        );
        let file = written(&directory, "t.pkr.hcl", &text);
        let (status, document) = template(&sindri, "aws", &file, &["--bundle", &shown]);
        assert_eq!(status, if allowed { 0 } else { 3 }, "{path}: {document}");
        if !allowed {
            assert_eq!(document["findings"][0]["rule"], "template/path", "{path}");
        }
    }
}

#[test]
fn one_refused_command_line_refuses_the_file_and_the_finding_names_it() {
    let entries = json!([
        { "program": "aws", "argv": ["sts", "get-caller-identity"] },
        { "program": "aws", "argv": ["ec2", "describe-images", "--endpoint-url", "https://evil.example"], "reason": "no" },
        { "program": "az", "argv": ["account", "show"] },
    ]);
    let (status, document) = argv(&bare(), "aws", &entries, &[]);
    assert_eq!(status, 3);
    let findings = document["findings"].as_array().unwrap();
    assert_eq!(findings.len(), 2, "{document}");
    assert_eq!(
        (&findings[0]["entry"], &findings[0]["rule"]),
        (&json!(1), &json!("argv/flag"))
    );
    assert_eq!(
        (&findings[1]["entry"], &findings[1]["rule"]),
        (&json!(2), &json!("argv/tool"))
    );
    for finding in findings {
        assert!(
            finding["line"].is_u64() && !finding["remedy"].as_str().unwrap().is_empty(),
            "{finding}"
        );
    }
    assert_eq!(
        argv(&bare(), "aws", &json!([]), &[]).0,
        0,
        "nothing is nothing bad"
    );
}

#[test]
fn what_changes_something_wants_the_effect() {
    let delete = json!([{ "program": "aws", "argv": ["ec2", "deregister-image", "--image-id", "ami-1"] }]);
    let sindri = bare();
    assert_eq!(argv(&sindri, "aws", &delete, &[]).0, 3);
    assert_eq!(argv(&sindri, "aws", &delete, &["--effect", "create"]).0, 3);
    assert_eq!(argv(&sindri, "aws", &delete, &["--effect", "destroy"]).0, 0);
}

#[test]
fn a_file_that_is_none_is_a_mistake_and_no_verdict() {
    let directory = TempDir::new().unwrap();
    let good = written(&directory, "t.pkr.hcl", &aws("")).display().to_string();
    let absent = directory.path().join("absent").display().to_string();
    let wrong = written(&directory, "a.json", "{\"program\": \"aws\"}")
        .display()
        .to_string();
    for arguments in [
        &["--cloud", "aws", "--template", absent.as_str()][..],
        &["--cloud", "aws", "--argv", &absent],
        &["--cloud", "aws", "--argv", &wrong],
        &["--cloud", "aws", "--argv", &good],
        &["--cloud", "aws", "--template", &good, "--bundle", &absent],
        &["--cloud", "aws", "--template", &good, "--config", &absent],
        &["--cloud", "aws", "--template", &good, "--argv", &wrong],
        &["--cloud", "nosuch", "--template", &good],
        &["--cloud", "aws"],
        &["--template", &good],
    ] {
        let mut all = vec!["--json", "policy", "check"];
        all.extend(arguments);
        let run = bare().run(&all);
        assert_eq!(run.code(), Some(2), "{arguments:?}: {run}");
        assert_eq!(run.json()["success"], false, "{arguments:?}");
    }
}

#[test]
fn people_get_a_table_and_no_escape_sequences() {
    let directory = TempDir::new().unwrap();
    let bad = written(&directory, "t.pkr.hcl", &aws("ssh_host = \"evil.example\""));
    let run = bare().run(&[
        "policy",
        "check",
        "--cloud",
        "aws",
        "--template",
        &bad.display().to_string(),
    ]);
    assert_eq!(run.code(), Some(3));
    assert!(run.stdout.contains("template/attribute"), "{run}");
    assert!(run.stdout.contains("ssh_host"), "{run}");
    let odd = json!([{ "program": "aws", "argv": ["\u{1b}[2J##vso[task.complete]"] }]);
    let file = written(&directory, "a.json", &odd.to_string());
    let run = bare().run(&[
        "policy",
        "check",
        "--cloud",
        "aws",
        "--argv",
        &file.display().to_string(),
    ]);
    assert_eq!(run.code(), Some(3));
    assert!(
        !run.stdout.contains('\u{1b}') && !run.stdout.contains("##vso["),
        "{run}"
    );
    let bytes = directory.path().join("b.pkr.hcl");
    fs::write(&bytes, b"locals {\n  a = \"\xff\"\n}\n").unwrap();
    let (status, document) = template(&bare(), "aws", &bytes, &[]);
    assert_eq!((status, &document["findings"][0]["line"]), (3, &json!(2)));
}

#[test]
fn a_gallery_is_allowed_to_who_configured_it() {
    let directory = TempDir::new().unwrap();
    let config = "providers:\n  packer:\n    azure:\n      subscription_id: 00000000-0000-0000-0000-000000000001\n      resource_group: \
                  images\n      gallery:\n        gallery_name: g\n        image_name: i\n";
    let config = written(&directory, "c.yaml", config).display().to_string();
    let source = |gallery: &str| {
        format!(
            "source \"azure-arm\" \"vm\" {{\n  location = \"westeurope\"\n  vm_size = \"Standard_B2s\"\n  os_type = \"Linux\"\n  \
             shared_image_gallery_destination {{\n    subscription = \"00000000-0000-0000-0000-000000000001\"\n    resource_group = \
             \"images\"\n    gallery_name = \"{gallery}\"\n    image_name = \"i\"\n    image_version = \"1.0.0\"\n  }}\n}}\n"
        )
    };
    let sindri = bare();
    for (gallery, more, status) in [
        ("g", &["--config", config.as_str()][..], 0),
        ("other", &["--config", &config], 3),
        ("g", &[], 3),
    ] {
        let file = written(&directory, "t.pkr.hcl", &source(gallery));
        assert_eq!(
            template(&sindri, "azure", &file, more).0,
            status,
            "{gallery} {more:?}"
        );
    }
}

/// Size, depth and number decide before anything expensive is begun.
#[test]
fn what_is_too_large_is_refused_at_once() {
    let directory = TempDir::new().unwrap();
    for text in [
        format!("# {}\n{}", "x".repeat(1 << 20), aws("")),
        "a {\n".repeat(100_000),
        "x {\n}\n".repeat(2000),
        "a = [".repeat(1000),
        format!("locals {{\n{}}}\n", "  a = 1\n".repeat(5000)),
        "\"${".repeat(5000),
    ] {
        let file = written(&directory, "t.pkr.hcl", &text);
        let began = std::time::Instant::now();
        let (status, document) = template(&bare(), "aws", &file, &[]);
        assert_eq!(status, 3);
        assert_eq!(document["findings"][0]["rule"], "template/limit", "{text:.40}");
        assert!(began.elapsed().as_secs() < 20, "{text:.40}");
    }
    let many = vec![json!({ "program": "aws", "argv": ["sts", "get-caller-identity"] }); 10_001];
    assert_eq!(argv(&bare(), "aws", &Value::from(many), &[]).0, 2);
}
