//! Texts that a terminal or a CI system would act upon.

use serde_json::json;

use super::super::attack::{Attack, Lab, Verdict};
use crate::contract::Outcome;
use crate::error::{Code, Error, Result};
use crate::policy::redact::{Redactor, neutralise};
use crate::report::Document;

pub(in super::super) fn attacks() -> Vec<Attack> {
    let attack = |name, tries, shown: fn(&Lab) -> Result<String>| Attack {
        name,
        tries,
        run: Box::new(move |lab| match shown(lab) {
            // What is harmless already is not changed.
            Ok(text) => Verdict::of_mechanism(
                !text.is_empty() && neutralise(&text) == text,
                "output filter",
                "neither escapes nor commands are left",
                "an escape or a command is printed",
            ),
            Err(error) => Verdict::NotBlocked {
                what: error.message().to_owned(),
            },
        }),
    };
    vec![
        attack(
            "output-problem",
            "to command terminal and CI system by an error",
            problem,
        ),
        attack(
            "output-notice",
            "to command terminal and CI system by a notice",
            notice,
        ),
        attack(
            "output-purpose",
            "to command terminal and CI system by the name of a step",
            purpose,
        ),
        attack(
            "output-result",
            "to command terminal and CI system by a result",
            |lab| Ok(result(lab)?.render(false, &Redactor::default())),
        ),
        attack(
            "output-json",
            "to command terminal and CI system by a result as JSON",
            |lab| Ok(result(lab)?.render(true, &Redactor::default())),
        ),
    ]
}

fn problem(lab: &Lab) -> Result<String> {
    match lab.render(&json!({"attack": "problem"})) {
        Err(error) if error.code() == Code::PluginProblem => Ok(error.to_string()),
        Err(error) => Err(error),
        Ok(_) => Err(Error::new(Code::Internal, "it reported no problem")),
    }
}

fn notice(lab: &Lab) -> Result<String> {
    let bundle = lab.render(&json!({"attack": "notices"}))?;
    Ok(bundle.notices.join("\n"))
}

fn purpose(lab: &Lab) -> Result<String> {
    Ok(lab.purposes("purpose")?.join("\n"))
}

#[allow(clippy::wildcard_enum_match_arm)] // one is asked for
fn result(lab: &Lab) -> Result<Document> {
    match lab.drive("identity", "")? {
        Outcome::Identity(identity) => {
            let text = format!("{}\n{}", identity.account, identity.principal);
            Ok(Document::new(text, identity))
        }
        _ => Err(Error::new(Code::Internal, "it returned another outcome")),
    }
}
