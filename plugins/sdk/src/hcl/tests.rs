#![allow(clippy::wildcard_enum_match_arm)]

use hcl_edit::expr::Expression;
use hcl_edit::structure::Body;
use hcl_edit::template::Element;
use proptest::prelude::*;
use serde_json::json;

use super::*;

/// What a parser other than this one reads, and whether it saw nothing but literal text.
fn read_back(literal: &str) -> Result<String, String> {
    let body: Body = format!("x = {literal}\n")
        .parse()
        .map_err(|error| format!("{literal}: {error}"))?;
    let attribute = body.get_attribute("x").ok_or("no attribute")?;
    match &attribute.value {
        Expression::String(text) => Ok(text.value().clone()),
        Expression::StringTemplate(template) => template
            .iter()
            .map(|element| match element {
                Element::Literal(text) => Ok(text.value().as_str().to_owned()),
                other => Err(format!("{literal}: evaluated: {other:?}")),
            })
            .collect(),
        other => Err(format!("{literal}: not a string: {other:?}")),
    }
}

/// What Packer's Go template engine makes of a text whose only actions are literal braces.
fn undo_go(text: &str) -> Result<String, String> {
    let mut out = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("{{") {
        out.push_str(&rest[..at]);
        rest = rest[at..]
            .strip_prefix(GO_BRACES)
            .ok_or_else(|| format!("an action in {text:?}"))?;
        out.push_str("{{");
    }
    out.push_str(rest);
    Ok(out)
}

fn survives(text: &str) -> Result<(), String> {
    let folded = read_back(&quoted(text))?;
    let back = undo_go(&folded)?;
    if back == text {
        Ok(())
    } else {
        Err(format!("{text:?} came back as {back:?}"))
    }
}

#[test]
fn known_attacks_come_back_as_text() {
    for attack in [
        "\"\n}\nsource \"null\" \"x\" {}",
        "${file(\"/etc/passwd\")}",
        "%{ if true }x%{ endif }",
        "$${x}",
        "$$${x}",
        "$$$${x}",
        "%%%{x}",
        "$%{x}",
        "%${x}",
        "{{ env `HOME` }}",
        "{{`{{`}}",
        "{{{x}}}",
        "{{{{{x",
        "${{x",
        "$",
        "$$",
        "\\${x}",
        "\\",
        "\\u0024{x}",
        "a\tb\r\nc\u{0}d\u{7f}\u{85}",
        "\u{feff}\u{2028}\u{200b}\u{202e}\u{a0}",
        "Grüße 日本 👩‍💻",
        "<<EOF\nx\nEOF",
        "",
    ] {
        survives(attack).unwrap();
    }
}

#[test]
fn escapes_are_the_ones_that_every_parser_reads_alike() {
    assert_eq!(quoted("a\"b\\c\nd"), r#""a\"b\\c\nd""#);
    assert_eq!(quoted("${x} %{y}"), r#""$${x} %%{y}""#);
    assert_eq!(quoted("$${x}"), r#""\u0024$${x}""#);
    assert_eq!(quoted("{{x}}"), "\"{{`{{`}}x}}\"");
    assert_eq!(quoted("ü\u{1}😀"), r#""\u00fc\u0001\U0001f600""#);
}

#[test]
fn collections_have_quoted_sorted_keys() {
    let value = json!({"b:c d": [1, true, null, "x"], "a": {"${k}": 1.5}, "e": {}});
    assert_eq!(
        literal(&value),
        r#"{ "a" = { "$${k}" = 1.5 }, "b:c d" = [1, true, null, "x"], "e" = {} }"#
    );
}

#[test]
fn a_template_cannot_print_a_value_raw_or_inside_quotes() {
    for bad in [
        "x = {{ v }}",
        "x = \"{{ v | hcl }}\"",
        "x = \"a-{{ v | hcl }}\"",
        "x = {{ v | hcl | upper }}",
        "a = {{ v | hcl }}\nb = \"{{ v }}\"",
        "x = {{ v | safe }}",
        "x = {{ v",
    ] {
        let problem = render("t", bad, &json!({"v": "x"})).unwrap_err();
        assert_eq!(problem.code, "template", "{bad}");
    }
    let good = "{% if v %}x = {{ v | hcl }}{% endif %}\ny = [\"q\", {{- v | hcl -}}]\n";
    assert_eq!(
        render("t", good, &json!({"v": "a"})).unwrap(),
        "x = \"a\"\ny = [\"q\",\"a\"]\n"
    );
}

#[test]
fn an_undefined_name_is_an_error_and_not_an_empty_value() {
    assert!(render("t", "x = {{ nothing | hcl }}", &json!({})).is_err());
    assert!(render("t", "x = {{ a.nothing | hcl }}", &json!({"a": {}})).is_err());
    assert_eq!(
        render("t", "x = {{ a | hcl }}", &json!({"a": null})).unwrap(),
        "x = null"
    );
}

#[test]
fn values_reach_the_template_unchanged_by_the_template_engine() {
    let text = "<a href=\"x\">'&{{ 7 * 7 }}{% raw %}";
    let hcl = render("t.html", "x = {{ v | hcl }}", &json!({"v": text})).unwrap();
    assert_eq!(hcl, format!("x = {}", quoted(text)));
}

fn hostile() -> impl Strategy<Value = String> {
    let fragment = prop_oneof![
        Just("${"),
        Just("%{"),
        Just("{{"),
        Just("}}"),
        Just("{"),
        Just("}"),
        Just("$"),
        Just("%"),
        Just("\""),
        Just("\\"),
        Just("\n"),
        Just("`"),
        Just("~"),
        Just("$${"),
        Just("\\u0024"),
        Just("<<EOF"),
        Just("ü"),
        Just(" "),
    ];
    prop::collection::vec(fragment, 0..12).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn any_text_is_only_text(text in "\\PC{0,24}|[\\x00-\\x7f]{0,24}|(?s:.{0,12})") {
        survives(&text).map_err(TestCaseError::fail)?;
    }

    #[test]
    fn any_mix_of_template_marks_is_only_text(text in hostile()) {
        survives(&text).map_err(TestCaseError::fail)?;
        prop_assert!(quoted(&text).is_ascii());
    }

    #[test]
    fn any_map_parses_and_keeps_its_keys(keys in prop::collection::btree_set(hostile(), 0..5)) {
        let value: Json = keys.iter().map(|key| (key.clone(), Json::from("v"))).collect::<serde_json::Map<_, _>>().into();
        let body: Body = format!("x = {}\n", literal(&value)).parse().unwrap();
        let Expression::Object(object) = &body.get_attribute("x").unwrap().value else { panic!("not an object") };
        prop_assert_eq!(object.len(), keys.len());
    }
}
