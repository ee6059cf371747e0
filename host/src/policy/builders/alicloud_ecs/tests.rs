use serde_json::{Map, Value as Json, json};

use super::super::Connection;
use super::*;
use crate::contract::{BuilderRequest, PackerPlugin};
use crate::policy::template::testing::settings;
use crate::policy::template::{Template, compile};

/// Names of the deny lists in the threat model. Adding one to the table must be a decision.
#[test]
fn nothing_that_redirects_publishes_deletes_or_reads_the_host_is_in_the_table() {
    let denied = [
        "access_key",
        "secret_key",
        "security_token",
        "profile",
        "shared_credentials_file",
        "ram_role_name",
        "ram_role_arn",
        "ram_session_name",
        "ecs_ram_role_name",
        "custom_endpoint_ecs",
        "skip_region_validation",
        "skip_image_validation",
        "user_data_file",
        "image_force_delete",
        "image_force_delete_snapshots",
        "image_force_delete_instances",
        "image_unshare_account",
        "image_encrypted",
        "skip_create_image",
        "disable_stop_instance",
        "resource_group_id",
        "target_image_family",
        "eip_id",
        "tag",
        "ssh_host",
        "ssh_private_key_file",
        "ssh_agent_auth",
        "ssh_bastion_host",
        "ssh_proxy_host",
        "ssh_password",
        "ssh_keypair_name",
        "communicator",
        "winrm_host",
        "packer_force",
        "ssh_disable_agent_forwarding",
        "ssh_clear_authorized_keys",
        "ssh_remote_tunnels",
    ];
    for name in denied {
        assert!(
            !ATTRIBUTES.iter().any(|attribute| attribute.name == name),
            "{name}"
        );
        assert!(!BLOCKS.iter().any(|block| block.name == name), "{name}");
    }
}

fn completed(source: &[(&str, &str)], config: Json, cidrs: &[&str], ssh: bool) -> Result<Body> {
    let mut body = Body::default();
    for (name, value) in source {
        body.set(name, (*value).into());
    }
    let config: Map<String, Json> = config.as_object().unwrap().clone();
    let connection = Connection {
        communicator: if ssh {
            Communicator::Ssh
        } else {
            Communicator::None
        },
        host: None,
        port: None,
        timeout: "20m".into(),
        source_cidrs: cidrs.iter().map(|cidr| (*cidr).to_owned()).collect(),
    };
    let additions = Additions {
        config: &config,
        connection: &connection,
        packer: None,
        run_id: "abcdef012345",
    };
    complete(&mut body, &additions)?;
    Ok(body)
}

fn rules(cidrs: &[&str], ssh: bool) -> String {
    let body = completed(&[], json!({ "region": "cn-hangzhou" }), cidrs, ssh).unwrap();
    let Some(Value::RenderedOnce(user_data)) = body.get("user_data") else {
        panic!("{body:?}")
    };
    assert!(!user_data.contains("{{"), "Packer would run it");
    let config: Json = serde_json::from_str(user_data.strip_prefix("#cloud-config\n").unwrap()).unwrap();
    config["bootcmd"][0][2].as_str().unwrap().to_owned()
}

#[test]
fn packers_open_group_lets_nothing_in_but_ssh_from_where_it_may_come() {
    let open = rules(&[], true);
    assert!(open.contains("policy drop;") && open.contains("\ntcp dport 22 accept\n"));
    let limited = rules(&["203.0.113.0/24", "2001:db8::/64"], true);
    assert!(limited.contains("\nip saddr 203.0.113.0/24 tcp dport 22 accept\n"));
    assert!(limited.contains("\nip6 saddr 2001:db8::/64 tcp dport 22 accept\n"));
    assert!(!limited.contains("\ntcp dport 22"));
    assert!(
        !rules(&[], false).contains("dport 22"),
        "nobody has to reach the machine"
    );
    for hostile in ["0.0.0.0/0; accept", "x", "1.2.3.4/33", "1.2.3.4/8 accept\n", ""] {
        assert!(completed(&[], json!({}), &[hostile], true).is_err(), "{hostile}");
    }
}

#[test]
fn the_users_own_group_guards_the_machine() {
    let body = completed(&[("security_group_id", "sg-1")], json!({}), &[], true).unwrap();
    assert!(body.get("user_data").is_none());
}

#[test]
fn only_system_images_and_the_users_choice_are_built_from() {
    let from = |image: &str, config| completed(&[("source_image", image)], config, &[], true);
    assert!(from("ubuntu_24_04_x64_20G_alibase_20260916.vhd", json!({})).is_ok());
    assert!(from("m-bp1chosen", json!({ "source_image": "m-bp1chosen" })).is_ok());
    for other in [
        "m-bp1other",
        "centos_7.vhd",
        "ubuntu_24_04_x/../m.vhd",
        "ubuntu_24_04",
    ] {
        assert_eq!(
            from(other, json!({ "source_image": "m-bp1chosen" }))
                .unwrap_err()
                .code(),
            Code::TemplatePinned,
            "{other}"
        );
    }
}

