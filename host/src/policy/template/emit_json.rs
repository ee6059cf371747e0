//! The model in Packer's JSON syntax: the file that Packer gets.
//!
//! JSON has one way to write a string and no heredocs, comments or operators. Still its strings, and the
//! keys of objects, are HCL templates to Packer.

use serde_json::{Map, Value as Json, json};

use super::escape::{go_inert, go_text, hcl_template};
use super::model::{Block, Body, Model, Value};

/// The file.
pub(super) fn emit(model: &Model) -> String {
    let mut root = Map::new();
    if !model.plugins.is_empty() {
        let plugins: Map<String, Json> = model
            .plugins
            .iter()
            .map(|plugin| {
                (
                    plugin.name.clone(),
                    json!({ "source": plugin.source, "version": plugin.version }),
                )
            })
            .collect();
        root.insert("packer".into(), json!({ "required_plugins": plugins }));
    }
    if !model.secrets.is_empty() {
        let variables: Map<String, Json> = model
            .secrets
            .iter()
            .map(|name| (name.clone(), json!({ "type": "string", "sensitive": true })))
            .collect();
        root.insert("variable".into(), variables.into());
    }
    root.insert(
        "source".into(),
        single(&model.builder, single(&model.label, body(&model.source))),
    );
    let mut build = Map::new();
    build.insert(
        "sources".into(),
        json!([format!("source.{}.{}", model.builder, model.label)]),
    );
    if !model.provisioners.is_empty() {
        build.insert("provisioner".into(), labelled(&model.provisioners));
    }
    if !model.post_processors.is_empty() {
        build.insert("post-processor".into(), labelled(&model.post_processors));
    }
    root.insert("build".into(), build.into());
    // Writing a tree of strings cannot fail; `{:#}` is the pretty form.
    format!("{:#}\n", Json::Object(root))
}

fn single(key: &str, value: Json) -> Json {
    Json::Object(Map::from_iter([(key.to_owned(), value)]))
}

/// Blocks with a label each, in order.
fn labelled(blocks: &[Block]) -> Json {
    blocks
        .iter()
        .map(|block| single(&block.name, body(&block.body)))
        .collect()
}

fn body(body: &Body) -> Json {
    let mut object: Map<String, Json> = body
        .attributes
        .iter()
        .map(|(name, attribute)| (name.clone(), value(attribute)))
        .collect();
    for block in &body.blocks {
        let inside = self::body(&block.body);
        if let Some(Json::Array(others)) = object.get_mut(&block.name) {
            others.push(inside);
        } else {
            object.insert(block.name.clone(), Json::Array(vec![inside]));
        }
    }
    Json::Object(object)
}

fn value(value: &Value) -> Json {
    match value {
        Value::Bool(value) => Json::Bool(*value),
        Value::Integer(value) => Json::Number((*value).into()),
        Value::Text(text) => Json::String(hcl_text(&go_inert(text))),
        Value::RenderedOnce(text) => Json::String(hcl_text(&go_text(text))),
        Value::List(items) => items.iter().map(self::value).collect(),
        Value::Map(items) => items
            .iter()
            .map(|(key, item)| (hcl_text(&go_inert(key)), self::value(item)))
            .collect(),
        // Packer's working directory is the run directory.
        Value::Path(path) => Json::String(hcl_text(&go_inert(path))),
        Value::GoTemplate(code) => Json::String(hcl_text(code)),
        Value::SecretAssignment { name, variable } => Json::String(format!("{name}=${{var.{variable}}}")),
    }
}

/// Text in the inside of a JSON string, which Packer reads as a template of its own.
///
/// Two characters do not survive that as they are, found by comparing with Packer's parser: a byte order mark at the
/// beginning is dropped, and anywhere behind a lone carriage return `$$${` is read as itself and not as `$${`. Where
/// an expression makes them they do no harm; these constants are the only expressions that any text leads to.
fn hcl_text(text: &str) -> String {
    let (mark, mut rest) = match text.strip_prefix('\u{feff}') {
        Some(rest) => ("${\"\\ufeff\"}", rest),
        None => ("", text),
    };
    let mut written = String::from(mark);
    while let Some((before, after)) = at_lone_return(rest) {
        // These would escape the expression.
        let head = before.trim_end_matches(['$', '%']);
        written.push_str(&hcl_template(head));
        written.push_str("${\"");
        written.push_str(before.strip_prefix(head).unwrap_or_default());
        written.push_str("\\r\"}");
        rest = after;
    }
    written.push_str(&hcl_template(rest));
    written
}

/// What stands before and behind the first carriage return that ends no line.
fn at_lone_return(text: &str) -> Option<(&str, &str)> {
    text.match_indices('\r').find_map(|(at, _)| {
        let (before, after) = text.split_at_checked(at)?;
        let after = after.strip_prefix('\r')?;
        (!after.starts_with('\n')).then_some((before, after))
    })
}

#[cfg(test)]
mod tests {
    use super::hcl_text;

    #[test]
    fn a_mark_or_a_return_is_not_lost_and_nothing_else_becomes_an_expression() {
        for (text, written) in [
            ("\u{feff}\u{feff}${x}", "${\"\\ufeff\"}\u{feff}$${x}"),
            ("x\u{feff}", "x\u{feff}"),
            ("\r$${x}", "${\"\\r\"}$$${x}"),
            ("\r%{x}", "${\"\\r\"}%%{x}"),
            ("a$%\r{x}", "a${\"$%\\r\"}{x}"),
            ("\r\n${x}", "\r\n$${x}"),
            ("${\"\\ufeff\"}", "$${\"\\ufeff\"}"),
        ] {
            assert_eq!(hcl_text(text), written);
        }
    }
}
