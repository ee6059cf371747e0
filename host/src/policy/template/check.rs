//! The blocks of a template, one after the other, into the model.

use hcl_edit::structure::{Block as HclBlock, Body as HclBody, Structure};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::Settings;
use super::declarations::declarations;
use super::finding::{Finding, Findings};
use super::fold::{Folded, Scope};
use super::guest::{GuestReader, GuestSteps};
use super::model::{Body, Model};
use super::parse::{Lines, labels, parse};
use super::paths::Paths;
use super::provisioners::{is_name, paths};
use super::source::Reader;
use super::values::Judge;
use crate::Code;
use crate::contract::{BundleFile, PackerPlugin};
use crate::policy::builders::Builder;

/// What a plugin's template says, checked, without the host's part.
pub(super) struct Checked {
    /// Builder, label and source.
    pub(super) model: Model,
    /// Steps in the VM.
    pub(super) steps: GuestSteps,
    /// Rules of the builder.
    pub(super) rules: Builder,
}

/// Reads a template. Either it is right or there are findings.
pub(super) fn read(
    hcl: &str,
    files: &[BundleFile],
    settings: &Settings<'_>,
) -> Result<Checked, Vec<Finding>> {
    let mut findings = Findings::default();
    let Ok(now) = OffsetDateTime::parse(settings.now, &Rfc3339) else {
        return Err(vec![Finding::new(
            Code::Internal,
            0,
            settings.now,
            "the time of the run is not RFC 3339",
        )]);
    };
    let host_paths = paths(&settings.steps);
    let paths = findings.keep(Paths::new(files, &host_paths));
    let body = match parse(hcl) {
        Ok(body) => body,
        Err(finding) => {
            findings.push(finding);
            return Err(findings.into_vec());
        }
    };
    let lines = Lines::new(hcl);
    let mut scope = Scope::new(&lines, now);
    let judge = Judge {
        config: settings.config,
        now,
    };
    top_level(&body, &lines, &mut findings);
    declarations(&body, &mut scope, &lines, &mut findings);
    let plugins = required_plugins(&body, settings, &mut scope, &lines, &mut findings);
    let mut reader = Reader {
        judge: &judge,
        scope: &mut scope,
        lines: &lines,
        packer: settings.packer.as_ref(),
        findings: &mut findings,
    };
    let source = source(&body, settings, &mut reader);
    let steps = match &source {
        Some((_, model)) => {
            let named = format!("source.{}.{}", model.builder, model.label);
            let mut guest = GuestReader::new(reader, settings.guest_phases, paths.as_ref(), &named);
            body.get_blocks("build").for_each(|build| guest.build(build));
            guest.steps
        }
        None => GuestSteps::default(),
    };
    let findings = findings.into_vec();
    match source {
        Some((rules, mut model)) if findings.is_empty() => {
            model.plugins = plugins;
            Ok(Checked { model, steps, rules })
        }
        _ => Err(findings),
    }
}

/// Only these blocks, and no attributes.
fn top_level(body: &HclBody, lines: &Lines, findings: &mut Findings) {
    for structure in body {
        let line = lines.of(structure).unwrap_or(0);
        match structure {
            Structure::Attribute(attribute) => {
                let name = attribute.key.as_str();
                let message = format!("`{name}` does not belong to any block");
                findings
                    .push(Finding::new(Code::TemplateAttribute, line, name, message).remedy("leave it out"));
            }
            Structure::Block(block) => match block.ident.as_str() {
                "packer" | "variable" | "locals" | "source" | "build" => {}
                other => {
                    let message = format!("a template may not have a block `{other}`");
                    findings
                        .push(Finding::new(Code::TemplateBlock, line, other, message).remedy("leave it out"));
                }
            },
        }
    }
}

/// The plugins that the template requires; each must be granted exactly so. All granted ones when the
/// template does not say.
fn required_plugins(
    body: &HclBody,
    settings: &Settings<'_>,
    scope: &mut Scope<'_>,
    lines: &Lines,
    findings: &mut Findings,
) -> Vec<PackerPlugin> {
    let mut required = Vec::new();
    for block in body.get_blocks("packer") {
        for structure in &block.body {
            let line = lines.of(structure).unwrap_or(0);
            match structure {
                Structure::Block(inner)
                    if inner.ident.as_str() == "required_plugins" && inner.labels.is_empty() =>
                {
                    plugins_of(inner, settings, scope, lines, findings, &mut required);
                }
                Structure::Attribute(_) | Structure::Block(_) => {
                    let message = "`packer` has nothing but `required_plugins`";
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
            let Ok(Folded::Map(items)) = scope.fold(&attribute.value, line) else {
                return None;
            };
            let text = |wanted: &str| {
                items
                    .iter()
                    .find(|(key, _)| key == wanted)
                    .and_then(|(_, value)| value.as_text())
            };
            let plugin = PackerPlugin {
                name: name.to_owned(),
                source: text("source")?.to_owned(),
                version: text("version")?.to_owned(),
            };
            (items.len() == 2 && settings.packer_plugins.contains(&plugin)).then_some(plugin)
        });
        match plugin {
            Some(plugin) if !required.contains(&plugin) => required.push(plugin),
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

/// The one source.
fn source(body: &HclBody, settings: &Settings<'_>, reader: &mut Reader<'_, '_>) -> Option<(Builder, Model)> {
    let mut sources = body.get_blocks("source");
    let Some(block) = sources.next() else {
        reader.findings.push(
            Finding::new(Code::TemplateBlock, 0, "source", "the template has no source")
                .remedy("add a `source` block"),
        );
        return None;
    };
    if let Some(second) = sources.next() {
        let line = reader.lines.of(second).unwrap_or(0);
        let message = "a template has one source";
        reader
            .findings
            .push(Finding::new(Code::TemplateBlock, line, "source", message).remedy("remove this one"));
    }
    let line = reader.lines.of(block).unwrap_or(0);
    let (builder, label) = match labels(block).as_slice() {
        [builder, label] if is_name(label) => ((*builder).to_owned(), (*label).to_owned()),
        _ => {
            let message = "a source has two labels: the builder, and a name of letters, digits and `_`";
            reader
                .findings
                .push(Finding::new(Code::TemplateBlock, line, "source", message));
            return None;
        }
    };
    let place = format!("source.{builder}.{label}");
    let Some(granted) = settings.builders.iter().find(|granted| granted.name == builder) else {
        let message = format!("the builder `{builder}` is not granted to this plugin");
        reader.findings.push(
            Finding::new(Code::TemplateBuilder, line, place, message)
                .remedy("have the plugin request it, and grant it to the plugin"),
        );
        return None;
    };
    let rules = match Builder::of(granted) {
        Ok(rules) => rules,
        Err(error) => {
            reader.findings.push(
                Finding::new(error.code(), line, place, error.message())
                    .remedy(error.next().unwrap_or_default()),
            );
            return None;
        }
    };
    let source: Body = reader.body(&block.body, rules.allowed(), &place);
    if rules.image_name(&source).is_none_or(|name| name.is_empty()) {
        let message = "the source must name its image";
        reader
            .findings
            .push(Finding::new(Code::TemplateValue, line, place, message));
    }
    Some((
        rules,
        Model {
            builder,
            label,
            source,
            ..Model::default()
        },
    ))
}
