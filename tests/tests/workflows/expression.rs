//! GitHub's expressions, as far as this repository uses them: `${{ inputs.region || 'us-west-2' }}`.

use serde_json::Value;

/// What a job has come to, for `success()` and its like.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Status {
    #[default]
    Success,
    Failure,
}

/// The contexts: an object with `inputs`, `steps`, `matrix` and so on.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) contexts: &'a Value,
    pub(crate) status: Status,
}

impl Scope<'_> {
    /// A text with `${{ … }}` in it; one that is nothing else keeps the value's type.
    pub(crate) fn text(&self, text: &str) -> Value {
        if let Some(inner) = text.trim().strip_prefix("${{")
            && let Some(inner) = inner.strip_suffix("}}")
            && !inner.contains("}}")
        {
            return self.value(inner);
        }
        let mut parts = text.split("${{");
        let mut result = parts.next().unwrap_or_default().to_owned();
        for part in parts {
            let (inner, rest) = part.split_once("}}").expect("an expression ends");
            result.push_str(&show(&self.value(inner)));
            result.push_str(rest);
        }
        Value::String(result)
    }

    /// Whether a step with this `if` runs. One that asks for no status runs only after success.
    pub(crate) fn runs(&self, condition: Option<&Value>) -> bool {
        let succeeded = self.status == Status::Success;
        let Some(condition) = condition else {
            return succeeded;
        };
        let text = show(condition);
        let text = text.trim();
        let text = text
            .strip_prefix("${{")
            .and_then(|text| text.strip_suffix("}}"))
            .unwrap_or(text);
        let asks = ["always()", "failure()", "cancelled()", "success()"];
        (asks.iter().any(|function| text.contains(function)) || succeeded) && truth(&self.value(text))
    }

    fn value(&self, expression: &str) -> Value {
        let mut parser = Reader {
            scope: self,
            rest: expression,
        };
        let value = parser.any();
        parser.skip();
        assert!(
            parser.rest.is_empty(),
            "{expression}: cannot read `{}`",
            parser.rest
        );
        value
    }
}

struct Reader<'a> {
    scope: &'a Scope<'a>,
    rest: &'a str,
}

impl Reader<'_> {
    fn skip(&mut self) {
        self.rest = self.rest.trim_start();
    }

    fn take(&mut self, sign: &str) -> bool {
        self.skip();
        match self.rest.strip_prefix(sign) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn any(&mut self) -> Value {
        let mut left = self.all();
        while self.take("||") {
            let right = self.all();
            left = if truth(&left) { left } else { right };
        }
        left
    }

    fn all(&mut self) -> Value {
        let mut left = self.comparison();
        while self.take("&&") {
            let right = self.comparison();
            left = if truth(&left) { right } else { left };
        }
        left
    }

    fn comparison(&mut self) -> Value {
        let left = self.one();
        if self.take("==") {
            return Value::Bool(equal(&left, &self.one()));
        }
        if self.take("!=") {
            return Value::Bool(!equal(&left, &self.one()));
        }
        left
    }

    fn one(&mut self) -> Value {
        if self.take("!") {
            return Value::Bool(!truth(&self.one()));
        }
        if self.take("(") {
            let value = self.any();
            assert!(self.take(")"), "a bracket is open before `{}`", self.rest);
            return value;
        }
        if self.take("'") {
            let (text, rest) = self.rest.split_once('\'').expect("a text ends");
            self.rest = rest;
            return text.into();
        }
        let end = self
            .rest
            .find(|sign: char| !(sign.is_ascii_alphanumeric() || "._-".contains(sign)))
            .unwrap_or(self.rest.len());
        let (word, rest) = self.rest.split_at(end);
        self.rest = rest;
        if self.take("(") {
            return self.function(word);
        }
        match word {
            "true" => return true.into(),
            "false" => return false.into(),
            "null" => return Value::Null,
            _ => {}
        }
        let step = |value: &Value, key: &str| value.get(key).cloned().unwrap_or_default();
        word.split('.')
            .fold(self.scope.contexts.clone(), |value, key| step(&value, key))
    }

    fn function(&mut self, name: &str) -> Value {
        if self.take(")") {
            return match name {
                "always" => true.into(),
                "success" => (self.scope.status == Status::Success).into(),
                "failure" => (self.scope.status == Status::Failure).into(),
                "cancelled" => false.into(),
                other => panic!("{other}() is unknown here"),
            };
        }
        let argument = self.any();
        assert!(self.take(")"), "{name}( is open before `{}`", self.rest);
        match name {
            "toJSON" => argument.to_string().into(),
            "fromJSON" => serde_json::from_str(&show(&argument)).expect("JSON"),
            other => panic!("{other}() is unknown here"),
        }
    }
}

fn truth(value: &Value) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(value) => *value,
        Value::Number(number) => number.as_f64() != Some(0.0),
        Value::String(text) => !text.is_empty(),
        Value::Array(_) | Value::Object(_) => true,
    }
}

/// Texts do not differ by case; values of two types are compared as numbers, and nothing is 0.
fn equal(left: &Value, right: &Value) -> bool {
    let number = |value: &Value| match value {
        Value::Null => Some(0.0),
        Value::Bool(value) => Some(f64::from(u8::from(*value))),
        Value::Number(number) => number.as_f64(),
        Value::String(text) if text.is_empty() => Some(0.0),
        Value::String(text) => text.parse().ok(),
        Value::Array(_) | Value::Object(_) => None,
    };
    match (left, right) {
        (Value::String(left), Value::String(right)) => left.eq_ignore_ascii_case(right),
        _ => number(left).is_some() && number(left) == number(right),
    }
}

/// The form in which a value stands in a text.
pub(crate) fn show(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

#[test]
fn expressions_mean_what_github_says() {
    let contexts = serde_json::json!({
        "inputs": {"cloud": "aws", "region": "", "on": true},
        "steps": {"a": {"outputs": {"image-id": "ami-1"}}},
        "needs": {"plan": {"outputs": {"matrix": "{\"include\": [1]}"}}},
    });
    let scope = Scope {
        contexts: &contexts,
        status: Status::Failure,
    };
    for (text, expected) in [
        ("${{ inputs.region || 'us-west-2' }}", "us-west-2"),
        ("id ${{ steps.a.outputs.image-id }}!", "id ami-1!"),
        ("${{ steps.b.outputs.x || steps.a.outputs.image-id }}", "ami-1"),
        ("${{ inputs.cloud == 'AWS' && 'yes' || '' }}", "yes"),
        ("${{ fromJSON(needs.plan.outputs.matrix) }}", "{\"include\":[1]}"),
        ("${{ toJSON(inputs.on) }}", "true"),
        ("${{ inputs.none == '' }}", "true"),
        ("${{ !(inputs.cloud != 'aws') }}", "true"),
    ] {
        assert_eq!(show(&scope.text(text)), expected, "{text}");
    }
    for (condition, runs) in [
        ("always()", true),
        ("failure() && inputs.on", true),
        ("${{ always() && inputs.region != '' }}", false),
        ("inputs.cloud == 'aws'", false),
        ("!cancelled()", true),
    ] {
        assert_eq!(scope.runs(Some(&condition.into())), runs, "{condition}");
    }
    assert!(!scope.runs(None));
}
