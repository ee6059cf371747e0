//! `variable` and `locals` blocks: names for constants, gone after compilation.

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block as HclBlock, Body as HclBody};

use super::finding::{Finding, Findings};
use super::fold::{Folded, Scope};
use super::parse::{Lines, labels};
use crate::Code;

/// Fills the scope: all variables first, then local values from top to bottom.
pub(super) fn declarations(body: &HclBody, scope: &mut Scope<'_>, lines: &Lines, findings: &mut Findings) {
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
            if scope.locals.contains_key(name) {
                let message = format!("`local.{name}` stands twice");
                findings.push(Finding::new(
                    Code::TemplateSyntax,
                    line,
                    format!("local.{name}"),
                    message,
                ));
            } else if let Some(value) = findings.keep(scope.fold(&attribute.value, line)) {
                scope.locals.insert(name.to_owned(), value);
            }
        }
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
            "type" => match variable_type(&attribute.value) {
                Some(kind) => wanted = Some(kind),
                None => {
                    let message = "this type is not known".to_owned();
                    return refuse(
                        Code::TemplateExpression,
                        construct,
                        message,
                        "use string, number or bool",
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
    let Some(default) = default else {
        let message = "a variable of a template needs a default: nobody else sets it".to_owned();
        return refuse(Code::TemplateValue, construct, message, "add `default`");
    };
    scope.calls_allowed = false;
    let value = scope.fold(default, line);
    scope.calls_allowed = true;
    match value {
        Err(finding) => findings.push(finding),
        Ok(value) if wanted.is_none_or(|fits| fits(&value)) => {
            scope.variables.insert((*name).to_owned(), value);
        }
        Ok(value) => {
            let message = format!("the default is {}, which is not of its type", value.type_name());
            refuse(Code::TemplateValue, construct, message, "change the type");
        }
    }
}

/// A test for values of a type. Types are compared, not converted to.
fn variable_type(expression: &Expression) -> Option<fn(&Folded) -> bool> {
    match expression.as_variable()?.as_str() {
        "string" => Some(|value| matches!(value, Folded::Text(_))),
        "number" => Some(|value| matches!(value, Folded::Integer(_))),
        "bool" => Some(|value| matches!(value, Folded::Bool(_))),
        "any" => Some(|_| true),
        _ => None,
    }
}
