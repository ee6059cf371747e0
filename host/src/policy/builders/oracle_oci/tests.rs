use semver::Version;
use serde_json::{Map, Value as Json, json};

use super::*;
use crate::contract::{BuilderRequest, PackerPlugin};
use crate::policy::template::testing::settings;
use crate::policy::template::{Settings, Template, compile};

const REQUIRED: &str = r#"
  availability_domain = "AD-1"
  compartment_ocid    = "ocid1.compartment.oc1..aaaa"
  shape               = "VM.Standard.E4.Flex"
  subnet_ocid         = "ocid1.subnet.oc1..aaaa"
  image_name          = "sindri-vm"
  ssh_username        = "ubuntu"
"#;

fn template(extra: &str) -> String {
    format!("source \"oracle-oci\" \"vm\" {{\n{REQUIRED}{extra}\n}}\n")
}

fn config(overrides: Json) -> Map<String, Json> {
    let mut config = json!({
        "availability_domain": "AD-1", "compartment_ocid": "ocid1.compartment.oc1..aaaa",
        "subnet_ocid": "ocid1.subnet.oc1..aaaa", "shape": "VM.Standard.E4.Flex",
        "shape_config": { "ocpus": 2, "memory_in_gbs": 16 }, "boot_volume_size_gb": 80, "use_private_ip": false,
        "nsg_ocids": ["ocid1.networksecuritygroup.oc1..aaaa"], "base_image_ocid": "ocid1.image.oc1..aaaa",
    });
    for (key, value) in overrides.as_object().unwrap() {
        config[key] = value.clone();
    }
    config.as_object().unwrap().clone()
}

fn compiled(hcl: &str, overrides: Json, packer: Option<&str>) -> Result<Template> {
    let plugins = [PackerPlugin {
        name: "oracle".into(),
        source: "github.com/hashicorp/oracle".into(),
        version: ">= 1.1.1".into(),
    }];
    let builders = [BuilderRequest::known("oracle-oci")];
    let config = config(overrides);
    let settings = Settings {
        packer: packer.map(|version| Version::parse(version).unwrap()),
        ..settings(&builders, &plugins, &config)
    };
    compile(hcl, &[], &settings)
}

fn source(extra: &str, overrides: Json) -> Json {
    let template = compiled(&template(extra), overrides, None).unwrap();
    let json: Json = serde_json::from_str(&template.to_packer_json()).unwrap();
    json["source"]["oracle-oci"]["vm"].clone()
}

#[track_caller]
fn refused(extra: &str, code: Code) {
    let error = compiled(&template(extra), json!({}), None).err();
    assert_eq!(error.map(|error| error.code()), Some(code), "{extra}");
}

/// Names of the deny lists in the threat model. Adding one to the table must be a decision.
#[test]
fn nothing_that_redirects_reads_the_host_or_logs_in_is_in_the_table() {
    let denied = [
        "use_instance_principals",
        "access_cfg_file",
        "access_cfg_file_account",
        "user_ocid",
        "tenancy_ocid",
        "fingerprint",
        "key",
        "key_file",
        "pass_phrase",
        "security_token_file",
        "user_data_file",
        "image_compartment_ocid",
        "skip_create_image",
        "defined_tags",
        "defined_tags_json",
        "instance_defined_tags",
        "instance_defined_tags_json",
        "ssh_host",
        "ssh_private_key_file",
        "ssh_agent_auth",
        "ssh_bastion_host",
        "ssh_proxy_host",
        "ssh_password",
        "ssh_keypair_name",
        "ssh_remote_tunnels",
        "winrm_host",
        "packer_force",
    ];
    for name in denied {
        assert!(
            !ATTRIBUTES.iter().any(|attribute| attribute.name == name),
            "{name}"
        );
        refused(&format!("  {name} = \"x\""), Code::TemplateAttribute);
    }
    for name in ["communicator", "ssh_disable_agent_forwarding"] {
        refused(&format!("  {name} = \"x\""), Code::TemplateValue);
    }
    for key in ["ssh_authorized_keys", "SSH_Authorized_Keys", "user_data"] {
        refused(
            &format!("  metadata = {{ {key} = \"x\" }}"),
            Code::TemplateAttribute,
        );
    }
    for name in [
        "subnet_id",
        "private_ip",
        "skip_source_dest_check",
        "defined_tags_json",
    ] {
        refused(
            &format!("  create_vnic_details {{\n {name} = \"x\"\n }}"),
            Code::TemplateAttribute,
        );
    }
}

