//! The cloud's part of the Packer template.
//!
//! The host adds the communicator and how Packer logs in to OCI; none of that is here.

use serde_json::{Map, Value as Json, json};
use sindri_plugin_sdk::contract::{Architecture, BuildRequest, Bundle, Problem, Tag};
use sindri_plugin_sdk::{check as rules, hcl, version};

use crate::check;
use crate::config::Config;
use crate::describe::PACKER_PLUGIN;
use crate::shape;

const TEMPLATE: &str = include_str!("../../../templates/hcl/oci.pkr.hcl.tera");

pub(crate) fn render(request: &BuildRequest) -> Result<Bundle, Problem> {
    let config = Config::parse(&request.config)?;
    let image = &request.image;
    let run_id = &request.context.run_id;
    rules::run_id(run_id)?;
    let architecture = agreed_architecture(&config, image.architecture)?;
    check::TAGS.check(&image.tags)?;
    check::TAGS.check(&image.run_tags)?;
    let packer = request.context.packer_version.as_deref();
    // Older Packers have the builder built in and refuse `required_plugins`.
    let current = version::at_least(packer, 1, 7);
    check_flexible(&config, current, packer)?;

    let (_, source, versions) = PACKER_PLUGIN;
    let values = json!({
        "required_plugin": current.then(|| json!({ "source": source, "version": versions })),
        "region": config.region(),
        "compartment_ocid": config.compartment_ocid,
        "availability_domain": config.availability_domain,
        "subnet_ocid": config.subnet_ocid,
        "shape": config.shape,
        "size": config.size().map(|size| json!({ "ocpus": size.ocpus, "memory_in_gbs": size.memory_in_gbs })),
        "disk_size": config.boot_volume_size_gb,
        "ssh_username": config.ssh_username,
        "image_name": check::image_name(&image.name, &request.context.now)?,
        // Packer marks nothing by itself; name and tags are how an interrupted build is found.
        "instance_name": format!("sindri-{run_id}"),
        "base_image_ocid": config.base_image_ocid,
        "base_image": base_image(architecture),
        "use_private_ip": config.use_private_ip,
        "assign_public_ip": !config.use_private_ip,
        "nsg_ocids": config.nsg_ocids,
        "no_legacy_metadata": current,
        "tags": map(&image.tags),
        "run_tags": map(&image.run_tags),
    });
    Ok(Bundle {
        template: hcl::render("oci.pkr.hcl", TEMPLATE, &values)?,
        files: Vec::new(),
        notices: notices(request, current),
    })
}

fn notices(request: &BuildRequest, current: bool) -> Vec<String> {
    let mut notices = Vec::new();
    if !request.image.description.is_empty() {
        notices.push("images on OCI have no description: `description` is left out".to_owned());
    }
    if !current {
        notices.push(format!(
            "Packer {} cannot switch off version 1 of the metadata service on the build instance: \
             instance_options_are_legacy_imds_endpoints_disabled is left out; Packer 1.7 or newer sets it",
            request.context.packer_version.as_deref().unwrap_or_default()
        ));
    }
    notices
}

/// What to start from. The compartment's own images are on the list that Packer searches as well, and carry the
/// operating system of the image they were made of, so the whole name has to be Canonical's.
fn base_image(architecture: Architecture) -> Json {
    let name = match architecture {
        Architecture::X8664 => r"^Canonical-Ubuntu-24\.04-[0-9]{4}\.[0-9]{2}\.[0-9]{2}-[0-9]+$",
        Architecture::Arm64 => r"^Canonical-Ubuntu-24\.04-aarch64-[0-9]{4}\.[0-9]{2}\.[0-9]{2}-[0-9]+$",
    };
    json!({ "operating_system": "Canonical Ubuntu", "version": "24.04", "name": name })
}

fn agreed_architecture(config: &Config, wanted: Option<Architecture>) -> Result<Architecture, Problem> {
    let actual = shape::architecture(&config.shape);
    match wanted {
        Some(wanted) if wanted != actual => {
            let message = format!(
                "{} was asked for, but instances of shape {} are {}",
                shape::name(wanted),
                config.shape,
                shape::name(actual)
            );
            let example = match wanted {
                Architecture::X8664 => "VM.Standard.E4.Flex",
                Architecture::Arm64 => "VM.Standard.A1.Flex",
            };
            Err(Problem::new("unsupported-architecture", message)
                .key("shape")
                .remedy(format!(
                    "choose a shape with that processor, for example {example}"
                )))
        }
        Some(_) | None => Ok(actual),
    }
}

/// `shape_config` came with version 0.0.2 of the plugin; the builder inside Packer 1.6 knows no OCPUs.
fn check_flexible(config: &Config, current: bool, packer: Option<&str>) -> Result<(), Problem> {
    if current || !shape::is_flexible(&config.shape) {
        return Ok(());
    }
    let message = format!(
        "Packer {} cannot start instances of flexible shapes such as {}",
        packer.unwrap_or_default(),
        config.shape
    );
    Err(Problem::new("unsupported-shape", message)
        .key("shape")
        .remedy("use Packer 1.7 or newer, or a shape of a fixed size, for example VM.Standard2.2"))
}

fn map(tags: &[Tag]) -> Map<String, Json> {
    tags.iter()
        .map(|tag| (tag.key.clone(), Json::from(tag.value.clone())))
        .collect()
}
