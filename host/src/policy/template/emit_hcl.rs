//! The model in HCL, for people: `--dry-run` and `vm init`.

use super::escape::{go_inert, go_text, hcl_quoted, hcl_template};
use super::model::{Block, Body, Model, Value};

/// The file.
pub(super) fn emit(model: &Model) -> String {
    let mut writer = Writer::default();
    if !model.plugins.is_empty() {
        writer.open("packer");
        writer.open("required_plugins");
        for plugin in &model.plugins {
            writer.open(&format!("{} =", plugin.name));
            writer.pairs(&[
                ("source".to_owned(), hcl_quoted(&plugin.source)),
                ("version".to_owned(), hcl_quoted(&plugin.version)),
            ]);
            writer.close();
        }
        writer.close();
        writer.close();
        writer.gap();
    }
    for secret in &model.secrets {
        writer.open(&format!("variable {}", hcl_quoted(secret)));
        writer.pairs(&[
            ("type".to_owned(), "string".to_owned()),
            ("sensitive".to_owned(), "true".to_owned()),
        ]);
        writer.close();
        writer.gap();
    }
    writer.open(&format!(
        "source {} {}",
        hcl_quoted(&model.builder),
        hcl_quoted(&model.label)
    ));
    writer.body(&model.source);
    writer.close();
    writer.gap();
    writer.open("build");
    let source = format!("source.{}.{}", model.builder, model.label);
    writer.pairs(&[("sources".to_owned(), format!("[{}]", hcl_quoted(&source)))]);
    for (kind, blocks) in [
        ("provisioner", &model.provisioners),
        ("post-processor", &model.post_processors),
    ] {
        for Block { name, body } in blocks {
            writer.gap();
            writer.open(&format!("{kind} {}", hcl_quoted(name)));
            writer.body(body);
            writer.close();
        }
    }
    writer.close();
    writer.text
}

#[derive(Default)]
struct Writer {
    text: String,
    level: usize,
}

impl Writer {
    /// A line of these parts. Without the machinery of `format!`: most of a dry run's output goes through here.
    fn line(&mut self, parts: &[&str]) {
        self.spaces(2 * self.level);
        parts.iter().for_each(|part| self.text.push_str(part));
        self.text.push('\n');
    }

    fn spaces(&mut self, count: usize) {
        self.text.extend(std::iter::repeat_n(' ', count));
    }

    fn gap(&mut self) {
        self.text.push('\n');
    }

    fn open(&mut self, head: &str) {
        self.line(&[head, " {"]);
        self.level += 1;
    }

    fn close(&mut self) {
        self.level = self.level.saturating_sub(1);
        self.line(&["}"]);
    }

    /// `name = value` lines with the signs below each other, as `packer fmt` wants it.
    fn pairs(&mut self, pairs: &[(String, String)]) {
        let length = |name: &str| name.chars().count();
        let width = pairs.iter().map(|(name, _)| length(name)).max().unwrap_or(0);
        for (name, value) in pairs {
            self.spaces(2 * self.level);
            self.text.push_str(name);
            self.spaces(width.saturating_sub(length(name)));
            self.text.push_str(" = ");
            self.text.push_str(value);
            self.text.push('\n');
        }
    }

    fn body(&mut self, body: &Body) {
        let mut short = Vec::new();
        for (name, value) in &body.attributes {
            if let Value::Map(items) = value {
                self.pairs(&std::mem::take(&mut short));
                self.open(&format!("{name} ="));
                let pair = |(key, item): &(String, Value)| (hcl_quoted(&go_inert(key)), expression(item));
                self.pairs(&items.iter().map(pair).collect::<Vec<_>>());
                self.close();
            } else if let Value::List(items) = value
                && items.len() > 1
            {
                self.pairs(&std::mem::take(&mut short));
                self.line(&[name, " = ["]);
                self.level += 1;
                items.iter().for_each(|item| self.line(&[&expression(item), ","]));
                self.level = self.level.saturating_sub(1);
                self.line(&["]"]);
            } else {
                short.push((name.clone(), expression(value)));
            }
        }
        self.pairs(&short);
        for block in &body.blocks {
            self.gap();
            self.open(&block.name);
            self.body(&block.body);
            self.close();
        }
    }
}

fn expression(value: &Value) -> String {
    match value {
        Value::Bool(value) => value.to_string(),
        Value::Integer(value) => value.to_string(),
        Value::Text(text) => hcl_quoted(&go_inert(text)),
        Value::RenderedOnce(text) => hcl_quoted(&go_text(text)),
        Value::List(items) => format!(
            "[{}]",
            items.iter().map(expression).collect::<Vec<_>>().join(", ")
        ),
        Value::Map(items) => {
            let pair = |(key, item): &(String, Value)| {
                format!("{} = {}", hcl_quoted(&go_inert(key)), expression(item))
            };
            format!("{{ {} }}", items.iter().map(pair).collect::<Vec<_>>().join(", "))
        }
        // So that the template works from any directory. Paths have plain characters only.
        Value::Path(path) => format!("\"${{path.root}}/{}\"", hcl_template(&go_inert(path))),
        Value::GoTemplate(code) => hcl_quoted(code),
        Value::SecretAssignment { name, variable } => format!("\"{name}=${{var.{variable}}}\""),
    }
}
