//! A plugin's template.

use serde_json::{Map, Value, json};

use crate::contract::{BuilderRequest, BundleFile, GuestPhase, PackerPlugin};
use crate::policy::template::{self, Communicator, Connection, Settings};
use crate::provision::HostSteps;

const BUILDERS: [(&str, &str); 5] = [
    ("amazon-ebs", "amazon"),
    ("azure-arm", "azure"),
    ("googlecompute", "googlecompute"),
    ("oracle-oci", "oracle"),
    ("alicloud-ecs", "alicloud"),
];

/// Whatever a template is: it compiles or is refused, within bounded time. If it compiles, Packer gets JSON without
/// anything to evaluate, with steps and builders from the allow-list only, and the host finds its own HCL of it sound.
pub fn hcl(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let builders = BUILDERS.map(|(builder, _)| BuilderRequest::known(builder));
    let plugins = BUILDERS.map(|(_, plugin)| PackerPlugin {
        name: plugin.to_owned(),
        source: format!("github.com/hashicorp/{plugin}"),
        version: ">= 1.0.0".to_owned(),
    });
    let config = config();
    let files = [BundleFile {
        path: "aws/prepare.sh".to_owned(),
        content: String::new(),
    }];
    let settings = Settings {
        builders: &builders,
        guest_phases: &[
            GuestPhase::Prepare,
            GuestPhase::BeforeClean,
            GuestPhase::Generalize,
        ],
        packer_plugins: &plugins,
        config: &config,
        packer: None,
        now: "2026-11-22T09:30:05Z",
        run_id: "abcdef012345",
        connection: Connection {
            communicator: Communicator::Ssh,
            host: None,
            port: None,
            timeout: "20m".to_owned(),
            source_cidrs: vec!["203.0.113.7/32".to_owned()],
        },
        steps: HostSteps::default(),
        sensitive_variables: Vec::new(),
    };
    let Ok(template) = template::compile(text, &files, &settings) else {
        return;
    };
    let emitted = template.to_packer_json();
    let json: Value = serde_json::from_str(&emitted).expect("what is emitted is JSON");
    inert(&json);
    let build = json.get("build").expect("there is one build");
    for (kind, known) in [
        (
            "provisioner",
            &[
                "shell",
                "file",
                "ansible-local",
                "powershell",
                "windows-shell",
                "windows-restart",
            ][..],
        ),
        ("post-processor", &["manifest"][..]),
    ] {
        for step in build.get(kind).and_then(Value::as_array).into_iter().flatten() {
            for name in step.as_object().expect("a step is an object").keys() {
                assert!(known.contains(&name.as_str()), "a step of the kind {name}");
            }
        }
    }
    let sources = json.get("source").and_then(Value::as_object).expect("a source");
    assert!(sources.len() == 1 && sources.keys().all(|name| BUILDERS.iter().any(|(known, _)| known == name)));
    assert_eq!(
        json.as_object().map(|root| root
            .keys()
            .all(|key| ["packer", "variable", "source", "build"].contains(&key.as_str()))),
        Some(true)
    );
    let hcl = template.to_hcl();
    if let Err(error) = hcl_edit::parser::parse_body(&hcl) {
        panic!("the HCL for people is none: {error}\n{hcl}");
    }
}

/// Nothing that HCL would evaluate in any text or key, but for the constants of the emitter.
fn inert(json: &Value) {
    match json {
        Value::String(text) => inert_text(text),
        Value::Array(items) => items.iter().for_each(inert),
        Value::Object(members) => members.iter().for_each(|(key, member)| {
            inert_text(key);
            inert(member);
        }),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn inert_text(text: &str) {
    let text = text.strip_prefix("${\"\\ufeff\"}").unwrap_or(text);
    for marker in ['$', '%'] {
        let open = format!("{marker}{{");
        for (at, _) in text.match_indices(&open) {
            let (before, from) = text.split_at(at);
            let run = before
                .chars()
                .rev()
                .take_while(|before| *before == marker)
                .count();
            let made = from.get(2..).and_then(|inside| {
                let inside = inside.strip_prefix('"')?;
                Some(inside.trim_start_matches(['$', '%']).starts_with("\\r\"}"))
            });
            // Packer reads a run of markers before a brace as one less of them.
            assert!(
                run >= 1 || made == Some(true),
                "something to evaluate is left in {text:?}"
            );
        }
    }
}

fn config() -> Map<String, Value> {
    let config = json!({
        "region": "us-west-2", "instance_type": "t3.large", "volume_size": 80, "ami_users": ["123456789012"],
        "project_id": "my-project", "zone": "us-central1-a", "machine_type": "e2-standard-2",
        "availability_domain": "AD-1", "compartment_ocid": "ocid1.compartment.oc1..aaaa",
        "shape": "VM.Standard.E4.Flex", "subnet_ocid": "ocid1.subnet.oc1..aaaa",
        "subscription_id": "00000000-0000-4000-8000-000000000001", "resource_group": "images",
        "location": "westeurope", "vm_size": "Standard_D2s_v5"
    });
    config.as_object().cloned().unwrap_or_default()
}
