//! The program without any tool: what it says, in which form, and with which exit status.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use serde_json::Value;
use std::fs;

use sindri_tests::lab::Sindri;

/// A program whose PATH leads nowhere.
fn bare() -> Sindri {
    let mut sindri = Sindri::new();
    let empty = sindri.home();
    sindri.path(&empty, true);
    sindri
}

fn error_of(sindri: &Sindri, arguments: &[&str]) -> (i32, Value) {
    let run = sindri.run(arguments);
    let json = run.json();
    assert_eq!(json["success"], false, "{run}");
    (run.code().unwrap(), json["error"].clone())
}

#[test]
fn a_dry_run_needs_no_tool_and_prints_the_template_alone() {
    let run = bare()
        .run(&["vm", "build", "--cloud", "aws", "--dry-run"])
        .succeeded();
    assert!(run.stdout.starts_with("packer {"), "{run}");
    assert!(run.stdout.contains("source \"amazon-ebs\" \"sindri\""), "{run}");
    assert!(!run.stdout.contains("==>"), "{run}");
}

#[test]
fn the_json_dry_run_prints_the_file_that_packer_would_get() {
    let run = bare()
        .run(&["vm", "build", "--cloud", "aws", "--dry-run=json"])
        .succeeded();
    let template = run.json();
    assert!(template["source"]["amazon-ebs"]["sindri"].is_object(), "{run}");
    let last = &template["build"]["post-processor"][0];
    assert_eq!(last["manifest"]["output"], "manifest.json", "{run}");
}

#[test]
fn a_dry_run_with_json_is_one_document_with_both_forms() {
    let run = bare()
        .run(&["vm", "build", "--cloud", "aws", "--dry-run", "--json"])
        .succeeded();
    let json = run.json();
    assert_eq!(json["dry_run"], true);
    assert!(json["hcl"].as_str().unwrap().contains("amazon-ebs"));
    assert_eq!(json["cache_key"].as_str().unwrap().len(), 64);
}

