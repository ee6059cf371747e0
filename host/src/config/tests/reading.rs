//! What a file can say, and what it cannot do.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use proptest::prelude::*;

use super::*;

#[test]
fn an_empty_key_is_an_absent_key() {
    let settings = Case::of(&packer("description:\nbuild:\n  profile:\naws:\n  region: ~")).resolve();
    assert_eq!(settings.description, "Sindri development environment");
    assert_eq!(settings.cloud_section["region"], "us-west-2");
    for text in [
        "providers:\n",
        "providers:\n  packer:\n",
        "# nothing\n",
        "name: x\nproviders: {docker: {a: b}}\n",
    ] {
        assert_eq!(Case::of(text).resolve().build, Build::default(), "{text}");
    }
}

#[test]
fn a_named_file_must_exist_and_be_small_text() {
    let directory = tempfile::tempdir().unwrap();
    let environment = Environment::of(directory.path(), [("A", "b")]);
    let code = |name: &str| load(Some(Path::new(name)), &environment).unwrap_err().code();
    assert_eq!(code("none.yaml"), Code::ConfigRead);
    crate::files::write_for_user(&directory.path().join("large"), &vec![b'#'; (1 << 20) + 1], false).unwrap();
    assert_eq!(code("large"), Code::ConfigRead);
    crate::files::write_for_user(&directory.path().join("latin"), b"a: \xe9", false).unwrap();
    assert_eq!(code("latin"), Code::ConfigRead);
}

#[test]
fn paths_start_where_the_file_stands() {
    let directory = tempfile::tempdir().unwrap();
    crate::files::create_directory(&directory.path().join("sub")).unwrap();
    let text = packer(
        "build:\n  scripts: [a.sh, /abs/b.sh]\n  ansible_playbook: p.yml\n  file_uploads: [{source: ../c, destination: /c}]",
    );
    crate::files::write_for_user(&directory.path().join("sub/x.yaml"), text.as_bytes(), false).unwrap();
    let environment = Environment::of(directory.path(), [("A", "b")]);
    let file = load(Some(Path::new("sub/x.yaml")), &environment).unwrap();
    let build = file
        .resolve(&aws(), KNOWN, &Flags::default(), &environment)
        .unwrap()
        .build;
    let base = directory.path().join("sub");
    assert_eq!(build.scripts, [base.join("a.sh"), PathBuf::from("/abs/b.sh")]);
    assert_eq!(build.ansible_playbook, Some(base.join("p.yml")));
    assert_eq!(build.file_uploads[0].source, base.join("../c"));
}

#[test]
fn the_prefix_counts_for_the_length_of_the_name() {
    let settings = Case::of(&packer("build: {name_prefix: acme}")).resolve();
    assert_eq!(settings.image_name, "acme-sindri-dev");
    let long = "x".repeat(98);
    let error = Case::of(&packer(&format!("image_name: {long}\nbuild:\n  name_prefix: ab"))).error();
    assert_eq!((error.code(), error.place().line), (Code::ConfigValue, Some(5)));
}

#[test]
fn a_secret_is_expanded_only_for_a_build_and_never_shown() {
    let file = packer("build:\n  environment:\n    TOKEN: \"${env.BUILD_TOKEN}\"\n    PLAIN: \"$HOME\"");
    let settings = Case::of(&file).resolve();
    let error = settings
        .build_environment(&Environment::of("/", [("A", "b")]))
        .unwrap_err();
    assert_eq!((error.code(), error.place().line), (Code::ConfigValue, Some(5)));
    let values = settings
        .build_environment(&Environment::of("/", [("BUILD_TOKEN", "hunter2")]))
        .unwrap();
    assert_eq!(
        (values["TOKEN"].as_str(), values["PLAIN"].as_str()),
        ("hunter2", "$HOME")
    );
    for value in ["271828", "\"hunter2-271828\\0\"", "[271828]"] {
        let error = Case::of(&packer(&format!("build:\n  environment: {{PIN: {value}}}"))).error();
        assert!(!error.to_string().contains("271828"), "{error}");
    }
}

