//! Eight encodings of a secret, written here once more: the test must not share its mistakes with the program.

/// Their names.
pub(crate) const NAMES: [&str; 8] = [
    "raw",
    "base64",
    "percent",
    "json",
    "json in json",
    "shell",
    "hex",
    "html",
];

/// Name and text of each. Of base64 what does not depend on the neighbours, at each alignment and in both
/// alphabets.
pub(crate) fn of(secret: &str) -> Vec<(&'static str, String)> {
    let json = escape(secret);
    let mut encodings = vec![
        ("raw", secret.to_owned()),
        ("percent", percent(secret)),
        ("json in json", escape(&json)),
        ("json", json),
        ("shell", secret.replace('\'', "'\"'\"'")),
        ("hex", secret.bytes().map(|byte| format!("{byte:02x}")).collect()),
        (
            "html",
            secret
                .replace('&', "&amp;")
                .replace('<', "&lt;")
                .replace('>', "&gt;")
                .replace('"', "&quot;")
                .replace('\'', "&#x27;"),
        ),
    ];
    for offset in 0..3 {
        let text = base64(secret.as_bytes(), offset);
        encodings.push(("base64", text.replace('+', "-").replace('/', "_")));
        encodings.push(("base64", text));
    }
    encodings
}

/// As Python's `json` does: ASCII only.
fn escape(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '"' => "\\\"".to_owned(),
            '\\' => "\\\\".to_owned(),
            '\n' => "\\n".to_owned(),
            other if other.is_ascii() => other.to_string(),
            other => {
                let mut units = [0; 2];
                other
                    .encode_utf16(&mut units)
                    .iter()
                    .map(|unit| format!("\\u{unit:04x}"))
                    .collect()
            }
        })
        .collect()
}

fn percent(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                char::from(byte).to_string()
            }
            other => format!("%{other:02X}"),
        })
        .collect()
}

fn base64(bytes: &[u8], offset: usize) -> String {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: Vec<u8> = std::iter::repeat_n(0, offset)
        .chain(bytes.iter().copied())
        .flat_map(|byte| (0..8).rev().map(move |shift| (byte >> shift) & 1))
        .collect();
    let digits: String = bits
        .chunks_exact(6)
        .map(|six| char::from(ALPHABET[six.iter().fold(0, |value, bit| value * 2 + usize::from(*bit))]))
        .collect();
    digits[(offset * 8).div_ceil(6)..].to_owned()
}