#[test]
fn two_dry_runs_have_the_same_cache_key_and_a_changed_value_another() {
    let key = |arguments: &[&str]| {
        let mut all = vec!["vm", "build", "--cloud", "aws", "--dry-run", "--json"];
        all.extend(arguments);
        bare().run(&all).succeeded().json()["cache_key"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let plain = key(&[]);
    assert_eq!(plain, key(&[]));
    for change in [
        ["--instance-type", "m7i.large"],
        ["--disk-size", "41"],
        ["--profile", "devops"],
        ["--sindri-version", "3.1.0"],
        ["--extensions", "nodejs"],
        ["--region", "eu-west-1"],
        ["--name", "other"],
        ["--var", "volume_type=gp2"],
    ] {
        assert_ne!(plain, key(&change), "{change:?}");
    }
    assert_ne!(plain, key(&["--cis-hardening"]));
    // How the cloud is reached is not what the image is.
    assert_eq!(
        plain,
        key(&[
            "--var",
            "endpoint_url=http://127.0.0.1:5000",
            "--var",
            "profile=other"
        ])
    );
}

#[test]
fn packer_is_another_name_for_vm_and_amazon_for_aws() {
    let sindri = bare();
    let one = sindri
        .run(&["packer", "build", "--cloud", "amazon", "--dry-run"])
        .succeeded();
    assert!(one.stdout.contains("amazon-ebs"), "{one}");
}

#[test]
fn an_unknown_cloud_is_a_usage_error_that_lists_the_known() {
    let (code, error) = error_of(
        &bare(),
        &["vm", "build", "--cloud", "nimbus", "--dry-run", "--json"],
    );
    assert_eq!(
        (code, error["code"].as_str().unwrap()),
        (2, "usage/unknown-cloud")
    );
    assert!(error["remedy"].as_str().unwrap().contains("aws"));
}

#[test]
fn a_wrong_flag_is_one_json_document_too() {
    let (code, error) = error_of(&bare(), &["vm", "build", "--no-such-flag", "--json"]);
    assert_eq!((code, error["code"].as_str().unwrap()), (2, "usage/argument"));
}

#[test]
fn without_json_an_error_leaves_stdout_empty() {
    let run = bare().run(&["vm", "build", "--cloud", "nimbus"]);
    assert_eq!((run.code(), run.stdout.as_str()), (Some(2), ""));
    assert!(run.stderr.contains("code: usage/unknown-cloud"), "{run}");
}

#[test]
fn bad_yaml_and_unknown_keys_are_named_with_file_and_line() {
    for (yaml, code, line) in [
        ("providers:\n  packer:\n    aws: [\n", "config/syntax", 4),
        (
            "providers:\n  packer:\n    aws:\n      regoin: eu-west-1\n",
            "config/unknown-key",
            4,
        ),
        ("providers:\n  packer:\n    buidl: {}\n", "config/unknown-key", 3),
        (
            "providers:\n  packer:\n    aws:\n      volume_size: big\n",
            "config/value",
            4,
        ),
    ] {
        let mut sindri = bare();
        sindri.configure(yaml);
        let (status, error) = error_of(&sindri, &["vm", "build", "--cloud", "aws", "--dry-run", "--json"]);
        assert_eq!((status, error["code"].as_str().unwrap()), (2, code), "{error}");
        assert_eq!(error["line"], line, "{error}");
        assert!(
            error["file"].as_str().unwrap().ends_with("sindri.yaml"),
            "{error}"
        );
    }
}

#[test]
fn an_unusable_name_is_refused_before_anything_runs() {
    for name in ["", "a b", "x$(id)", "ä", "-x"] {
        let name = format!("--name={name}");
        let (status, error) = error_of(
            &bare(),
            &["vm", "build", "--cloud", "aws", &name, "--dry-run", "--json"],
        );
        assert_eq!(status, 2, "{name}: {error}");
    }
}

#[test]
fn a_configuration_file_that_is_named_must_be_there() {
    let (status, error) = error_of(
        &bare(),
        &[
            "vm",
            "build",
            "--cloud",
            "aws",
            "-c",
            "no.yaml",
            "--dry-run",
            "--json",
        ],
    );
    assert_eq!((status, error["code"].as_str().unwrap()), (2, "config/read"));
}

#[test]
fn precedence_is_default_file_environment_flag() {
    let region = |sindri: &Sindri, arguments: &[&str]| {
        let mut all = vec!["vm", "build", "--cloud", "aws", "--dry-run=json"];
        all.extend(arguments);
        let json = sindri.run(&all).succeeded().json();
        json["source"]["amazon-ebs"]["sindri"]["region"]
            .as_str()
            .unwrap()
            .to_owned()
    };
    let mut sindri = bare();
    assert_eq!(region(&sindri, &[]), "us-west-2");
    sindri.configure("providers: {packer: {aws: {region: eu-central-1}}}\n");
    assert_eq!(region(&sindri, &[]), "eu-central-1");
    sindri.set("AWS_REGION", "ap-south-1");
    assert_eq!(region(&sindri, &[]), "ap-south-1");
    assert_eq!(region(&sindri, &["--var", "region=sa-east-1"]), "sa-east-1");
    assert_eq!(
        region(
            &sindri,
            &["--var", "region=sa-east-1", "--region", "ca-central-1"]
        ),
        "ca-central-1"
    );
}

#[test]
fn missing_programs_are_a_prerequisite_error_with_their_address() {
    let (status, error) = error_of(&bare(), &["vm", "build", "--cloud", "aws", "--json"]);
    assert_eq!((status, error["code"].as_str().unwrap()), (4, "tool/missing"));
    assert!(
        error["remedy"]
            .as_str()
            .unwrap()
            .contains("https://developer.hashicorp.com/packer"),
        "{error}"
    );
    let (status, error) = error_of(&bare(), &["vm", "list", "--cloud", "aws", "--json"]);
    assert_eq!((status, error["code"].as_str().unwrap()), (4, "tool/missing"));
}

#[test]
fn doctor_on_an_empty_path_says_what_to_install() {
    let run = bare().run(&["vm", "doctor", "--cloud", "aws", "--json"]);
    assert_eq!(run.code(), Some(4), "{run}");
    let json = run.json();
    let report = &json[0];
    assert_eq!(report["packer_installed"], false);
    assert_eq!(report["cli_installed"], false);
    assert_eq!(report["satisfied"], false);
    let hints = report["hints"].to_string();
    assert!(hints.contains("developer.hashicorp.com/packer"), "{run}");
    assert!(hints.contains("aws.amazon.com/cli"), "{run}");
}

/// Without `--cloud` it looks at all of them: on a new machine nothing is configured yet.
#[test]
fn doctor_looks_at_all_clouds_at_once_and_says_where_to_get_everything() {
    let sindri = bare();
    let listed = sindri.run(&["plugin", "list", "--json"]).succeeded().json();
    let ids = |json: &Value, key: &str| -> Vec<String> {
        let items = json.as_array().unwrap().iter();
        items.map(|item| item[key].as_str().unwrap().to_owned()).collect()
    };
    let run = sindri.run(&["vm", "doctor", "--json"]);
    assert_eq!(run.code(), Some(4), "{run}");
    let reports = run.json();
    assert_eq!(ids(&reports, "cloud"), ids(&listed, "id"));
    for report in reports.as_array().unwrap() {
        let hints = report["hints"].to_string();
        assert!(
            hints.contains(report["install_url"].as_str().unwrap()),
            "{report}"
        );
        let login = serde_json::to_string(&report["login_hint"]).unwrap();
        assert!(hints.contains(login.trim_matches('"')), "{report}");
    }
    let text = sindri.run(&["vm", "doctor"]);
    let about_packer = |line: &&str| line.starts_with("packer: ");
    assert_eq!(text.stdout.lines().filter(about_packer).count(), 1, "{text}");
    assert!(!sindri.state().join("runs").exists() || sindri.journal().is_empty());
}

/// One after the other would be twice as long for one cloud and ten times for five.
#[test]
fn doctor_takes_as_long_as_its_slowest_program() {
    let mut sindri = bare();
    let listed = sindri.run(&["plugin", "list", "--json"]).succeeded().json();
    let mut programs = vec![("packer".to_owned(), "--version".to_owned())];
    for plugin in listed.as_array().unwrap() {
        let id = plugin["id"].as_str().unwrap();
        let inspected = sindri
            .run(&["plugin", "inspect", id, "--json"])
            .succeeded()
            .json();
        for tool in inspected["tools"].as_array().unwrap() {
            let words = tool["version_args"].as_array().unwrap().iter();
            let version: Vec<_> = words.map(|word| word.as_str().unwrap()).collect();
            programs.push((tool["program"].as_str().unwrap().to_owned(), version.join(" ")));
        }
    }
    for (program, version) in &programs {
        // Nobody is logged in, so no plugin has a second question.
        let script =
            format!("sleep 2; if [ \"$*\" = '{version}' ]; then echo version 1000.0.0; else exit 1; fi");
        sindri.fake(program, &script);
    }
    let began = std::time::Instant::now();
    let run = sindri.run(&["vm", "doctor", "--json"]);
    let took = began.elapsed();
    for report in run.json().as_array().unwrap() {
        assert_eq!(report["packer_version"], "1000.0.0", "{run}");
        assert_eq!(report["cli_version"], "1000.0.0", "{run}");
        assert_eq!(report["credentials_configured"], false, "{run}");
    }
    assert!(took >= std::time::Duration::from_secs(2), "{took:?}");
    assert!(took < std::time::Duration::from_millis(3500), "{took:?}: {run}");
}

#[test]
fn several_clouds_are_one_document_with_each_ones_result() {
    let sindri = bare();
    let run = sindri.run(&["vm", "build", "--cloud", "all", "--dry-run", "--json"]);
    let json = run.json();
    let clouds = json["clouds"].as_array().unwrap();
    let aws = clouds.iter().find(|cloud| cloud["cloud"] == "aws").unwrap();
    assert_eq!(aws["success"], true, "{run}");
    // The single cloud's shape, unchanged.
    let alone = sindri
        .run(&["vm", "build", "--cloud", "aws", "--dry-run", "--json"])
        .succeeded()
        .json();
    assert_eq!(aws["result"]["cache_key"], alone["cache_key"]);
    assert_eq!(alone["clouds"], Value::Null);
    // The same cloud twice is one.
    let twice = sindri
        .run(&["vm", "build", "--cloud", "aws,amazon", "--dry-run", "--json"])
        .succeeded()
        .json();
    assert_eq!(twice["cache_key"], alone["cache_key"]);
}

/// Programs are missing, so every cloud fails, each under its own name and with its own error.
#[test]
fn what_fails_on_each_cloud_is_told_by_cloud() {
    for command in ["build", "validate", "list", "gc"] {
        let mut sindri = bare();
        sindri.set("SINDRI_CLOUD", "all");
        let run = sindri.run(&["vm", command, "--json"]);
        let json = run.json();
        assert_eq!(json["success"], false, "{run}");
        let clouds = json["clouds"].as_array().unwrap();
        let aws = clouds.iter().find(|cloud| cloud["cloud"] == "aws").unwrap();
        assert_eq!(
            (&aws["success"], &aws["error"]["code"]),
            (&Value::Bool(false), &"tool/missing".into()),
            "{run}"
        );
        assert!(run.stderr.contains("aws: error: "), "{run}");
        if clouds.len() == 1 {
            assert_eq!(run.code(), Some(4), "what all have in common: {run}");
        }
    }
}

#[test]
fn a_wrong_name_among_several_stops_everything_before_it_begins() {
    let sindri = bare();
    for clouds in ["aws,nimbus", "all,nimbus", "aws,"] {
        let (code, error) = error_of(&sindri, &["vm", "list", "--cloud", clouds, "--json"]);
        assert_eq!(
            (code, error["code"].as_str().unwrap()),
            (2, "usage/unknown-cloud"),
            "{clouds}"
        );
    }
    assert!(!sindri.state().join("runs").exists());
    // One template on standard output cannot be two files.
    let run = sindri.run(&["vm", "build", "--cloud", "all", "--dry-run=json"]);
    assert_eq!((run.code(), run.stdout.as_str()), (Some(2), ""), "{run}");
}

#[test]
fn destruction_without_a_terminal_needs_yes() {
    let (status, error) = error_of(&bare(), &["vm", "destroy", "i-1", "--cloud", "aws", "--json"]);
    assert_eq!(
        (status, error["code"].as_str().unwrap()),
        (2, "usage/confirmation")
    );
}

#[test]
fn deploy_does_not_open_ssh_to_the_world_by_default() {
    let (status, error) = error_of(&bare(), &["vm", "deploy", "ami-1", "--cloud", "aws", "--json"]);
    assert_eq!(
        (status, error["code"].as_str().unwrap()),
        (2, "config/missing-keys")
    );
    assert!(error["remedy"].as_str().unwrap().contains("--ssh-cidr"));
}

#[test]
fn init_writes_everything_or_nothing() {
    let sindri = bare();
    let run = sindri
        .run(&["vm", "init", "--cloud", "amazon", "-o", "out", "--json"])
        .succeeded();
    assert!(sindri.work().join("out/aws.pkr.hcl").exists(), "{run}");
    assert!(sindri.work().join("out/scripts/10-init.sh").exists(), "{run}");
    let (status, error) = error_of(&sindri, &["vm", "init", "--cloud", "aws", "-o", "out", "--json"]);
    assert_eq!((status, error["code"].as_str().unwrap()), (2, "usage/argument"));
    sindri
        .run(&["vm", "init", "--cloud", "aws", "-o", "out", "--force"])
        .succeeded();
}

#[test]
fn plans_are_shown_and_nothing_is_run() {
    let sindri = bare();
    for arguments in [
        vec!["vm", "list", "--plan", "--json"],
        vec!["vm", "delete", "ami-0123456789abcdef0", "--plan", "--json"],
        vec![
            "vm",
            "deploy",
            "ami-0123456789abcdef0",
            "--ssh-cidr",
            "203.0.113.7/32",
            "--plan",
            "--json",
        ],
        vec!["vm", "destroy", "i-0123456789abcdef0", "--plan", "--json"],
        vec!["vm", "doctor", "--plan", "--json"],
        vec!["vm", "gc", "--plan", "--json"],
        vec!["vm", "init", "--plan", "--json"],
    ] {
        let mut all = arguments.clone();
        all.extend(["--cloud", "aws"]);
        let json = sindri.run(&all).succeeded().json();
        let steps = json["plan"].as_array().unwrap();
        assert!(!steps.is_empty(), "{arguments:?}");
        for step in steps {
            assert!(step["argv"][0].is_string() && step["effect"].is_string() && step["purpose"].is_string());
        }
    }
    assert!(!sindri.state().join("runs").exists());
    assert!(!sindri.work().join("aws.pkr.hcl").exists());
}

#[test]
fn every_bundled_plugin_imports_nothing_and_says_so() {
    let list = bare().run(&["plugin", "list", "--json"]).succeeded().json();
    let ids: Vec<&str> = list
        .as_array()
        .unwrap()
        .iter()
        .map(|plugin| plugin["id"].as_str().unwrap())
        .collect();
    assert_eq!(ids, ["alibaba", "aws", "azure", "gcp", "oci"]);
    for id in ids {
        let json = bare()
            .run(&["plugin", "inspect", id, "--json"])
            .succeeded()
            .json();
        assert_eq!(json["imports"], serde_json::json!([]), "{id}");
        assert_eq!(json["contract"], "sindri:packer@0.1.0", "{id}");
    }
}

/// The least of each cloud, as docs/CLOUDS.md gives it.
#[test]
fn the_documented_least_configuration_of_every_cloud_renders() {
    let sindri = bare();
    let page = include_str!("../../docs/CLOUDS.md");
    let yaml = page
        .split("```yaml\n")
        .nth(1)
        .unwrap()
        .split("```")
        .next()
        .unwrap();
    fs::write(sindri.work().join("sindri.yaml"), yaml).unwrap();
    for cloud in ["aws", "azure", "gcp", "oci", "alibaba"] {
        let json = sindri
            .run(&["vm", "build", "--cloud", cloud, "--dry-run", "--json"])
            .succeeded()
            .json();
        assert_eq!(json["cloud"], cloud);
        assert!(json["hcl"].as_str().unwrap().contains("source \""), "{cloud}");
    }
    let all = sindri
        .run(&["vm", "build", "--cloud", "all", "--dry-run", "--json"])
        .succeeded()
        .json();
    assert_eq!(all["clouds"].as_array().unwrap().len(), 5);
}

#[test]
fn an_empty_list_of_runs_is_a_document() {
    assert_eq!(
        bare().run(&["vm", "runs", "--json"]).succeeded().json(),
        serde_json::json!([])
    );
}

#[test]
fn the_schema_and_completions_are_printed() {
    let schema = bare().run(&["config", "schema"]).succeeded().json();
    assert!(schema["properties"]["providers"]["properties"]["packer"]["properties"]["aws"].is_object());
    for shell in ["bash", "zsh", "fish"] {
        assert!(
            bare()
                .run(&["completions", shell])
                .succeeded()
                .stdout
                .contains("sindri")
        );
    }
}

#[test]
fn every_subcommand_has_help() {
    for words in [
        "vm",
        "vm build",
        "vm validate",
        "vm list",
        "vm delete",
        "vm doctor",
        "vm init",
        "vm deploy",
        "vm destroy",
        "vm undo",
        "vm gc",
        "vm runs",
        "plugin",
        "plugin list",
        "plugin inspect",
        "config",
        "config schema",
        "config show",
        "completions",
    ] {
        let mut arguments: Vec<_> = words.split(' ').collect();
        arguments.push("--help");
        bare().run(&arguments).succeeded();
    }
}

#[test]
fn quotes_and_template_code_in_the_configuration_stay_text() {
    let hostile = "q\" $${x} %%{y} ${file(\"/etc/passwd\")} %{if} ü 'z'";
    let mut sindri = bare();
    sindri.configure(&format!(
        "providers:\n  packer:\n    description: |-\n      {hostile}\n    tags:\n      note: |-\n        {hostile}\n"
    ));
    let json = sindri
        .run(&["vm", "build", "--cloud", "aws", "--dry-run=json"])
        .succeeded()
        .json();
    let source = &json["source"]["amazon-ebs"]["sindri"];
    for text in [&source["ami_description"], &source["tags"]["note"]] {
        let text = text.as_str().unwrap();
        let unescaped = text.replace("$${", "${").replace("%%{", "%{");
        assert_eq!(unescaped, hostile);
        assert!(!text.replace("$${", "").contains("${"), "{text}");
    }
}
