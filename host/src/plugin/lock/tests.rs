//! The lock file is somebody's text: unknown keys, wrong names and foreign versions are refused, and what is
//! written reads back the same.

use proptest::prelude::*;

use super::*;
use crate::contract::{BuilderRequest, CommandRequest, Effect, GuestPhase, PackerPlugin};
use crate::policy::grants::item::items;

const ENTRY: &str = r#"
sha256 = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
contract = "sindri:packer@0.1.0"
source = "hcloud.wasm"
wasi = "none"
"#;

fn with(rest: &str) -> String {
    format!("version = 1\n[plugin.hcloud]{ENTRY}{rest}\n")
}

#[test]
fn a_complete_entry_is_read() {
    let text = with(
        "[plugin.hcloud.grants]\nguest_phases = [\"prepare\"]\ncommands = [\n    \
         { tool = \"hcloud\", verb = [\"server\", \"list\"], flags = [], effect = \"read\" },\n]",
    );
    let content = parse(&text).unwrap();
    let entry = &content.plugin["hcloud"];
    assert_eq!(entry.grants.guest_phases, [GuestPhase::Prepare]);
    assert_eq!(entry.grants.commands[0].verb, ["server", "list"]);
}

#[test]
fn what_nobody_reads_is_refused_with_its_line() {
    for (text, line) in [
        ("version = 1\nallow = \"everything\"\n".to_owned(), Some(2)),
        (with("trusted = true"), Some(7)),
        (with("[plugin.hcloud.grants]\nshell = true"), Some(8)),
        (
            with(
                "[plugin.hcloud.grants]\ncommands = [{ tool = \"a\", verb = [], flags = [], effect = \"read\", sudo = true }]",
            ),
            Some(8),
        ),
        (with("[plugin.hcloud.grants]\nguest_phases = [\"boot\"]"), Some(8)),
        (
            with("[plugin.hcloud.grants]\nbuilders = [{ name = \"x\" }]"),
            Some(8),
        ),
        (with("").replace("wasi = \"none\"", "wasi = \"all\""), Some(6)),
        (with("").replace("wasi = \"none\"", ""), Some(2)),
        (with("").replace("version = 1", "version = \"1\""), Some(1)),
        (with("[bundled.aws]\nsha256 = \"x\""), Some(8)),
        ("[plugin]\n".to_owned(), Some(1)),
        ("version = 1\nversion = 1\n".to_owned(), Some(2)),
        ("<xml/>".to_owned(), Some(1)),
    ] {
        let error = parse(&text).unwrap_err();
        assert_eq!(error.code(), Code::PluginLock, "{text}");
        assert_eq!(error.place().line, line, "{text}\n{error}");
        assert!(error.next().is_some());
    }
}

#[test]
fn what_is_no_digest_name_source_or_version_is_refused_with_its_key() {
    for (text, key) in [
        (with("").replace("aaaa\"", "aaa\""), "plugin.hcloud.sha256"),
        (with("").replace("\"aaaa", "\"AAAA"), "plugin.hcloud.sha256"),
        (
            with("").replace("hcloud.wasm", "/etc/x.wasm"),
            "plugin.hcloud.source",
        ),
        (
            with("").replace("hcloud.wasm", "a\\u0000b"),
            "plugin.hcloud.source",
        ),
        (with("").replace("hcloud.wasm", ""), "plugin.hcloud.source"),
        (
            with("").replace("packer@0.1.0", "packer@new"),
            "plugin.hcloud.contract",
        ),
        (
            with("").replace("sindri:packer@", "other:thing@"),
            "plugin.hcloud.contract",
        ),
        (with("").replace("plugin.hcloud", "plugin.aws"), "plugin.aws"),
        (with("[bundled.hcloud]"), "bundled.hcloud"),
        (with("").replace("version = 1", "version = 2"), "version"),
    ] {
        let error = parse(&text).unwrap_err();
        assert_eq!(error.code(), Code::PluginLock, "{text}");
        assert_eq!(error.place().key.as_deref(), Some(key), "{text}\n{error}");
    }
    for name in ["\"../x\"", "\"a\\u0000\"", "AWS", "\"/x\"", "\"\"", "all"] {
        let error = parse(&with("").replace("plugin.hcloud", &format!("plugin.{name}"))).unwrap_err();
        assert_eq!(error.code(), Code::PluginLock, "{name}");
    }
}

#[test]
fn an_absent_file_is_an_empty_one_and_lies_beside_the_configuration() {
    let directory = tempfile::tempdir().unwrap();
    let environment = Environment::of(directory.path(), [("HOME", "/h")]);
    let lock = Lock::load(&environment, Some(Path::new("sub/sindri.yaml"))).unwrap();
    assert_eq!(lock.entries().count(), 0);
    assert_eq!(lock.shown(), Path::new("sub/sindri.plugins.lock"));
    let lock = Lock::load(&environment, None).unwrap();
    lock.save().unwrap();
    assert!(directory.path().join(FILE).is_file());
    Lock::load(&environment, None).unwrap();
}

fn strings() -> impl Strategy<Value = Vec<String>> {
    proptest::collection::vec(any::<String>(), 0..3)
}

fn effect() -> impl Strategy<Value = Effect> {
    prop_oneof![
        Just(Effect::Read),
        Just(Effect::Create),
        Just(Effect::Destroy),
        Just(Effect::Publish)
    ]
}

prop_compose! {
    fn requests()(
        builders in proptest::collection::vec((any::<String>(), strings()), 0..3),
        plugins in proptest::collection::vec(any::<[String; 3]>(), 0..3),
        commands in proptest::collection::vec((any::<String>(), strings(), strings(), effect()), 0..3),
        prepare in any::<bool>(),
    ) -> Requests {
        Requests {
            builders: builders
                .into_iter()
                .map(|(name, attributes)| BuilderRequest { name, attributes })
                .collect(),
            packer_plugins: plugins
                .into_iter()
                .map(|[name, source, version]| PackerPlugin { name, source, version })
                .collect(),
            commands: commands
                .into_iter()
                .map(|(tool, verb, flags, effect)| CommandRequest { tool, verb, flags, effect })
                .collect(),
            guest_phases: prepare.then_some(GuestPhase::Prepare).into_iter().collect(),
        }
    }
}

proptest! {
    /// A grant that reads back as another one would be an escalation.
    #[test]
    fn what_is_written_reads_back_as_it_is(grants in requests(), withheld in requests()) {
        let mut content = parse(&with("")).unwrap();
        let entry = content.plugin.get_mut("hcloud").unwrap();
        entry.grants = grants;
        entry.withheld = withheld;
        let text = write::text(&content);
        prop_assert!(text.chars().all(|c| matches!(c, ' '..='~' | '\n')), "{text:?}");
        let read = parse(&text).unwrap();
        let sorted = |set: &Requests| {
            let mut items: Vec<String> = items(set).iter().map(|item| format!("{item:?}")).collect();
            items.sort();
            items
        };
        prop_assert_eq!(sorted(&read.plugin["hcloud"].grants), sorted(&content.plugin["hcloud"].grants));
        prop_assert_eq!(sorted(&read.plugin["hcloud"].withheld), sorted(&content.plugin["hcloud"].withheld));
    }

    #[test]
    fn no_text_makes_the_reader_panic(text in "\\PC*") {
        let _ = parse(&text);
    }
}
