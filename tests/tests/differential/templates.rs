//! Templates as the bundled plugins write them, and one with any text in all of its places.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use sindri::Result;
use sindri::contract::{BuilderRequest, BundleFile, GuestPhase, PackerPlugin};
use sindri::policy::template::{Communicator, Connection, Settings, Template, compile};
use sindri::provision::HostSteps;
use sindri::provision::steps::{
    AnsibleStep, EnvironmentEntry, EnvironmentValue, GuestStep, ShellStep, UploadStep,
};
use sindri_plugin_sdk::contract::{Context, ImageSpec};
use sindri_plugin_sdk::{Provider, hcl, testing};

const HOSTILE: &str = "\"${env(\"HOME\")}%{ if true }{{ user `x` }}\n'`$(id)\u{e9}<<EOT\nEOT $${ %%{ \\u0022";

/// Every cloud, for both Packers, with plain and with hostile texts.
pub(crate) fn of_clouds() -> Vec<(String, Template)> {
    let mut all = Vec::new();
    let azure = json!({
        "subscription_id": "00000000-0000-4000-8000-000000000001", "resource_group": "images"
    });
    let oci = json!({
        "compartment_ocid": "ocid1.compartment.oc1..aaaa", "availability_domain": "AD-1",
        "subnet_ocid": "ocid1.subnet.oc1..aaaa", "region": "eu-frankfurt-1",
        "shape": "VM.Standard2.2"
    });
    for packer in ["1.6.6", "1.16.0"] {
        for text in ["golden image", HOSTILE] {
            let mut add = |cloud: &str, template: Template| {
                all.push((format!("{cloud}, Packer {packer}, {text:?}"), template));
            };
            add(
                "alibaba",
                of::<sindri_plugin_alibaba::Alibaba>(
                    sindri_plugin_alibaba::CONFIG_SCHEMA,
                    &json!({"region": "eu-central-1"}),
                    packer,
                    text,
                ),
            );
            add(
                "aws",
                of::<sindri_plugin_aws::Aws>(sindri_plugin_aws::CONFIG_SCHEMA, &json!({}), packer, text),
            );
            add(
                "azure",
                of::<sindri_plugin_azure::Azure>(sindri_plugin_azure::CONFIG_SCHEMA, &azure, packer, text),
            );
            add(
                "gcp",
                of::<sindri_plugin_gcp::Gcp>(
                    sindri_plugin_gcp::CONFIG_SCHEMA,
                    &json!({"project_id": "sindri-images"}),
                    packer,
                    text,
                ),
            );
            add(
                "oci",
                of::<sindri_plugin_oci::Oci>(sindri_plugin_oci::CONFIG_SCHEMA, &oci, packer, text),
            );
        }
    }
    all
}

/// What compiles of the corpus of attacks and of harmless templates, for a user who configured what the harmless say.
pub(crate) fn of_corpus() -> Vec<(String, Template)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("attacks/templates");
    let mut paths: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    paths.sort();
    let mut all = Vec::new();
    for path in paths {
        let Ok(hcl) = fs::read_to_string(&path) else {
            continue;
        };
        let (builder, config) = user_of(&hcl);
        let granted = Granted {
            builders: vec![BuilderRequest::known(builder)],
            plugins: Vec::new(),
            config: config.as_object().cloned().unwrap(),
        };
        if let Ok(template) = compiled(&granted, &hcl, &[], None, "golden image") {
            all.push((path.file_name().unwrap().to_string_lossy().into_owned(), template));
        }
    }
    all
}

fn user_of(hcl: &str) -> (&'static str, Value) {
    if hcl.contains("azure-arm") {
        let config =
            json!({"location": "northeurope", "vm_size": "Standard_D2s_v5", "resource_group": "images"});
        ("azure-arm", config)
    } else if hcl.contains("googlecompute") {
        let config = json!({"project_id": "team-images", "zone": "europe-west4-b"});
        ("googlecompute", config)
    } else if hcl.contains("oracle-oci") {
        let config = json!({
            "availability_domain": "Uocm:EU-FRANKFURT-1-AD-1", "compartment_ocid": "ocid1.compartment.oc1..bbbb",
            "base_image_ocid": "ocid1.image.oc1..bbbb", "shape": "VM.Standard.E5.Flex",
            "subnet_ocid": "ocid1.subnet.oc1..bbbb"
        });
        ("oracle-oci", config)
    } else if hcl.contains("alicloud-ecs") {
        let config = json!({"region": "eu-central-1", "instance_type": "ecs.g7.large"});
        ("alicloud-ecs", config)
    } else {
        let config = json!({
            "region": "eu-west-1", "instance_type": "t3.medium", "source_ami": "ami-0a1b2c3d4e5f60718"
        });
        ("amazon-ebs", config)
    }
}

