use serde_json::{Value as Json, json};

use super::*;
use crate::policy::builders::Builder;
use crate::policy::template::testing::settings;
use crate::policy::template::{Template, compile};

/// What a plugin for Hetzner Cloud needs.
const WANTED: &[&str] = &[
    "location",
    "server_type",
    "server_name",
    "image",
    "image_filter.with_selector",
    "image_filter.most_recent",
    "snapshot_name",
    "snapshot_labels",
    "ssh_username",
    "user_data",
];

const SOURCE: &str = "  location = \"fsn1\"\n  server_type = \"cx22\"\n  snapshot_name = \"sindri-x\"\n  ssh_username = \"root\"\n";

fn request(builder: &str, attributes: &[&str]) -> BuilderRequest {
    BuilderRequest {
        name: builder.to_owned(),
        attributes: attributes.iter().map(|name| (*name).to_owned()).collect(),
    }
}

fn compiled(builder: &str, wanted: &[&str], inside: &str, config: &Json) -> Result<Template> {
    let hcl = format!("source \"{builder}\" \"vm\" {{\n{inside}\n}}\n");
    let builders = [request(builder, wanted)];
    compile(&hcl, &[], &settings(&builders, &[], config.as_object().unwrap()))
}

fn config() -> Json {
    json!({ "location": "fsn1", "server_type": "cx22", "image": null })
}

fn with(extra: &str) -> Result<Template> {
    compiled("hcloud", WANTED, &format!("{SOURCE}{extra}"), &config())
}

#[test]
fn a_granted_builder_compiles_with_the_hosts_way_to_reach_the_machine() {
    let template = with(
        "  image_filter {\n    with_selector = [\"os=ubuntu\"]\n    most_recent = true\n  }\n  snapshot_labels = { team = \"a/b c\" }\n  user_data = \"#!/bin/sh\\ncurl https://example.com/x >/tmp/x\\n\"",
    )
    .unwrap();
    assert_eq!(
        (template.builder(), template.image_name()),
        ("hcloud", "sindri-x")
    );
    let json: Json = serde_json::from_str(&template.to_packer_json()).unwrap();
    let source = &json["source"]["hcloud"]["vm"];
    assert_eq!(source["image_filter"][0]["most_recent"], true, "{source}");
    assert_eq!(source["snapshot_labels"]["team"], "a/b c");
    assert_eq!(source["communicator"], "ssh");
    assert_eq!(source["ssh_disable_agent_forwarding"], true);
    assert_eq!(source["ssh_clear_authorized_keys"], true);
}

#[test]
fn builders_that_run_on_this_machine_are_refused_whatever_is_granted() {
    for builder in [
        "null",
        "file",
        "docker",
        "docker-import",
        "qemu",
        "amazon-chroot",
        "amazon-ebssurrogate",
        "azure-chroot",
        "azure-dtl",
        "osc-chroot",
        "googlecompute-import",
        "oracle-classic",
        "virtualbox-iso",
        "virtualbox-ovf",
        "vmware-vmx",
        "vsphere-iso",
        "lxc",
        "lxd",
        "incus",
        "vagrant",
        "hyperv-iso",
        "parallels-pvm",
        "proxmox",
        "proxmox-clone",
        "tart-cli",
        "podman",
        // In another case or another script.
        "Null",
        "NULL",
        "nuⅼl",
        "ﬁle",
        "null ",
        "null\n",
        "-null",
        "hcloud-",
        "hcloud.null",
        "",
        "../null",
    ] {
        let error = Granted::new(&request(builder, &["image_name"])).unwrap_err();
        assert_eq!(error.code(), Code::TemplateBuilder, "{builder:?}: {error}");
    }
    for builder in [
        "hcloud",
        "digitalocean",
        "vultr",
        "scaleway",
        "linode",
        "openstack",
        "ucloud-uhost",
        "yandex",
        "osc-bsu",
    ] {
        Granted::new(&request(builder, &["image_name"])).unwrap_or_else(|error| panic!("{builder}: {error}"));
    }
}

