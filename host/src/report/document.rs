//! The result of a command: one text for people or one JSON document for scripts, never both.

use serde::Serialize;
use serde_json::{Value, json};

use crate::error::{Error, Exit};

/// What a command has to say on standard output.
#[derive(Debug)]
pub struct Document {
    text: String,
    json: Value,
    exit: Exit,
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
        }
    }

    /// A result that was asked for as text, where its other form costs more than it is worth.
    pub fn only_text(text: impl Into<String>) -> Self {
        Self::new(text, Value::Null)
    }

    /// A result that was asked for as JSON.
    pub fn only_json(json: Value) -> Self {
        Self {
            text: String::new(),
            json,
            exit: Exit::Success,
        }
    }

    /// The form of a failure. For people the error itself goes to standard error.
    pub fn failure(error: &Error) -> Self {
        Self {
            text: String::new(),
            json: json!({"success": false, "error": error.to_json()}),
            exit: error.code().exit(),
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

    /// What goes to standard output: exactly one JSON document, or the text with one line end.
    pub fn render(&self, json: bool) -> String {
        if json {
            return format!("{:#}\n", self.json);
        }
        let text = self.text.trim_end_matches('\n');
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
        let parsed: Value = serde_json::from_str(&document.render(true)).unwrap();
        assert_eq!(parsed["success"], false);
        assert_eq!(parsed["error"]["code"], "tool/missing");
        assert_eq!(parsed["error"]["remedy"], "install it");
        assert_eq!(document.status(), Exit::Prerequisite);
        assert_eq!(document.render(false), "");
    }

    #[test]
    fn an_empty_list_is_a_document_too() {
        assert_eq!(Document::new("", Vec::<u8>::new()).render(true), "[]\n");
    }
}
