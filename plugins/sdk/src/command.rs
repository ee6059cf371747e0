//! Building commands. Typed from end to end: the host alone turns them into an argument vector, so
//! nothing here joins words or quotes anything.

use serde_json::Value as Json;

use crate::contract::{self, Action, Effect, Flag, Step, Tolerance, Value};

/// Seconds a command may take when nothing else is said.
pub const DEFAULT_TIMEOUT: u32 = 60;

/// A command under construction.
///
/// ```
/// use sindri_plugin_sdk::Command;
/// let step = Command::read("aws", ["ec2", "describe-images"])
///     .flag("owners", "self")
///     .json_flag("filters", serde_json::json!([{"Name": "state", "Values": ["available"]}]))
///     .timeout(90)
///     .tolerates(["InvalidAMIID.NotFound"])
///     .step("images", "Look for finished images");
/// assert_eq!(step.id, "images");
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Command(contract::Command);

impl Command {
    fn new<'a>(tool: &str, verb: impl IntoIterator<Item = &'a str>, effect: Effect) -> Self {
        Self(contract::Command {
            tool: tool.to_owned(),
            verb: verb.into_iter().map(str::to_owned).collect(),
            flags: Vec::new(),
            positionals: Vec::new(),
            location: None,
            effect,
            timeout_seconds: DEFAULT_TIMEOUT,
            tolerates: Tolerance::Nothing,
            secret_output: false,
        })
    }

    /// A command that only looks.
    pub fn read<'a>(tool: &str, verb: impl IntoIterator<Item = &'a str>) -> Self {
        Self::new(tool, verb, Effect::Read)
    }

    /// A command that makes or changes something.
    pub fn create<'a>(tool: &str, verb: impl IntoIterator<Item = &'a str>) -> Self {
        Self::new(tool, verb, Effect::Create)
    }

    /// A command that takes something away for good.
    pub fn destroy<'a>(tool: &str, verb: impl IntoIterator<Item = &'a str>) -> Self {
        Self::new(tool, verb, Effect::Destroy)
    }

    /// A command that changes who can see or use something.
    pub fn publish<'a>(tool: &str, verb: impl IntoIterator<Item = &'a str>) -> Self {
        Self::new(tool, verb, Effect::Publish)
    }

    /// A flag with one value.
    pub fn flag(self, name: &str, value: impl Into<String>) -> Self {
        self.flag_values(name, [value.into()])
    }

    /// A flag with one value, left out when there is none.
    pub fn optional_flag(self, name: &str, value: Option<impl Into<String>>) -> Self {
        match value {
            Some(value) => self.flag(name, value),
            None => self,
        }
    }

    /// A flag with several values.
    pub fn flag_values<S: Into<String>>(mut self, name: &str, values: impl IntoIterator<Item = S>) -> Self {
        let values = values
            .into_iter()
            .map(|value| Value::Text(value.into()))
            .collect();
        self.0.flags.push(Flag {
            name: name.to_owned(),
            values,
        });
        self
    }

    /// A structured value as JSON text. Never put user text into a tool's shorthand syntax: a comma
    /// or a bracket in it would become structure.
    pub fn json_flag(self, name: &str, value: Json) -> Self {
        self.flag(name, value.to_string())
    }

    /// A value that the tool takes from a file, which the host writes.
    pub fn file_flag(mut self, name: &str, content: impl Into<String>) -> Self {
        self.0.flags.push(Flag {
            name: name.to_owned(),
            values: vec![Value::File(content.into())],
        });
        self
    }

    /// A flag without a value.
    pub fn switch(mut self, name: &str) -> Self {
        self.0.flags.push(Flag {
            name: name.to_owned(),
            values: Vec::new(),
        });
        self
    }

    /// A word after the flags.
    pub fn positional(mut self, value: impl Into<String>) -> Self {
        self.0.positionals.push(value.into());
        self
    }

    /// Acts in another region or zone than the configured one.
    pub fn at(mut self, location: impl Into<String>) -> Self {
        self.0.location = Some(location.into());
        self
    }

    /// Seconds until the host ends it; 1 to 3600.
    pub fn timeout(mut self, seconds: u32) -> Self {
        self.0.timeout_seconds = seconds;
        self
    }

    /// Failures with these codes are part of the plan.
    pub fn tolerates<S: Into<String>>(mut self, codes: impl IntoIterator<Item = S>) -> Self {
        self.0.tolerates = Tolerance::Errors(codes.into_iter().map(Into::into).collect());
        self
    }

    /// Any failure is part of the plan.
    pub fn tolerates_any_failure(mut self) -> Self {
        self.0.tolerates = Tolerance::AnyFailure;
        self
    }

    /// The output is a secret.
    pub fn secret_output(mut self) -> Self {
        self.0.secret_output = true;
        self
    }

    /// The finished step. `id` is unique within the run; `purpose` is what the user reads.
    #[must_use]
    pub fn step(self, id: impl Into<String>, purpose: impl Into<String>) -> Step {
        Step {
            id: id.into(),
            purpose: purpose.into(),
            action: Action::Command(self.0),
        }
    }
}

/// A step that waits; at most 60 seconds.
#[must_use]
pub fn wait(id: impl Into<String>, purpose: impl Into<String>, seconds: u32) -> Step {
    Step {
        id: id.into(),
        purpose: purpose.into(),
        action: Action::Wait(seconds),
    }
}

/// The name under which a numbered flag is requested: `Tag.N.Key` for `Tag.12.Key`. Other names stay as they are.
///
/// The host lets `N` stand for 1 to 100 where the request says `N`.
#[must_use]
pub fn requested_as(flag: &str) -> String {
    let number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let part = |part| if number(part) { "N" } else { part };
    flag.split('.').map(part).collect::<Vec<_>>().join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_of_a_flag_are_requested_as_n() {
        for (flag, requested) in [
            ("Tag.12.Key", "Tag.N.Key"),
            ("ResourceId.1", "ResourceId.N"),
            ("SystemDisk.Size", "SystemDisk.Size"),
            ("image-ids", "image-ids"),
            ("a..b", "a..b"),
        ] {
            assert_eq!(requested_as(flag), requested);
        }
    }

    #[test]
    fn user_text_stays_one_json_string_and_never_becomes_structure() {
        let hostile = "x\"},{\"Key\":\"ManagedBy\",Value=file:///etc/passwd";
        let step = Command::create("aws", ["ec2", "create-tags"])
            .json_flag("tags", serde_json::json!([{"Key": "Name", "Value": hostile}]))
            .step("tag", "Tag");
        let Action::Command(command) = step.action else {
            panic!()
        };
        let Value::Text(text) = &command.flags[0].values[0] else {
            panic!()
        };
        let back: Json = serde_json::from_str(text).unwrap();
        assert_eq!(back[0]["Value"], hostile);
        assert_eq!(back.as_array().unwrap().len(), 1);
    }

    #[test]
    fn a_switch_has_no_value_and_the_effect_is_that_of_the_constructor() {
        let step = Command::destroy("aws", ["ec2", "x"])
            .switch("force")
            .step("a", "b");
        let Action::Command(command) = step.action else {
            panic!()
        };
        assert!(command.flags[0].values.is_empty());
        assert_eq!(command.effect, Effect::Destroy);
        assert_eq!(
            command.tolerates,
            Tolerance::Nothing,
            "nothing is tolerated unless said"
        );
    }
}
