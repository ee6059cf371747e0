//! Workflows and actions as JSON values.

use std::collections::HashMap;

use saphyr_parser::{Event, Parser, ScalarStyle};
use serde_json::{Map, Value};

/// The one document of a file.
///
/// # Panics
/// When it is no YAML.
pub(crate) fn parse(text: &str) -> Value {
    let mut events = Parser::new_from_str(text);
    let mut reader = Reader {
        next: Box::new(move || events.next_event().expect("an event").expect("YAML").0),
        anchors: HashMap::new(),
    };
    loop {
        match (reader.next)() {
            Event::StreamStart | Event::DocumentStart(_) | Event::Nothing => {}
            event => return reader.value(event),
        }
    }
}

struct Reader<'t> {
    next: Box<dyn FnMut() -> Event<'t> + 't>,
    anchors: HashMap<usize, Value>,
}

impl<'t> Reader<'t> {
    fn value(&mut self, event: Event<'t>) -> Value {
        let (anchor, value) = match event {
            Event::Scalar(text, ScalarStyle::Plain, anchor, _) => (anchor, plain(&text)),
            Event::Scalar(text, _, anchor, _) => (anchor, Value::String(text.into_owned())),
            Event::Alias(anchor) => (0, self.anchors[&anchor].clone()),
            Event::SequenceStart(anchor, _) => {
                let mut items = Vec::new();
                loop {
                    match (self.next)() {
                        Event::SequenceEnd => break (anchor, Value::Array(items)),
                        event => items.push(self.value(event)),
                    }
                }
            }
            Event::MappingStart(anchor, _) => {
                let mut members = Map::new();
                loop {
                    match (self.next)() {
                        Event::MappingEnd => break (anchor, Value::Object(members)),
                        Event::Scalar(key, ..) => {
                            let event = (self.next)();
                            let value = self.value(event);
                            let before = members.insert(key.to_string(), value);
                            assert!(before.is_none(), "the key `{key}` stands there twice");
                        }
                        other => panic!("a key that is no word: {other:?}"),
                    }
                }
            }
            other => panic!("{other:?}"),
        };
        self.anchors.insert(anchor, value.clone());
        value
    }
}

fn plain(text: &str) -> Value {
    match text {
        "" | "~" => Value::Null,
        _ => serde_json::from_str(text)
            .ok()
            .filter(|value: &Value| !value.is_object() && !value.is_array() && !value.is_string())
            .unwrap_or_else(|| text.into()),
    }
}

#[test]
fn what_workflows_use_of_yaml_is_read() {
    let text = "on:\n  a: &x {b: [1, 'two']}\n  c: *x\nrun: |\n  echo 1\n  echo 2\nif: always()\nempty:\n";
    let expected = serde_json::json!({
        "on": {"a": {"b": [1, "two"]}, "c": {"b": [1, "two"]}},
        "run": "echo 1\necho 2\n", "if": "always()", "empty": null,
    });
    assert_eq!(parse(text), expected);
}
