//! Templates: the same ones for the same request, and such that the compiler takes them.

use semver::Version;
use serde_json::Value;

use super::samples::Section;
use super::{Rule, Suite, context};
use crate::contract::{Architecture, BuildRequest, Bundle, ImageSpec, Tag};
use crate::error::Error;
use crate::policy::grants::item::Item;
use crate::policy::template::{self, Communicator, Connection, Template};
use crate::provision::HostSteps;

/// The newest, the first with plugins of its own, and the one before.
const PACKERS: [Option<&str>; 3] = [None, Some("1.7.0"), Some("1.6.6")];
/// Texts that would be code if they were not data.
const HOSTILE: &str = "\"${env(\"HOME\")}%{ if true }{{ user `x` }}\n'`$(id)\u{e9}";

pub(super) fn check(suite: &mut Suite<'_>, sections: &[Section]) {
    for section in sections {
        for packer in PACKERS {
            for architecture in [None, Some(Architecture::X86_64), Some(Architecture::Arm64)] {
                for text in ["golden image", HOSTILE] {
                    one(suite, section, packer, architecture, text);
                }
            }
        }
        foreign_configuration(suite, section);
    }
}

fn one(
    suite: &mut Suite<'_>,
    section: &Section,
    packer: Option<&str>,
    architecture: Option<Architecture>,
    text: &str,
) {
    let what = format!(
        "render ({}, Packer {}, {architecture:?})",
        section.name,
        packer.unwrap_or("newest")
    );
    let request = request(section.json(), packer, architecture, text);
    let Some(Ok(bundle)) = suite.twice(&what, |plugin| plugin.render(request.clone())) else {
        return;
    };
    match compile(suite, section, packer, &bundle) {
        Err(error) => suite.find(Rule::Template, format!("{what}: {error}")),
        Ok(template) => {
            let requests = std::sync::Arc::clone(&suite.info);
            let builders = requests.requests.builders.iter();
            for builder in builders.filter(|one| one.name == template.builder()) {
                suite.used(Item::Builder(builder.clone()));
            }
            for plugin in template.required_plugins() {
                suite.used(Item::PackerPlugin(plugin.clone()));
            }
        }
    }
}

fn request(
    config: String,
    packer: Option<&str>,
    architecture: Option<Architecture>,
    text: &str,
) -> BuildRequest {
    let tags = vec![
        Tag::new("Name", "sindri-dev"),
        Tag::new("ManagedBy", "sindri"),
        Tag::new("SindriVersion", "3.1.0"),
        Tag::new("SindriRunId", "abcdef012345"),
        Tag::new("BuildDate", "2026-11-22T09:30:05Z"),
    ];
    let with = |key: &str, value: &str| {
        let mut tags = tags.clone();
        tags.push(Tag::new(key, value));
        tags
    };
    let mut image_tags = with("SindriCacheKey", &"0123456789abcdef".repeat(4));
    image_tags.push(Tag::new("note", text));
    BuildRequest {
        context: context(packer),
        image: ImageSpec {
            name: "sindri-dev".to_owned(),
            description: text.to_owned(),
            architecture,
            tags: image_tags,
            run_tags: with("SindriPurpose", "build"),
        },
        config,
    }
}

fn compile(
    suite: &Suite<'_>,
    section: &Section,
    packer: Option<&str>,
    bundle: &Bundle,
) -> Result<Template, Error> {
    let requests = &suite.info.requests;
    let settings = template::Settings {
        builders: &requests.builders,
        guest_phases: &requests.guest_phases,
        packer_plugins: &requests.packer_plugins,
        config: &section.values,
        packer: packer.and_then(|version| Version::parse(version).ok()),
        now: "2026-11-22T09:30:05Z",
        run_id: "abcdef012345",
        connection: Connection {
            communicator: Communicator::Ssh,
            host: None,
            port: None,
            timeout: "1200s".to_owned(),
            source_cidrs: vec!["127.0.0.1/32".to_owned()],
        },
        steps: HostSteps::default(),
        sensitive_variables: Vec::new(),
    };
    template::compile(&bundle.template, &bundle.files, &settings)
}

/// A key that nobody reads would be a setting without effect.
fn foreign_configuration(suite: &mut Suite<'_>, section: &Section) {
    let mut foreign = section.values.clone();
    foreign.insert("no_such_key".to_owned(), Value::from("x"));
    let texts = [
        Value::Object(foreign).to_string(),
        String::new(),
        "[]".to_owned(),
        "{\"region\":".to_owned(),
        "null".to_owned(),
    ];
    for text in texts {
        let request = request(text.clone(), None, None, "x");
        let what = format!("render with the configuration {text:.20?}");
        if let Some(Ok(_)) = suite.twice(&what, |plugin| plugin.render(request.clone())) {
            suite.find(
                Rule::Configuration,
                "it takes a configuration that its schema refuses",
            );
        }
    }
}
