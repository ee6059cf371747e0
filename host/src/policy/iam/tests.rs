use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;

use serde_json::json;

use super::*;
use crate::contract::Effect;
use crate::plugin::{Engine, Plugin};

/// Each task gets what its plans run and nothing else: the lists are there to be read.
#[test]
#[allow(clippy::disallowed_methods)]
fn each_task_has_the_permissions_of_its_own_plans() {
    let engine = Engine::new().unwrap();
    for plugin in Plugin::all_bundled(&engine) {
        let info = plugin.describe().unwrap();
        let mut text = String::new();
        for task in Task::ALL {
            writeln!(text, "[{task:?}]").unwrap();
            for permission in permissions(&info, &[task]).unwrap() {
                writeln!(text, "{permission}").unwrap();
            }
        }
        let file =
            Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/policy/iam/tasks/{}.txt", info.id));
        if std::env::var_os("UPDATE_GOLDEN").is_some() {
            crate::files::write_for_user(&file, text.as_bytes(), true).unwrap();
        }
        let written = crate::files::read_text(&file, 100_000).unwrap_or_default();
        assert_eq!(
            text, written,
            "{}: UPDATE_GOLDEN=1 writes it; read the difference",
            info.id
        );
    }
}

/// A new operation must be given to a task, and no task may count on one that is gone.
#[test]
fn every_operation_belongs_to_a_task() {
    let ours: BTreeSet<&str> = Task::ALL
        .iter()
        .flat_map(|task| task.operations())
        .copied()
        .collect();
    let engine = Engine::new().unwrap();
    let mut planned = BTreeSet::new();
    for plugin in Plugin::all_bundled(&engine) {
        let info = plugin.describe().unwrap();
        planned.extend(plans::lines(&info.id).map(|(operation, _)| operation));
        for request in &info.requests.commands {
            assert!(
                plans::operations(&info.id, request).next().is_some(),
                "no plan runs {request:?}"
            );
        }
    }
    assert_eq!(planned, ours);
}

#[test]
fn who_only_looks_at_aws_describes_and_gets() {
    let engine = Engine::new().unwrap();
    let plugins = Plugin::all_bundled(&engine);
    let aws = plugins
        .iter()
        .find(|plugin| plugin.identity().id == "aws")
        .unwrap();
    for action in permissions(&aws.describe().unwrap(), &[Task::Inspect]).unwrap() {
        let (_, name) = action.split_once(':').unwrap();
        assert!(
            name.starts_with("Describe") || name.starts_with("Get"),
            "{action}"
        );
    }
}

/// Plans of a plugin that somebody installs are not known: its commands belong to tasks by their effect.
#[test]
fn a_foreign_plugins_commands_belong_to_tasks_by_their_effect() {
    let engine = Engine::new().unwrap();
    let plugins = Plugin::all_bundled(&engine);
    let mut info = (*plugins[1].describe().unwrap()).clone();
    info.id = "foreign".to_owned();
    let sharing = permissions(&info, &[Task::Share]).unwrap();
    assert!(sharing.contains("ec2:ModifyImageAttribute") && !sharing.contains("ec2:RunInstances"));
    assert!(
        permissions(&info, &[Task::Deploy])
            .unwrap()
            .contains("ec2:RunInstances")
    );
}

/// A command that somebody adds to a plugin must not be missing from the policy that its users are told.
#[test]
fn every_command_and_builder_of_every_bundled_plugin_has_its_permissions() {
    let engine = Engine::new().unwrap();
    for plugin in Plugin::all_bundled(&engine) {
        let info = plugin.describe().unwrap();
        let all = permissions(&info, &Task::ALL).unwrap();
        assert!(all.len() > 10, "{}: {all:?}", info.id);
        for request in &info.requests.commands {
            let needed = of_command(request).unwrap();
            assert!(needed.iter().all(|one| all.contains(one)), "{request:?}");
        }
        let tool = &info.requests.commands[0].tool;
        assert!(document(tool, &all, &Task::ALL).is_some(), "{tool}");
    }
}

/// Who only looks must not be able to start or remove anything.
#[test]
fn looking_needs_nothing_that_changes_anything() {
    let engine = Engine::new().unwrap();
    let changes = [
        "run",
        "create",
        "delete",
        "terminate",
        "modify",
        "write",
        "manage",
        "import",
        "set",
        "share/",
    ];
    for plugin in Plugin::all_bundled(&engine) {
        let info = plugin.describe().unwrap();
        for permission in permissions(&info, &[Task::Inspect]).unwrap() {
            let name = permission.to_lowercase();
            let verb = name.rsplit([':', '.']).next().unwrap();
            assert!(!changes.iter().any(|word| verb.starts_with(word)), "{permission}");
            assert!(
                !verb.ends_with("/write") && !verb.ends_with("/delete"),
                "{permission}"
            );
        }
    }
}

#[test]
fn a_command_that_nobody_looked_up_is_an_error() {
    for tool in ["aliyun", "aws", "az", "gcloud", "oci", "hcloud"] {
        let request = CommandRequest {
            tool: tool.to_owned(),
            verb: vec!["vault".to_owned(), "purge".to_owned()],
            flags: Vec::new(),
            effect: Effect::Destroy,
        };
        let error = of_command(&request).unwrap_err();
        assert!(error.message().contains("vault purge"), "{error}");
    }
}

/// Somebody else's instance in the same account stays.
#[test]
fn aws_ends_only_instances_that_carry_the_tag() {
    let engine = Engine::new().unwrap();
    let plugins = Plugin::all_bundled(&engine);
    let aws = plugins
        .iter()
        .find(|plugin| plugin.identity().id == "aws")
        .unwrap();
    let info = aws.describe().unwrap();
    for (tasks, bound) in [
        (vec![Task::Build, Task::Deploy], 1),
        (vec![Task::Deploy, Task::Gc], 1),
        (vec![Task::Deploy], 3),
    ] {
        let policy = document("aws", &permissions(&info, &tasks).unwrap(), &tasks)
            .unwrap()
            .policy;
        assert_eq!(
            policy["Statement"][1]["Action"].as_array().unwrap().len(),
            bound,
            "{policy}"
        );
        let free = policy["Statement"][0]["Action"].to_string();
        assert!(!free.contains("TerminateInstances"), "{free}");
        assert!(free.contains("\"ec2:RunInstances\"") && free.contains("\"ec2:CreateTags\""));
    }
}

#[test]
fn a_document_has_no_line_that_another_covers() {
    let all = [
        "use subnets",
        "inspect subnets",
        "manage subnets",
        "read vnics",
        "inspect subnets-x",
    ];
    let all = all.into_iter().map(str::to_owned).collect();
    let text = document("oci", &all, &[]).unwrap().text;
    let lines: Vec<&str> = text
        .lines()
        .map(|line| &line["Allow group GROUP to ".len()..])
        .collect();
    let here = "in compartment COMPARTMENT";
    assert_eq!(
        lines,
        ["inspect subnets-x", "manage subnets", "read vnics"].map(|line| format!("{line} {here}"))
    );
    let all = ["M/disks/*", "M/disks/write", "M/disksets/read", "M/vms/read"];
    let all = all.into_iter().map(str::to_owned).collect();
    let policy = document("az", &all, &[]).unwrap().policy;
    assert_eq!(
        policy["Actions"],
        json!(["M/disks/*", "M/disksets/read", "M/vms/read"])
    );
}
