use super::*;

#[test]
fn terminal_escapes_disappear_as_a_whole() {
    for (text, expected) in [
        ("\u{1b}[31mred\u{1b}[0m", "red"),
        ("\u{1b}]0;title\u{7}x", "x"),
        ("\u{1b}]8;;http://evil\u{1b}\\link\u{1b}]8;;\u{1b}\\", "link"),
        ("\u{1b}]52;c;ZXZpbA==\u{7}", ""),
        ("\u{1b}]never closed\nnext line", "\nnext line"),
        ("\u{9b}2Jx", "x"),
        ("\u{1b}(Bx", "x"),
        ("\u{1b}", ""),
        ("a\u{8}\u{8}b", "a  b"),
        ("progress\rover", "progress over"),
        ("dos\r\nline", "dos\nline"),
        ("a\tb\0\u{202e}c", "a\tbc"),
    ] {
        assert_eq!(neutralise(text), expected, "{text:?}");
    }
}

#[test]
fn a_guest_cannot_command_the_ci_system() {
    for text in [
        "::set-output name=x::y",
        "   ::add-mask::x",
        "\u{feff}::x::",
        "\u{1b}[0m::x::",
        "ok\n::x::",
        "##[group]x",
        "text ##vso[task.setvariable variable=X]y",
        "###[x]",
        "##\u{200b}vso[x]",
        "##teamcity[x]",
        "::##[x]",
    ] {
        let safe = neutralise(text);
        for line in safe.lines() {
            assert!(!line.trim_start().starts_with("::"), "{safe}");
            for start in ["##[", "##vso[", "##teamcity["] {
                assert!(!line.contains(start), "{safe}");
            }
        }
    }
}

#[test]
fn ordinary_text_stays_as_it_is() {
    for text in [
        "std::env",
        "## Heading",
        "a ## b",
        "Größe 10 €\n\t- ok",
        "#!/bin/sh",
        "日本 🎉",
    ] {
        assert_eq!(neutralise(text), text);
    }
}

#[test]
fn what_a_log_would_fold_or_act_upon_is_only_text() {
    for (text, expected) in [
        (
            "section_start:1560896352:x\r\u{1b}[0Kshown",
            "section_start :1560896352:x shown",
        ),
        ("section_end:1:x", "section_end :1:x"),
        ("####[x]", "### #[x]"),
        ("##a##b[c", "##a# #b[c"),
        ("##", "##"),
        ("\u{a0}::x::", "\u{a0}: :x::"),
        ("\u{ad}::x::", ": :x::"),
        ("a\u{200d}b\u{e0041}c\u{3164}d", "abcd"),
        ("\u{90}q~payload\u{9c}x", "x"),
        ("\u{1b}P1;1|payload\u{1b}\\x", "x"),
    ] {
        assert_eq!(neutralise(text), expected, "{text:?}");
    }
    assert_eq!(neutralise_line("a\n::x\tb"), "a : :x b");
}

#[test]
fn json_keeps_its_data_and_has_nothing_that_acts() {
    let value = serde_json::json!({"##[x]": "\u{1b}[31m\u{9b}x\u{7f}\u{202e}\u{e0041}##vso[y] ### a[b"});
    let text = format!("{value:#}");
    let escaped = escape_in_strings(&text);
    assert!(!escaped.chars().any(is_not_text), "{escaped}");
    assert!(
        !escaped.contains("##[") && !escaped.contains("##vso["),
        "{escaped}"
    );
    assert_eq!(
        serde_json::from_str::<serde_json::Value>(&escaped).unwrap(),
        value
    );
    assert!(matches!(
        escape_in_strings("{\"a\": \"b # c\"}"),
        Cow::Borrowed(_)
    ));
}

/// A line of nothing but `#` took quadratic time once.
#[test]
fn signs_without_end_are_read_once() {
    let text = "#".repeat(1 << 20);
    let began = std::time::Instant::now();
    assert_eq!(neutralise(&text), text);
    assert!(began.elapsed() < std::time::Duration::from_secs(5));
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    /// Pieces that matter, in any order.
    fn hostile() -> impl Strategy<Value = String> {
        let pieces = [
            "\u{1b}[",
            "\u{1b}]",
            "\u{1b}P",
            "\u{1b}\\",
            "\u{7}",
            "\u{9b}",
            "\u{9d}",
            "\u{9c}",
            "31m",
            "0;x",
            "#",
            "##",
            "[",
            "]",
            "vso",
            "teamcity",
            ":",
            "::",
            "error",
            "section_start:",
            "section_end:",
            "1:a",
            "\r",
            "\n",
            "\u{8}",
            "\u{b}",
            " ",
            "\t",
            "\u{85}",
            "\u{2028}",
            "\u{202e}",
            "\u{2066}",
            "\u{200b}",
            "\u{feff}",
            "\u{ad}",
            "\0",
            "\u{7f}",
            "ü",
            "🎉",
            "x",
        ];
        proptest::collection::vec(proptest::sample::select(pieces.to_vec()), 0..24)
            .prop_map(|pieces| pieces.concat())
    }

    proptest! {
        #[test]
        fn nothing_acts_and_nothing_is_left_to_do(text in hostile()) {
            let safe = neutralise(&text).into_owned();
            prop_assert!(!safe.chars().any(is_not_text), "{safe:?}");
            // However somebody splits lines.
            for line in safe.split(['\n', '\r', '\u{85}', '\u{2028}', '\u{b}', '\u{c}']) {
                prop_assert!(!line.trim_start().starts_with("::"), "{safe:?}");
                for command in ["##[", "##vso[", "##teamcity[", "section_start:", "section_end:"] {
                    prop_assert!(!line.contains(command), "{safe:?}");
                }
            }
            prop_assert_eq!(neutralise(&safe).into_owned(), safe.clone());
            prop_assert_eq!(safe.matches('\n').count() >= 1, safe.contains('\n'));
        }

        #[test]
        fn json_means_the_same(text in hostile()) {
            let value = serde_json::json!([text]);
            let written = value.to_string();
            let escaped = escape_in_strings(&written);
            prop_assert!(!escaped.chars().any(is_not_text));
            prop_assert!(!escaped.contains("##[") && !escaped.contains("##vso["));
            prop_assert_eq!(serde_json::from_str::<serde_json::Value>(&escaped).unwrap(), value);
        }
    }
}
