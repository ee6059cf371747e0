//! Google Cloud's rules for labels.

use sindri_plugin_sdk::labels::Rules;

/// Google also takes lower-case letters of other alphabets; these are escaped all the same, because not
/// every tool that reads labels knows them.
pub(crate) const RULES: Rules = Rules {
    cloud: "Google Cloud",
    starts_key: |character| character.is_ascii_lowercase(),
    in_key: lawful,
    in_value: lawful,
    longest_key: 63,
    longest_value: 63,
    empty_values: true,
    most: 64,
};

fn lawful(character: char) -> bool {
    matches!(character, 'a'..='z' | '0'..='9' | '_' | '-')
}
