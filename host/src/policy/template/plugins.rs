//! The `packer` block: versions that the template wants, within what is granted.

use hcl_edit::expr::Expression;
use hcl_edit::structure::{Block as HclBlock, Body as HclBody, Structure};
use semver::Version;

use super::Settings;
use super::finding::{Finding, Findings};
use super::fold::{Folded, Scope};
use super::parse::Lines;
use crate::Code;
use crate::contract::PackerPlugin;

/// The plugins that the template requires, each from its granted source; all granted ones when it does not say.
pub(super) fn required(
    body: &HclBody,
    settings: &Settings<'_>,
    scope: &mut Scope<'_>,
    lines: &Lines,
    findings: &mut Findings,
) -> Vec<PackerPlugin> {
    let mut required = Vec::new();
    for block in body.get_blocks("packer") {
        let own = lines.of(block).unwrap_or(0);
        if !block.labels.is_empty() {
            findings.push(
                Finding::new(Code::TemplateBlock, own, "packer", "`packer` has no labels")
                    .remedy("leave them out"),
            );
        }
        for structure in &block.body {
            let line = lines.of(structure).unwrap_or(0);
            match structure {
                Structure::Block(inner)
                    if inner.ident.as_str() == "required_plugins" && inner.labels.is_empty() =>
                {
                    plugins_of(inner, settings, scope, lines, findings, &mut required);
                }
                // Dropped: the host knows which Packer it runs.
                Structure::Attribute(attribute)
                    if attribute.key.as_str() == "required_version"
                        && attribute.value.as_str().is_some_and(is_constraint) => {}
                Structure::Attribute(_) | Structure::Block(_) => {
                    let message = "`packer` has nothing but `required_plugins` and `required_version`";
                    findings.push(
                        Finding::new(Code::TemplateBlock, line, "packer", message).remedy("leave it out"),
                    );
                }
            }
        }
    }
    if required.is_empty() {
        settings.packer_plugins.to_vec()
    } else {
        required
    }
}

fn plugins_of(
    block: &HclBlock,
    settings: &Settings<'_>,
    scope: &mut Scope<'_>,
    lines: &Lines,
    findings: &mut Findings,
    required: &mut Vec<PackerPlugin>,
) {
    for structure in &block.body {
        let line = lines.of(structure).unwrap_or(0);
        let plugin = structure.as_attribute().and_then(|attribute| {
            let name = attribute.key.as_str();
            // A source that is computed is one that no reader sees.
            let literal = |expression: &Expression| {
                expression
                    .as_object()
                    .is_some_and(|object| object.iter().all(|(_, value)| value.expr().as_str().is_some()))
            };
            let Ok(Folded::Map(items)) = scope.fold(&attribute.value, line) else {
                return None;
            };
            if items.len() != 2 || !literal(&attribute.value) {
                return None;
            }
            let text = |wanted: &str| {
                items
                    .iter()
                    .find(|(key, _)| key == wanted)
                    .and_then(|(_, value)| value.as_text())
            };
            let (source, version) = (text("source")?, text("version")?);
            let granted = settings
                .packer_plugins
                .iter()
                .find(|granted| granted.name == name && granted.source == source)?;
            Some(PackerPlugin {
                version: within(version, &granted.version)?,
                ..granted.clone()
            })
        });
        match plugin {
            Some(plugin) if !required.iter().any(|known| known.name == plugin.name) => required.push(plugin),
            _ => {
                let message = "this Packer plugin is not granted, or not in this version";
                findings.push(
                    Finding::new(Code::TemplateValue, line, "packer.required_plugins", message)
                        .remedy("request it exactly as the template requires it, and have the user grant it"),
                );
            }
        }
    }
}

/// What satisfies both the template and the grant; none when nothing does, or when it cannot be told. An older plugin
/// than the granted ones may have the holes that the newer one closed.
fn within(wanted: &str, granted: &str) -> Option<String> {
    if wanted == granted {
        return Some(wanted.to_owned());
    }
    let least = version(granted.strip_prefix(">=")?)?;
    let (sign, number) = split(wanted);
    let wanted_version = version(number)?;
    match sign {
        "" | "=" if wanted_version >= least => Some(wanted_version.to_string()),
        ">=" | "~>" if wanted_version >= least => Some(format!("{sign} {}", number.trim())),
        // The upper end of `~>`: the grant's lower end must lie below it.
        ">=" => Some(granted.to_owned()),
        "~>" if next(number)? > least => Some(format!("{sign} {}, {granted}", number.trim())),
        _ => None,
    }
}

/// The first version that `~> NUMBER` excludes.
fn next(number: &str) -> Option<Version> {
    let lower = version(number)?;
    match number.trim().split('.').count() {
        2 => Some(Version::new(lower.major + 1, 0, 0)),
        3 => Some(Version::new(lower.major, lower.minor + 1, 0)),
        _ => None,
    }
}

fn split(constraint: &str) -> (&str, &str) {
    let digits = constraint
        .find(|c: char| c.is_ascii_digit())
        .unwrap_or(constraint.len());
    let (sign, number) = constraint.split_at_checked(digits).unwrap_or(("", constraint));
    (sign.trim(), number)
}

/// One to three numbers.
fn version(text: &str) -> Option<Version> {
    let mut parts = text.trim().trim_start_matches('v').split('.');
    let mut number = || match parts.next() {
        None => Some(0),
        Some(part) => part
            .parse()
            .ok()
            .filter(|_| part.bytes().all(|byte| byte.is_ascii_digit())),
    };
    let version = Version::new(number()?, number()?, number()?);
    parts.next().is_none().then_some(version)
}

/// `>= 1.7.0, < 2.0.0`.
fn is_constraint(text: &str) -> bool {
    let one = |part: &str| {
        let (sign, number) = split(part);
        matches!(sign, "" | "=" | "!=" | ">" | ">=" | "<" | "<=" | "~>") && version(number).is_some()
    };
    text.split(',').all(one)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_may_narrow_the_granted_versions_and_never_widen_them() {
        for (wanted, expected) in [
            (">= 1.3.7", Some(">= 1.3.7")),
            ("1.8.2", Some("1.8.2")),
            ("= 1.8.2", Some("1.8.2")),
            (">= 1.8", Some(">= 1.8")),
            ("~> 1.4", Some("~> 1.4")),
            (">= 1.0.0", Some(">= 1.3.7")),
            ("~> 1.0", Some("~> 1.0, >= 1.3.7")),
            ("~> 1.3.0", Some("~> 1.3.0, >= 1.3.7")),
            ("~> 1.2.0", None),
            ("1.2.0", None),
            ("< 1.3", None),
            ("!= 1.3.7", None),
            ("> 1.0", None),
            (">= 1.0, < 1.2", None),
            ("latest", None),
            ("", None),
            ("1.8.2-dev", None),
            ("${x}", None),
        ] {
            assert_eq!(within(wanted, ">= 1.3.7").as_deref(), expected, "{wanted}");
        }
        assert_eq!(within("1.8.2", "~> 1.8"), None, "only a lower end is understood");
    }

    #[test]
    fn constraints_of_packer_itself_are_read_and_dropped() {
        for right in [">= 1.7.0", "~> 1.11", ">= 1.7.0, < 2.0.0", "1.11.2"] {
            assert!(is_constraint(right), "{right}");
        }
        for wrong in ["", "x", ">= ", "1.2.3.4", "file(\"x\")", ">>1"] {
            assert!(!is_constraint(wrong), "{wrong}");
        }
    }
}
