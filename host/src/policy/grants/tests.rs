//! The sets, and who takes what away.

use super::item::{items, set};
use super::narrow::{is_empty, join, meet, minus, strip};
use super::*;
use crate::contract::Effect;

fn command(verb: &str, flags: &[&str], effect: Effect) -> Item {
    Item::Command(CommandRequest {
        tool: "hcloud".to_owned(),
        verb: verb.split(' ').map(str::to_owned).collect(),
        flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
        effect,
    })
}

fn builder(name: &str, attributes: &[&str]) -> Item {
    Item::Builder(BuilderRequest {
        name: name.to_owned(),
        attributes: attributes.iter().map(|name| (*name).to_owned()).collect(),
    })
}

fn packer(source: &str, version: &str) -> Item {
    Item::PackerPlugin(PackerPlugin {
        name: "hcloud".to_owned(),
        source: source.to_owned(),
        version: version.to_owned(),
    })
}

pub(super) fn info(requests: Requests) -> Arc<ProviderInfo> {
    Arc::new(ProviderInfo {
        id: "hcloud".to_owned(),
        title: "Hetzner".to_owned(),
        version: "1.0.0".to_owned(),
        aliases: Vec::new(),
        tools: Vec::new(),
        requests,
        config_schema: "{}".to_owned(),
    })
}

fn all() -> Vec<Item> {
    vec![
        builder("hcloud", &["image", "server_type"]),
        packer("github.com/hetznercloud/hcloud", ">= 1.6.0"),
        command("server list", &["output"], Effect::Read),
        command("image delete", &["force"], Effect::Destroy),
        Item::Phase(GuestPhase::Prepare),
    ]
}

#[test]
fn less_than_is_granted_is_all_allowed_and_more_is_not() {
    let granted = Grants::all(info(set(&all())));
    for (item, allowed) in [
        (command("server list", &[], Effect::Read), true),
        (command("server list", &["output"], Effect::Read), true),
        (command("server list", &["output", "sort"], Effect::Read), false),
        (command("server list", &[], Effect::Create), false),
        (command("server", &[], Effect::Read), false),
        (command("server list all", &[], Effect::Read), false),
        (builder("hcloud", &["image"]), true),
        (builder("hcloud", &["image", "user_data_file"]), false),
        (builder("null", &[]), false),
        (packer("github.com/hetznercloud/hcloud", ">= 1.6.0"), true),
        (packer("github.com/hetznercloud/hcloud", ">= 2.0.0"), false),
        (packer("github.com/evil/hcloud", ">= 1.6.0"), false),
        (Item::Phase(GuestPhase::Prepare), true),
        (Item::Phase(GuestPhase::Generalize), false),
    ] {
        assert_eq!(granted.allows(&item), allowed, "{item}");
    }
}

#[test]
fn a_difference_names_the_new_flags_alone() {
    let old = set(&[command("server create", &["name"], Effect::Create)]);
    let new = set(&[
        command("server create", &["name", "user-data"], Effect::Create),
        command("server delete", &[], Effect::Destroy),
    ]);
    let lines: Vec<String> = items(&minus(&new, &old))
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        lines,
        [
            "command hcloud server create (create --user-data)",
            "command hcloud server delete (destroy)"
        ]
    );
    assert!(is_empty(&minus(&old, &new)));
    assert_eq!(meet(&new, &old), old);
    assert_eq!(join(&old, &new), new);
}

#[test]
fn the_same_request_twice_is_no_way_around_a_withdrawn_flag() {
    let twice = set(&[
        command("server create", &["name"], Effect::Create),
        command("server create", &["user-data"], Effect::Create),
    ]);
    let granted = set(&[command("server create", &["name"], Effect::Create)]);
    let grants = Grants::all(info(twice)).granted_by(&granted, Path::new("l"), "hcloud");
    assert!(!grants.allows(&command("server create", &["user-data"], Effect::Create)));
    let flags: Vec<_> = grants.commands().iter().flat_map(|one| &one.flags).collect();
    assert_eq!(flags, ["name"]);
}

