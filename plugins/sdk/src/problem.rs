//! Building problems: a stable code, what is wrong, where it was set, what to do.

use crate::contract::Problem;

impl Problem {
    /// `code` is kebab-case and stays the same for ever; scripts match on it.
    pub fn new(code: impl Into<String>, message: impl Into<String>) -> Self {
        Self {
            code: code.into(),
            message: message.into(),
            key: None,
            remedy: None,
        }
    }

    /// The configuration key that has to change.
    #[must_use]
    pub fn key(mut self, key: impl Into<String>) -> Self {
        self.key = Some(key.into());
        self
    }

    /// What to do next.
    #[must_use]
    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = Some(remedy.into());
        self
    }
}
