//! The blocks of a template, one after the other, into the model.

use hcl_edit::structure::{Block as HclBlock, Body as HclBody, Structure};
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

use super::Settings;
use super::declarations::declarations;
use super::finding::{Finding, Findings};
use super::fold::Scope;
use super::guest::{GuestReader, GuestSteps};
use super::model::{Body, Model};
use super::parse::{Lines, labels, parse};
use super::paths::{Bundle, Paths};
use super::plugins;
use super::provisioners::{is_label, paths};
use super::source::Reader;
use super::values::Judge;
use crate::Code;
use crate::contract::{BundleFile, GuestPhase};
use crate::policy::builders::Builder;

/// Stands for the newest Packer in a review.
const NEWEST: &str = "1.16.0";
/// A review cannot know which phases a user will grant.
const ALL_PHASES: &[GuestPhase] = &[
    GuestPhase::Prepare,
    GuestPhase::BeforeClean,
    GuestPhase::Generalize,
];

/// What a plugin's template says, checked, without the host's part.
pub(super) struct Checked {
    /// Builder, label and source.
    pub(super) model: Model,
    /// Steps in the VM.
    pub(super) steps: GuestSteps,
    /// Rules of the builder.
    pub(super) rules: Builder,
}

/// What a template is read for.
#[derive(Clone, Copy)]
pub(super) enum Purpose<'a> {
    /// To be compiled, with these files: everything is decided.
    Build(&'a [BundleFile]),
    /// To say whether a build could be allowed: what only a build knows is open.
    Review(&'a Bundle),
}

impl Purpose<'_> {
    fn is_review(self) -> bool {
        matches!(self, Self::Review(_))
    }
}

/// Reads a template. Either it is right or there are findings.
pub(super) fn read(
    hcl: &str,
    purpose: Purpose<'_>,
    settings: &Settings<'_>,
) -> Result<Checked, Vec<Finding>> {
    let open = purpose.is_review();
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
    let paths = match purpose {
        Purpose::Build(files) => findings.keep(Paths::new(files, &host_paths)),
        Purpose::Review(bundle) => Some(Paths::Reviewed(bundle)),
    };
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
        open,
    };
    scope.open = open;
    scope.packer = match &settings.packer {
        Some(version) => Some(version.to_string()),
        None => open.then(|| NEWEST.to_owned()),
    };
    top_level(&body, &lines, &mut findings);
    declarations(&body, &mut scope, &lines, &mut findings);
    let plugins = plugins::required(&body, settings, &mut scope, &lines, &mut findings);
    let mut reader = Reader {
        judge: &judge,
        scope: &mut scope,
        lines: &lines,
        packer: settings.packer.as_ref(),
        findings: &mut findings,
    };
    let mut sources = sources(&body, settings, &mut reader, open);
    let names: Vec<_> = sources
        .iter()
        .map(|(_, model)| format!("source.{}.{}", model.builder, model.label))
        .collect();
    let source = (!sources.is_empty()).then(|| sources.swap_remove(0));
    let steps = match &source {
        Some((_, model)) => {
            reader.scope.source = Some((model.builder.clone(), model.label.clone()));
            let phases = if open { ALL_PHASES } else { settings.guest_phases };
            let mut guest = GuestReader::new(reader, phases, paths.as_ref(), &names, open);
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

/// The sources: one to build, any number to review.
fn sources(
    body: &HclBody,
    settings: &Settings<'_>,
    reader: &mut Reader<'_, '_>,
    open: bool,
) -> Vec<(Builder, Model)> {
    let mut found: Vec<(Builder, Model)> = Vec::new();
    for (index, block) in body.get_blocks("source").enumerate() {
        let line = reader.lines.of(block).unwrap_or(0);
        if index > 0 && !open {
            let message = "a template has one source";
            reader
                .findings
                .push(Finding::new(Code::TemplateBlock, line, "source", message).remedy("remove this one"));
            continue;
        }
        let Some((rules, model)) = source(block, settings, reader) else {
            continue;
        };
        let same = |(_, other): &(_, Model)| (&other.builder, &other.label) == (&model.builder, &model.label);
        if found.iter().any(same) {
            let construct = format!("source.{}.{}", model.builder, model.label);
            let message = "this source stands twice";
            reader
                .findings
                .push(Finding::new(Code::TemplateBlock, line, construct, message).remedy("rename one"));
            continue;
        }
        found.push((rules, model));
    }
    if body.get_blocks("source").next().is_none() {
        reader.findings.push(
            Finding::new(Code::TemplateBlock, 0, "source", "the template has no source")
                .remedy("add a `source` block"),
        );
    }
    found
}

/// One source.
fn source(
    block: &HclBlock,
    settings: &Settings<'_>,
    reader: &mut Reader<'_, '_>,
) -> Option<(Builder, Model)> {
    let line = reader.lines.of(block).unwrap_or(0);
    let (builder, label) = match labels(block).as_slice() {
        [builder, label] if is_label(label) => ((*builder).to_owned(), (*label).to_owned()),
        _ => {
            let message = "a source has two labels: the builder, and a name of letters, digits, `_` and `-`";
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
    let source: Body = reader.source(&block.body, rules.allowed(), &place);
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
