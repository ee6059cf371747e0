//! Whole templates: what compiles, what is refused, and that text survives. Most refusals are attacks
//! that ran for real against a checker which passed the plugin's own bytes on.

mod attributes;
mod azure;
mod blocks;
mod expressions;
mod googlecompute;
mod mutations;
mod texts;

use serde_json::{Map, Value as Json, json};

use super::testing::settings;
use super::*;
use crate::provision::steps::{AnsibleStep, EnvironmentEntry, EnvironmentValue, ShellStep, UploadStep};

/// A source block's usual attributes.
const SOURCE: &str = "  region = \"us-west-2\"\n  instance_type = \"t3.large\"\n  ami_name = \"sindri-x\"\n  ssh_username = \"ubuntu\"\n";

fn source(extra: &str) -> String {
    format!("source \"amazon-ebs\" \"vm\" {{\n{SOURCE}{extra}\n}}\n")
}

fn build(inside: &str) -> String {
    format!(
        "{}build {{\n  sources = [\"source.amazon-ebs.vm\"]\n{inside}\n}}\n",
        source("")
    )
}

fn config() -> Map<String, Json> {
    let config = json!({
        "region": "us-west-2", "instance_type": "t3.large", "volume_size": 80, "encrypt_boot": true,
        "ami_users": ["123456789012"], "ami_groups": [], "vpc_id": null
    });
    config.as_object().unwrap().clone()
}

fn plugin() -> PackerPlugin {
    PackerPlugin {
        name: "amazon".into(),
        source: "github.com/hashicorp/amazon".into(),
        version: ">= 1.2.2".into(),
    }
}

fn files() -> Vec<BundleFile> {
    vec![BundleFile {
        path: "aws/prepare.sh".into(),
        content: "#!/bin/bash\n".into(),
    }]
}