#[test]
fn the_region_is_the_configured_one() {
    let body = completed(
        &[("region", "us-west-1")],
        json!({ "region": "cn-hangzhou" }),
        &[],
        true,
    )
    .unwrap();
    assert_eq!(body.text("region"), Some("cn-hangzhou"));
}

const DEFAULTS: &str = include_str!("../../../../../plugins/alibaba/tests/golden/defaults.pkr.hcl");
const EVERYTHING: &str = include_str!("../../../../../plugins/alibaba/tests/golden/everything.pkr.hcl");
const HOSTILE: &str = include_str!("../../../../../plugins/alibaba/tests/golden/hostile.pkr.hcl");

fn compiled(hcl: &str, config: &Json) -> Result<Template> {
    let config: Map<String, Json> = config.as_object().unwrap().clone();
    let builders = [BuilderRequest::known("alicloud-ecs")];
    let plugins = [PackerPlugin {
        name: "alicloud".into(),
        source: "github.com/hashicorp/alicloud".into(),
        version: ">= 1.1.2".into(),
    }];
    compile(hcl, &[], &settings(&builders, &plugins, &config))
}

fn defaults() -> Json {
    json!({
        "region": "cn-hangzhou", "instance_type": "ecs.g6.xlarge", "system_disk_size_gb": 80,
        "system_disk_category": "cloud_essd", "associate_public_ip_address": true,
        "internet_charge_type": "PayByTraffic", "internet_max_bandwidth_out": 10,
    })
}

#[test]
fn what_our_own_plugin_renders_compiles() {
    let template = compiled(DEFAULTS, &defaults()).unwrap();
    assert_eq!(template.image_name(), "sindri-dev-20261122093005");
    let everything = json!({
        "region": "eu-central-1", "instance_type": "ecs.g8i.2xlarge", "source_image": "m-gw8abcdefgh",
        "system_disk_size_gb": 500, "system_disk_category": "cloud_essd",
        "vpc_id": "vpc-gw8abcdefgh", "vswitch_id": "vsw-gw8abcdefgh", "security_group_id": "sg-gw8abcdefgh",
        "associate_public_ip_address": true, "internet_charge_type": "PayByBandwidth",
        "internet_max_bandwidth_out": 50, "image_copy_regions": ["cn-hangzhou", "eu-central-1", "us-west-1"],
    });
    compiled(EVERYTHING, &everything).unwrap();
    let hostile = compiled(HOSTILE, &defaults()).unwrap().to_packer_json();
    let hostile: Json = serde_json::from_str(&hostile).unwrap();
    let source = &hostile["source"]["alicloud-ecs"]["sindri"];
    let description = source["image_description"].as_str().unwrap();
    assert!(
        description.contains("$${file(") && description.contains("{{`{{`}} env `HOME` }}"),
        "{description}"
    );
}

#[test]
fn attacks_by_one_more_attribute_are_refused() {
    for (attack, code) in [
        ("skip_region_validation = true", Code::TemplateAttribute),
        ("ecs_ram_role_name = \"admin\"", Code::TemplateAttribute),
        ("image_share_account = [\"1234567890\"]", Code::TemplatePinned),
        ("image_copy_regions = [\"us-west-1\"]", Code::TemplatePinned),
        ("image_force_delete = true", Code::TemplateAttribute),
        ("image_force_delete_instances = true", Code::TemplateAttribute),
        ("security_group_id = \"sg-bp1open000\"", Code::TemplatePinned),
        ("zone_id = \"cn-hangzhou-h\"", Code::TemplatePinned),
        // It would take the place of the firewall.
        ("user_data = \"#!/bin/sh\"", Code::TemplateValue),
        ("profile = \"admin\"", Code::TemplateAttribute),
    ] {
        let hcl = DEFAULTS.replace("  ssh_username", &format!("  {attack}\n  ssh_username"));
        let Err(error) = compiled(&hcl, &defaults()) else {
            panic!("compiled: {attack}")
        };
        assert_eq!(error.code(), code, "{attack}: {error}");
    }
    let disks = DEFAULTS.replace(
        "  ssh_username",
        "  image_disk_mappings {\n    disk_size = 2048\n  }\n  ssh_username",
    );
    let refused = compiled(&disks, &defaults()).map(|_| ()).unwrap_err();
    assert_eq!(refused.code(), Code::TemplateBlock);
    let other = json!({ "region": "us-west-1" });
    assert_eq!(
        compiled(DEFAULTS, &other).map(|_| ()).unwrap_err().code(),
        Code::TemplatePinned
    );
}
