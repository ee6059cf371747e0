use super::*;
use crate::plugin::{Engine, Plugin};

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
    for tool in ["az", "gcloud", "oci", "hcloud"] {
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
    for (tasks, bound) in [(vec![Task::Build, Task::Deploy], 1), (vec![Task::Deploy], 3)] {
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
