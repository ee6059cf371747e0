//! Reading results. A plugin keeps no state; what has happened is what the history says.

use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::contract::{Problem, StepResult, StepStatus};

/// All results so far.
#[derive(Clone, Copy, Debug)]
pub struct History<'a>(&'a [StepResult]);

impl<'a> History<'a> {
    /// The results that came with the call.
    pub fn new(results: &'a [StepResult]) -> Self {
        Self(results)
    }

    /// Whether the step has been done.
    pub fn has(&self, id: &str) -> bool {
        self.get(id).is_some()
    }

    /// The result of a step; the newest when the host repeated it.
    pub fn get(&self, id: &str) -> Option<&'a StepResult> {
        self.0.iter().rev().find(|result| result.step_id == id)
    }

    /// Whether the step was done and succeeded.
    pub fn succeeded(&self, id: &str) -> bool {
        self.get(id)
            .is_some_and(|result| matches!(result.status, StepStatus::Exited(0) | StepStatus::Waited))
    }

    /// The tool's own code when the step failed in a way that the plan tolerates.
    pub fn error_code(&self, id: &str) -> Option<&'a str> {
        self.get(id).and_then(|result| result.error_code.as_deref())
    }

    /// Standard output as JSON.
    pub fn json(&self, id: &str) -> Result<Json, Problem> {
        self.decode(id)
    }

    /// Standard output as a type of the plugin's. Garbage is a problem, never a panic: tools print
    /// warnings, proxies print HTML, and output is cut at the host's cap.
    pub fn decode<T: DeserializeOwned>(&self, id: &str) -> Result<T, Problem> {
        let result = self
            .get(id)
            .ok_or_else(|| Problem::new("missing-result", format!("step `{id}` has no result yet")))?;
        if !self.succeeded(id) {
            let code = result.error_code.as_deref().unwrap_or("no error code");
            return Err(Problem::new(
                "step-failed",
                format!("step `{id}` failed ({code})"),
            ));
        }
        serde_json::from_str(&result.stdout).map_err(|error| {
            Problem::new(
                "unreadable-output",
                format!("the output of step `{id}` is not what was expected: {error}"),
            )
            .remedy("run the command shown by --plan by hand and look at what it prints")
        })
    }

    /// Like [`History::decode`], and `None` when the step failed in a way that the plan tolerates.
    pub fn decode_tolerated<T: DeserializeOwned>(&self, id: &str) -> Result<Option<T>, Problem> {
        if self.has(id) && !self.succeeded(id) {
            return Ok(None);
        }
        self.decode(id).map(Some)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn result(id: &str, status: StepStatus, stdout: &str, code: Option<&str>) -> StepResult {
        StepResult {
            step_id: id.to_owned(),
            status,
            stdout: stdout.to_owned(),
            error_code: code.map(str::to_owned),
        }
    }

    #[test]
    fn garbage_from_a_tool_is_a_problem_that_names_the_step() {
        for garbage in ["", "<html>", "{\"Images\":[", "null garbage", "\u{feff}{}"] {
            let results = [result("images", StepStatus::Exited(0), garbage, None)];
            let problem = History::new(&results).json("images").unwrap_err();
            assert_eq!(problem.code, "unreadable-output", "{garbage:?}");
            assert!(problem.message.contains("images"));
        }
    }

    #[test]
    fn a_missing_step_and_a_failed_step_are_told_apart() {
        let results = [
            result("gone", StepStatus::Exited(255), "", Some("InvalidAMIID.NotFound")),
            result("slow", StepStatus::TimedOut, "{}", None),
        ];
        let history = History::new(&results);
        assert_eq!(history.json("never").unwrap_err().code, "missing-result");
        assert_eq!(history.json("gone").unwrap_err().code, "step-failed");
        assert_eq!(history.decode_tolerated::<Json>("gone").unwrap(), None);
        assert_eq!(
            history.decode_tolerated::<Json>("slow").unwrap(),
            None,
            "half an output is no answer"
        );
        assert_eq!(
            history.decode_tolerated::<Json>("never").unwrap_err().code,
            "missing-result"
        );
        assert_eq!(history.error_code("gone"), Some("InvalidAMIID.NotFound"));
    }
}
