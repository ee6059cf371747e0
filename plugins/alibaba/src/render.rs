//! The cloud's part of the Packer template.
//!
//! The host adds the communicator, the region that Packer's environment cannot change and the firewall of the
//! build machine; none of that is here. The user that the image has is made by the host's first script: Packer
//! logs in as root, the only user that a key pair of Alibaba Cloud opens.

use serde_json::{Map, Value as Json, json};
use sindri_plugin_sdk::contract::{Architecture, BuildRequest, Bundle, Context, Problem, Tag};
use sindri_plugin_sdk::{hcl, version};

use crate::architecture;
use crate::check;
use crate::config::{Config, SpotStrategy};
use crate::describe::PACKER_PLUGIN;
use crate::mark;

const TEMPLATE: &str = include_str!("../../../templates/hcl/alibaba.pkr.hcl.tera");

pub(crate) fn render(request: &BuildRequest) -> Result<Bundle, Problem> {
    let config = Config::parse(&request.config)?;
    let (image, context) = (&request.image, &request.context);
    sindri_plugin_sdk::check::run_id(&context.run_id)?;
    let architecture = agreed_architecture(&config, image.architecture)?;
    check::TAGS.check(&image.tags)?;
    check::TAGS.check(&image.run_tags)?;
    check::description(&image.description)?;

    // Older Packers have the builder built in, refuse `required_plugins` and know neither families nor run tags.
    let current = version::at_least(context.packer_version.as_deref(), 1, 7);
    let mut notices = notices(&config);
    if !current {
        check_traceable(&config)?;
    }
    let source = source(&config, architecture, context, current, &mut notices);
    let (_, plugin_source, plugin_versions) = PACKER_PLUGIN;
    let name = check::image_name(&image.name, &context.now)?;
    let copy_regions: Vec<&str> = config.other_regions().collect();
    let values = json!({
        "required_plugin": current.then(|| json!({ "source": plugin_source, "version": plugin_versions })),
        "region": config.region,
        "zone_id": config.zone_id,
        "instance_type": config.instance_type,
        "ssh_username": "root",
        "source": source,
        "mark": mark::of(context),
        "disk": { "category": config.system_disk_category, "size": config.system_disk_size_gb },
        "network": config.network().map(|network| json!({ "vpc": network.vpc, "vswitch": network.vswitch })),
        "security_group_id": config.security_group_id,
        "public": config.associate_public_ip_address,
        "charge_type": config.internet_charge_type,
        "bandwidth": config.internet_max_bandwidth_out,
        "image_name": name,
        "image_description": image.description,
        // Without names the copies have none.
        "copy_names": copy_regions.iter().map(|_| name.as_str()).collect::<Vec<_>>(),
        // Packer does not wait for copies and cannot share what is still being made: with copies the accounts
        // get theirs after the build.
        "share_accounts": if copy_regions.is_empty() { config.image_share_accounts.as_slice() } else { &[] },
        "copy_regions": copy_regions,
        "tags": map(&image.tags),
        "run_tags": current.then(|| map(&image.run_tags)),
    });
    Ok(Bundle {
        template: hcl::render("alibaba.pkr.hcl", TEMPLATE, &values)?,
        files: Vec::new(),
        notices,
    })
}

/// What of the configuration Packer's builder has no attribute for.
fn notices(config: &Config) -> Vec<String> {
    let mut notices = Vec::new();
    if config.security_group_id.is_none() {
        notices.push(
            "Packer's builder makes a security group that is open to everybody: until the image is made, the \
             build machine's own firewall lets nothing in but SSH, from build.ssh_source_cidrs if that is set. \
             With security_group_id your own group guards it"
                .to_owned(),
        );
    }
    if config.profile.is_some() {
        notices.push(format!(
            "Packer's builder takes the region from the profile, if it has one: it has to be {}",
            config.region
        ));
    }
    for (key, set) in [
        ("spot_strategy", config.spot_strategy != SpotStrategy::NoSpot),
        (
            "system_disk_performance_level",
            config.system_disk_performance_level.is_some(),
        ),
    ] {
        if set {
            notices.push(format!(
                "{key} holds for deployed instances only: Packer's builder does not know it"
            ));
        }
    }
    notices
}

/// Packer 1.6.6 gives its security group no name. In a VPC of ours that does not matter; in the user's nobody
/// could tell whose it is after an interruption.
fn check_traceable(config: &Config) -> Result<(), Problem> {
    if config.network().is_some() && config.security_group_id.is_none() {
        let message = "this Packer makes a security group without a name in your VPC, which nobody finds again \
                       when the build is cut off";
        return Err(Problem::new("untraceable-group", message)
            .key("security_group_id")
            .remedy("set security_group_id, leave out vpc_id and vswitch_id, or use Packer 1.7 or newer"));
    }
    Ok(())
}

/// The newest Ubuntu 24.04 by its family; for a Packer that knows no families the newest known to this plugin.
fn source(
    config: &Config,
    architecture: Architecture,
    context: &Context,
    current: bool,
    notices: &mut Vec<String>,
) -> Json {
    if let Some(image) = &config.source_image {
        return json!({ "image": image });
    }
    let (family, known) = match architecture {
        Architecture::X8664 => (
            "acs:ubuntu_24_04_x64",
            "ubuntu_24_04_x64_20G_alibase_20260916.vhd",
        ),
        Architecture::Arm64 => (
            "acs:ubuntu_24_04_arm64",
            "ubuntu_24_04_arm64_20G_alibase_20251126.vhd",
        ),
    };
    if current {
        return json!({ "family": family });
    }
    notices.push(format!(
        "Packer {} knows no image families: the build starts from {known}, if Alibaba Cloud still has it. `aliyun \
         ecs DescribeImageFromFamily --ImageFamily {family}` names the newest, for source_image",
        context.packer_version.as_deref().unwrap_or_default()
    ));
    json!({ "image": known })
}

fn agreed_architecture(config: &Config, wanted: Option<Architecture>) -> Result<Architecture, Problem> {
    let actual = architecture::of_instance_type(&config.instance_type);
    match wanted {
        Some(wanted) if wanted != actual => {
            let message = format!(
                "{} was asked for, but instances of type {} are {}",
                architecture::ecs_name(wanted),
                config.instance_type,
                architecture::ecs_name(actual)
            );
            let example = match wanted {
                Architecture::X8664 => "ecs.g6.xlarge",
                Architecture::Arm64 => "ecs.g8y.xlarge",
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

fn map(tags: &[Tag]) -> Map<String, Json> {
    tags.iter()
        .map(|tag| (tag.key.clone(), Json::from(tag.value.clone())))
        .collect()
}
