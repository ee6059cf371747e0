//! What holds for every workflow and action here.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::{CLOUDS, files, root, workflow, yaml};

const WORKFLOWS: [&str; 7] = [
    "ci",
    "release",
    "v3-packer-build",
    "v3-packer-gc",
    "v3-packer-publish",
    "v3-packer-test",
    "v3-provider-packer",
];

fn jobs(workflow: &Value) -> impl Iterator<Item = (&String, &Value)> {
    workflow["jobs"].as_object().into_iter().flatten()
}

/// A tag of somebody else's repository can be moved to other code; a commit cannot.
#[test]
fn actions_of_others_are_pinned_to_a_commit_with_its_version_beside_it() {
    let mut pinned = BTreeSet::new();
    for (path, text) in files() {
        for line in text.lines().filter(|line| line.contains("uses: ")) {
            let (_, name) = line.split_once("uses: ").unwrap();
            if name.starts_with("./") {
                continue;
            }
            let (_, commit) = name.split_once('@').unwrap_or_else(|| panic!("{line}"));
            let (commit, version) = commit
                .split_once(" # v")
                .unwrap_or_else(|| panic!("{}: no version: {line}", path.display()));
            assert!(
                commit.len() == 40 && commit.bytes().all(|sign| sign.is_ascii_hexdigit()),
                "{}: {line}",
                path.display()
            );
            assert!(
                version.split('.').all(|part| part.parse::<u32>().is_ok()),
                "{line}"
            );
            pinned.insert(name.to_owned());
        }
    }
    // One version of each.
    let names: BTreeSet<_> = pinned
        .iter()
        .map(|name| name.split('@').next().unwrap())
        .collect();
    assert_eq!(names.len(), pinned.len(), "{pinned:?}");
}

/// Whatever stands in `${{ }}` becomes part of the script's text: a branch called `$(curl …)` would be executed.
#[test]
fn no_expression_is_pasted_into_a_shell() {
    for (path, text) in files() {
        let file = yaml::parse(&text);
        let of_jobs = jobs(&file).flat_map(|(_, job)| job["steps"].as_array().into_iter().flatten());
        let of_action = file["runs"]["steps"].as_array().into_iter().flatten();
        for step in of_jobs.chain(of_action) {
            let run = step["run"].as_str().unwrap_or_default();
            assert!(!run.contains("${{"), "{}: {run}", path.display());
        }
    }
}

#[test]
fn every_job_has_a_time_limit_and_no_more_permissions_than_it_names() {
    for name in WORKFLOWS {
        let workflow = workflow(name);
        assert_eq!(workflow["permissions"], serde_json::json!({}), "{name}");
        assert!(workflow["concurrency"]["group"].is_string(), "{name}");
        for (id, job) in jobs(&workflow) {
            assert!(job["permissions"].is_object(), "{name}: {id}");
            assert_ne!(
                job["uses"].is_string(),
                job["timeout-minutes"].is_number(),
                "{name}: {id}"
            );
        }
    }
}

/// The earlier test workflow never ran: its trigger had the name of no workflow.
#[test]
fn a_workflow_that_follows_another_names_it_as_it_is_called() {
    let follows = &workflow("v3-packer-test")["on"]["workflow_run"]["workflows"];
    assert_eq!(follows, &serde_json::json!([workflow("v3-packer-build")["name"]]));
}

/// The earlier ones called Packer and the clouds' command lines themselves, each in another way.
#[test]
fn images_and_instances_are_made_by_sindri_alone() {
    let forbidden = [
        "packer build",
        "packer init",
        "aws ec2",
        "az vm",
        "az image",
        "gcloud compute",
        "oci compute",
        "aliyun ecs",
        "working-directory: v3",
        "--key-name",
    ];
    let scripts = [
        "instance.sh",
        "login/check.sh",
        "login/oci.sh",
        "login/settings.sh",
        "own-address.sh",
        "place.sh",
    ];
    let scripts = scripts.map(|name| root().join(".github/actions/packer").join(name));
    let texts = scripts.map(|path| (path.clone(), std::fs::read_to_string(path).unwrap()));
    for (path, text) in files().into_iter().chain(texts) {
        let text = text.replace("sindri vm build", "");
        for word in forbidden {
            assert!(!text.contains(word), "{}: {word}", path.display());
        }
    }
}

#[test]
fn every_cloud_has_its_action_and_all_have_the_same_form() {
    let action = |path: String| {
        let path = root()
            .join(".github/actions/packer")
            .join(path)
            .join("action.yml");
        yaml::parse(&std::fs::read_to_string(path).unwrap())
    };
    let keys = |value: &Value| -> BTreeSet<String> { value.as_object().unwrap().keys().cloned().collect() };
    let launch = action("launch-instance".into());
    let outputs = ["instance-id", "public-ip", "ssh-key-path", "ssh-user"].map(str::to_owned);
    assert!(BTreeSet::from(outputs).is_subset(&keys(&launch["outputs"])));
    for cloud in CLOUDS {
        let provider = action(format!("providers/{cloud}"));
        assert!(
            keys(&launch["outputs"]).is_subset(&keys(&provider["outputs"])),
            "{cloud}"
        );
        for dispatcher in [&launch, &action("terminate-instance".into())] {
            let steps = dispatcher["runs"]["steps"].as_array().unwrap().iter();
            let calls = steps.filter(|step| step["if"] == format!("inputs.cloud == '{cloud}'"));
            let called: Vec<_> = calls.collect();
            assert_eq!(called.len(), 1, "{cloud}");
            assert!(
                keys(&called[0]["with"]).is_subset(&keys(&provider["inputs"])),
                "{cloud}"
            );
        }
    }
}

/// An instance is removed also when the job has failed or was cancelled, and there is a workflow for dead machines.
#[test]
fn whoever_launches_terminates_in_any_case() {
    let mut launches = 0;
    for name in WORKFLOWS {
        for (id, job) in jobs(&workflow(name)) {
            let steps: Vec<_> = job["steps"].as_array().into_iter().flatten().collect();
            let at = |action: &str| {
                let uses = format!("./.github/actions/packer/{action}");
                steps.iter().position(|step| step["uses"] == uses)
            };
            let Some(launch) = at("launch-instance") else {
                continue;
            };
            launches += 1;
            let terminate = at("terminate-instance").unwrap_or_else(|| panic!("{name}: {id}"));
            assert!(
                terminate > launch && steps[terminate]["if"] == "always()",
                "{name}: {id}"
            );
        }
    }
    assert_eq!(launches, 1, "one job for all clouds");
    assert!(workflow("v3-packer-gc")["on"]["schedule"].is_array());
}

/// What a workflow asks for under one name and another under another is set up by nobody.
#[test]
fn the_guide_lists_exactly_the_secrets_and_variables_that_workflows_use() {
    let page = std::fs::read_to_string(root().join("docs/providers/VM.md")).unwrap();
    let (_, table) = page.split_once("### Secrets and variables").expect("the section");
    let table = table.split("\n### ").next().unwrap();
    let documented: BTreeSet<String> = table
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .map(str::to_owned)
        .collect();
    let mut used = BTreeSet::new();
    for (_, text) in files() {
        for context in ["secrets.", "vars."] {
            for rest in text.split(context).skip(1) {
                let end =
                    rest.find(|sign: char| !(sign.is_ascii_uppercase() || "_0123456789".contains(sign)));
                let name = &rest[..end.unwrap_or(rest.len())];
                if !name.is_empty() {
                    used.insert(name.to_owned());
                }
            }
        }
    }
    assert_eq!(documented, used);
}
