use super::*;

const SECRET: &str = "wJalr<XUtn>FEMI/K7&MD+bPx,R'\"fi\\CY ${x}";

fn assert_masked(redactor: &Redactor, text: &str) {
    let masked = redactor.redact(text);
    assert!(masked.contains(MASK), "{text}");
    // No run of the secret may be left: 8 characters are enough to recognise one.
    for start in 0..SECRET.len() - 8 {
        assert!(!masked.contains(&SECRET[start..start + 8]), "{masked}");
    }
}

#[test]
fn a_secret_is_masked_in_each_form_a_tool_prints_it_in() {
    let redactor = Redactor::new([SECRET]);
    assert_masked(&redactor, &format!("key={SECRET};"));
    assert_masked(&redactor, &serde_json::json!({ "a": SECRET }).to_string());
    assert_masked(&redactor, &format!("?q={}&", percent_encoded(SECRET)));
    assert_masked(
        &redactor,
        &format!("1,,ui,say,{}", SECRET.replace(',', "%!(PACKER_COMMA)")),
    );
    assert_masked(&redactor, &format!("x='{}'", SECRET.replace('\'', "'\\''")));
}

#[test]
fn a_secret_inside_a_longer_base64_text_is_masked() {
    let redactor = Redactor::new(["wJalrXUtnFEMIK7MDENGbPxRfiCYEXAMPLEKEY"]);
    // Made with coreutils' base64 of: the secret; `user:` before it; `us:` and `!!` around it.
    for text in [
        "d0phbHJYVXRuRkVNSUs3TURFTkdiUHhSZmlDWUVYQU1QTEVLRVk=",
        "dXNlcjp3SmFsclhVdG5GRU1JSzdNREVOR2JQeFJmaUNZRVhBTVBMRUtFWQ==",
        "dXM6d0phbHJYVXRuRkVNSUs3TURFTkdiUHhSZmlDWUVYQU1QTEVLRVkhIQ==",
        "dTp3SmFsclhVdG5GRU1JSzdNREVOR2JQeFJmaUNZRVhBTVBMRUtFWSEh",
    ] {
        let masked = redactor.redact(text);
        assert!(masked.len() < 20 && masked.contains(MASK), "{masked}");
    }
}

#[test]
fn overlapping_and_adjacent_secrets_leave_nothing_of_either() {
    let redactor = Redactor::new(["abcdef123", "123xyz789"]);
    assert_eq!(redactor.redact("<abcdef123xyz789>"), "<***>");
    assert_eq!(redactor.redact("abcdef123123xyz789"), "******");
    assert_eq!(redactor.redact("abcdef123"), "***");
    assert_eq!(redactor.redact("a abcdef123 b 123xyz789"), "a *** b ***");
}

#[test]
fn each_line_of_a_private_key_is_masked_by_itself() {
    let key = "-----BEGIN KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\nBG5vbmUAAAAEbm9uZQAAAAAA\n";
    let redactor = Redactor::new([key]);
    assert_eq!(redactor.redact("line: BG5vbmUAAAAEbm9uZQAAAAAA"), "line: ***");
}

#[test]
fn an_escape_sequence_in_the_middle_does_not_hide_a_secret() {
    let redactor = Redactor::new(["wJalrXUtnFEMIK7MDENG"]);
    assert_eq!(redactor.line("a wJalrXU\u{1b}[0mtnFEMIK7MDENG b"), "a *** b");
    assert_eq!(redactor.line("a wJalrXU\u{200b}tnFEMIK7MDENG b"), "a *** b");
}

#[test]
fn debug_output_does_not_name_the_secrets() {
    assert!(!format!("{:?}", Redactor::new([SECRET])).contains("wJalr"));
}

#[test]
fn short_values_mask_nothing_and_ordinary_text_is_not_copied() {
    let redactor = Redactor::new(["", "us", "12345", "     "]);
    assert!(matches!(redactor.redact("us-west-2 12345"), Cow::Borrowed(_)));
}

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
