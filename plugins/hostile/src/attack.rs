//! Which attack is wanted.

/// Where a host writes the attack's name into the component, padded with zeros.
pub(crate) static SLOT: [u8; 64] =
    *b"sindri-hostile-attack-slot:\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0";
/// The part of the slot before the name.
const MARK: usize = 27;

/// The name in the component's bytes; empty as it was built.
pub(crate) fn of_bytes() -> &'static str {
    // The compiler must not know what stands there: it is changed after it has run.
    let slot: &'static [u8; 64] = std::hint::black_box(&SLOT);
    let name = slot.get(MARK..).unwrap_or_default();
    let end = name.iter().position(|byte| *byte == 0).unwrap_or(name.len());
    std::str::from_utf8(name.get(..end).unwrap_or_default()).unwrap_or_default()
}

/// The name in the configuration: the text after `"attack":"`.
pub(crate) fn of_config(config: &str) -> &str {
    text(config, "attack").unwrap_or_default()
}

/// A text of a flat JSON object, without escapes in it.
pub(crate) fn text<'a>(json: &'a str, key: &str) -> Option<&'a str> {
    let at = json.find(&format!("\"{key}\":\""))?;
    let value = json.get(at + key.len() + 4..)?;
    value.get(..value.find('"')?)
}

#[cfg(test)]
mod tests {
    #[test]
    fn an_attack_is_named_in_the_configuration() {
        assert_eq!(super::of_config(r#"{"attack":"trap","value":"x"}"#), "trap");
        assert_eq!(super::of_config("{}"), "");
        assert_eq!(super::of_bytes(), "");
    }
}