#[test]
fn an_alias_bomb_is_refused_when_it_is_used() {
    let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..9 {
        let alias = format!("*a{}", level - 1);
        text += &format!("a{level}: &a{level} [{}]\n", [alias.as_str(); 10].join(", "));
    }
    let error = Case::of(&format!("{text}{}", packer("build: {scripts: *a8}"))).error();
    assert_eq!(error.code(), Code::ConfigSyntax);
    let mut chain = "c0: &c0 x\n".to_owned();
    for level in 1..20_000 {
        chain += &format!("c{level}: &c{level} [*c{}]\n", level - 1);
    }
    let error = Case::of(&format!("{chain}{}", packer("build: {scripts: *c19999}"))).error();
    assert_eq!(error.code(), Code::ConfigSyntax);
    // Aliases as such are fine, also from other parts of the file.
    let settings = Case::of(&format!("common: &tags {{a: b}}\n{}", packer("tags: *tags"))).resolve();
    assert_eq!(settings.tags["a"], "b");
}

fn any_tags() -> impl Strategy<Value = BTreeMap<String, String>> {
    let key = "[^\\x00-\\x1f\\x7f-\\x9f]{1,20}";
    let value = "([^\\x00-\\x1f\\x7f-\\x9f]|[\\n\\t\\r])|(yes|no|1\\.10|~|null|\\$\\{x\\}|\\{\\{y\\}\\}|%\\{z\\}|[\"'#:&*!|>-]){0,20}";
    proptest::collection::btree_map(key, value, 0..4)
}

proptest! {
    #[test]
    fn any_text_reaches_the_tags_unchanged(tags in any_tags()) {
        // JSON's strings are YAML's double-quoted strings.
        let settings = Case::of(&packer(&format!("tags: {}", json!(tags)))).resolve();
        prop_assert_eq!(settings.tags, tags);
    }

    /// The types refuse nothing that the schema accepts: that would be a defect of ours and no message
    /// about the user's file.
    #[test]
    fn what_the_schema_accepts_can_be_read(build in any_members("/properties/build"), security in any_members("/properties/build/properties/security"), top in any_members("")) {
        let mut section = top;
        section["build"] = build;
        section["build"]["security"] = security;
        if let Err(error) = Case::of(&json!({"providers": {"packer": section}}).to_string()).resolve_for(&aws()) {
            prop_assert_ne!(error.code(), Code::Internal, "{}", error);
        }
    }
}

fn any_members(pointer: &str) -> impl Strategy<Value = Value> {
    let shared = crate::config::schema::shared().unwrap();
    let schema = shared.pointer(pointer).unwrap();
    let keys: Vec<String> = schema["properties"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    let words = vec![
        "a",
        "b.sh",
        "v1.2.3-rc+x",
        "latest",
        "1s",
        "24h",
        "86400s",
        "99999s",
        "::/0",
        "1.2.3.4/32",
        "none",
        "ssh",
        "abort",
        "arm64",
        "https://x/y",
    ];
    let text = proptest::sample::select(words).prop_map(Value::from);
    let number =
        prop_oneof![Just(0i64), Just(1), Just(22), Just(65535), Just(-1), any::<i64>()].prop_map(Value::from);
    let value = prop_oneof![
        4 => text.clone(),
        2 => number,
        1 => any::<bool>().prop_map(Value::from),
        1 => (-9i64..9).prop_map(|number| json!(number as f64)),
        2 => proptest::collection::vec(text.clone(), 0..3).prop_map(Value::from),
        1 => proptest::collection::btree_map("[a-z]{1,3}", text, 0..2).prop_map(|members| json!(members)),
    ];
    proptest::collection::btree_map(proptest::sample::select(keys), value, 0..3)
        .prop_map(|members| json!(members))
}
