//! HCL out of data. Text from a configuration must arrive in Packer as that very text: not as a quote
//! that ends a string, not as an expression that Packer evaluates on the build host, not as a Go
//! template that it renders later.

use serde_json::Value as Json;
use tera::{Context, Kwargs, State, Tera, Value, value::ValueKind};

use crate::contract::Problem;

/// How Packer writes a literal `{{` in a string that it renders as a Go template: an action whose value
/// is a raw string of two braces.
pub const GO_BRACES: &str = "{{`{{`}}";

/// Any JSON value as an HCL literal. Keys come out sorted, so that equal data gives equal text.
pub fn literal(value: &Json) -> String {
    let mut out = String::new();
    write_literal(value, &mut out);
    out
}

/// A text as a quoted HCL string that Packer reads back as exactly this text.
pub fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 2);
    write_quoted(text, &mut out);
    out
}

/// Renders a Tera template with these values.
///
/// Every `{{ … }}` of the template has to end in `| hcl` and may not stand inside quotes: a value
/// without the filter would be code, and one inside quotes would end the string it stands in. A name
/// that is not among the values is an error, not an empty text.
pub fn render(name: &str, template: &str, values: &Json) -> Result<String, Problem> {
    check_template(name, template)?;
    let mistake = |error: tera::Error| Problem::new("template", format!("template `{name}`: {error}"));
    let mut tera = Tera::new();
    tera.autoescape_on(Vec::<&str>::new());
    tera.register_filter("hcl", hcl_filter);
    tera.add_raw_template(name, template).map_err(mistake)?;
    let context = Context::from_serialize(values).map_err(mistake)?;
    tera.render(name, &context).map_err(mistake)
}

fn hcl_filter(value: &Value, _: Kwargs, _: &State<'_>) -> tera::TeraResult<String> {
    if value.kind() == ValueKind::Undefined {
        return Err(tera::Error::message("the filter `hcl` got an undefined value"));
    }
    let json = serde_json::to_value(value).map_err(|error| tera::Error::message(error.to_string()))?;
    Ok(literal(&json))
}

fn check_template(name: &str, template: &str) -> Result<(), Problem> {
    for (number, line) in template.lines().enumerate() {
        let mut outside_quotes = true;
        let mut rest = line;
        while let Some((before, after)) = rest.split_once("{{") {
            outside_quotes ^= before.matches('"').count() % 2 == 1;
            let (expression, after) = after.split_once("}}").unwrap_or((after, ""));
            let filter = expression
                .trim()
                .trim_end_matches('-')
                .rsplit_once('|')
                .map(|(_, last)| last.trim());
            if filter != Some("hcl") || !outside_quotes {
                let place = format!("template `{name}`, line {}", number + 1);
                return Err(Problem::new(
                    "template",
                    format!("{place}: `{{{{{expression}}}}}` is not a whole value"),
                )
                .remedy("write `key = {{ value | hcl }}`, without quotes around it"));
            }
            rest = after;
        }
    }
    Ok(())
}

fn write_literal(value: &Json, out: &mut String) {
    match value {
        Json::Null => out.push_str("null"),
        Json::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
        Json::Number(number) => out.push_str(&number.to_string()),
        Json::String(text) => write_quoted(text, out),
        Json::Array(items) => {
            out.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                write_literal(item, out);
            }
            out.push(']');
        }
        Json::Object(members) if members.is_empty() => out.push_str("{}"),
        Json::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_unstable_by_key(|(key, _)| *key);
            out.push_str("{ ");
            for (index, (key, item)) in members.into_iter().enumerate() {
                if index > 0 {
                    out.push_str(", ");
                }
                write_quoted(key, out);
                out.push_str(" = ");
                write_literal(item, out);
            }
            out.push_str(" }");
        }
    }
}

fn write_quoted(text: &str, out: &mut String) {
    let text = text.replace("{{", GO_BRACES);
    out.push('"');
    let mut characters = text.chars().peekable();
    while let Some(character) = characters.next() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '$' | '%' if characters.peek() == Some(&'{') => {
                out.push(character);
                out.push(character);
            }
            // Parsers disagree about a run that ends in a brace: `$$${` is an escaped and an open brace
            // to one and an expression to another. Only the last one of a run stays as it is.
            '$' | '%' if characters.peek() == Some(&character) => write_escape(character, out),
            ' '..='~' => out.push(character),
            // Also text that needs no escape: what looks like white space or nothing at all is not the
            // same in every parser.
            _ => write_escape(character, out),
        }
    }
    out.push('"');
}

fn write_escape(character: char, out: &mut String) {
    let code = u32::from(character);
    out.push_str(&if code > 0xffff {
        format!("\\U{code:08x}")
    } else {
        format!("\\u{code:04x}")
    });
}

#[cfg(test)]
mod tests;