#[test]
fn what_is_withheld_without_details_is_withheld_as_a_whole() {
    let requested = set(&[
        command("server create", &["name", "user-data"], Effect::Create),
        builder("amazon-ebs", &[]),
    ]);
    for (withheld, left) in [
        (command("server create", &[], Effect::Create), None),
        (
            command("server create", &["name", "user-data"], Effect::Create),
            None,
        ),
        (
            command("server create", &["user-data"], Effect::Create),
            Some(vec!["name".to_owned()]),
        ),
        (
            command("server create", &[], Effect::Destroy),
            Some(vec!["name".to_owned(), "user-data".to_owned()]),
        ),
    ] {
        let rest = strip(&requested, &set([&withheld]));
        assert_eq!(
            rest.commands.first().map(|one| one.flags.clone()),
            left,
            "{withheld}"
        );
        assert_eq!(rest.builders.len(), 1);
    }
    assert_eq!(
        strip(&requested, &set([&builder("amazon-ebs", &[])])).builders,
        []
    );
}

#[test]
fn a_command_may_be_granted_without_its_flags() {
    let requested = set(&[command("server list", &["output"], Effect::Read)]);
    let granted = set(&[command("server list", &[], Effect::Read)]);
    let grants = Grants::all(info(requested)).granted_by(&granted, Path::new("l"), "hcloud");
    assert!(grants.allows(&command("server list", &[], Effect::Read)));
    assert!(!grants.allows(&command("server list", &["output"], Effect::Read)));
}

#[test]
fn a_grant_of_more_than_is_requested_gives_nothing() {
    let requested = set(&[command("server list", &[], Effect::Read)]);
    let grants = Grants::all(info(requested.clone())).granted_by(&set(&all()), Path::new("l"), "hcloud");
    assert_eq!(*grants.requests(), requested);
    assert_eq!(grants.denials(), []);
}

#[test]
fn a_command_that_the_user_did_not_grant_says_what_to_type_and_what_to_write() {
    let grants = Grants::all(info(set(&all()))).granted_by(
        &Requests::default(),
        Path::new("sindri.plugins.lock"),
        "hcloud",
    );
    assert_eq!(grants.denials().len(), all().len());
    let wanted = Command {
        tool: "hcloud".to_owned(),
        verb: vec!["server".to_owned(), "list".to_owned()],
        flags: Vec::new(),
        positionals: Vec::new(),
        location: None,
        effect: Effect::Read,
        timeout_seconds: 60,
        tolerates: crate::contract::Tolerance::Nothing,
        secret_output: false,
    };
    let error = grants.explain_command(Error::new(Code::ArgvTool, "not granted"), &wanted);
    let next = error.next().unwrap();
    assert!(
        next.contains("sindri plugin grant hcloud 'command hcloud server list'"),
        "{next}"
    );
    let line = r#"{ tool = "hcloud", verb = ["server", "list"], flags = ["output"], effect = "read" }"#;
    assert!(next.contains(line), "{next}");
}

#[test]
fn what_no_plugin_gets_cannot_be_granted() {
    for (item, refused) in [
        (command("server list", &["selector"], Effect::Read), false),
        (command("server list", &["endpoint"], Effect::Read), true),
        (command("", &[], Effect::Read), true),
        (builder("hcloud", &["image", "network.ip"]), false),
        (builder("../hcloud", &[]), true),
        (builder("hcloud", &["Image"]), true),
        (packer("github.com/hetznercloud/hcloud", ">= 1.6.0"), false),
        (packer("github.com/Owner/hcloud", "~> 1.6, != 1.6.1"), false),
        (packer("evil.example/o/n", ">= 1"), true),
        (packer("github.com/../n", ">= 1"), true),
        (packer("github.com/o/n/../../x", ">= 1"), true),
        (packer("github.com/o/n", ""), true),
        (packer("github.com/o/n", "1 # \u{1b}[2J"), true),
        (Item::Phase(GuestPhase::Generalize), false),
    ] {
        assert_eq!(ceiling::refuses(&item).is_some(), refused, "{item}");
    }
    let shell = Item::Command(CommandRequest {
        tool: "bash".to_owned(),
        verb: vec!["c".to_owned()],
        flags: Vec::new(),
        effect: Effect::Read,
    });
    assert!(ceiling::refuses(&shell).is_some());
    let below = Grants::all(info(set([&shell]))).below_ceiling();
    assert!(!below.allows(&shell));
}

#[test]
fn what_a_guest_calls_its_verb_does_not_act_upon_the_terminal() {
    let item = command("\u{1b}[2Jlist", &["\u{1b}]0;x\u{7}"], Effect::Read);
    for shown in [item.to_string(), item.specification(), item.line()] {
        assert!(!shown.contains('\u{1b}'), "{shown:?}");
    }
}
