//! Starting a machine of an image, reachable by SSH from one place and with one key, in a resource group of
//! its own: whatever goes wrong, what has to go is in it.

use sindri_plugin_sdk::Command;
use sindri_plugin_sdk::check::Source;
use sindri_plugin_sdk::contract::{DeployRequest, Instance, Outcome, Problem, Resource, Step, Tag, Turn};
use sindri_plugin_sdk::tags::{MANAGED_BY, SINDRI, SINDRI_PURPOSE, SINDRI_RUN_ID, with};

use super::images::{Described, describe, described, missing};
use super::network::{self, Place};
use super::{Run, group_name, make};
use crate::config::{Config, SecurityType};
use crate::ids::ImageId;
use crate::model::{self, Created, Definition};
use crate::render::SSH_USER;
use crate::{check, size};

/// Seconds for a machine with its disk and network.
const TIMEOUT: u32 = 1200;

pub(super) fn machine(run: &Run<'_>, deploy: &DeployRequest) -> Result<Turn, Problem> {
    let source = ipv4(&deploy.ssh_source)?;
    check::machine_name(&deploy.name)?;
    let tags = check::tag_arguments(&tags(run, deploy))?;
    let public_key = run.request.context.ssh_public_key.as_deref().ok_or_else(|| {
        Problem::new(
            "missing-public-key",
            "a machine is started with a public key, and none was given",
        )
    })?;

    // First only looking, so that what cannot work leaves nothing behind.
    let id = ImageId::parse(&deploy.image_id, &run.config.subscription_id)?;
    if !run.history.has("image") {
        let mut steps = describe(&id);
        steps.extend(network::question(run));
        return Ok(Turn::Run(steps));
    }
    let image = described(run, &id)?.ok_or_else(|| missing(&deploy.image_id))?;
    check_image(run.config, deploy, &image)?;
    let place = network::place(run)?;
    // Every name is known beforehand, hence one turn.
    if !run.history.has("machine") {
        let mut steps = vec![create_group(run, &tags)];
        steps.extend(protect(run, &source));
        let card = Card {
            run,
            place: &place,
            public: is_public(run.config),
        };
        steps.extend(card.own());
        steps.push(create_machine(run, deploy, public_key, &image, &tags, &card));
        return Ok(Turn::Run(steps));
    }
    let created: Created = run.history.decode("machine")?;
    Ok(Turn::Done(Outcome::Instance(outcome(run, deploy, created))))
}

/// The addresses that Azure gives to machines by default are of the fourth version only.
fn ipv4(text: &str) -> Result<String, Problem> {
    match sindri_plugin_sdk::check::source(text)? {
        Source::V4(range) => Ok(range),
        Source::V6(range) => Err(Problem::new(
            "unsupported-range",
            format!("machines on Azure have IPv4 addresses, and {range} is none"),
        )
        .key("ssh_cidr")
        .remedy("use an IPv4 range, such as 203.0.113.7/32")),
    }
}

/// Whatever else is asked for, the tags by which `destroy` knows the group are there.
fn tags(run: &Run<'_>, deploy: &DeployRequest) -> Vec<Tag> {
    let tags = with(&deploy.tags, MANAGED_BY, SINDRI);
    let tags = with(&tags, SINDRI_PURPOSE, "deploy");
    with(&tags, SINDRI_RUN_ID, &run.request.context.run_id)
}

/// Without a network of the user's there is nothing but a public address to reach the machine by.
fn is_public(config: &Config) -> bool {
    config.virtual_network_name.is_none() || config.private_virtual_network_with_public_ip
}

fn check_image(config: &Config, deploy: &DeployRequest, image: &Described) -> Result<(), Problem> {
    let (state, regions, architecture) = match image {
        Described::Managed(image) => (
            image.provisioning_state.as_deref(),
            vec![model::region(&image.location)],
            image.clone().into_contract().architecture,
        ),
        Described::Version(_, version, definition) => (
            version.provisioning_state.as_deref(),
            version.regions(),
            definition.architecture(),
        ),
    };
    let id = &deploy.image_id;
    // `Updating`: a version gets a replica in one more region, and can be used in the others.
    if !matches!(state, Some("Succeeded" | "Updating")) {
        let state = state.unwrap_or("in no state");
        return Err(Problem::new(
            "image-not-available",
            format!("image {id} is {state} and cannot be started"),
        ));
    }
    if !regions.contains(&config.location) {
        let message = format!(
            "image {id} is in {}, not in {}",
            regions.join(", "),
            config.location
        );
        return Err(Problem::new("image-elsewhere", message).key("location").remedy(
            "deploy in a region of the image, or copy it with `sindri vm copy` if it is in a gallery",
        ));
    }
    let actual = config.architecture();
    match architecture {
        Some(wanted) if wanted != actual => Err(Problem::new(
            "unsupported-architecture",
            format!(
                "image {id} is for {}, machines of size {} are {}",
                size::azure_name(wanted),
                config.vm_size,
                size::azure_name(actual)
            ),
        )
        .key("vm_size")
        .remedy("choose a machine size with the image's processor")),
        Some(_) | None => Ok(()),
    }
}

