//! What a check found, for people and for scripts.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::error::{Code, Error, Exit};
use crate::journal::Fact;
use crate::plugin::Identity;
use crate::policy::redact::neutralise;
use crate::policy::template::Finding;
use crate::report::{Document, table};

/// The result of a check.
pub(super) struct Verdict {
    /// `template` or `argv`.
    pub(super) subject: &'static str,
    /// As the user named it.
    pub(super) file: PathBuf,
    /// Of its content.
    pub(super) sha256: String,
    /// Everything that is refused; empty when all is allowed.
    pub(super) findings: Vec<Refusal>,
}

/// One refused thing.
pub(super) struct Refusal {
    pub(super) code: Code,
    /// Index of the command line, from 0.
    pub(super) entry: Option<usize>,
    /// From 1; 0 for the whole file.
    pub(super) line: usize,
    pub(super) construct: String,
    pub(super) message: String,
    pub(super) remedy: String,
}

impl Refusal {
    /// One of a command line.
    pub(super) fn of_entry(error: &Error, entry: usize, line: usize, construct: String) -> Self {
        Self {
            code: error.code(),
            entry: Some(entry),
            line,
            construct,
            message: error.message().to_owned(),
            remedy: error.next().unwrap_or_default().to_owned(),
        }
    }

    fn remedy(&self) -> &str {
        if !self.remedy.is_empty() {
            return &self.remedy;
        }
        let by_code = [
            (Code::TemplateLimit, "make it smaller"),
            (
                Code::TemplateSyntax,
                "correct it; `packer fmt` finds most mistakes",
            ),
            (
                Code::ArgvTool,
                "leave it out; a plugin uses the tools that it names",
            ),
            (Code::ArgvVerb, "leave it out, or use a command that is granted"),
            (Code::ArgvFlag, "leave it out, or use a flag that is granted"),
            (
                Code::ArgvValue,
                "give plain text of the form that the tool takes as it is",
            ),
            (
                Code::ArgvLocation,
                "leave it out; the host says where a command acts",
            ),
        ];
        by_code
            .iter()
            .find(|(code, _)| *code == self.code)
            .map_or("leave it out, or write a value that is allowed", |(_, remedy)| {
                remedy
            })
    }
}

impl From<Finding> for Refusal {
    fn from(finding: Finding) -> Self {
        let construct = if finding.construct.is_empty() {
            "template".to_owned()
        } else {
            finding.construct
        };
        Self {
            code: finding.code,
            entry: None,
            line: finding.line,
            construct,
            message: finding.message,
            remedy: finding.remedy,
        }
    }
}

impl Verdict {
    /// For the audit log.
    pub(super) fn fact(&self, plugin: &Identity) -> Fact {
        let finding = |finding: &Refusal| {
            let place = match (finding.entry, finding.line) {
                (Some(entry), _) => format!("entry {entry}"),
                (None, line) => format!("line {line}"),
            };
            format!(
                "{}, {place}: {}",
                finding.code.as_str(),
                neutralise(&finding.construct)
            )
        };
        Fact::FileReviewed {
            plugin: plugin.into(),
            subject: self.subject.to_owned(),
            file: self.file.clone(),
            sha256: self.sha256.clone(),
            findings: self.findings.iter().map(finding).collect(),
        }
    }

    /// Both forms, and the exit status.
    pub(super) fn into_document(self, cloud: &str) -> Document {
        let allowed = self.findings.is_empty();
        let findings: Vec<Value> = self.findings.iter().map(to_json).collect();
        let json = json!({
            "success": allowed,
            "allowed": allowed,
            "cloud": cloud,
            "checked": self.subject,
            "file": self.file,
            "findings": findings,
        });
        let document = Document::new(self.text(), json);
        if allowed {
            document
        } else {
            document.exit(Exit::Refused)
        }
    }

    fn text(&self) -> String {
        if self.findings.is_empty() {
            return "allowed".to_owned();
        }
        let rows: Vec<Vec<String>> = self
            .findings
            .iter()
            .map(|finding| {
                vec![
                    finding.code.as_str().to_owned(),
                    line(finding).map(|line| line.to_string()).unwrap_or_default(),
                    neutralise(&finding.construct).into_owned(),
                    neutralise(&finding.message).into_owned(),
                    neutralise(finding.remedy()).into_owned(),
                ]
            })
            .collect();
        let mut text = table(&["RULE", "LINE", "CONSTRUCT", "WHAT", "REMEDY"], &rows);
        text.push_str("refused");
        text
    }
}

fn line(finding: &Refusal) -> Option<usize> {
    (finding.line > 0).then_some(finding.line)
}

fn to_json(finding: &Refusal) -> Value {
    let mut json = json!({
        "rule": finding.code.as_str(),
        "line": line(finding),
        "construct": neutralise(&finding.construct),
        "message": neutralise(&finding.message),
        "remedy": neutralise(finding.remedy()),
    });
    if let (Some(entry), Value::Object(members)) = (finding.entry, &mut json) {
        members.insert("entry".to_owned(), entry.into());
    }
    json
}