#[test]
fn only_the_user_chooses_place_size_and_base() {
    for extra in [
        "  region = \"eu-frankfurt-1\"",
        "  region = \"evil.example/x\"",
        "  disk_size = 16384",
        "  base_image_ocid = \"ocid1.image.oc1..evil\"",
        "  use_private_ip = true",
        "  shape_config {\n ocpus = 64\n }",
        "  shape_config {\n ocpus = 2\n memory_in_gbs = 1024\n }",
        "  base_image_filter {\n compartment_id = \"ocid1.compartment.oc1..evil\"\n }",
        "  base_image_filter {\n shape = \"VM.Standard.A1.Flex\"\n }",
        "  create_vnic_details {\n nsg_ids = [\"ocid1.networksecuritygroup.oc1..evil\"]\n }",
    ] {
        refused(extra, Code::TemplatePinned);
    }
    refused(
        "  base_image_filter {\n operating_system = \"Evil\"\n }",
        Code::TemplateValue,
    );
    let mut other = template("").replace("E4.Flex", "E5.Flex");
    assert_eq!(
        compiled(&other, json!({}), None).unwrap_err().code(),
        Code::TemplatePinned
    );
    other = template("").replace("subnet.oc1..aaaa", "subnet.oc1..evil");
    assert_eq!(
        compiled(&other, json!({}), None).unwrap_err().code(),
        Code::TemplatePinned
    );
    let all = source(
        "  disk_size = 80\n  base_image_ocid = \"ocid1.image.oc1..aaaa\"\n  shape_config {\n ocpus = 2\n memory_in_gbs = 16\n }\n  \
         create_vnic_details {\n nsg_ids = [\"ocid1.networksecuritygroup.oc1..aaaa\"]\n }",
        json!({}),
    );
    assert_eq!(all["shape_config"][0], json!({ "ocpus": 2, "memory_in_gbs": 16 }));
}

#[test]
fn the_host_adds_what_a_plugin_must_not_decide() {
    let built = source(&format!("  {NO_LEGACY_METADATA} = false"), json!({}));
    assert_eq!(built["communicator"], "ssh");
    assert_eq!(built["ssh_disable_agent_forwarding"], true);
    assert_eq!(built["ssh_clear_authorized_keys"], true);
    assert_eq!(built[NO_LEGACY_METADATA], true, "a plugin cannot weaken it");
    assert_eq!(built["create_vnic_details"][0]["assign_public_ip"], true);

    let private = source(
        "  create_vnic_details {\n assign_public_ip = true\n }",
        json!({ "use_private_ip": true }),
    );
    assert_eq!(private["use_private_ip"], true);
    assert_eq!(
        private["create_vnic_details"][0],
        json!({ "assign_public_ip": false }),
        "what is meant to be private is not exposed"
    );
}