fn create_group(run: &Run<'_>, tags: &[String]) -> Step {
    let name = group_name(&run.request.context.run_id);
    make("group create")
        .flag("name", &name)
        .flag("location", &run.config.location)
        .flag_values("tags", tags)
        .step("group", format!("Make the resource group {name}"))
}

/// `vm create` by itself opens port 22 to everybody.
fn protect(run: &Run<'_>, source: &str) -> [Step; 2] {
    let name = group_name(&run.request.context.run_id);
    let group = make("network nsg create")
        .flag("resource-group", &name)
        .flag("name", &name)
        .flag("location", &run.config.location)
        .timeout(120);
    let rule = make("network nsg rule create")
        .flag("resource-group", &name)
        .flag("nsg-name", &name)
        .flag("name", "ssh")
        .flag("priority", "1000")
        .flag("direction", "Inbound")
        .flag("access", "Allow")
        .flag("protocol", "Tcp")
        .flag("source-address-prefixes", source)
        .flag("destination-port-ranges", "22")
        .timeout(120);
    [
        group.step("security-group", "Make a network security group for this run"),
        rule.step("ingress", "Open port 22 to the given addresses"),
    ]
}

/// The machine's network card.
struct Card<'a> {
    run: &'a Run<'a>,
    place: &'a Place,
    public: bool,
}

impl Card<'_> {
    /// A card without a public address has to be made apart: `vm create` takes nothing but an empty
    /// argument for none.
    fn own(&self) -> Option<Step> {
        let Place::Subnet(subnet) = self.place else {
            return None;
        };
        let name = group_name(&self.run.request.context.run_id);
        let command = make("network nic create")
            .flag("resource-group", &name)
            .flag("name", &name)
            .flag("location", &self.run.config.location)
            .flag("subnet", subnet)
            .flag("network-security-group", &name)
            .timeout(120);
        (!self.public).then(|| command.step("network-card", "Make a network card without a public address"))
    }

    fn attach(&self, command: Command) -> Command {
        let name = group_name(&self.run.request.context.run_id);
        if !self.public {
            return command.flag("nics", name);
        }
        let command = command
            .flag("nsg", &name)
            .flag("nsg-rule", "NONE")
            .flag("nic-delete-option", "Delete")
            .flag("public-ip-address", &name)
            .flag("public-ip-sku", "Standard");
        match self.place {
            Place::New => command,
            Place::Subnet(subnet) => command.flag("subnet", subnet),
        }
    }
}

fn create_machine(
    run: &Run<'_>,
    deploy: &DeployRequest,
    public_key: &str,
    image: &Described,
    tags: &[String],
    card: &Card<'_>,
) -> Step {
    let config = run.config;
    let image_size = match image {
        Described::Managed(image) => image.size_gib(),
        Described::Version(_, version, _) => version.size_gib(),
    };
    // Azure refuses a disk that is smaller than the image.
    let disk_size = config.os_disk_size_gb.max(image_size.unwrap_or(0));
    let command = make("vm create")
        .flag("resource-group", group_name(&run.request.context.run_id))
        .flag("name", &deploy.name)
        .flag("location", &config.location)
        .flag("image", &deploy.image_id)
        .flag("size", &config.vm_size)
        .flag("admin-username", SSH_USER)
        .flag("authentication-type", "ssh")
        .file_flag("ssh-key-values", public_key)
        .flag("os-disk-size-gb", disk_size.to_string())
        .flag("os-disk-delete-option", "Delete")
        .flag("storage-sku", &config.storage_account_type)
        .flag_values("tags", tags);
    let command = match image {
        // It can be nothing else, and the tool knows.
        Described::Managed(_) => command,
        Described::Version(_, _, definition) => secure(config, definition, command),
    };
    card.attach(command).timeout(TIMEOUT).step(
        "machine",
        format!("Start a machine of size {} and wait for it", config.vm_size),
    )
}

/// Trusted Launch wherever the image has it, unless the user does not want it.
fn secure(config: &Config, definition: &Definition, command: Command) -> Command {
    if !definition.allows_trusted_launch() {
        return command;
    }
    if config.security_type == Some(SecurityType::Standard) {
        return command.flag("security-type", "Standard");
    }
    let on = |setting: Option<bool>| setting.unwrap_or(true).to_string();
    command
        .flag("security-type", "TrustedLaunch")
        .flag("enable-secure-boot", on(config.secure_boot_enabled))
        .flag("enable-vtpm", on(config.vtpm_enabled))
}

fn outcome(run: &Run<'_>, deploy: &DeployRequest, created: Created) -> Instance {
    let location = run.config.location.clone();
    let resource = |kind: &str, id: String| Resource {
        kind: kind.to_owned(),
        id,
        location: location.clone(),
    };
    let run_id = &run.request.context.run_id;
    let given = |address: Option<String>| address.filter(|address| !address.is_empty());
    Instance {
        name: deploy.name.clone(),
        run_id: run_id.clone(),
        location: location.clone(),
        public_ip: given(created.public_ip_address),
        private_ip: given(created.private_ip_address),
        ssh_user: SSH_USER.to_owned(),
        resources: vec![
            resource("instance", created.id.clone()),
            resource("resource-group", group_name(run_id)),
        ],
        id: created.id,
    }
}
