//! The forms in which a secret turns up in a tool's messages, requests and logs.

use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Columns at which encoders break their lines: `base64` and MIME at 76, PEM at 64, `xxd -p` at 60.
const COLUMNS: &[usize] = &[60, 64, 76];
/// A shorter piece of a broken line stands in too many other texts.
const SHORTEST_PIECE: usize = 16;

/// Every form, each once, the plain one among them.
pub(super) fn forms(secret: &str) -> BTreeSet<String> {
    let mut forms = BTreeSet::from([secret.to_owned()]);
    forms.extend(json(secret));
    for inner in json(secret) {
        // A document inside a string of a document: a request in a log line.
        forms.extend(json(&inner));
    }
    forms.extend(percent(secret));
    forms.extend(shell(secret));
    forms.extend(markup(secret));
    // Packer's machine-readable lines, and its templates.
    forms.insert(secret.replace(',', "%!(PACKER_COMMA)"));
    forms.insert(secret.replace("${", "$${").replace("%{", "%%{"));
    // A single-quoted text of YAML.
    forms.insert(secret.replace('\'', "''"));
    let hex = hex(secret.as_bytes());
    forms.extend(pieces(&hex));
    forms.insert(hex.to_ascii_uppercase());
    forms.insert(hex);
    for offset in 0..3 {
        for text in base64(secret.as_bytes(), offset) {
            if offset == 0 {
                forms.extend(pieces(&text));
            }
            forms.extend(percent(&text));
            forms.insert(text.replace('/', "\\/"));
            forms.insert(text);
        }
    }
    forms
}

/// The lines that an encoder with line breaks makes of a long text.
fn pieces(text: &str) -> impl Iterator<Item = String> {
    COLUMNS
        .iter()
        .filter(|columns| text.len() > **columns)
        .flat_map(|columns| text.as_bytes().chunks(*columns))
        .filter(|piece| piece.len() >= SHORTEST_PIECE)
        .filter_map(|piece| std::str::from_utf8(piece).ok().map(str::to_owned))
}

/// Insides of JSON strings: as few escapes as possible, as Go writes them, as Python does (ASCII only),
/// with `/` escaped as PHP does, and with every character escaped.
fn json(text: &str) -> Vec<String> {
    let plain = serde_json::Value::from(text).to_string();
    let plain = plain
        .strip_prefix('"')
        .and_then(|text| text.strip_suffix('"'))
        .unwrap_or_default()
        .to_owned();
    let go = plain
        .replace('<', "\\u003c")
        .replace('>', "\\u003e")
        .replace('&', "\\u0026");
    let mut forms = vec![
        plain.replace('/', "\\/"),
        go.replace('/', "\\/"),
        json_units(text),
        json_units(text).to_ascii_uppercase().replace("\\U", "\\u"),
    ];
    if !text.is_ascii() {
        forms.extend([&plain, &go, &plain.replace('/', "\\/")].map(|form| ascii_only(form)));
    }
    if text.contains('\'') {
        forms.push(go.replace('\'', "\\u0027"));
    }
    forms.push(go);
    forms.push(plain);
    forms
}

/// `\uXXXX` for every UTF-16 unit.
fn json_units(text: &str) -> String {
    text.encode_utf16().fold(String::new(), |mut units, unit| {
        // Writing to a string cannot fail.
        let _ = write!(units, "\\u{unit:04x}");
        units
    })
}

fn ascii_only(text: &str) -> String {
    text.chars().fold(String::new(), |mut ascii, character| {
        if character.is_ascii() {
            ascii.push(character);
        } else {
            ascii.push_str(&json_units(character.encode_utf8(&mut [0; 4])));
        }
        ascii
    })
}

/// URL encodings: which bytes stay differs from library to library.
fn percent(text: &str) -> Vec<String> {
    /// RFC 3986's unreserved characters; `encodeURIComponent`; Python's `quote`; Go's path segments;
    /// `encodeURI`, which leaves the reserved characters; and none at all.
    const KEPT: &[&str] = &["-._~", "-._~!*'()", "-._~/", "-._~$&+=:@", "-._~!*'();/?:@&=+$,#"];
    let mut forms = Vec::new();
    for kept in KEPT {
        let upper = percent_with(text, |byte| {
            byte.is_ascii_alphanumeric() || kept.as_bytes().contains(&byte)
        });
        // Forms: a space is a plus sign.
        let plus = upper.replace("%20", "+");
        forms.extend([lower(&upper), lower(&plus), upper, plus]);
    }
    let all = percent_with(text, |_| false);
    forms.extend([lower(&all), all]);
    forms
}

