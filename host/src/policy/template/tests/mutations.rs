//! Templates of authors and attackers, changed at random: nothing panics, nothing hangs, and what is compiled means
//! what the host understood.

use std::sync::LazyLock;

use hcl_edit::expr::Expression;
use hcl_edit::structure::Body as HclBody;
use proptest::prelude::*;
use proptest::sample::Index;

use super::*;
use crate::policy::template::model::{Body, Value};

/// Every template of `tests/attacks`, the big ones left out.
static CORPUS: LazyLock<Vec<String>> = LazyLock::new(|| {
    let directory = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/attacks/templates");
    let paths = crate::files::list(std::path::Path::new(directory)).unwrap();
    let texts: Vec<String> = paths
        .iter()
        .filter_map(|path| crate::files::read_text(path, 4096).ok())
        .collect();
    assert!(texts.len() > 100, "{directory}");
    texts
});

const BUILDERS: [&str; 5] = [
    "amazon-ebs",
    "azure-arm",
    "googlecompute",
    "oracle-oci",
    "alicloud-ecs",
];

/// A user who configured just what the honest templates say.
fn user_of(hcl: &str) -> Map<String, Json> {
    let config = if hcl.contains("azure-arm") {
        json!({ "location": "northeurope", "vm_size": "Standard_D2s_v5", "resource_group": "images" })
    } else if hcl.contains("googlecompute") {
        json!({ "project_id": "team-images", "zone": "europe-west4-b" })
    } else if hcl.contains("oracle-oci") {
        json!({
            "availability_domain": "Uocm:EU-FRANKFURT-1-AD-1", "compartment_ocid": "ocid1.compartment.oc1..bbbb",
            "base_image_ocid": "ocid1.image.oc1..bbbb", "shape": "VM.Standard.E5.Flex",
            "subnet_ocid": "ocid1.subnet.oc1..bbbb"
        })
    } else if hcl.contains("alicloud-ecs") {
        json!({ "region": "eu-central-1", "instance_type": "ecs.g7.large" })
    } else {
        json!({ "region": "eu-west-1", "instance_type": "t3.medium", "source_ami": "ami-0a1b2c3d4e5f60718" })
    };
    config.as_object().unwrap().clone()
}

/// Reads for a review and compiles; the compiled form, if there is one.
fn everything(hcl: &str) -> Option<Template> {
    let builders: Vec<_> = BUILDERS.iter().map(|name| BuilderRequest::known(*name)).collect();
    let plugins = [plugin()];
    let config = Map::new();
    let mut settings = Settings {
        guest_phases: &[GuestPhase::Prepare],
        ..settings(&builders, &plugins, &config)
    };
    let findings = review(hcl, &Bundle::Unseen, &settings);
    for finding in findings {
        assert!(finding.line <= hcl.lines().count() + 1, "{finding:?}");
        assert!(!finding.message.is_empty());
    }
    let own = user_of(hcl);
    settings.config = &own;
    settings.connection.source_cidrs = vec!["192.0.2.0/24".into()];
    compile(hcl, &files(), &settings).ok()
}

/// A value as another parser reads it.
fn same(expression: &Expression, value: &Value) -> bool {
    match value {
        Value::Bool(wanted) => expression.as_bool() == Some(*wanted),
        Value::Integer(wanted) => expression.as_number().and_then(|number| number.as_i64()) == Some(*wanted),
        // Packer cannot write two braces; the emitter puts a word joiner between them.
        Value::Text(wanted) => {
            let plain = |text: &str| text.replace('\u{2060}', "");
            expression.as_str().map(plain) == Some(plain(wanted))
        }
        Value::RenderedOnce(wanted) => {
            expression.as_str().map(|text| text.replace("{{`{{`}}", "{{")) == Some(wanted.clone())
        }
        Value::Path(_) | Value::GoTemplate(_) => expression.as_str().is_some(),
        Value::List(items) => expression.as_array().is_some_and(|list| {
            list.len() == items.len() && list.iter().zip(items).all(|(read, item)| same(read, item))
        }),
        Value::Map(items) => expression.as_object().is_some_and(|object| {
            object.len() == items.len()
                && object.iter().zip(items).all(|((key, read), (name, item))| {
                    let key = match key {
                        hcl_edit::expr::ObjectKey::Ident(name) => Some(name.as_str()),
                        hcl_edit::expr::ObjectKey::Expression(text) => text.as_str(),
                    };
                    key == Some(name.as_str()) && same(read.expr(), item)
                })
        }),
        Value::SecretAssignment { .. } => true,
    }
}

