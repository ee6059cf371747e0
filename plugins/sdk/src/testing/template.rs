//! Templates as Packer reads them. Whatever is wrong with one fails the test that asked.
#![allow(clippy::panic, clippy::wildcard_enum_match_arm)]

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Body, Structure};
use hcl_edit::template::Element;

use crate::contract::Bundle;

/// Compares with `tests/golden/NAME.pkr.hcl` of the crate, or writes it when `UPDATE_GOLDEN` is set.
// Golden files are read and written where they lie.
#[allow(clippy::disallowed_methods)]
pub fn golden(manifest_directory: &str, name: &str, bundle: &Bundle) {
    source(&bundle.template);
    let file = format!("{manifest_directory}/tests/golden/{name}.pkr.hcl");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(&file, &bundle.template).unwrap_or_else(|error| panic!("{file}: {error}"));
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    assert_eq!(
        bundle.template, expected,
        "{name}: if this is meant, run again with UPDATE_GOLDEN=1"
    );
}

/// The `source` block. There is one, with at most a `packer` before it and a `build` after it: any other is
/// made of user text.
pub fn source(template: &str) -> Body {
    let body: Body = template
        .parse()
        .unwrap_or_else(|error| panic!("no HCL: {error}\n{template}"));
    let blocks: Vec<_> = body.iter().filter_map(Structure::as_block).collect();
    let names: Vec<&str> = blocks.iter().map(|block| block.ident.as_str()).collect();
    let after_packer = names.strip_prefix(&["packer"]).unwrap_or(&names);
    let others = after_packer.strip_suffix(&["build"]).unwrap_or(after_packer);
    assert_eq!(others, ["source"], "user text made a block:\n{template}");
    let source = blocks.into_iter().find(|block| block.has_ident("source"));
    source.map(|block| block.body.clone()).unwrap_or_default()
}

/// A string attribute of the `source` block, or a member of one that is an object, with its escapes undone.
/// Fails when Packer would evaluate anything in it, as HCL or as a Go template.
pub fn text(template: &str, path: &[&str]) -> String {
    let source = source(template);
    let (attribute, member) = match path {
        [attribute] => (attribute, None),
        [attribute, member] => (attribute, Some(*member)),
        _ => panic!("{path:?} is no attribute and no member of one"),
    };
    let value = source
        .get_attribute(attribute)
        .map(|attribute| &attribute.value)
        .unwrap_or_else(|| panic!("no {attribute}"));
    let Some(key) = member else {
        return plain(value);
    };
    let members = value.as_object().into_iter().flat_map(|object| object.iter());
    let found = members
        .filter(|(name, _)| name.as_expr().and_then(Expression::as_str) == Some(key))
        .map(|(_, value)| value.expr());
    let found: Vec<_> = found.collect();
    match found.as_slice() {
        [value] => plain(value),
        _ => panic!("{} members are called {key}", found.len()),
    }
}

fn plain(value: &Expression) -> String {
    let folded: String = match value {
        Expression::String(text) => text.value().clone(),
        Expression::StringTemplate(template) => template
            .iter()
            .map(|element| match element {
                Element::Literal(text) => text.value().to_string(),
                other => panic!("Packer would evaluate {other:?}"),
            })
            .collect(),
        other => panic!("{other:?}"),
    };
    // What Packer's Go template engine would do with it.
    let without = folded.replace("{{`{{`}}", "\u{0}");
    assert!(!without.contains("{{"), "Packer would run {folded}");
    without.replace('\u{0}', "{{")
}
