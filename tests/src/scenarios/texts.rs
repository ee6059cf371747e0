//! Whatever stands in the configuration is text, for Sindri, for Packer and for Packer's template engine.

use std::collections::BTreeMap;

use super::BUILD;
use crate::lab::{Moto, Packer, Recorder};

/// What a user may write, and what HCL, JSON, Packer and shells would like to read in it.
const HOSTILE: &[(&str, &str)] = &[
    ("quotes", r#"a "b" 'c' `id` \"d\" \"#),
    ("lines", "first\nsecond\n\tthird"),
    (
        "interpolation",
        r#"${x} $${y} ${file("/etc/passwd")} $(id) $HOME"#,
    ),
    ("directive", "%{y} %%{z} %{ if true }no%{ endif }"),
    (
        "markup",
        "<a href=\"b\">&amp;</a> <<EOT\nEOT \u{fc}\u{65e5}\u{672c} \u{1f980}",
    ),
    ("blank ends", " x "),
];

/// What Packer would put a time stamp, a UUID or an error in place of.
const TEMPLATE_CODE: &[(&str, &str)] = &[
    ("code", "{{z}} {{timestamp}} {{ build `ID` }} {{"),
    ("code and interpolation", "${x}{{isotime}}%{y}}}"),
    ("function", "{{env `HOME`}}{{uuid}}"),
];

/// Quotes, newlines, `${…}`, `%{…}` and non-ASCII in tags and the description.
pub fn hostile_texts_arrive_literally(packer: Packer) {
    build_with(packer, HOSTILE);
}

/// `{{…}}`, which Packer expands even where HCL and JSON do not.
pub fn template_code_arrives_literally(packer: Packer) {
    build_with(packer, TEMPLATE_CODE);
}

fn build_with(packer: Packer, texts: &[(&str, &str)]) {
    let moto = Moto::start();
    let recorder = Recorder::start(&moto);
    let mut sindri = packer.sindri(&moto, &[]);
    let quoted = |text: &str| serde_json::Value::from(text).to_string();
    let description = texts
        .iter()
        .map(|(_, text)| *text)
        .collect::<Vec<_>>()
        .join(" | ");
    // JSON is YAML.
    let mut lines = vec![
        format!("description: {}", quoted(&description)),
        "tags:".to_owned(),
    ];
    lines.extend(
        texts
            .iter()
            .map(|(key, text)| format!("  {}: {}", quoted(key), quoted(text))),
    );
    let lines: Vec<_> = lines.iter().map(String::as_str).collect();
    sindri.point_to(
        &recorder.endpoint(),
        moto.region(),
        &["communicator: none"],
        &lines,
    );

    let built = sindri.run(BUILD).succeeded().json();
    let image = built["image_id"].as_str().unwrap();
    let wanted: BTreeMap<_, _> = texts
        .iter()
        .map(|(key, text)| ((*key).to_owned(), (*text).to_owned()))
        .collect();
    let snapshots = moto.query("DescribeImages", &[("ImageId.1", image)], "snapshotId");
    assert_eq!(snapshots.len(), 1);
    for resource in [image, &snapshots[0]] {
        let tags = moto.tags(resource);
        for (key, text) in &wanted {
            assert_eq!(tags.get(key), Some(text), "tag `{key}` of {resource}");
        }
        assert_eq!(tags.len(), wanted.len() + 6, "{tags:?}");
    }
    // moto forgets descriptions, so it is looked at what it was told last.
    let told: Vec<_> = recorder
        .calls()
        .into_iter()
        .filter(|call| call.contains(&("Action".to_owned(), "ModifyImageAttribute".to_owned())))
        .flatten()
        .filter(|(name, _)| name == "Description.Value")
        .collect();
    assert_eq!(told.last().map(|(_, text)| text), Some(&description));

    let listed = sindri.run(&["vm", "list", "--json"]).succeeded().json();
    for (key, text) in &wanted {
        assert_eq!(listed[0]["tags"][key], text.as_str());
    }
    let again = sindri.run(BUILD).succeeded().json();
    assert_eq!(again["cached"], true);
    sindri
        .run(&["vm", "delete", image, "--yes", "--json"])
        .succeeded();
    assert_eq!(moto.leftovers(), [""; 0]);
}
