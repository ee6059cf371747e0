//! What is wrong with a template, and where.

use crate::{Code, Error};

/// One refused construct of a template.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// The rule.
    pub code: Code,
    /// Line of the plugin's template, from 1; 0 when it concerns the whole.
    pub line: usize,
    /// What is refused, in the words of the template, for example `source.amazon-ebs.vm.ssh_host`.
    pub construct: String,
    /// What happened, one sentence.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

impl Finding {
    /// A finding without a remedy.
    pub(super) fn new(
        code: Code,
        line: usize,
        construct: impl Into<String>,
        message: impl Into<String>,
    ) -> Self {
        Self {
            code,
            line,
            construct: construct.into(),
            message: message.into(),
            remedy: String::new(),
        }
    }

    /// Says what to do.
    #[must_use]
    pub(super) fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = remedy.into();
        self
    }

    /// The error that ends a compilation.
    pub(super) fn into_error(self) -> Error {
        let mut error = Error::new(self.code, self.message);
        if !self.construct.is_empty() {
            error = error.key(self.construct);
        }
        if self.line > 0 {
            error = error.line(self.line);
        }
        if self.remedy.is_empty() {
            error
        } else {
            error.remedy(self.remedy)
        }
    }
}

/// Collects findings, so that an author sees all of them at once.
#[derive(Debug, Default)]
pub(super) struct Findings(Vec<Finding>);

impl Findings {
    /// Adds one.
    pub(super) fn push(&mut self, finding: Finding) {
        self.0.push(finding);
    }

    /// Adds the error of a step and goes on without its value.
    pub(super) fn keep<T>(&mut self, result: Result<T, Finding>) -> Option<T> {
        match result {
            Ok(value) => Some(value),
            Err(finding) => {
                self.push(finding);
                None
            }
        }
    }

    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// All of them, in the order of the template.
    pub(super) fn into_vec(mut self) -> Vec<Finding> {
        self.0.sort_by_key(|finding| finding.line);
        self.0
    }
}
