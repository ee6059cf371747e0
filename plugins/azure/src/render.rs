//! The cloud's part of the Packer template.
//!
//! The host adds the subscription, the credentials, the communicator and who may reach the machine; none
//! of that is here.
//!
//! The builder has one set of tags, which goes to everything temporary as well as to the image. So the tags
//! of the run are not written: the image's have the run's id, and a finished image must not say that it is
//! temporary.

use serde_json::{Map, Value as Json, json};
use sindri_plugin_sdk::contract::{Architecture, BuildRequest, Bundle, Problem, Tag};
use sindri_plugin_sdk::{check::run_id, hcl, version::at_least};

use crate::config::Config;
use crate::describe::PACKER_PLUGIN;
use crate::{check, size, version};

const TEMPLATE: &str = include_str!("../../../templates/hcl/azure.pkr.hcl.tera");

/// User that logs in, during the build and afterwards.
pub(crate) const SSH_USER: &str = "ubuntu";

/// What makes an image of a machine: the agent removes host keys, leases and its own state. Not
/// `-deprovision+user`: that would remove the login user with everything installed for it.
const GENERALIZE: &[&str] = &["sudo -n /usr/sbin/waagent -force -deprovision", "sync"];

pub(crate) fn render(request: &BuildRequest) -> Result<Bundle, Problem> {
    let config = Config::parse(&request.config)?;
    let context = &request.context;
    run_id(&context.run_id)?;
    let architecture = agreed_architecture(&config, request.image.architecture)?;
    let tags = check::described(&request.image.tags, &request.image.description)?;

    // Older Packers have the builder built in, refuse `required_plugins`, and publish to a gallery only
    // what is a managed image first.
    let current = at_least(context.packer_version.as_deref(), 1, 7);
    let mut notices = Vec::new();
    if !current {
        let version = context.packer_version.as_deref().unwrap_or_default();
        check_old_packer(&config, architecture, version)?;
        notices = old_packer_notices(&config, version);
    }
    let managed_image = if config.gallery.is_none() || !current {
        Some(check::image_name(&request.image.name, &context.now)?)
    } else {
        None
    };
    let trusted_launch = config.trusted_launch().filter(|_| current);
    let (_, source, versions) = PACKER_PLUGIN;
    let values = json!({
        "required_plugin": current.then(|| json!({ "source": source, "version": versions })),
        "location": config.location,
        "vm_size": config.vm_size,
        "ssh_username": SSH_USER,
        // Everything that Packer makes for the build is in it, and goes with it.
        "temp_resource_group_name": format!("sindri-{}", context.run_id),
        "image": {
            "publisher": "Canonical",
            "offer": "ubuntu-24_04-lts",
            "sku": match architecture {
                Architecture::X8664 => "server",
                Architecture::Arm64 => "server-arm64",
            },
        },
        "os_disk_size_gb": config.os_disk_size_gb,
        "storage_account_type": config.storage_account_type,
        "managed_image": managed_image,
        "resource_group": config.resource_group,
        "gallery": gallery(&config, &context.now)?,
        "virtual_network_name": config.virtual_network_name,
        "virtual_network_subnet_name": config.virtual_network_subnet_name,
        "virtual_network_resource_group_name": config.virtual_network_resource_group_name,
        "public_ip": config.private_virtual_network_with_public_ip,
        "trusted_launch": trusted_launch.map(|on| json!({ "secure_boot": on.secure_boot, "vtpm": on.vtpm })),
        "spot": config.spot.as_ref().map(|spot| json!({
            "eviction_policy": spot.eviction_policy,
            "max_price": spot.max_price,
        })),
        "tags": map(&tags),
        "generalize": GENERALIZE,
    });
    Ok(Bundle {
        template: hcl::render("azure.pkr.hcl", TEMPLATE, &values)?,
        files: Vec::new(),
        notices,
    })
}

fn gallery(config: &Config, now: &str) -> Result<Option<Json>, Problem> {
    let Some(gallery) = &config.gallery else {
        return Ok(None);
    };
    let version = match &gallery.image_version {
        Some(version) => version.clone(),
        None => version::of_moment(now)?,
    };
    Ok(Some(json!({
        "subscription": config.subscription_id,
        "resource_group": config.resource_group,
        "gallery_name": gallery.gallery_name,
        "image_name": gallery.image_name,
        "image_version": version,
        "replication_regions": gallery.replication_regions,
    })))
}

/// What Packer before 1.7 cannot do and the user asked for.
fn check_old_packer(config: &Config, architecture: Architecture, version: &str) -> Result<(), Problem> {
    let needs = |key: &str, what: &str| {
        Err(
            Problem::new("packer-too-old", format!("Packer {version} cannot {what}"))
                .key(key)
                .remedy("use Packer 1.7 or newer"),
        )
    };
    if let Some(key) = config.demands_trusted_launch() {
        return needs(key, "build with Trusted Launch");
    }
    if config.spot.is_some() {
        return needs("spot", "build on spot machines");
    }
    // Its builder knows the other two.
    if config.storage_account_type == "StandardSSD_LRS" {
        return needs("storage_account_type", "make a managed image on StandardSSD_LRS");
    }
    if architecture == Architecture::Arm64 {
        return needs(
            "vm_size",
            "publish to a gallery without a managed image, which cannot be arm64",
        );
    }
    if config
        .gallery
        .as_ref()
        .is_some_and(|gallery| gallery.replication_regions.is_empty())
    {
        return needs(
            "gallery.replication_regions",
            "publish to a gallery without replication_regions",
        );
    }
    Ok(())
}

fn old_packer_notices(config: &Config, version: &str) -> Vec<String> {
    let mut notices = Vec::new();
    if config.gallery.is_some() {
        notices.push(format!(
            "Packer {version} publishes to the gallery by way of a managed image, which stays, and without Trusted \
             Launch; Packer 1.7 or newer does neither"
        ));
    }
    if config.virtual_network_name.is_none() {
        notices.push(format!(
            "Packer {version} asks for a public address of the Basic kind, of which Azure has made no new ones since \
             2025-03-31; use Packer 1.7 or newer, or set virtual_network_name"
        ));
    }
    notices
}

fn agreed_architecture(config: &Config, wanted: Option<Architecture>) -> Result<Architecture, Problem> {
    let actual = config.architecture();
    match wanted {
        Some(wanted) if wanted != actual => {
            let message = format!(
                "{} was asked for, but machines of size {} are {}",
                size::azure_name(wanted),
                config.vm_size,
                size::azure_name(actual)
            );
            let example = match wanted {
                Architecture::X8664 => "Standard_D4s_v5",
                Architecture::Arm64 => "Standard_D4ps_v6",
            };
            Err(Problem::new("unsupported-architecture", message)
                .key("vm_size")
                .remedy(format!(
                    "choose a machine size with that processor, for example {example}"
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