#[test]
fn the_user_alone_says_who_logs_in_and_no_secret_is_written() {
    let nobody = source("", json!({}));
    for (_, attribute) in LOGIN {
        assert!(nobody.get(*attribute).is_none(), "{attribute}");
    }
    let login = json!({
        "region": "eu-frankfurt-1", "config_file": "/home/me/.oci/config", "profile": "work", "auth": "api_key",
        "tenancy_ocid": "ocid1.tenancy.oc1..aaaa", "user_ocid": "ocid1.user.oc1..aaaa", "fingerprint": "00:11",
        "key_file": "/home/me/key.pem",
    });
    let named = source("", login.clone());
    assert_eq!(
        named["region"], "eu-frankfurt-1",
        "Packer would take the profile's"
    );
    assert_eq!(
        (&named["access_cfg_file"], &named["access_cfg_file_account"]),
        (&json!("/home/me/.oci/config"), &json!("work"))
    );
    assert_eq!(
        (&named["user_ocid"], &named["key_file"]),
        (&json!("ocid1.user.oc1..aaaa"), &json!("/home/me/key.pem"))
    );

    let mut instance = login;
    instance["auth"] = json!("instance_principal");
    let instance = source("  region = \"eu-frankfurt-1\"", instance);
    assert_eq!(instance["use_instance_principals"], true);
    for (_, attribute) in LOGIN {
        assert!(
            instance.get(*attribute).is_none(),
            "the builder refuses {attribute} with an instance principal"
        );
    }
}

#[test]
fn an_old_packer_gets_nothing_that_it_does_not_know() {
    let old = Some("1.6.6");
    for (extra, code) in [
        (format!("  {NO_LEGACY_METADATA} = true"), Code::TemplateAttribute),
        ("  shape_config {\n ocpus = 2\n }".to_owned(), Code::TemplateBlock),
    ] {
        let error = compiled(&template(&extra), json!({}), old).unwrap_err();
        assert_eq!(error.code(), code, "{extra}");
    }
    let token = compiled(&template(""), json!({ "auth": "security_token" }), old).unwrap_err();
    assert_eq!(token.code(), Code::ConfigConflict);
    assert!(compiled(&template(""), json!({ "auth": "security_token" }), None).is_ok());
    let json = compiled(&template(""), json!({}), old).unwrap().to_packer_json();
    assert!(!json.contains("temporary_key_pair_type") && !json.contains(NO_LEGACY_METADATA));
}

/// The golden files of the plugin and the configuration that each was rendered from.
#[test]
fn the_bundled_plugins_own_templates_compile() {
    macro_rules! golden {
        ($name:literal) => {
            include_str!(concat!(
                "../../../../../plugins/oci/tests/golden/",
                $name,
                ".pkr.hcl"
            ))
        };
    }
    let minimal = json!({
        "compartment_ocid": "ocid1.compartment.oc1..aaaaaaaacompartment", "availability_domain": "Uocm:US-ASHBURN-AD-1",
        "subnet_ocid": "ocid1.subnet.oc1.iad.aaaaaaaasubnet", "base_image_ocid": null, "nsg_ocids": [],
    });
    let with = |overrides: Json| {
        let mut config = minimal.clone();
        for (key, value) in overrides.as_object().unwrap() {
            config[key] = value.clone();
        }
        config
    };
    let ampere =
        json!({ "shape": "VM.Standard.A1.Flex", "shape_config": { "ocpus": 4, "memory_in_gbs": 24 } });
    let everything = json!({
        "region": "eu-frankfurt-1", "shape": "VM.Standard.E5.Flex", "shape_config": { "ocpus": 8, "memory_in_gbs": 64 },
        "boot_volume_size_gb": 200, "base_image_ocid": "ocid1.image.oc1.eu-frankfurt-1.aaaaaaaabase", "use_private_ip": true,
        "nsg_ocids": ["ocid1.networksecuritygroup.oc1.iad.aaaaaaaagroup"],
    });
    for (hcl, config, packer) in [
        (golden!("defaults"), with(json!({})), None),
        (golden!("hostile"), with(json!({})), Some("1.16.0")),
        (golden!("ampere"), with(ampere), None),
        (golden!("everything"), with(everything), None),
        (
            golden!("packer-1.6.6"),
            with(json!({ "shape": "VM.Standard2.2" })),
            Some("1.6.6"),
        ),
    ] {
        let template = compiled(hcl, config, packer).unwrap();
        assert_eq!(template.image_name(), "sindri-dev-20261122093005");
    }
}