/// Attributes and nested blocks, one by one, and no others.
fn same_body(read: &HclBody, body: &Body) {
    assert_eq!(read.attributes().count(), body.attributes.len());
    assert_eq!(read.blocks().count(), body.blocks.len());
    for (name, value) in &body.attributes {
        let attribute = read
            .get_attribute(name)
            .unwrap_or_else(|| panic!("{name} is lost"));
        assert!(
            same(&attribute.value, value),
            "{name}: {value:?} is {:?}",
            attribute.value
        );
    }
    for (read, block) in read.blocks().zip(&body.blocks) {
        same_body(&read.body, &block.body);
    }
}

fn reads_back(template: &Template) {
    let text = template.to_hcl();
    let read: HclBody = text.parse().unwrap_or_else(|error| panic!("{error}\n{text}"));
    let source = read.get_blocks("source").next().unwrap();
    same_body(&source.body, &template.model.source);
    let steps: Vec<_> = read
        .get_blocks("build")
        .flat_map(|build| build.body.get_blocks("provisioner"))
        .collect();
    assert_eq!(steps.len(), template.model.provisioners.len());
    for (read, step) in steps.iter().zip(&template.model.provisioners) {
        assert_eq!(read.labels[0].as_str(), step.name);
        same_body(&read.body, &step.body);
    }
}

#[test]
fn every_template_of_the_attacks_that_compiles_reads_back_as_it_was_understood() {
    let compiled = CORPUS.iter().filter_map(|text| everything(text));
    let mut count = 0;
    for template in compiled {
        reads_back(&template);
        count += 1;
    }
    assert!(count > 20, "{count}");
}

/// What attackers put into a template.
fn scrap() -> impl Strategy<Value = String> {
    prop_oneof![
        "[ -~\n]{0,12}",
        any::<char>().prop_map(|character| character.to_string()),
        prop::sample::select(vec![
            "${",
            "%{",
            "$${",
            "{{",
            "}}",
            "\"",
            "\\",
            "<<EOT\n",
            "<<-X\n",
            "\nEOT\n",
            "EOT",
            "/*",
            "*/",
            "#",
            "//",
            "\r",
            "\r\n",
            "\0",
            "\u{feff}",
            "\u{85}",
            "\u{a0}",
            "\u{2028}",
            "[",
            "]",
            "{",
            "}",
            "(",
            ")",
            "=",
            ",",
            "\\u007b",
            "\\U0010ffff",
            "\\x",
            "file(\"/etc/passwd\")",
            "local.a",
            "var.a",
            "...",
            "null",
            "true",
            "1e999",
            "-1",
            "0x10",
            "dynamic",
            "override",
            "build {\n}\n",
            "source \"file\" \"x\" {\n}\n",
        ])
        .prop_map(str::to_owned),
    ]
}

/// Cuts, doubles and fills in, at characters.
fn mutated(text: &str, changes: &[(Index, Index, String)]) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for (at, until, scrap) in changes {
        let (first, second) = (at.index(characters.len() + 1), until.index(characters.len() + 1));
        let end = first.max(second).min(first.min(second) + 40);
        characters.splice(first.min(second)..end, scrap.chars());
    }
    characters.into_iter().collect()
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, cases: 200, ..ProptestConfig::default() })]

    #[test]
    fn no_changed_template_panics_and_what_compiles_reads_back(
        which in any::<Index>(),
        changes in prop::collection::vec((any::<Index>(), any::<Index>(), scrap()), 1..5),
    ) {
        let original: &String = which.get(CORPUS.as_slice());
        let text = mutated(original, &changes);
        if let Some(template) = everything(&text) {
            reads_back(&template);
        }
    }

    #[test]
    fn no_text_at_all_panics(text in any::<String>()) {
        prop_assert!(everything(&text).is_none());
    }
}
