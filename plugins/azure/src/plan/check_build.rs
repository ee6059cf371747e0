//! What only the account can say before a build: the group and the gallery exist, and the name is free.

use sindri_plugin_sdk::contract::{Outcome, PlannedImage, Problem, Turn};

use super::{GONE, Run, look, of_definition, of_version};
use crate::config::Gallery;
use crate::model::Definition;
use crate::size;

/// Publishing takes the better part of the build's time and comes last, so everything that would stop it
/// is looked at first.
pub(super) fn check(run: &Run<'_>, planned: &PlannedImage) -> Result<Turn, Problem> {
    let group = &run.config.resource_group;
    // Of a version the name is `definition/version`; a managed image cannot have a slash in its name.
    let version = planned
        .name
        .split_once('/')
        .map(|(_, version)| version)
        .zip(run.config.gallery.as_ref());
    if !run.history.has("name") {
        let mut steps = Vec::new();
        if let Some(gallery) = &run.config.gallery {
            let command = of_definition(
                look("sig image-definition show"),
                group,
                &gallery.gallery_name,
                &gallery.image_name,
            );
            steps.push(
                command
                    .tolerates(GONE.iter().copied())
                    .step("definition", "Read what the gallery takes"),
            );
        }
        let command = match version {
            Some((version, gallery)) => {
                of_version(look("sig image-version show"), &run.version(gallery, version))
            }
            None => look("image show")
                .flag("resource-group", group)
                .flag("name", &planned.name),
        };
        let command = command.tolerates(GONE.iter().copied());
        steps.push(command.step("name", format!("Look whether {} is taken", planned.name)));
        return Ok(Turn::Run(steps));
    }
    if run.history.error_code("name") == Some("ResourceGroupNotFound") {
        let location = &run.config.location;
        return Err(Problem::new(
            "missing-resource-group",
            format!("there is no resource group {group}"),
        )
        .key("resource_group")
        .remedy(format!("az group create --name {group} --location {location}")));
    }
    if run.history.succeeded("name") {
        let message = format!("there is an image {} already", planned.name);
        let key = if version.is_some() {
            "gallery.image_version"
        } else {
            "image_name"
        };
        return Err(Problem::new("name-in-use", message)
            .key(key)
            .remedy("choose another, or delete the image with `sindri vm delete`"));
    }
    if let Some(gallery) = &run.config.gallery {
        let found: Option<Definition> = run.history.decode_tolerated("definition")?;
        fits(run, gallery, found)?;
    }
    Ok(Turn::Done(Outcome::Ready(Vec::new())))
}

/// Whether what is built can become a version of the definition.
fn fits(run: &Run<'_>, gallery: &Gallery, found: Option<Definition>) -> Result<(), Problem> {
    let Gallery {
        gallery_name,
        image_name,
        ..
    } = gallery;
    let architecture = run.config.architecture();
    let wanted = size::azure_name(architecture);
    let Some(definition) = found else {
        let message = format!("there is no image definition {image_name} in the gallery {gallery_name}");
        return Err(Problem::new("missing-definition", message)
            .key("gallery.image_name")
            .remedy(format!(
                "az sig image-definition create --resource-group {} --gallery-name {gallery_name} \
                 --gallery-image-definition {image_name} --publisher sindri --offer sindri --sku {image_name} \
                 --os-type Linux --os-state Generalized --hyper-v-generation V2 --architecture {wanted} \
                 --features SecurityType=TrustedLaunchSupported",
                run.config.resource_group
            )));
    };
    let unsuitable = |what: String| {
        Problem::new(
            "unsuitable-definition",
            format!("the image definition {image_name} is for {what}"),
        )
        .key("gallery.image_name")
    };
    if definition.os_state.as_deref() == Some("Specialized") {
        return Err(
            unsuitable("specialized images, and this one is generalized".to_owned())
                .remedy("use a definition with the state Generalized"),
        );
    }
    if definition.architecture() != Some(architecture) {
        let theirs = definition.architecture.unwrap_or_default();
        return Err(
            unsuitable(format!("{theirs}, and {} is {wanted}", run.config.vm_size))
                .remedy("use another definition or another vm_size"),
        );
    }
    // Ubuntu's images are of the second generation.
    if definition.hyper_v_generation.as_deref() == Some("V1") {
        return Err(unsuitable("machines of the first generation".to_owned())
            .remedy("use a definition with the generation V2"));
    }
    let kind = definition
        .security_type()
        .unwrap_or("no security type")
        .to_owned();
    match run.config.trusted_launch() {
        Some(_) if !definition.allows_trusted_launch() => Err(unsuitable(format!(
            "{kind}, and the build machine has Trusted Launch"
        ))
        .remedy(
            "use a definition with --features SecurityType=TrustedLaunchSupported, or set security_type: Standard",
        )),
        // `TrustedLaunchSupported` takes both.
        None if kind == "TrustedLaunch" || kind.starts_with("Confidential") => Err(unsuitable(format!(
            "{kind}, and the build machine has none of it"
        ))
        .remedy("set security_type: TrustedLaunch")),
        Some(_) | None => Ok(()),
    }
}