fn of<P: Provider>(schema: &str, overrides: &Value, packer: &str, text: &str) -> Template {
    let section = testing::section(schema, overrides).unwrap();
    let request = sindri_plugin_sdk::contract::BuildRequest {
        context: Context {
            packer_version: Some(packer.to_owned()),
            ..testing::context()
        },
        image: ImageSpec {
            name: "sindri-dev".to_owned(),
            description: text.to_owned(),
            architecture: None,
            tags: testing::host_tags(),
            run_tags: testing::host_tags(),
        },
        config: section.clone(),
    };
    let bundle = P::render(&request).unwrap_or_else(|problem| panic!("{problem:?}"));
    let files: Vec<BundleFile> = bundle
        .files
        .into_iter()
        .map(|file| BundleFile {
            path: file.path,
            content: file.content,
        })
        .collect();
    let requests = P::describe().requests;
    let builders: Vec<BuilderRequest> = requests
        .builders
        .into_iter()
        .map(|builder| BuilderRequest::known(builder.name))
        .collect();
    let plugins: Vec<PackerPlugin> = requests
        .packer_plugins
        .into_iter()
        .map(|plugin| PackerPlugin {
            name: plugin.name,
            source: plugin.source,
            version: plugin.version,
        })
        .collect();
    let config: Value = serde_json::from_str(&section).unwrap();
    let granted = Granted {
        builders,
        plugins,
        config: config.as_object().cloned().unwrap(),
    };
    compiled(&granted, &bundle.template, &files, Some(packer), text).unwrap_or_else(|error| panic!("{error}"))
}

struct Granted {
    builders: Vec<BuilderRequest>,
    plugins: Vec<PackerPlugin>,
    config: Map<String, Value>,
}

fn compiled(
    granted: &Granted,
    hcl: &str,
    files: &[BundleFile],
    packer: Option<&str>,
    text: &str,
) -> Result<Template> {
    let settings = Settings {
        builders: &granted.builders,
        guest_phases: &[
            GuestPhase::Prepare,
            GuestPhase::BeforeClean,
            GuestPhase::Generalize,
        ],
        packer_plugins: &granted.plugins,
        config: &granted.config,
        packer: packer.map(|version| version.parse().unwrap()),
        now: "2026-11-22T09:30:05Z",
        run_id: "abcdef012345",
        connection: Connection {
            communicator: Communicator::Ssh,
            host: None,
            port: None,
            timeout: "20m".to_owned(),
            source_cidrs: vec!["203.0.113.7/32".to_owned()],
        },
        steps: steps(text),
        sensitive_variables: vec!["sindri_unused".to_owned()],
    };
    compile(hcl, files, &settings)
}

/// One of each kind, with the text and a secret in a script's environment.
fn steps(text: &str) -> HostSteps {
    let entry = |name: &str, value| EnvironmentEntry {
        name: name.to_owned(),
        value,
    };
    HostSteps {
        provision: vec![
            GuestStep::Shell(ShellStep {
                name: "init".to_owned(),
                script: "scripts/10-init.sh".to_owned(),
                environment: vec![
                    entry("PLAIN", EnvironmentValue::Plain(text.to_owned())),
                    entry("SECRET", EnvironmentValue::Secret("sindri_secret".to_owned())),
                ],
                as_root: true,
            }),
            GuestStep::Upload(UploadStep {
                source: "files/0-motd".to_owned(),
                destination: "/etc/motd".to_owned(),
            }),
            GuestStep::AnsibleLocal(AnsibleStep {
                playbook: "ansible/site.yml".to_owned(),
            }),
        ],
        clean: vec![GuestStep::Shell(ShellStep {
            name: "clean".to_owned(),
            script: "scripts/90-clean.sh".to_owned(),
            environment: Vec::new(),
            as_root: false,
        })],
    }
}

/// A template of which every text is this one.
pub(crate) fn with_text(text: &str) -> Template {
    with_texts(text, text).unwrap_or_else(|error| panic!("{error}"))
}

/// A template with these texts in descriptions, tags, user data, scripts and their environment.
pub(crate) fn with_texts(one: &str, other: &str) -> Result<Template> {
    let (first, second) = (hcl::quoted(one), hcl::quoted(other));
    let text = format!(
        "locals {{\n  one = {first}\n  other = {second}\n}}\nlocals {{\n  joined = \"${{local.one}}${{local.other}}\"\n}}\nsource \"amazon-ebs\" \"x\" {{\n  region = \"us-east-1\"\n  instance_type = \"t3.small\"\n  ami_name = \"sindri-vm\"\n  ssh_username = \"ubuntu\"\n  ami_description = {first}\n  user_data = {second}\n  tags = {{\n    \"one\" = {first}\n    \"joined\" = local.joined\n  }}\n  run_tags = {{\n    \"other\" = {second}\n  }}\n  launch_block_device_mappings {{\n    device_name = \"/dev/sda1\"\n    volume_size = 80\n  }}\n}}\nbuild {{\n  sources = [\"source.amazon-ebs.x\"]\n  provisioner \"shell\" {{\n    inline = [{first}, {second}, \"true\"]\n  }}\n}}\n"
    );
    let granted = Granted {
        builders: vec![BuilderRequest::known("amazon-ebs")],
        plugins: Vec::new(),
        config: json!({"region": "us-east-1", "instance_type": "t3.small", "volume_size": 80})
            .as_object()
            .cloned()
            .unwrap(),
    };
    compiled(&granted, &text, &[], None, one)
}
