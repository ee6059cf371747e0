//! Text survives both template languages, and nothing in it becomes code.

use proptest::prelude::*;

use super::*;

/// As the SDK's `hcl` filter writes a string: of all that cannot be seen it escapes control characters only.
fn sdk_literal(text: &str) -> String {
    let mut literal = String::from("\"");
    for character in text
        .replace("{{", "{{`{{`}}")
        .replace("${", "$${")
        .replace("%{", "%%{")
        .chars()
    {
        match character {
            '"' | '\\' => literal.extend(['\\', character]),
            control if control.is_control() => literal.push_str(&format!("\\u{:04x}", u32::from(control))),
            other => literal.push(other),
        }
    }
    literal.push('"');
    literal
}

/// What HCL makes of a JSON string. Fails on anything live.
fn hcl_reads(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("$${") {
            plain.push_str("${");
            rest = after;
        } else if let Some(after) = rest.strip_prefix("%%{") {
            plain.push_str("%{");
            rest = after;
        } else if let Some((text, after)) = constant(rest) {
            plain.push_str(&text);
            rest = after;
        } else {
            assert!(
                !rest.starts_with("${") && !rest.starts_with("%{"),
                "live HCL in {text:?}"
            );
            plain.push(first);
            rest = &rest[first.len_utf8()..];
        }
    }
    plain
}

/// The only expressions that a text leads to: of a carriage return, and of a byte order mark.
fn constant(text: &str) -> Option<(String, &str)> {
    let (inside, after) = text.strip_prefix("${\"")?.split_once("\"}")?;
    let signs = inside.trim_end_matches("\\r");
    let is_return = inside.len() == signs.len() + 2 && signs.chars().all(|c| "$%".contains(c));
    match inside {
        "\\ufeff" => Some(("\u{feff}".to_owned(), after)),
        _ if is_return => Some((format!("{signs}\r"), after)),
        _ => None,
    }
}

/// What Packer makes of a text that it renders until nothing changes.
fn rendered(text: &Json) -> String {
    let plain = hcl_reads(text.as_str().unwrap());
    assert!(!plain.contains("{{"), "live Go code in {text:?}");
    plain
}

/// What Packer makes of a text that it renders once.
fn rendered_once(text: &Json) -> String {
    let plain = hcl_reads(text.as_str().unwrap());
    let pieces: Vec<&str> = plain.split("{{`{{`}}").collect();
    assert!(
        pieces.iter().all(|piece| !piece.contains("{{")),
        "live Go code in {text:?}"
    );
    pieces.join("{{")
}

/// The one change to a text.
fn joined(text: &str) -> String {
    let mut joined = text.to_owned();
    while joined.contains("{{") {
        joined = joined.replace("{{", "{\u{2060}{");
    }
    joined
}

#[test]
fn the_user_is_told_of_braces_that_packer_cannot_write() {
    let template = compiled(&source(
        "  tags = { Name = \"{{`{{`}}x}}\", Other = \"{\" }\n  user_data = \"{{`{{`}}\"",
    ));
    let notices = template.notices();
    assert_eq!(notices.len(), 1);
    assert!(notices[0].contains("`tags.Name`"), "{notices:?}");
    assert_eq!(source_of(&template)["tags"]["Name"], "{\u{2060}{x}}");
    assert!(compiled(&source("")).notices().is_empty());
}

/// Text with more than its share of what is special to one of the languages.
fn nasty() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        any::<char>().prop_map(String::from),
        prop::sample::select(vec![
            "$",
            "%",
            "{",
            "}",
            "{{",
            "}}",
            "${",
            "%{",
            "$${",
            "%%{",
            "{{`{{`}}",
            "`",
            "\"",
            "\\",
            "\n",
            "\r\n",
            "\t",
            "~",
            "{{ pwd }}",
            "${file(\"x\")}",
            "%{ if true }",
            "<<EOT",
            "#",
            "/*",
            "\u{feff}",
            "\u{2028}",
            "\0",
            "é",
            "\u{a0}",
            "\u{3000}",
            "\u{200d}",
            "\u{202e}",
            "\u{85}",
            "\u{37e}",
            "e\u{301}",
        ])
        .prop_map(str::to_owned),
    ];
    prop::collection::vec(piece, 0..24).prop_map(|pieces| pieces.concat())
}

proptest! {
    // Found cases become table entries above, not files beside the sources.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_text_reaches_packer_as_it_is(description in nasty(), tag in nasty(), data in nasty()) {
        let hcl = source(&format!(
            "  ami_description = {}\n  user_data = {}\n  tags = {{\n    \"A key\" = {}\n  }}",
            sdk_literal(&description), sdk_literal(&data), sdk_literal(&tag)
        ));
        let template = compiled(&hcl);
        let source = source_of(&template);
        prop_assert_eq!(rendered(&source["ami_description"]), joined(&description));
        prop_assert_eq!(rendered(&source["tags"]["A key"]), joined(&tag));
        prop_assert_eq!(rendered_once(&source["user_data"]), data);
        prop_assert_eq!(template.notices().len(), usize::from(description.contains("{{")) + usize::from(tag.contains("{{")));
        // The HCL for people means the same, read by another parser.
        let again: hcl_edit::structure::Body = template.to_hcl().parse().unwrap();
        let block = again.get_blocks("source").next().unwrap();
        let text = block.body.get_attribute("ami_description").unwrap().value.as_str().unwrap();
        prop_assert_eq!(text, joined(&description));
    }

    #[test]
    fn no_input_panics_or_takes_long(text in "(source|build|\"|[{}\\[\\]()=$%<#~.,:`'\\\\ \n]|\\$\\{|%\\{|<<|[a-z\u{e9}0-9]){0,80}") {
        let _ = compile_with(&text, |_, _| ());
    }
}
