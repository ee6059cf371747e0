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
    // Python's urllib.parse.quote(…, safe='').
    let quoted = "wJalr%3CXUtn%3EFEMI%2FK7%26MD%2BbPx%2CR%27%22fi%5CCY%20%24%7Bx%7D";
    assert_masked(&redactor, &format!("?q={quoted}&"));
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

/// What other programs make of the secret `p&<ss>"w'ör d/$x!`, by their own encoders.
#[test]
fn the_encodings_of_other_programs_are_known() {
    const ODD: &str = "p&<ss>\"w'ör d/$x!";
    let redactor = Redactor::new([ODD]);
    for text in [
        // Python: json.dumps, twice; urllib quote, quote_plus; html.escape; repr; shlex.quote.
        r#"p&<ss>\"w'\u00f6r d/$x!"#,
        r#"p&<ss>\\\"w'\\u00f6r d/$x!"#,
        "p%26%3Css%3E%22w%27%C3%B6r%20d/%24x%21",
        "p%26%3Css%3E%22w%27%C3%B6r+d%2F%24x%21",
        "p&amp;&lt;ss&gt;&quot;w&#x27;ör d/$x!",
        r#"p&<ss>"w\'ör d/$x!"#,
        r#"p&<ss>"w'"'"'ör d/$x!"#,
        // JavaScript: encodeURIComponent, encodeURI. PHP: json_encode.
        "p%26%3Css%3E%22w'%C3%B6r%20d%2F%24x!",
        "p&%3Css%3E%22w'%C3%B6r%20d/$x!",
        r#"p&<ss>\"w'\u00f6r d\/$x!"#,
        // Go: encoding/json, html.EscapeString.
        r#"p\u0026\u003css\u003e\"w'ör d/$x!"#,
        "p&amp;&lt;ss&gt;&#34;w&#39;ör d/$x!",
        // bash: printf %q; double quotes; single quotes.
        r#"p\&\<ss\>\"w\'ör\ d/\$x\!"#,
        r#"p&<ss>\"w'ör d/\$x!"#,
        r#"p&<ss>"w'\''ör d/$x!"#,
        // xxd -p, and with capitals.
        "70263c73733e227727c3b67220642f247821",
        "70263C73733E227727C3B67220642F247821",
        // base64, base64url.
        "cCY8c3M+Incnw7ZyIGQvJHgh",
        "cCY8c3M-Incnw7ZyIGQvJHgh",
        "cCY8c3M%2BIncnw7ZyIGQvJHgh",
    ] {
        let masked = redactor.redact(text);
        assert_eq!(masked, "***", "{text}");
    }
}

#[test]
fn lines_of_a_broken_base64_text_are_masked_each() {
    let secret: String = (0..90).map(|n| char::from(b'!' + (n * 37 % 90) as u8)).collect();
    let redactor = Redactor::new([&secret]);
    let mut encoded = Vec::new();
    for chunk in secret.as_bytes().chunks(57) {
        // 57 bytes are 76 characters: each line stands for itself.
        encoded.push(base64_for_tests(chunk));
    }
    for line in encoded {
        assert!(redactor.redact(&line).starts_with("***"), "{line}");
    }
}

fn base64_for_tests(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: String = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    bits.as_bytes()
        .chunks(6)
        .map(|six| {
            let text = format!("{:0<6}", std::str::from_utf8(six).unwrap());
            char::from(ALPHABET[usize::from_str_radix(&text, 2).unwrap()])
        })
        .collect()
}

#[test]
fn settings_beside_secrets_do_not_turn_the_log_into_stars() {
    let redactor = Redactor::default();
    for (name, value) in [
        ("DEBUG", "true"),
        ("REGION", "us-east-1"),
        ("ZONE", "us-east-1a"),
        ("LEVEL", "production"),
        ("LANG", "en_US.UTF-8"),
        ("VERSION", "1.27.103"),
        ("PORT", "443443"),
        ("NAMES", "Anna Maria"),
        ("HOST", "mirror.internal"),
    ] {
        redactor.learn_variable(name, value);
        assert_eq!(redactor.redact(value), value);
    }
    for (name, value) in [
        ("DB_PASSWORD", "hunter"),
        ("GREETING", "hunter2Hunter"),
        ("X", "5f4dcc3b5aa765d61d8327deb882cf99"),
        ("X", "abcdefghijklmnop"),
        ("X", "AKIAIOSFODNN7EXAMPLE"),
        ("X", "https://user:pass99@host/"),
    ] {
        redactor.learn_variable(name, value);
        assert_eq!(redactor.redact(value), "***", "{value}");
    }
    assert_eq!(redactor.redact("pass99 at us-east-1"), "*** at us-east-1");
}