/// Compiles with everything granted; `change` changes the settings.
fn compile_with(
    hcl: &str,
    change: impl FnOnce(&mut Settings<'_>, &mut Map<String, Json>),
) -> Result<Template> {
    let builders = [BuilderRequest::known("amazon-ebs")];
    let plugins = [plugin()];
    let mut config = config();
    let empty = Map::new();
    let mut settings = Settings {
        guest_phases: &[
            GuestPhase::Prepare,
            GuestPhase::BeforeClean,
            GuestPhase::Generalize,
        ],
        ..settings(&builders, &plugins, &empty)
    };
    change(&mut settings, &mut config);
    settings.config = &config;
    compile(hcl, &files(), &settings)
}

fn compiled(hcl: &str) -> Template {
    compile_with(hcl, |_, _| ()).unwrap()
}

#[track_caller]
fn refused(hcl: &str, code: Code) -> Error {
    match compile_with(hcl, |_, _| ()) {
        Ok(_) => panic!("compiled:\n{hcl}"),
        Err(error) => {
            assert_eq!(error.code(), code, "{error}\n{hcl}");
            error
        }
    }
}

fn json_of(template: &Template) -> Json {
    serde_json::from_str(&template.to_packer_json()).unwrap()
}

fn source_of(template: &Template) -> Json {
    json_of(template)["source"]["amazon-ebs"]["vm"].clone()
}

#[test]
fn the_host_adds_what_a_plugin_must_not_decide() {
    let template = compiled(&source(""));
    assert_eq!(
        (template.builder(), template.image_name()),
        ("amazon-ebs", "sindri-x")
    );
    let source = source_of(&template);
    assert_eq!(source["communicator"], "ssh");
    assert_eq!(source["ssh_disable_agent_forwarding"], true);
    assert_eq!(source["ssh_clear_authorized_keys"], true);
    assert_eq!(source["temporary_security_group_source_public_ip"], true);
    assert_eq!(source["temporary_key_pair_type"], "ed25519");
    let json = json_of(&template);
    assert_eq!(
        json["packer"]["required_plugins"]["amazon"]["version"],
        ">= 1.2.2"
    );
    assert_eq!(
        json["build"]["post-processor"][0]["manifest"]["output"],
        "manifest.json"
    );
}

#[test]
fn an_old_packer_gets_nothing_that_it_does_not_know() {
    let old = |settings: &mut Settings<'_>| settings.packer = Some(Version::new(1, 6, 6));
    let error = compile_with(&source(""), |settings, _| old(settings)).unwrap_err();
    assert_eq!(error.code(), Code::ConfigMissingKeys, "0.0.0.0/0 would be open");
    let template = compile_with(&source(""), |settings, _| {
        old(settings);
        settings.connection.source_cidrs = vec!["192.0.2.0/24".into()];
    })
    .unwrap();
    let source_block = source_of(&template);
    assert_eq!(
        source_block["temporary_security_group_source_cidrs"],
        json!(["192.0.2.0/24"])
    );
    assert!(source_block.get("temporary_key_pair_type").is_none());
    assert!(json_of(&template).get("packer").is_none() && template.required_plugins().is_empty());
    let metadata = source("  metadata_options {\n    http_tokens = \"required\"\n  }");
    let error = compile_with(&metadata, |settings, _| old(settings)).unwrap_err();
    assert_eq!(
        error.code(),
        Code::TemplateBlock,
        "left out silently, the machine would be weaker than it looks"
    );
    assert!(compile_with(&metadata, |_, _| ()).is_ok());
}

#[test]
fn a_build_without_a_communicator_has_no_steps_and_an_unreachable_group() {
    let hcl = build("  provisioner \"shell\" {\n    inline = [\"id\"]\n  }");
    let template = compile_with(&hcl, |settings, _| {
        settings.connection.communicator = Communicator::None;
        settings.packer = Some(Version::new(1, 6, 6));
    })
    .unwrap();
    let source = source_of(&template);
    assert_eq!(source["communicator"], "none");
    assert_eq!(
        source["temporary_security_group_source_cidrs"],
        json!(["127.0.0.1/32"])
    );
    assert!(source.get("ssh_username").is_none());
    assert!(json_of(&template)["build"].get("provisioner").is_none());
}

#[test]
fn the_users_endpoint_and_address_are_used() {
    let template = compile_with(&source(""), |settings, config| {
        config.insert("endpoint_url".into(), "http://127.0.0.1:5000".into());
        settings.connection.host = Some("127.0.0.1".into());
        settings.connection.port = Some(2222);
    })
    .unwrap();
    let source = source_of(&template);
    assert_eq!(source["custom_endpoint_ec2"], "http://127.0.0.1:5000");
    assert_eq!(source["skip_region_validation"], true);
    assert_eq!(
        (&source["ssh_host"], &source["ssh_port"]),
        (&json!("127.0.0.1"), &json!(2222))
    );
}

#[test]
fn steps_run_in_the_documented_order() {
    let shell = |name: &str| {
        GuestStep::Shell(ShellStep {
            name: name.into(),
            script: format!("scripts/{name}.sh"),
            environment: vec![
                EnvironmentEntry {
                    name: "A".into(),
                    value: EnvironmentValue::Plain("{{x}} ${y}".into()),
                },
                EnvironmentEntry {
                    name: "B".into(),
                    value: EnvironmentValue::Secret("sindri_b".into()),
                },
            ],
            as_root: true,
        })
    };
    let step = |name: &str, line: &str| {
        format!(
            "build {{\n  name = \"{name}\"\n  sources = [\"source.amazon-ebs.vm\"]\n  provisioner \"shell\" {{\n    inline = [\"{line}\"]\n  }}\n}}\n"
        )
    };
    let hcl = format!(
        "{}{}{}{}",
        step("generalize", "3"),
        source(""),
        step("before-clean", "2"),
        step("prepare", "1")
    );
    let template = compile_with(&hcl, |settings, _| {
        let upload = UploadStep {
            source: "files/0-motd".into(),
            destination: "/etc/motd".into(),
        };
        let ansible = AnsibleStep {
            playbook: "ansible/site.yml".into(),
        };
        settings.steps.provision = vec![
            shell("init"),
            GuestStep::Upload(upload),
            GuestStep::AnsibleLocal(ansible),
        ];
        settings.steps.clean = vec![shell("clean")];
    })
    .unwrap();
    let json = json_of(&template);
    let kinds: Vec<String> = json["build"]["provisioner"]
        .as_array()
        .unwrap()
        .iter()
        .map(|block| {
            let (kind, body) = block.as_object().unwrap().iter().next().unwrap();
            let what = ["script", "source", "playbook_file"]
                .iter()
                .find_map(|key| body.get(key)?.as_str());
            format!("{kind} {}", what.or_else(|| body["inline"][0].as_str()).unwrap())
        })
        .collect();
    assert_eq!(
        kinds,
        [
            "shell 1",
            "shell scripts/init.sh",
            "file files/0-motd",
            "ansible-local ansible/site.yml",
            "shell 2",
            "shell scripts/clean.sh",
            "shell 3"
        ]
    );
    let init = &json["build"]["provisioner"][1]["shell"];
    assert_eq!(
        init["environment_vars"],
        json!(["A={{`{{`}}x}} $${y}", "B=${var.sindri_b}"])
    );
    // Values never stand on a command line, where `sudo` logs them and Packer renders them again.
    assert_eq!(
        init["execute_command"],
        "chmod +x {{ .Path }}; sudo -n sh -c '. {{ .EnvVarFile }} && {{ .Path }}'"
    );
    assert_eq!(init["use_env_var_file"], true);
    assert_eq!(
        json["variable"]["sindri_b"],
        json!({"type": "string", "sensitive": true})
    );
    assert_eq!(
        json["packer"]["required_plugins"]["ansible"]["source"],
        "github.com/hashicorp/ansible"
    );
    let hcl = template.to_hcl();
    assert!(hcl.contains("\"${path.root}/scripts/init.sh\""), "{hcl}");
    assert!(hcl.contains("\"B=${var.sindri_b}\""), "{hcl}");
}