#[test]
fn attributes_that_reach_this_machine_are_refused_whatever_is_granted() {
    for attribute in [
        // Files of this machine.
        "ssh_private_key_file",
        "user_data_file",
        "metadata_files",
        "image_export.path",
        "a.b_file",
        "a.b.c.files",
        "disk.vmdk_path",
        "cache_dir",
        "source_directory",
        "floppy_files",
        "cd_content",
        "iso_url",
        "account_file",
        "x509_cert_path",
        // Programs of this machine.
        "startup_script_file",
        "pre_mount_commands",
        "command_wrapper",
        "qemu_binary",
        "qemuargs",
        "shutdown_command",
        "userscripts",
        // Other ends of a connection.
        "endpoint",
        "endpoints",
        "custom_endpoint_ec2",
        "identity_endpoint",
        "api_url",
        "api.url",
        "image_uri",
        "http_proxy",
        "ssh_proxy_host",
        "remote_host",
        "vcenter_server",
        "bastion_address",
        // Checks.
        "insecure",
        "insecure_skip_tls_verify",
        "skip_region_validation",
        "cacert",
        // Credentials.
        "token",
        "hcloud_token",
        "tokens",
        "password",
        "admin_password",
        "secret",
        "client_secret",
        "access_key",
        "api_key",
        "apikey",
        "ssh_keys",
        "profile",
        "service_account_email",
        "iam_instance_profile",
        "use_auth",
        "username",
        "vault_aws_engine",
        // The way into the machine.
        "communicator",
        "ssh_host",
        "ssh_agent_auth",
        "ssh_local_tunnels",
        "ssh_bastion_host",
        "winrm_password",
        "temporary_key_pair_type",
        "pause_before_connecting",
        // Packer's own.
        "packer_user_variables",
        "http_directory",
        "http_port_min",
        "boot_command",
        // The image in other hands.
        "output_filename",
        "image_export",
        "share_with",
        "ami_users",
        "public",
        "snapshot_visibility",
        // Destruction.
        "force_deregister",
        "force_delete_snapshot",
        "keep_registered",
        // Look-alikes: another case, another script, invisible characters.
        "Token",
        "SSH_HOST",
        "sshHost",
        "ſsh_host",
        "tоken",
        "to\u{200b}ken",
        "ｔoken",
        "image_name ",
        " image_name",
        "image-name",
        "_token",
        "token_",
        "image name",
        "image_name\n",
        "",
        ".",
        "a..b",
        "a.",
        ".a",
        "a.b.c.d.e",
        "9lives",
        "*",
        "image_*",
    ] {
        let code = Granted::new(&request("hcloud", &["name", attribute]))
            .err()
            .map(|error| error.code());
        assert_eq!(code, Some(Code::TemplateAttribute), "{attribute:?}");
    }
}

#[test]
fn usual_attributes_of_other_clouds_can_be_granted() {
    for attribute in WANTED.iter().copied().chain([
        "description",
        "size",
        "plan_id",
        "os_id",
        "region",
        "commercial_type",
        "droplet_name",
        "droplet_size",
        "private_networking",
        "monitoring",
        "ipv6",
        "tags",
        "vpc_uuid",
        "snapshot_regions",
        "instance_type",
        "swap_size",
        "image_filter.with_selector",
        "disk.size_gb",
        "boot_volume_size",
    ]) {
        Granted::new(&request("somecloud", &[attribute])).unwrap_or_else(|error| panic!("{error}"));
    }
}

#[test]
fn what_is_not_granted_is_refused_in_its_place() {
    for (inside, code) in [
        ("  ssh_private_key_file = \"id\"", Code::TemplateAttribute),
        ("  token = \"x\"", Code::TemplateAttribute),
        ("  endpoint = \"x\"", Code::TemplateAttribute),
        // Granted inside of a block only.
        ("  with_selector = [\"a\"]", Code::TemplateAttribute),
        (
            "  image_filter {\n    image = \"x\"\n  }",
            Code::TemplateAttribute,
        ),
        // An attribute is no block, and the other way round.
        ("  image {\n  }", Code::TemplateBlock),
        ("  image_filter = {}", Code::TemplateAttribute),
        ("  image_filter \"x\" {\n  }", Code::TemplateBlock),
        ("  dynamic \"image_filter\" {\n  }", Code::TemplateBlock),
    ] {
        assert_eq!(with(inside).unwrap_err().code(), code, "{inside}");
    }
    let error = compiled("null", &["ssh_host"], "  ssh_host = \"x\"", &json!({})).unwrap_err();
    assert_eq!(error.code(), Code::TemplateBuilder, "{error}");
}

