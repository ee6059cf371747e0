//! Attributes of the source, and who decides about them.

use super::*;

#[test]
fn attributes_outside_of_the_profile_are_refused() {
    for line in [
        "ssh_host = \"evil.example\"",
        "ssh_private_key_file = \"~/.ssh/id_rsa\"",
        "ssh_agent_auth = true",
        "ssh_local_tunnels = [\"2375:localhost:2375\"]",
        "force_deregister = true",
        "packer_force = true",
        "user_data_file = \"/etc/passwd\"",
        "temporary_security_group_source_cidrs = [\"0.0.0.0/0\"]",
        "source_ami_filter = {}",
    ] {
        let error = refused(&source(&format!("  {line}")), Code::TemplateAttribute);
        assert_eq!(error.place().line, Some(6), "{line}");
    }
    refused(
        &source("  custom_endpoint_ec2 = \"https://evil.example\""),
        Code::TemplatePinned,
    );
    for line in [
        "communicator = \"none\"",
        "ssh_disable_agent_forwarding = false",
        "ssh_clear_authorized_keys = false",
        "temporary_security_group_source_public_ip = false",
        "ssh_timeout = \"-1s\"",
    ] {
        refused(&source(&format!("  {line}")), Code::TemplateValue);
    }
    refused(&source("  ssh_timeout = \"8760h\""), Code::TemplateLimit);
    refused(&source("  communicator = \"winrm\""), Code::TemplateValue);
    refused(&source("  tag {\n    key = \"a\"\n  }"), Code::TemplateBlock);
    refused(
        &source("  source_ami_filter {\n    owners = [\"self\"]\n    name = \"x\"\n  }"),
        Code::TemplateAttribute,
    );
    refused(&source("  source_ami_filter \"x\" {\n  }"), Code::TemplateBlock);
    refused(
        &source("  source_ami_filter {\n  }\n  source_ami_filter {\n  }"),
        Code::TemplateBlock,
    );
    compiled(&source(
        "  launch_block_device_mappings {\n    volume_size = 80\n  }\n  launch_block_device_mappings {\n  }",
    ));
}

#[test]
fn only_the_user_chooses_place_size_and_audience() {
    for line in [
        "vpc_id = \"vpc-1\"",
        "kms_key_id = \"x\"",
        "iam_instance_profile = \"admin\"",
        "ami_groups = [\"all\"]",
        "ami_users = [\"210987654321\"]",
        "ami_users = [\"123456789012\", \"210987654321\"]",
        "ami_regions = [\"us-east-1\"]",
        "encrypt_boot = false",
        "source_ami = \"ami-1\"",
        "associate_public_ip_address = true",
    ] {
        refused(&source(&format!("  {line}")), Code::TemplatePinned);
    }
    for (from, to) in [("us-west-2", "us-east-1"), ("t3.large", "p5.48xlarge")] {
        refused(&source("").replace(from, to), Code::TemplatePinned);
    }
    refused(
        &source("  launch_block_device_mappings {\n    volume_size = 16000\n  }"),
        Code::TemplatePinned,
    );
    refused(
        &source("  source_ami_filter {\n    owners = [\"666666666666\"]\n  }"),
        Code::TemplateValue,
    );
    compiled(&source(
        "  encrypt_boot = true\n  ami_users = [\"123456789012\"]\n  ami_groups = []\n  ami_regions = []\n  snapshot_users = []",
    ));
    let without = source("").replace("  region = \"us-west-2\"\n", "");
    assert_eq!(
        source_of(&compiled(&without))["region"],
        "us-west-2",
        "else Packer takes it from the environment"
    );
}

/// As HCL does; the user's texts that the compiler compares are never converted.
#[test]
fn values_are_converted_only_where_nothing_is_lost() {
    let template = compiled(&source(
        "  ami_description = 1\n  ebs_optimized = \"true\"\n  max_retries = \"7\"\n  tags = { a = true }\n  imds_support = null",
    ));
    let source = source_of(&template);
    assert_eq!(source["ami_description"], "1");
    assert_eq!(source["ebs_optimized"], true);
    assert_eq!(source["max_retries"], 7);
    assert_eq!(source["tags"]["a"], "true");
    assert!(source.get("imds_support").is_none(), "null is not there");
}

#[test]
fn values_have_the_type_of_their_attribute() {
    for line in [
        "ami_description = [1]",
        "ebs_optimized = \"yes\"",
        "ebs_optimized = 1",
        "max_retries = \"01\"",
        "max_retries = \"1 \"",
        "tags = []",
        "tags = { a = [1] }",
        "tags = { a = null }",
        "ami_regions = \"x\"",
        "max_retries = 1000",
        "max_retries = -1",
        "shutdown_behavior = \"x\"",
    ] {
        refused(&source(&format!("  {line}")), Code::TemplateValue);
    }
    refused(
        &source("").replace("  ami_name = \"sindri-x\"\n", ""),
        Code::TemplateValue,
    );
}

#[test]
fn plugins_must_be_granted_exactly() {
    let requires = |source: &str, version: &str| {
        format!(
            "packer {{\n  required_plugins {{\n    amazon = {{\n      source = \"{source}\"\n      version = \"{version}\"\n    }}\n  }}\n}}\n{}",
            self::source("")
        )
    };
    let template = compiled(&requires("github.com/hashicorp/amazon", ">= 1.2.2"));
    assert_eq!(template.required_plugins(), [plugin()]);
    refused(
        &requires("github.com/evil/amazon", ">= 1.2.2"),
        Code::TemplateValue,
    );
    let wider = compiled(&requires("github.com/hashicorp/amazon", ">= 0"));
    assert_eq!(
        wider.required_plugins(),
        [plugin()],
        "what is granted, not what is wanted"
    );
    refused(
        &requires("github.com/hashicorp/amazon", "1.2.1"),
        Code::TemplateValue,
    );
    compiled(&format!(
        "packer {{\n  required_version = \">= 1.7\"\n}}\n{}",
        source("")
    ));
    refused(
        &format!(
            "packer {{\n  required_version = file(\"/etc/passwd\")\n}}\n{}",
            source("")
        ),
        Code::TemplateBlock,
    );
}
