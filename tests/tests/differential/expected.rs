//! The host's model in the form in which `hcldump` prints a template.

use serde_json::{Map, Value as Json, json};
use sindri::policy::template::Template;
use sindri::policy::template::model::{Block, Body, Model, Value};

/// `root` stands before paths of the bundle.
pub(crate) fn of(template: &Template, root: &str) -> Json {
    let model = template.model();
    let mut blocks = vec![json!({ "type": "build", "labels": [], "body": build(model, root) })];
    if !model.plugins.is_empty() {
        let plugins: Map<String, Json> = model
            .plugins
            .iter()
            .map(|plugin| {
                let wanted = json!({ "source": plugin.source, "version": plugin.version });
                (plugin.name.clone(), wanted)
            })
            .collect();
        blocks.push(json!({ "type": "packer", "labels": [], "body": { "required_plugins": plugins } }));
    }
    blocks.push(json!({
        "type": "source", "labels": [model.builder, model.label], "body": body(&model.source, root),
    }));
    let mut secrets = model.secrets.clone();
    secrets.sort();
    blocks.extend(secrets.iter().map(
        |name| json!({ "type": "variable", "labels": [name], "body": { "type": "string", "sensitive": true } }),
    ));
    Json::Array(blocks)
}

fn build(model: &Model, root: &str) -> Json {
    let steps = |blocks: &[Block]| -> Vec<Json> {
        blocks
            .iter()
            .map(|block| json!({ "type": block.name, "body": body(&block.body, root) }))
            .collect()
    };
    json!({
        "sources": [format!("source.{}.{}", model.builder, model.label)],
        "provisioner": steps(&model.provisioners),
        "post-processor": steps(&model.post_processors),
    })
}

fn body(body: &Body, root: &str) -> Json {
    let mut object: Map<String, Json> = body
        .attributes
        .iter()
        .map(|(name, attribute)| (name.clone(), value(attribute, root)))
        .collect();
    for block in &body.blocks {
        let list = object.entry(block.name.clone()).or_insert_with(|| json!([]));
        list.as_array_mut()
            .expect("no attribute has the name of a block")
            .push(self::body(&block.body, root));
    }
    Json::Object(object)
}

fn value(value: &Value, root: &str) -> Json {
    match value {
        Value::Bool(value) => json!(value),
        Value::Integer(value) => json!(value),
        Value::Text(text) => json!(inert(text)),
        Value::RenderedOnce(text) => json!(text.replace("{{", "{{`{{`}}")),
        Value::List(items) => items.iter().map(|item| self::value(item, root)).collect(),
        Value::Map(items) => items
            .iter()
            .map(|(key, item)| (inert(key), self::value(item, root)))
            .collect(),
        Value::Path(path) => json!(format!("{root}{path}")),
        Value::GoTemplate(code) => json!(code),
        Value::SecretAssignment { name, variable } => json!(format!("{name}=<var.{variable}>")),
    }
}

/// What Go's templates find nothing in: no two braces beside each other.
fn inert(text: &str) -> String {
    let mut inert = text.to_owned();
    while inert.contains("{{") {
        inert = inert.replace("{{", "{\u{2060}{");
    }
    inert
}