#[test]
fn values_are_plain() {
    for value in [
        "\"/etc/shadow\"",
        "\" /etc/shadow\"",
        "\"~/.ssh/id_rsa\"",
        "\"@/etc/passwd\"",
        "\"./x\"",
        "\"../x\"",
        "\"\\\\\\\\host\\\\share\"",
        "\"C:\\\\x\"",
        "\"file:x\"",
        "\"FILE:///etc/passwd\"",
        "\"env:HCLOUD_TOKEN\"",
        "\"https://evil.example/x\"",
        "\"x=https://evil.example/x\"",
        "\"{{ env `HCLOUD_TOKEN` }}\"",
        "\"{{`{{`}} pwd }}\"",
        "\"a\\nb\"",
        "\"a\\u0000b\"",
        "\"\\u001b[2J\"",
        "[\"x\", \"/etc/shadow\"]",
        "{ a = { b = [\"/etc/shadow\"] } }",
        "[[[[\"x\"]]]]",
        "9007199254740992",
        "[null]",
        "1.5",
        "env(\"HCLOUD_TOKEN\")",
        "file(\"/etc/shadow\")",
    ] {
        assert!(with(&format!("  image = {value}")).is_err(), "{value}");
    }
    let long = format!("  image = \"{}\"", "x".repeat(4097));
    assert_eq!(with(&long).unwrap_err().code(), Code::TemplateLimit);
    for value in [
        "\"ubuntu-24.04\"",
        "12345",
        "true",
        "[\"a\", \"b\"]",
        "{ a = [1, 2] }",
        "\"os=ubuntu,arch:x86\"",
    ] {
        with(&format!("  image = {value}")).unwrap_or_else(|error| panic!("{value}: {error}"));
    }
    assert_eq!(
        with("  image = null").unwrap().to_packer_json(),
        with("").unwrap().to_packer_json(),
        "null is what an attribute is that nobody sets"
    );
    for value in ["/etc/shadow", "@x", "file:x", "{{ pwd }}"] {
        assert!(with(&format!("  user_data = \"{value}\"")).is_err(), "{value}");
    }
}

#[test]
fn places_are_the_users_and_so_is_what_the_configuration_names() {
    let place = |extra: &str, config: Json| {
        let wanted = ["image_name", "region", "project_id", "network", "size", "tags"];
        compiled(
            "somecloud",
            &wanted,
            &format!("  image_name = \"x\"\n{extra}"),
            &config,
        )
    };
    let pinned = |extra: &str, config: Json| {
        assert_eq!(
            place(extra, config).err().map(|error| error.code()),
            Some(Code::TemplatePinned),
            "{extra}"
        );
    };
    let configured = || json!({ "region": "eu-1", "network": ["a", "b"], "size": 1, "tags": {} });
    pinned("  region = \"us-1\"", configured());
    pinned("  region = \"eu-1\"", json!({}));
    pinned("  project_id = \"stranger\"", configured());
    pinned("  network = [\"a\", \"c\"]", configured());
    pinned("  size = 2", configured());
    let fine = "  region = \"eu-1\"\n  network = [\"a\"]\n  size = 1\n  tags = { a = \"b\" }";
    place(fine, configured()).unwrap();
    place("  size = 2", json!({})).unwrap();
}

#[test]
fn an_image_needs_a_name() {
    let error = compiled("somecloud", &["size"], "  size = 1", &json!({})).unwrap_err();
    assert_eq!(error.code(), Code::TemplateValue);
    assert!(error.message().contains("name its image"), "{error}");
}

#[test]
fn requests_have_limits_and_no_contradictions() {
    let many: Vec<String> = (0..129).map(|number| format!("a{number}")).collect();
    let many: Vec<&str> = many.iter().map(String::as_str).collect();
    assert_eq!(
        Granted::new(&request("hcloud", &many)).unwrap_err().code(),
        Code::TemplateLimit
    );
    let long = "a".repeat(65);
    for attributes in [&["a", "a"][..], &["a", "a.b"], &["a.b", "a"], &[long.as_str()]] {
        assert!(
            Granted::new(&request("hcloud", attributes)).is_err(),
            "{attributes:?}"
        );
    }
}

#[test]
fn a_builder_with_a_profile_keeps_it_whatever_is_granted() {
    let rules = Builder::of(&request("amazon-ebs", &["ssh_private_key_file"])).unwrap();
    assert!(matches!(rules, Builder::Known(_)));
    assert!(rules.allowed().attribute("ssh_private_key_file").is_none());
}
