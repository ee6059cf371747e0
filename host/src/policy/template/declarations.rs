//! `variable` and `locals` blocks: names for constants, gone after compilation.

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block as HclBlock, Body as HclBody};

use super::finding::{Finding, Findings};
use super::fold::{Folded, Scope};
use super::parse::{Lines, labels};
use crate::Code;

/// Fills the scope: all variables first, then local values, which may name each other in any order.
pub(super) fn declarations<'a>(
    body: &'a HclBody,
    scope: &mut Scope<'a>,
    lines: &Lines,
    findings: &mut Findings,
) {
    let mut names = Vec::new();
    body.get_blocks("variable")
        .for_each(|block| variable(scope, findings, lines, block));
    for block in body.get_blocks("locals") {
        let line = lines.of(block).unwrap_or(0);
        if !block.labels.is_empty() {
            findings.push(Finding::new(
                Code::TemplateBlock,
                line,
                "locals",
                "`locals` has no labels",
            ));
            continue;
        }
        for structure in &block.body {
            let line = lines.of(structure).unwrap_or(line);
            let Some(attribute) = structure.as_attribute() else {
                findings.push(Finding::new(
                    Code::TemplateBlock,
                    line,
                    "locals",
                    "`locals` has no blocks",
                ));
                continue;
            };
            let name = attribute.key.as_str();
            if scope.pending.contains_key(name) {
                let message = format!("`local.{name}` stands twice");
                findings.push(Finding::new(
                    Code::TemplateSyntax,
                    line,
                    format!("local.{name}"),
                    message,
                ));
            } else {
                names.push(name);
                scope.pending.insert(name.to_owned(), (&attribute.value, line));
            }
        }
    }
    for name in names {
        findings.keep(scope.local(name));
    }
}

/// One `variable` block into the scope.
fn variable(scope: &mut Scope<'_>, findings: &mut Findings, lines: &Lines, block: &HclBlock) {
    let line = lines.of(block).unwrap_or(0);
    let names = labels(block);
    let mut refuse = |code, construct: String, message: String, remedy: &str| {
        findings.push(Finding::new(code, line, construct, message).remedy(remedy));
    };
    let [name] = names.as_slice() else {
        return refuse(
            Code::TemplateBlock,
            "variable".into(),
            "a variable has one label".into(),
            "name it",
        );
    };
    let construct = format!("variable.{name}");
    if name.starts_with("sindri_") {
        let message = "names that begin with `sindri_` belong to the host".to_owned();
        return refuse(Code::TemplateBlock, construct, message, "choose another name");
    }
    if scope.variables.contains_key(*name) {
        return refuse(
            Code::TemplateBlock,
            construct,
            "this variable stands twice".into(),
            "remove one",
        );
    }
    let mut wanted = None;
    let mut default = None;
    let mut sensitive = false;
    for structure in &block.body {
        let Some(attribute) = structure.as_attribute() else {
            return refuse(
                Code::TemplateBlock,
                construct,
                "a variable has no blocks".into(),
                "leave it out",
            );
        };
        match attribute.key.as_str() {
            "description" if attribute.value.as_str().is_some() => {}
            "sensitive" if attribute.value.as_bool().is_some() => {
                sensitive = attribute.value.as_bool() == Some(true);
            }
            "type" => match Type::of(&attribute.value) {
                Some(kind) => wanted = Some(kind),
                None => {
                    let message = "this type is not known".to_owned();
                    return refuse(
                        Code::TemplateExpression,
                        construct,
                        message,
                        "use string, number or bool, or a list, map or set of those",
                    );
                }
            },
            "default" => default = Some(&attribute.value),
            other => {
                let message = format!("a variable may not have `{other}`");
                return refuse(Code::TemplateAttribute, construct, message, "leave it out");
            }
        }
    }
    let wanted = wanted.unwrap_or(Type::Any);
    let Some(default) = default else {
        if scope.open {
            scope.variables.insert((*name).to_owned(), wanted.example());
            return;
        }
        let message = "a variable of a template needs a default: nobody else sets it".to_owned();
        return refuse(Code::TemplateValue, construct, message, "add `default`");
    };
    if sensitive {
        // Packer would mask this text, of the plugin's choice, in everything that it prints.
        let message = "a sensitive variable has no default: the value would be no secret".to_owned();
        return refuse(
            Code::TemplateAttribute,
            construct,
            message,
            "leave out `default` or `sensitive`",
        );
    }
    scope.calls_allowed = false;
    let value = scope.fold(default, line);
    scope.calls_allowed = true;
    match value {
        Err(finding) => findings.push(finding),
        Ok(value) if wanted.fits(&value) => {
            scope.variables.insert((*name).to_owned(), value);
        }
        Ok(value) => {
            let message = format!("the default is {}, which is not of its type", value.type_name());
            refuse(Code::TemplateValue, construct, message, "change the type");
        }
    }
}

/// A type constraint. Values are compared with it, not converted.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Type {
    Any,
    Text,
    Number,
    Bool,
    /// A list or set of one of the others.
    List(Element),
    /// A map to one of the others.
    Map(Element),
}

/// What a collection holds: types have one level.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Element {
    Any,
    Text,
    Number,
    Bool,
}

impl Type {
    fn of(expression: &Expression) -> Option<Self> {
        if let Some(call) = expression.as_func_call() {
            let arguments: Vec<_> = call.args.iter().collect();
            let [element] = arguments.as_slice() else {
                return None;
            };
            let element = Element::of(element)?;
            return match call.name.name.as_str() {
                _ if call.name.is_namespaced() || call.args.expand_final() => None,
                "list" | "set" => Some(Self::List(element)),
                "map" => Some(Self::Map(element)),
                _ => None,
            };
        }
        Element::of(expression).map(|element| match element {
            Element::Any => Self::Any,
            Element::Text => Self::Text,
            Element::Number => Self::Number,
            Element::Bool => Self::Bool,
        })
    }

    fn fits(self, value: &Folded) -> bool {
        match (self, value) {
            (Self::Any, _)
            | (Self::Text, Folded::Text(_))
            | (Self::Number, Folded::Integer(_))
            | (Self::Bool, Folded::Bool(_)) => true,
            (Self::List(element), Folded::List(items)) => items.iter().all(|item| element.fits(item)),
            (Self::Map(element), Folded::Map(items)) => items.iter().all(|(_, item)| element.fits(item)),
            _ => false,
        }
    }

    /// Stands for a value that somebody else gives.
    fn example(self) -> Folded {
        match self {
            Self::Any | Self::Text => Folded::Text("value".to_owned()),
            Self::Number => Folded::Integer(1),
            Self::Bool => Folded::Bool(true),
            Self::List(_) => Folded::List(Vec::new()),
            Self::Map(_) => Folded::Map(Vec::new()),
        }
    }
}

impl Element {
    fn of(expression: &Expression) -> Option<Self> {
        match expression.as_variable()?.as_str() {
            "string" => Some(Self::Text),
            "number" => Some(Self::Number),
            "bool" => Some(Self::Bool),
            "any" => Some(Self::Any),
            _ => None,
        }
    }

    fn fits(self, value: &Folded) -> bool {
        matches!(
            (self, value),
            (Self::Any, _)
                | (Self::Text, Folded::Text(_))
                | (Self::Number, Folded::Integer(_))
                | (Self::Bool, Folded::Bool(_))
        )
    }
}
