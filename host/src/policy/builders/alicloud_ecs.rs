//! `alicloud-ecs`: a custom image from a temporary ECS instance.
//!
//! Every string, description, tag and user data included, is rendered as a Go template exactly once, when the
//! configuration is decoded (read in packer 1.6.6 and packer-plugin-alicloud 1.1.2, which agree).
//!
//! The builder's security group opens every port of every protocol to 0.0.0.0/0, and no attribute limits it. So where
//! the user names no group of their own, the machine gets a firewall of its own through cloud-init, before sshd is up.
//!
//! Not in the table, on purpose: credentials and endpoints (`access_key`, `profile`, `ram_role_name`,
//! `custom_endpoint_ecs`, `skip_region_validation` …), files of the host (`user_data_file`), existing images'
//! removal (`image_force_delete*`), a role for the guest (`ecs_ram_role_name`), other people's shares
//! (`image_unshare_account`), `packer_*`, and `image_encrypted`: 1.1.2 then puts the tags on a temporary image that
//! it deletes, and the encrypted one has none.

use std::net::IpAddr;

use super::{Additions, Communicator, Kind, NestedBlock, Profile, Table};
use super::{REGION, ZONE, communicator, free, newer, pinned, user_only, with};
use crate::policy::template::model::{Body, Value};
use crate::{Code, Error, Result};

/// The profile.
pub(super) const PROFILE: Profile = Profile {
    name: "alicloud-ecs",
    table: Table {
        attributes: ATTRIBUTES,
        blocks: BLOCKS,
    },
    image_name: |source| source.text("image_name").map(str::to_owned),
    image_tags: "tags",
    image_description: Some("image_description"),
    complete,
};

/// Alibaba Cloud's own.
const IMAGE_FAMILIES: &[&str] = &["acs:ubuntu_24_04_x64", "acs:ubuntu_24_04_arm64"];

const ATTRIBUTES: &[super::Attribute] = &[
    // Where: the user's choice alone.
    pinned("region", Kind::Literal(REGION), "region"),
    pinned("zone_id", Kind::Literal(ZONE), "zone_id"),
    pinned("vpc_id", Kind::Word, "vpc_id"),
    pinned("vswitch_id", Kind::Word, "vswitch_id"),
    user_only("security_group_id", Kind::Word, "security_group_id"),
    pinned(
        "associate_public_ip_address",
        Kind::Bool,
        "associate_public_ip_address",
    ),
    pinned(
        "internet_charge_type",
        Kind::OneOf(&["PayByTraffic", "PayByBandwidth"]),
        "internet_charge_type",
    ),
    pinned(
        "internet_max_bandwidth_out",
        Kind::Integer(1, 100),
        "internet_max_bandwidth_out",
    ),
    free("ssh_private_ip", Kind::Bool),
    // Names by which everything is found again.
    free("vpc_name", Kind::Word),
    free("vswitch_name", Kind::Word),
    free("security_group_name", Kind::Word),
    free("instance_name", Kind::Word),
    free("temporary_key_pair_name", Kind::Word),
    newer(free("run_tags", Kind::ProseMap)),
    // On what. The image is looked at once more in `complete`.
    free("source_image", Kind::Word),
    newer(free("image_family", Kind::OneOf(IMAGE_FAMILIES))),
    pinned("instance_type", Kind::Word, "instance_type"),
    free("ssh_username", Kind::Word),
    free("user_data", Kind::Script),
    free("io_optimized", Kind::Bool),
    free("force_stop_instance", Kind::Bool),
    newer(free(
        "security_enhancement_strategy",
        Kind::OneOf(&["Active", "Deactive"]),
    )),
    // The image.
    free("image_name", Kind::Word),
    free("image_description", Kind::Script),
    free("image_version", Kind::Word),
    free("image_ignore_data_disks", Kind::Bool),
    newer(free(
        "boot_mode",
        Kind::OneOf(&["BIOS", "UEFI", "UEFI-Preferred"]),
    )),
    free("tags", Kind::ProseMap),
    free("wait_snapshot_ready_timeout", Kind::Integer(60, 86_400)),
    newer(free(
        "wait_copying_image_ready_timeout",
        Kind::Integer(60, 86_400),
    )),
    // Who gets it.
    user_only("image_copy_regions", Kind::Words, "image_copy_regions"),
    with("image_copy_names", Kind::Words, "image_copy_regions"),
    user_only("image_share_account", Kind::Words, "image_share_accounts"),
];

/// Of data disks, which cost money and belong to no image of the host's.
const DATA_DISKS: &str = "image_disk_mappings";

const BLOCKS: &[NestedBlock] = &[
    NestedBlock {
        name: DATA_DISKS,
        table: Table {
            attributes: &[
                free("disk_name", Kind::Word),
                free("disk_description", Kind::Word),
                free("disk_device", Kind::Word),
                free("disk_delete_with_instance", Kind::Bool),
                free(
                    "disk_category",
                    Kind::OneOf(&["cloud", "cloud_efficiency", "cloud_essd", "cloud_ssd"]),
                ),
                free("disk_size", Kind::Integer(5, 2048)),
            ],
            blocks: &[],
        },
        repeats: true,
        since: None,
    },
    NestedBlock {
        name: "system_disk_mapping",
        table: Table {
            attributes: &[
                free("disk_name", Kind::Word),
                free("disk_description", Kind::Word),
                pinned("disk_category", Kind::Word, "system_disk_category"),
                pinned("disk_size", Kind::Integer(20, 2048), "system_disk_size_gb"),
            ],
            blocks: &[],
        },
        repeats: false,
        since: None,
    },
];

