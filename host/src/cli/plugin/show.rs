//! What several subcommands print of a plugin.

use serde_json::{Value, json};

use crate::contract::Requests;
use crate::policy::grants::Grants;
use crate::policy::grants::item::{Item, items};

/// A heading with one line for each item; nothing for an empty set.
pub(super) fn section(heading: &str, set: &Requests) -> String {
    lines(heading, &items(set))
}

pub(super) fn lines(heading: &str, items: &[Item]) -> String {
    if items.is_empty() {
        return String::new();
    }
    let lines = items.iter().map(|item| format!("    {item}\n"));
    format!("  {heading}\n{}", lines.collect::<String>())
}

/// The granted variables of the environment, or how to grant one: without any, the tools of a cloud that the host does
/// not know find no credentials.
pub(super) fn environment(name: &str, variables: &[String]) -> String {
    if variables.is_empty() {
        return format!(
            "its tools get no variables of your environment; for credentials: sindri plugin grant {name} --environment NAME\n"
        );
    }
    let lines = variables.iter().map(|variable| format!("    {variable}\n"));
    format!("  environment\n{}", lines.collect::<String>())
}

/// How to grant what is withheld: the command and the lines.
pub(super) fn how_to_grant(name: &str, lock: &std::path::Path, withheld: &Requests) -> String {
    let items = items(withheld);
    if items.is_empty() {
        return String::new();
    }
    let mut text = format!(
        "to grant all of it: sindri plugin grant {name} --all\nto grant one thing, move its line in {} from \
         [plugin.{name}.withheld] to [plugin.{name}.grants], or for example:\n",
        lock.display()
    );
    if let Some(first) = items.first() {
        text.push_str(&format!(
            "  sindri plugin grant {name} '{}'\n",
            first.specification()
        ));
    }
    text
}

/// Who takes what away.
pub(super) fn denials(grants: &Grants) -> Vec<Value> {
    use crate::policy::grants::Limit;
    grants
        .denials()
        .iter()
        .map(|denial| {
            let by = match &denial.by {
                Limit::Ceiling(why) => json!({"by": "sindri", "reason": why}),
                Limit::User { lock, .. } => json!({"by": "lock", "file": lock}),
                Limit::Organisation { file, rule } => json!({"by": "policy", "file": file, "rule": rule}),
            };
            json!({"item": denial.item.to_string(), "denied": by})
        })
        .collect()
}

/// Names, or a word for none.
pub(super) fn none_or(names: &[String]) -> String {
    if names.is_empty() {
        "nothing".to_owned()
    } else {
        names.join(", ")
    }
}
