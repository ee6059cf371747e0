//! What only the account can say before a build: the group and the gallery exist, and the name is free.

use sindri_plugin_sdk::contract::{Outcome, PlannedImage, Problem, Step, Turn};
use sindri_plugin_sdk::version::at_least;

use super::{GONE, Run, look, of_definition, of_version};
use crate::config::Gallery;
use crate::ids::VersionId;
use crate::model::{Account, Definition};
use crate::size;

/// Publishing takes the better part of the build's time and comes last, so everything that would stop it
/// is looked at first.
pub(super) fn check(run: &Run<'_>, planned: &PlannedImage) -> Result<Turn, Problem> {
    let names = Names::of(run, planned);
    let missing: Vec<Step> = questions(run, &names)
        .into_iter()
        .filter(|step| !run.history.has(&step.id))
        .collect();
    if !missing.is_empty() {
        return Ok(Turn::Run(missing));
    }
    let group = &run.config.resource_group;
    let no_group = |step: &str| run.history.error_code(step) == Some("ResourceGroupNotFound");
    if no_group(NAME) || no_group(VERSION) {
        let location = &run.config.location;
        return Err(Problem::new(
            "missing-resource-group",
            format!("there is no resource group {group}"),
        )
        .key("resource_group")
        .remedy(format!("az group create --name {group} --location {location}")));
    }
    let in_use = |key: &str, name: &str| {
        Problem::new("name-in-use", format!("there is an image {name} already"))
            .key(key)
            .remedy("choose another, or delete the image with `sindri vm delete`")
    };
    if let Some(name) = names.managed.filter(|_| run.history.succeeded(NAME)) {
        return Err(in_use("image_name", name));
    }
    if let Some(version) = names.version.filter(|_| run.history.succeeded(VERSION)) {
        return Err(in_use("gallery.image_version", &version.name()));
    }
    if let Some(gallery) = &run.config.gallery {
        let found: Option<Definition> = run.history.decode_tolerated("definition")?;
        fits(run, gallery, found)?;
    }
    Ok(Turn::Done(Outcome::Ready(notices(run)?)))
}

/// Steps.
const NAME: &str = "name";
const VERSION: &str = "version";

/// What the build is going to make. Packer before 1.7 makes both for a gallery.
struct Names<'a> {
    managed: Option<&'a str>,
    version: Option<VersionId>,
}

impl<'a> Names<'a> {
    /// Of a version the name is `definition/version`; a managed image cannot have a slash in its name.
    fn of(run: &Run<'_>, planned: &'a PlannedImage) -> Self {
        let slash = planned.name.split_once('/');
        let version = run.config.gallery.as_ref().and_then(|gallery| {
            let version = slash.map(|(_, version)| version);
            let version = version.or(gallery.image_version.as_deref())?;
            Some(run.version(gallery, version))
        });
        Self {
            managed: slash.is_none().then_some(planned.name.as_str()),
            version,
        }
    }
}

/// Independent of each other, hence one turn.
fn questions(run: &Run<'_>, names: &Names<'_>) -> Vec<Step> {
    let group = &run.config.resource_group;
    let mut steps = Vec::new();
    if follows_login(run) {
        steps.push(look("account show").step("account", "Ask az which subscription is its default"));
    }
    if let Some(gallery) = &run.config.gallery {
        let command = of_definition(
            look("sig image-definition show"),
            group,
            &gallery.gallery_name,
            &gallery.image_name,
        );
        let command = command.tolerates(GONE.iter().copied());
        steps.push(command.step("definition", "Read what the gallery takes"));
    }
    if let Some(name) = names.managed {
        let command = look("image show")
            .flag("resource-group", group)
            .flag("name", name)
            .tolerates(GONE.iter().copied());
        steps.push(command.step(NAME, format!("Look whether {name} is taken")));
    }
    if let Some(version) = &names.version {
        let command = of_version(look("sig image-version show"), version).tolerates(GONE.iter().copied());
        steps.push(command.step(VERSION, format!("Look whether {} is taken", version.name())));
    }
    steps
}

/// Packer before 1.7, which it may be when nothing is known of it.
fn follows_login(run: &Run<'_>) -> bool {
    match run.request.context.packer_version.as_deref() {
        None => true,
        version => !at_least(version, 1, 7),
    }
}

/// With the login of `az`, Packer before 1.7 builds in that login's default subscription.
fn notices(run: &Run<'_>) -> Result<Vec<String>, Problem> {
    if !follows_login(run) {
        return Ok(Vec::new());
    }
    let account: Account = run.history.decode("account")?;
    if account.is_default != Some(false) {
        return Ok(Vec::new());
    }
    let message = format!(
        "Packer before 1.7 builds in the default subscription of az, which is not {}",
        account.id
    );
    let remedy = format!("az account set --subscription {}", account.id);
    match run.request.context.packer_version {
        Some(_) => Err(Problem::new("other-subscription", message)
            .key("subscription_id")
            .remedy(remedy)),
        None => Ok(vec![format!("{message}: {remedy}")]),
    }
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
