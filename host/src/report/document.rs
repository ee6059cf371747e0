//! The result of a command: one text for people or one JSON document for scripts, never both.

use serde::Serialize;
use serde_json::{Value, json};

use crate::error::{Error, Exit};
use crate::policy::redact::{is_not_text, neutralise};

/// What a command has to say on standard output.
#[derive(Debug)]
pub struct Document {
    text: String,
    json: Value,
    exit: Exit,
    /// Whether the text is a file that somebody will use, and not for reading.
    exact: bool,
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
            exact: false,
        }
    }

    /// A result that was asked for as text, where its other form costs more than it is worth. It is printed as it
    /// is: somebody may redirect it into a file.
    pub fn only_text(text: impl Into<String>) -> Self {
        Self {
            exact: true,
            ..Self::new(text, Value::Null)
        }
    }

    /// A result that was asked for as JSON.
    pub fn only_json(json: Value) -> Self {
        Self {
            text: String::new(),
            json,
            exit: Exit::Success,
            exact: false,
        }
    }

    /// The form of a failure. For people the error itself goes to standard error.
    pub fn failure(error: &Error) -> Self {
        Self {
            text: String::new(),
            json: json!({"success": false, "error": error.to_json()}),
            exit: error.code().exit(),
            exact: false,
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
            return format!("{}\n", inert(&format!("{:#}", self.json)));
        }
        let text = self.text.trim_end_matches('\n');
        if text.is_empty() {
            String::new()
        } else if self.exact {
            format!("{text}\n")
        } else {
            format!("{}\n", neutralise(text))
        }
    }
}

/// The same JSON without anything that a terminal or a CI system would act upon when it is printed: what JSON may
/// hold as it is, but a terminal should not, is escaped. A line never begins with `::`, because it begins with a
/// bracket, a quote or a number.
fn inert(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    let mut previous = ' ';
    for character in json.chars() {
        // Only a text can hold these.
        let command = character == '#' && previous == '#';
        if command || (is_not_text(character) && !character.is_ascii()) || character == '\u{7f}' {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        } else {
            text.push(character);
        }
        previous = character;
    }
    text
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

    #[test]
    fn names_from_a_cloud_command_neither_a_terminal_nor_a_ci_system() {
        let name = "\u{1b}[2J##vso[task.setvariable variable=x]y\u{9b}2K\u{202e}###[command]\u{7f}";
        let document = Document::new(
            format!("::add-mask::x\n{name}"),
            json!({"name": name, "::set-env": 1}),
        );
        for json in [false, true] {
            let printed = document.render(json);
            assert_eq!(neutralise(&printed), printed.as_str());
            assert!(!printed.contains("##vso["), "{printed}");
        }
        let parsed: Value = serde_json::from_str(&document.render(true)).unwrap();
        assert_eq!(
            parsed["name"], name,
            "the value is the same for whoever reads the JSON"
        );
        let file = "x = \"##[command]\"";
        assert_eq!(Document::only_text(file).render(false), format!("{file}\n"));
    }
}