fn complete(source: &mut Body, additions: &Additions<'_>) -> Result<()> {
    communicator::complete(source, additions);
    // Packer would take another region from its environment.
    if let Some(region) = text(additions, "region") {
        source.set("region", region.into());
    }
    check_source_image(source, additions)?;
    if source.blocks.iter().any(|block| block.name == DATA_DISKS) {
        let message = "the host builds images of one disk";
        return Err(Error::new(Code::TemplateBlock, message)
            .key(DATA_DISKS)
            .remedy("leave the block out"));
    }
    if source.get("security_group_id").is_none() {
        if source.get("user_data").is_some() {
            let message =
                "the machine's user data is the host's firewall, because no security group is configured";
            return Err(Error::new(Code::TemplateValue, message)
                .key("user_data")
                .remedy("leave it out, or set `security_group_id` in the configuration"));
        }
        let user_data = firewall(additions)?;
        source.set("user_data", Value::RenderedOnce(user_data));
    }
    Ok(())
}

/// The user's own choice, or a system image of Alibaba Cloud, whose ids nobody else can have.
fn check_source_image(source: &Body, additions: &Additions<'_>) -> Result<()> {
    let Some(image) = source.text("source_image") else {
        return Ok(());
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '_';
    let is_system = image
        .strip_suffix(".vhd")
        .is_some_and(|name| name.starts_with("ubuntu_24_04_") && name.chars().all(plain));
    if is_system || text(additions, "source_image") == Some(image) {
        return Ok(());
    }
    let message = format!("only the user chooses to build from an image such as {image:?}");
    Err(Error::new(Code::TemplatePinned, message).remedy("set `source_image` in the configuration"))
}

/// `#cloud-config` that lets nothing in but SSH, from the configured ranges where there are any. At every boot and
/// before sshd; a machine that cannot have the firewall goes off and the build fails.
///
/// The rules are the running kernel's and no part of the image; the host's clean-up removes cloud-init's copy.
fn firewall(additions: &Additions<'_>) -> Result<String> {
    let mut rules = vec![
        "ct state established,related accept".to_owned(),
        "iifname lo accept".to_owned(),
        "meta l4proto { icmp, ipv6-icmp } accept".to_owned(),
        "udp dport { 68, 546 } accept".to_owned(),
    ];
    rules.extend(ssh_rules(additions)?);
    // Declared before it is deleted, so that deleting never fails.
    let ruleset = format!(
        "table inet sindri\ndelete table inet sindri\ntable inet sindri {{\nchain input {{\n\
         type filter hook input priority -10; policy drop;\n{}\n}}\n}}\n",
        rules.join("\n")
    );
    let script = format!("nft -f - <<'END' || poweroff\n{ruleset}END\n");
    let config = serde_json::json!({ "bootcmd": [["sh", "-c", script]] });
    Ok(format!("#cloud-config\n{config}\n"))
}

fn ssh_rules(additions: &Additions<'_>) -> Result<Vec<String>> {
    let connection = additions.connection;
    if connection.communicator == Communicator::None {
        return Ok(Vec::new());
    }
    if connection.source_cidrs.is_empty() {
        return Ok(vec!["tcp dport 22 accept".to_owned()]);
    }
    connection
        .source_cidrs
        .iter()
        .map(|range| {
            let family = family(range)?;
            Ok(format!("{family} saddr {range} tcp dport 22 accept"))
        })
        .collect()
}

/// What nftables calls the family of a range. Nothing else than a range gets into the rules.
fn family(range: &str) -> Result<&'static str> {
    let (address, prefix) = range.split_once('/').unwrap_or((range, "32"));
    let prefix: Option<u8> = prefix.parse().ok().filter(|length| *length <= 128);
    match (address.parse::<IpAddr>(), prefix) {
        (Ok(IpAddr::V4(_)), Some(length)) if length <= 32 => Ok("ip"),
        (Ok(IpAddr::V6(_)), Some(_)) => Ok("ip6"),
        (Ok(_) | Err(_), _) => Err(Error::new(
            Code::ConfigValue,
            format!("{range:?} is not an address range"),
        )
        .key("providers.packer.build.ssh_source_cidrs")),
    }
}

fn text<'a>(additions: &'a Additions<'_>, key: &str) -> Option<&'a str> {
    additions.config.get(key).and_then(serde_json::Value::as_str)
}

#[cfg(test)]
mod tests {
    use serde_json::{Map, Value as Json, json};

    use super::super::Connection;
    use super::*;
    use crate::contract::{BuilderRequest, PackerPlugin};
    use crate::policy::template::{Settings, Template, compile};
    use crate::provision::steps::HostSteps;

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

    const DEFAULTS: &str = include_str!("../../../../plugins/alibaba/tests/golden/defaults.pkr.hcl");
    const EVERYTHING: &str = include_str!("../../../../plugins/alibaba/tests/golden/everything.pkr.hcl");
    const HOSTILE: &str = include_str!("../../../../plugins/alibaba/tests/golden/hostile.pkr.hcl");

    fn compiled(hcl: &str, config: &Json) -> Result<Template> {
        let config: Map<String, Json> = config.as_object().unwrap().clone();
        let settings = Settings {
            builders: &[BuilderRequest::known("alicloud-ecs")],
            guest_phases: &[],
            packer_plugins: &[PackerPlugin {
                name: "alicloud".into(),
                source: "github.com/hashicorp/alicloud".into(),
                version: ">= 1.1.2".into(),
            }],
            config: &config,
            packer: None,
            now: "2026-11-22T10:20:30Z",
            run_id: "abcdef012345",
            connection: Connection {
                communicator: Communicator::Ssh,
                host: None,
                port: None,
                timeout: "20m".into(),
                source_cidrs: Vec::new(),
            },
            steps: HostSteps::default(),
            sensitive_variables: Vec::new(),
        };
        compile(hcl, &[], &settings)
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
}