fn percent_with(text: &str, keep: impl Fn(u8) -> bool) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if keep(byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
        encoded
    })
}

/// The same with small letters in the escapes.
fn lower(encoded: &str) -> String {
    let mut lower = String::with_capacity(encoded.len());
    let mut digits = 0_u8;
    for character in encoded.chars() {
        if digits > 0 {
            digits -= 1;
            lower.push(character.to_ascii_lowercase());
        } else {
            lower.push(character);
            digits = if character == '%' { 2 } else { 0 };
        }
    }
    lower
}

/// Words as shells quote them, without the quotes around.
fn shell(text: &str) -> Vec<String> {
    let escaped = |special: fn(char) -> bool| {
        text.chars().fold(String::new(), |mut word, character| {
            if special(character) {
                word.push('\\');
            }
            word.push(character);
            word
        })
    };
    let ansi = text
        .replace('\\', "\\\\")
        .replace('\'', "\\'")
        .replace('\n', "\\n")
        .replace('\t', "\\t")
        .replace('\r', "\\r");
    vec![
        text.replace('\'', "'\\''"),
        text.replace('\'', "'\"'\"'"),
        // Inside double quotes, with and without the history's character.
        escaped(|c| matches!(c, '"' | '\\' | '$' | '`')),
        escaped(|c| matches!(c, '"' | '\\' | '$' | '`' | '!')),
        // Without quotes, as `printf %q` of bash and zsh, and with everything escaped that may be.
        escaped(|c| c.is_ascii() && !c.is_ascii_alphanumeric() && !"_-./:=@%+,^".contains(c)),
        escaped(|c| c.is_ascii() && !c.is_ascii_alphanumeric() && !"_-./:=@%+".contains(c)),
        escaped(|c| c.is_ascii() && !c.is_ascii_alphanumeric() && !"_-./@%+:,".contains(c)),
        escaped(|c| c.is_ascii() && !c.is_ascii_alphanumeric() && !"_-./".contains(c)),
        escaped(|c| c.is_ascii_punctuation() || c == ' '),
        // `$'…'`; also the strings of Python and other languages.
        ansi.clone(),
        ansi.replace('"', "\\\""),
        ansi.replace("\\'", "'"),
    ]
}

/// Text of HTML and XML: what is escaped, and how the quotes are written.
fn markup(text: &str) -> Vec<String> {
    let angles = text
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let quotes = [
        ("&quot;", "&apos;"),
        ("&quot;", "&#39;"),
        ("&quot;", "&#x27;"),
        ("&#34;", "&#39;"),
        ("&#x22;", "&#x27;"),
        ("&quot;", "'"),
        ("\"", "'"),
    ];
    let mut forms: Vec<_> = quotes
        .iter()
        .map(|(double, single)| angles.replace('"', double).replace('\'', single))
        .collect();
    forms.push(entities(text, |code| format!("&#{code};")));
    forms.push(entities(text, |code| format!("&#x{code:x};")));
    forms.push(entities(text, |code| format!("&#x{code:X};")));
    forms
}

fn entities(text: &str, entity: impl Fn(u32) -> String) -> String {
    text.chars()
        .map(|character| entity(u32::from(character)))
        .collect()
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut hex, byte| {
        let _ = write!(hex, "{byte:02x}");
        hex
    })
}

/// The characters of the base64 text that depend on this value alone when `offset` bytes stand before
/// it (`user:password` for example): the first and the last character may be shared with a neighbour.
/// In both alphabets.
fn base64(bytes: &[u8], offset: usize) -> [String; 2] {
    const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let padded: Vec<u8> = std::iter::repeat_n(0, offset)
        .chain(bytes.iter().copied())
        .collect();
    let mut text = String::new();
    for group in padded.chunks(3) {
        let mut bits = 0_u32;
        for index in 0..3 {
            bits = (bits << 8) | u32::from(group.get(index).copied().unwrap_or(0));
        }
        for shift in [18, 12, 6, 0] {
            let digit = usize::try_from((bits >> shift) & 63).unwrap_or(0);
            text.push(ALPHABET.get(digit).copied().map_or('A', char::from));
        }
    }
    // Characters that hold at least one bit of a neighbour: before the value …
    let before = (offset * 8).div_ceil(6);
    // … and behind it.
    let whole = padded.len() * 8 / 6;
    let standard = text.get(before..whole).unwrap_or_default().to_owned();
    [standard.replace('+', "-").replace('/', "_"), standard]
}
