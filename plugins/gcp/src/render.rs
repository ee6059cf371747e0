//! The cloud's part of the Packer template.
//!
//! The host adds the communicator and the instance's metadata, and sees to it that no default service
//! account is there; none of that is here.

use serde_json::{Map, Value as Json, json};
use sindri_plugin_sdk::contract::{Architecture, BuildRequest, Bundle, Problem, Tag};
use sindri_plugin_sdk::{check as common, hcl, names, version};

use crate::check;
use crate::config::Config;
use crate::describe::PACKER_PLUGIN;
use crate::labels::RULES;
use crate::machine;

const TEMPLATE: &str = include_str!("../../../templates/hcl/gcp.pkr.hcl.tera");

/// What the account's roles allow, and nothing beyond them: Google's own advice for service accounts.
const SCOPE: &str = "https://www.googleapis.com/auth/cloud-platform";
/// How long each change may take. Packer's five minutes are not enough for an image of a large disk.
const STATE_TIMEOUT: &str = "20m";

pub(crate) fn render(request: &BuildRequest) -> Result<Bundle, Problem> {
    let config = Config::parse(&request.config)?;
    common::run_id(&request.context.run_id)?;
    let image = &request.image;
    let architecture = agreed_architecture(&config, image.architecture)?;
    if image.description.chars().count() > check::LONGEST_DESCRIPTION {
        let message = format!(
            "Google Cloud takes descriptions of at most {} characters",
            check::LONGEST_DESCRIPTION
        );
        return Err(Problem::new("unusable-description", message).key("description"));
    }

    // Older Packers have the builder built in and refuse `required_plugins`.
    let current = version::at_least(request.context.packer_version.as_deref(), 1, 7);
    let (_, source, versions) = PACKER_PLUGIN;
    let name = names::of_run(&request.context.run_id);
    let values = json!({
        "required_plugin": current.then(|| json!({ "source": source, "version": versions })),
        "project_id": config.project_id,
        "zone": config.zone,
        "machine_type": config.machine_type,
        "on_host_maintenance": (!machine::migrates(&config.machine_type)).then_some("TERMINATE"),
        "ssh_username": "ubuntu",
        "source_image": config.source_image,
        "source_image_family": ubuntu(architecture),
        "source_image_project_id": config.source_image_project_id,
        "instance_name": name,
        // Packer gives the disk no labels, and leaves it behind when it is killed while it makes the image.
        "disk_name": name,
        "disk_size": config.disk_size,
        "disk_type": config.disk_type,
        "image_name": check::image_name(&image.name, &request.context.now)?,
        "image_description": image.description,
        "image_family": config.image_family,
        "image_storage_locations": config.image_storage_locations,
        "kms_key_name": config.kms_key_name,
        "encrypt_disk": current,
        "network": config.network,
        "subnetwork": config.subnetwork,
        "network_project_id": config.network_project_id,
        "network_tags": config.network_tags,
        "omit_external_ip": config.omit_external_ip,
        "use_internal_ip": config.use_internal_ip,
        "enable_secure_boot": config.enable_secure_boot,
        "enable_vtpm": config.enable_vtpm,
        "enable_integrity_monitoring": config.enable_integrity_monitoring,
        "service_account_email": config.service_account_email,
        "scopes": [SCOPE],
        "image_labels": map(&image.tags)?,
        "labels": map(&image.run_tags)?,
        "state_timeout": STATE_TIMEOUT,
    });
    Ok(Bundle {
        template: hcl::render("gcp.pkr.hcl", TEMPLATE, &values)?,
        files: Vec::new(),
        notices: notices(&config, request, current),
    })
}

fn notices(config: &Config, request: &BuildRequest, current: bool) -> Vec<String> {
    let mut notices = Vec::new();
    if !config.omit_external_ip {
        let network = match (&config.network, &config.subnetwork) {
            (Some(network), _) => format!("network {network}"),
            (None, Some(subnetwork)) => format!("the network of subnetwork {subnetwork}"),
            (None, None) => "network default".to_owned(),
        };
        notices.push(format!(
            "Packer makes no firewall rule on Google Cloud: those of {network} decide who reaches port 22 of the build machine"
        ));
    }
    if !current && config.kms_key_name.is_some() {
        notices.push(format!(
            "Packer {} cannot encrypt the build machine's disk with kms_key_name: disk_encryption_key is left out, the image is encrypted all the same; Packer 1.7 or newer does both",
            request.context.packer_version.as_deref().unwrap_or_default()
        ));
    }
    notices
}

/// Canonical's family of Ubuntu 24.04. From 24.04 on the name says the processor for both.
fn ubuntu(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X8664 => "ubuntu-2404-lts-amd64",
        Architecture::Arm64 => "ubuntu-2404-lts-arm64",
    }
}

fn agreed_architecture(config: &Config, wanted: Option<Architecture>) -> Result<Architecture, Problem> {
    let actual = machine::architecture(&config.machine_type);
    match wanted {
        Some(wanted) if wanted != actual => {
            let message = format!(
                "{} was asked for, but instances of type {} are {}",
                machine::google_name(wanted),
                config.machine_type,
                machine::google_name(actual)
            );
            let example = match wanted {
                Architecture::X8664 => "e2-standard-4",
                Architecture::Arm64 => "t2a-standard-4",
            };
            Err(Problem::new("unsupported-architecture", message)
                .key("machine_type")
                .remedy(format!(
                    "choose a machine type with that processor, for example {example}"
                )))
        }
        Some(_) | None => Ok(actual),
    }
}

fn map(tags: &[Tag]) -> Result<Map<String, Json>, Problem> {
    let labels = RULES.write(tags)?;
    Ok(labels
        .into_iter()
        .map(|(key, value)| (key, Json::from(value)))
        .collect())
}
