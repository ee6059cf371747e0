//! The result of a command: one text for people or one JSON document for scripts, never both.

use serde::Serialize;
use serde_json::{Value, json};

use crate::error::{Error, Exit};
use crate::policy::redact::{Redactor, escape_in_strings};

/// What a command has to say on standard output.
#[derive(Debug)]
pub struct Document {
    text: String,
    json: Value,
    exit: Exit,
    kind: Kind,
}

/// How the text is made harmless.
#[derive(Clone, Copy, Debug)]
enum Kind {
    /// For people: what acts is left out.
    Prose,
    /// For programs: what acts is written as an escape of the string that it stands in.
    Code,
}

impl Document {
    /// A result in both forms.
    pub fn new(text: impl Into<String>, json: impl Serialize) -> Self {
        let json = serde_json::to_value(json).unwrap_or_else(
            |error| json!({"success": false, "error": {"code": "internal", "message": error.to_string()}}),
        );
        Self {
            text: text.into(),
            json,
            exit: Exit::Success,
            kind: Kind::Prose,
        }
    }

    /// A result that was asked for as text in a language of programs: HCL or JSON.
    pub fn only_code(text: impl Into<String>) -> Self {
        Self {
            kind: Kind::Code,
            ..Self::new(text, Value::Null)
        }
    }

    /// A result that was asked for as JSON.
    pub fn only_json(json: Value) -> Self {
        Self {
            text: String::new(),
            json,
            exit: Exit::Success,
            kind: Kind::Prose,
        }
    }

    /// The form of a failure. For people the error itself goes to standard error.
    pub fn failure(error: &Error) -> Self {
        Self {
            text: String::new(),
            json: json!({"success": false, "error": error.to_json()}),
            exit: error.code().exit(),
            kind: Kind::Prose,
        }
    }

    /// Another exit status than success, for results that are also findings.
    #[must_use]
    pub fn exit(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// The form for people.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The form for scripts.
    pub fn json(&self) -> &Value {
        &self.json
    }

    /// The exit status.
    pub fn status(&self) -> Exit {
        self.exit
    }

    /// What goes to standard output: exactly one JSON document, or the text with one line end. Masked, and
    /// nothing in it acts on a terminal or a CI system; the JSON document means the same data.
    pub fn render(&self, json: bool, redactor: &Redactor) -> String {
        if json {
            let mut document = self.json.clone();
            redactor.redact_json(&mut document);
            return format!("{}\n", escape_in_strings(&format!("{document:#}")));
        }
        let text = self.text.trim_end_matches('\n');
        let text = match self.kind {
            Kind::Prose => redactor.line(text),
            Kind::Code => escape_in_strings(&redactor.redact(text)).into_owned(),
        };
        if text.is_empty() {
            String::new()
        } else {
            format!("{text}\n")
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn a_failure_is_one_document_with_code_and_remedy() {
        let error = Error::new(Code::ToolMissing, "no packer").remedy("install it");
        let document = Document::failure(&error);
        let parsed: Value = serde_json::from_str(&document.render(true, &Redactor::default())).unwrap();
        assert_eq!(parsed["success"], false);
        assert_eq!(parsed["error"]["code"], "tool/missing");
        assert_eq!(parsed["error"]["remedy"], "install it");
        assert_eq!(document.status(), Exit::Prerequisite);
        assert_eq!(document.render(false, &Redactor::default()), "");
    }

    #[test]
    fn an_empty_list_is_a_document_too() {
        let document = Document::new("", Vec::<u8>::new());
        assert_eq!(document.render(true, &Redactor::default()), "[]\n");
    }

    /// The name of an image that somebody else shared with the account.
    #[test]
    fn a_hostile_name_is_data_in_json_and_text_for_people() {
        let name = "\u{1b}]0;x\u{7}\u{9b}31m##vso[task.complete]\u{202e}";
        let redactor = Redactor::new(["wJalrXUtnFEMIK7MDENG"]);
        let document = Document::new(
            format!("::error::{name}"),
            json!({"name": name, "key": "wJalrXUtnFEMIK7MDENG"}),
        );
        assert_eq!(
            document.render(false, &redactor),
            ": :error::# #vso[task.complete]\n"
        );
        let written = document.render(true, &redactor);
        assert!(!written.chars().any(|c| c.is_control() && c != '\n'), "{written}");
        assert!(
            !written.contains("##vso[") && !written.contains('\u{202e}'),
            "{written}"
        );
        let read: Value = serde_json::from_str(&written).unwrap();
        assert_eq!(read, json!({"name": name, "key": "***"}));
    }

    #[test]
    fn code_keeps_its_meaning() {
        let code = "{\"a\": \"##[group]\u{7f}\"}";
        let written = Document::only_code(code).render(false, &Redactor::default());
        assert_eq!(written, "{\"a\": \"#\\u0023[group]\\u007f\"}\n");
    }
}
