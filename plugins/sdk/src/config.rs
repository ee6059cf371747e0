//! Reading the plugin's section of the configuration.

use serde::de::DeserializeOwned;

use crate::contract::Problem;

/// The section as the plugin's own type.
///
/// Mark the type `deny_unknown_fields` and give it no defaults: the schema in `describe` is their one
/// source and the host has filled them in. A section that does not fit means that schema and type
/// disagree, which is the plugin's mistake and not the user's.
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, Problem> {
    serde_json::from_str(text).map_err(|error| {
        Problem::new(
            "config",
            format!("the plugin cannot read its configuration: {error}"),
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, serde::Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Section {
        #[allow(dead_code)]
        region: String,
    }

    #[test]
    fn a_key_that_nothing_reads_is_a_problem_and_not_dropped() {
        let problem = parse::<Section>(r#"{"region":"eu","regoin":"us"}"#).unwrap_err();
        assert_eq!(problem.code, "config");
        assert!(problem.message.contains("regoin"), "{}", problem.message);
        assert!(parse::<Section>(r#"{"region":"eu"}"#).is_ok());
        assert!(parse::<Section>("").is_err());
    }
}
