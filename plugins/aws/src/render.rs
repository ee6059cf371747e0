//! The cloud's part of the Packer template.
//!
//! The host adds the communicator, closes agent forwarding, limits Packer's security group and points
//! to other endpoints; none of that is here.

use serde_json::{Map, Value as Json, json};
use sindri_plugin_sdk::contract::{Architecture, BuildRequest, Bundle, Problem, Tag};
use sindri_plugin_sdk::{hcl, version};

use crate::architecture;
use crate::check;
use crate::config::Config;
use crate::describe::PACKER_PLUGIN;

const TEMPLATE: &str = include_str!("../../../templates/hcl/aws.pkr.hcl.tera");

/// Canonical's account, which owns the official Ubuntu images.
const CANONICAL: &str = "099720109477";
/// Root device of Ubuntu's images. Another name would add a second, empty disk.
const ROOT_DEVICE: &str = "/dev/sda1";
/// What a gp3 volume has at no extra price. Packer 1.6.6 takes their absence for zero and refuses it.
const GP3_IOPS: u32 = 3000;
/// The same, in MiB/s.
const GP3_THROUGHPUT: u32 = 125;
/// Longest description that EC2 takes.
const LONGEST_DESCRIPTION: usize = 255;

pub(crate) fn render(request: &BuildRequest) -> Result<Bundle, Problem> {
    let config = Config::parse(&request.config)?;
    let image = &request.image;
    let architecture = agreed_architecture(&config, image.architecture)?;
    check_sharing(&config)?;
    check::TAGS.check(&image.tags)?;
    check::TAGS.check(&image.run_tags)?;
    if image.description.chars().count() > LONGEST_DESCRIPTION {
        let message = format!("AWS takes descriptions of at most {LONGEST_DESCRIPTION} characters");
        return Err(Problem::new("unusable-description", message).key("description"));
    }

    // Older Packers have the builder built in, refuse `required_plugins` and know nothing of IMDSv2.
    let current = version::at_least(request.context.packer_version.as_deref(), 1, 7);
    let (_, source, versions) = PACKER_PLUGIN;
    let is_gp3 = config.volume_type == "gp3";
    let values = json!({
        "required_plugin": current.then(|| json!({ "source": source, "version": versions })),
        "region": config.region,
        "instance_type": config.instance_type,
        "ssh_username": "ubuntu",
        "ami_name": check::image_name(&image.name, &request.context.now)?,
        "ami_description": image.description,
        "source_ami": config.source_ami,
        "source_owners": [CANONICAL],
        "source_filters": source_filters(architecture),
        "disk": {
            "device_name": ROOT_DEVICE,
            "volume_type": config.volume_type,
            "volume_size": config.volume_size,
            "iops": config.volume_iops.or(is_gp3.then_some(GP3_IOPS)),
            "throughput": config.volume_throughput.or(is_gp3.then_some(GP3_THROUGHPUT)),
            "encrypted": config.encrypt_boot,
            "kms_key_id": config.kms_key_id,
        },
        "imdsv2": current,
        "vpc_id": config.vpc_id,
        "subnet_id": config.subnet_id,
        "security_group_id": config.security_group_id,
        "iam_instance_profile": config.iam_instance_profile,
        "associate_public_ip_address": config.associate_public_ip_address,
        "ami_regions": config.ami_regions,
        "ami_users": config.ami_users,
        "ami_groups": config.ami_groups,
        "tags": map(&image.tags),
        "run_tags": map(&image.run_tags),
    });
    let mut notices = Vec::new();
    if !current {
        notices.push(format!(
            "Packer {} cannot ask for IMDSv2: metadata_options and imds_support are left out; Packer 1.7 or newer sets both",
            request.context.packer_version.as_deref().unwrap_or_default()
        ));
    }
    Ok(Bundle {
        template: hcl::render("aws.pkr.hcl", TEMPLATE, &values)?,
        files: Vec::new(),
        notices,
    })
}

fn source_filters(architecture: Architecture) -> Json {
    let canonical_name = match architecture {
        Architecture::X8664 => "amd64",
        Architecture::Arm64 => "arm64",
    };
    json!({
        // From 24.04 on the path says gp3; the older `hvm-ssd` finds nothing.
        "name": format!("ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-{canonical_name}-server-*"),
        "architecture": architecture::ec2_name(architecture),
        "root-device-type": "ebs",
        "virtualization-type": "hvm",
    })
}

fn agreed_architecture(config: &Config, wanted: Option<Architecture>) -> Result<Architecture, Problem> {
    let actual = architecture::of_instance_type(&config.instance_type);
    match wanted {
        Some(wanted) if wanted != actual => {
            let message = format!(
                "{} was asked for, but instances of type {} are {}",
                architecture::ec2_name(wanted),
                config.instance_type,
                architecture::ec2_name(actual)
            );
            let example = match wanted {
                Architecture::X8664 => "t3.large",
                Architecture::Arm64 => "t4g.large",
            };
            Err(Problem::new("unsupported-architecture", message)
                .key("instance_type")
                .remedy(format!(
                    "choose an instance type with that processor, for example {example}"
                )))
        }
        Some(_) | None => Ok(actual),
    }
}

/// AWS finds these out at the very end, after the build has been paid for.
fn check_sharing(config: &Config) -> Result<(), Problem> {
    if !config.encrypt_boot {
        return Ok(());
    }
    if !config.ami_groups.is_empty() {
        return Err(
            Problem::new("encrypted-public", "an encrypted image cannot be made public")
                .key("ami_groups")
                .remedy("set encrypt_boot: false, or leave ami_groups empty"),
        );
    }
    if !config.ami_users.is_empty() && config.kms_key_id.is_none() {
        let message = "an image that is encrypted with the account's default key cannot be shared";
        return Err(Problem::new("encrypted-sharing", message)
            .key("ami_users")
            .remedy("set kms_key_id to a key that the other accounts may use, or encrypt_boot: false"));
    }
    Ok(())
}

fn map(tags: &[Tag]) -> Map<String, Json> {
    tags.iter()
        .map(|tag| (tag.key.clone(), Json::from(tag.value.clone())))
        .collect()
}