#[test]
fn the_private_key_of_a_service_account_is_masked_where_it_stands_alone() {
    let document = serde_json::json!({
        "type": "service_account",
        "project_id": "golden-images-123456",
        "private_key_id": "8f14e45fceea167a5a36dedd4bea2543",
        "private_key": "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASC\n-----END PRIVATE KEY-----\n",
    });
    let redactor = Redactor::new([document.to_string()]);
    let shown =
        "id 8f14e45fceea167a5a36dedd4bea2543 of golden-images-123456: MIIEvQIBADANBgkqhkiG9w0BAQEFAASC";
    assert_eq!(redactor.redact(shown), "id *** of golden-images-123456: ***");
}

#[test]
fn a_long_secret_is_masked_by_pieces_and_entirely() {
    let secret: String = (0..3000).map(|n| format!("{:x}", n * 7919)).collect();
    let redactor = Redactor::new([&secret]);
    let masked = redactor.redact(&secret);
    assert!(masked.trim_matches('*').is_empty(), "{masked}");
}

#[test]
fn what_is_left_of_a_secret_where_a_text_was_cut_is_masked() {
    let redactor = Redactor::new(["wJalrXUtnFEMIK7MDENG"]);
    assert_eq!(redactor.redact_fragment("EMIK7MDENG and wJalrXU"), "*** and ***");
    assert_eq!(redactor.redact_fragment("nothing of it"), "nothing of it");
    assert_eq!(redactor.redact_fragment("FEMIK7"), "FEMIK7");
}

#[test]
fn what_one_clone_learns_all_mask() {
    let one = Redactor::new(["first-secret-1"]);
    let other = one.clone();
    assert_eq!(
        other.redact("first-secret-1 second-secret-2"),
        "*** second-secret-2"
    );
    one.learn_output(r#"{"Password": "second-secret-2", "Region": "us-east-1"}"#);
    assert_eq!(
        other.redact("first-secret-1 second-secret-2 us-east-1"),
        "*** *** us-east-1"
    );
}

#[test]
fn a_document_stays_one_with_its_secrets_masked() {
    let secret = "a\"b\\c\",\"x";
    let redactor = Redactor::new([secret]);
    let mut document = serde_json::json!({"list": [secret, 1], secret: {"again": format!("<{secret}>")}});
    redactor.redact_json(&mut document);
    assert_eq!(
        document,
        serde_json::json!({"list": ["***", 1], "***": {"again": "<***>"}})
    );
}

/// A guest that prints one long line must not keep the host busy for minutes.
#[test]
fn masking_takes_time_in_proportion_to_the_text() {
    let redactor = Redactor::new((0..30).map(|n| format!("secret-{n}-wJalrXUtnFEMIK7MDENG<&'\">")));
    let text = "#wJalrXUtnFEMIK7MDEN".repeat(100_000);
    let began = std::time::Instant::now();
    assert_eq!(redactor.line(&text), text);
    assert!(
        began.elapsed() < std::time::Duration::from_secs(20),
        "{:?}",
        began.elapsed()
    );
}

mod properties {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        // An automaton each.
        #![proptest_config(ProptestConfig::with_cases(48))]

        #[test]
        fn no_form_of_any_secret_survives(secret in "[ -~äß€\n]{8,60}", before in "[ -~]{0,5}", behind in "[ -~]{0,5}") {
            let redactor = Redactor::new([&secret]);
            prop_assume!(secret.trim().chars().count() >= SHORTEST);
            for form in forms::forms(secret.trim()) {
                let text = format!("{before}{form}{behind}");
                if form.len() >= SHORTEST {
                    prop_assert!(!redactor.redact(&text).contains(&form), "{}", form);
                }
            }
        }

        #[test]
        fn base64_is_masked_wherever_the_secret_stands_in_the_longer_text(
            secret in "[!-~]{12,40}", before in "[ -~]{0,7}", behind in "[ -~]{0,7}",
        ) {
            let redactor = Redactor::new([&secret]);
            let text = base64_for_tests(format!("{before}{secret}{behind}").as_bytes());
            let masked = redactor.redact(&text);
            // What is left is the neighbours and the two characters shared with them.
            let rest = masked.replace(MASK, "");
            prop_assert!(rest.len() <= (before.len() + behind.len()) * 4 / 3 + 6, "{} of {}", masked, text);
        }

        #[test]
        fn masking_is_done_once_and_for_all(text in "\\PC{0,60}") {
            let redactor = Redactor::new(["wJalrXUtnFEMI"]);
            let once = redactor.line(&text);
            prop_assert_eq!(redactor.line(&once), once.clone());
        }
    }
}
