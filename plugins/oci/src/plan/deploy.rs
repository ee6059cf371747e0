//! Starting an instance of an image, reachable by SSH from one place and with one key.

use serde_json::{Value as Json, json};
use sindri_plugin_sdk::check::Source;
use sindri_plugin_sdk::contract::{self, DeployRequest, Outcome, Problem, Resource, Step, Tag, Turn};
use sindri_plugin_sdk::tags::{MANAGED_BY, NAME, SINDRI, SINDRI_RUN_ID, with};
use sindri_plugin_sdk::wait;

use super::images::{describe_step, needed};
use super::preflight::{check_offer, check_subnet, offers_step, subnet_step};
use super::{Run, WAIT_TIMEOUT, ask, look, make, resource_name, tag_map};
use crate::check;
use crate::model::{self, Image, Instance, Thing, Vnic};

/// Seconds that `oci` waits until the instance runs.
const LONGEST_START: u32 = 600;
/// How often the network interface is looked for, and the seconds between. It is there a moment after the instance
/// runs, its public address sometimes later.
const VNIC_LOOKS: u32 = 6;
const VNIC_PAUSE: u32 = 5;

pub(super) fn instance(run: &Run<'_>, deploy: &DeployRequest) -> Result<Turn, Problem> {
    check::image_id(&deploy.image_id)?;
    check::display_name(&deploy.name, "name")?;
    let source = sindri_plugin_sdk::check::source(&deploy.ssh_source)?;
    let tags = tags(run, deploy)?;
    let public_key = run.request.context.ssh_public_key.as_deref().ok_or_else(|| {
        Problem::new(
            "missing-public-key",
            "an instance is started with a public key, and none was given",
        )
    })?;
    let history = &run.history;

    // First only looking, so that what cannot work leaves nothing behind.
    if !history.has("image") {
        return Ok(Turn::Run(vec![
            describe_step(&deploy.image_id),
            subnet_step(run.config),
            offers_step(run.config, Some(&deploy.image_id)),
        ]));
    }
    let image = needed(run, "image", &deploy.image_id)?;
    check_state(&image)?;
    let subnet = check_subnet(run)?;
    check_offer(run)?;

    let own_group = run.config.nsg_ocids.is_empty();
    if own_group && !history.has("security-group") {
        return ask(create_group(run, &subnet.vcn_id, &tags));
    }
    let own_group: Option<Thing> = own_group
        .then(|| model::data(history, "security-group"))
        .transpose()?;
    if !history.has("instance") {
        let mut steps: Vec<Step> = own_group
            .iter()
            .map(|group| open_ssh(&group.id, &source))
            .collect();
        let groups = match &own_group {
            Some(group) => vec![group.id.as_str()],
            None => run.config.nsg_ocids.iter().map(String::as_str).collect(),
        };
        steps.push(launch(run, deploy, &image, &groups, public_key, &tags));
        return Ok(Turn::Run(steps));
    }
    let id = launched(run)?;
    match vnic(run, &id)? {
        Found::Ask(steps) => Ok(Turn::Run(steps)),
        Found::Vnic(vnic) => Ok(Turn::Done(Outcome::Instance(outcome(
            run,
            deploy,
            id,
            vnic,
            own_group.map(|group| group.id),
        )))),
    }
}

/// Whatever else is asked for, the tags by which `destroy` finds everything are there.
fn tags(run: &Run<'_>, deploy: &DeployRequest) -> Result<Vec<Tag>, Problem> {
    let tags = with(&deploy.tags, NAME, &deploy.name);
    let tags = with(&tags, MANAGED_BY, SINDRI);
    let tags = with(&tags, SINDRI_RUN_ID, &run.request.context.run_id);
    check::TAGS.check(&tags)?;
    Ok(tags)
}

fn check_state(image: &Image) -> Result<(), Problem> {
    if image.lifecycle_state == "AVAILABLE" {
        return Ok(());
    }
    let message = format!(
        "image {} is {} and cannot be started",
        image.id, image.lifecycle_state
    );
    Err(Problem::new("image-not-available", message))
}

fn create_group(run: &Run<'_>, vcn: &str, tags: &[Tag]) -> Step {
    make("network nsg create")
        .flag("compartment-id", &run.config.compartment_ocid)
        .flag("vcn-id", vcn)
        .flag("display-name", resource_name(&run.request.context.run_id))
        .json_flag("freeform-tags", tag_map(tags))
        .step("security-group", "Make a network security group for this run")
}

/// OCI adds up what groups and the subnet's security lists allow, so this opens the port and cannot close it to those
/// whom a security list lets in.
fn open_ssh(group: &str, source: &Source) -> Step {
    let (Source::V4(range) | Source::V6(range)) = source;
    let rule = json!({
        "direction": "INGRESS", "protocol": "6", "source": range, "sourceType": "CIDR_BLOCK",
        "description": "SSH", "tcpOptions": { "destinationPortRange": { "min": 22, "max": 22 } },
    });
    make("network nsg rules add")
        .flag("nsg-id", group)
        .json_flag("security-rules", json!([rule]))
        .step("ingress", "Open port 22 to the given addresses")
}

fn launch(
    run: &Run<'_>,
    deploy: &DeployRequest,
    image: &Image,
    groups: &[&str],
    public_key: &str,
    tags: &[Tag],
) -> Step {
    let config = run.config;
    let mut command = make("compute instance launch")
        .flag("compartment-id", &config.compartment_ocid)
        .flag("availability-domain", &config.availability_domain)
        .flag("subnet-id", &config.subnet_ocid)
        .flag("shape", &config.shape);
    if let Some(size) = config.size() {
        command = command.json_flag(
            "shape-config",
            json!({ "ocpus": size.ocpus, "memoryInGBs": size.memory_in_gbs }),
        );
    }
    // OCI refuses a boot volume that is smaller than the image.
    let disk = config.boot_volume_size_gb.max(image.size_gib().unwrap_or(0));
    command
        .flag("image-id", &image.id)
        .flag("boot-volume-size-in-gbs", disk.to_string())
        .flag("display-name", &deploy.name)
        .flag("assign-public-ip", (!config.use_private_ip).to_string())
        .json_flag("nsg-ids", Json::from(groups))
        // Not --ssh-authorized-keys-file, which reads any file of the host.
        .json_flag("metadata", json!({ "ssh_authorized_keys": public_key.trim() }))
        // Leaves the metadata service that needs a header, as IMDSv2 does.
        .json_flag(
            "instance-options",
            json!({ "areLegacyImdsEndpointsDisabled": true }),
        )
        .json_flag("freeform-tags", tag_map(tags))
        .flag("wait-for-state", "RUNNING")
        .flag("wait-interval-seconds", "5")
        .flag("max-wait-seconds", LONGEST_START.to_string())
        .timeout(LONGEST_START + 120)
        // It has printed what it started all the same.
        .tolerates([WAIT_TIMEOUT])
        .step(
            "instance",
            format!(
                "Start an instance of shape {} and wait until it runs",
                config.shape
            ),
        )
}

/// The instance's id, if it runs.
fn launched(run: &Run<'_>) -> Result<String, Problem> {
    let instance = model::tolerated::<Instance>(&run.history, "instance")?;
    match instance {
        Some(instance) if instance.lifecycle_state == "RUNNING" => Ok(instance.id),
        Some(instance) => Err(not_running(&format!(
            "instance {} is {} after its start",
            instance.id, instance.lifecycle_state
        ))),
        None => Err(not_running("the instance does not run after ten minutes")),
    }
}

fn not_running(message: &str) -> Problem {
    Problem::new("instance-not-running", message).remedy("`sindri vm destroy` removes what was started")
}

enum Found {
    Ask(Vec<Step>),
    Vnic(Vnic),
}

/// The instance's first network interface, with its public address if it is to have one.
fn vnic(run: &Run<'_>, id: &str) -> Result<Found, Problem> {
    for look_number in 1..=VNIC_LOOKS {
        let step = format!("address-{look_number}");
        if !run.history.has(&step) {
            let read = look("compute instance list-vnics")
                .flag("instance-id", id)
                .step(step, "Read the instance's address");
            let pause = (look_number > 1).then(|| {
                wait(
                    format!("pause-{look_number}"),
                    "Wait for the instance's address",
                    VNIC_PAUSE,
                )
            });
            return Ok(Found::Ask(pause.into_iter().chain([read]).collect()));
        }
        let vnics: Vec<Vnic> = model::list(&run.history, &step)?;
        let primary = vnics.into_iter().find(|vnic| vnic.is_primary != Some(false));
        if let Some(vnic) = primary.filter(|vnic| run.config.use_private_ip || vnic.public_ip.is_some()) {
            return Ok(Found::Vnic(vnic));
        }
    }
    Err(Problem::new(
        "address-not-found",
        format!("instance {id} runs, but has no address to reach it by"),
    )
    .remedy("`sindri vm destroy` removes it"))
}

fn outcome(
    run: &Run<'_>,
    deploy: &DeployRequest,
    id: String,
    vnic: Vnic,
    group: Option<String>,
) -> contract::Instance {
    let location = run.config.location().to_owned();
    let resource = |kind: &str, id: String| Resource {
        kind: kind.to_owned(),
        id,
        location: location.clone(),
    };
    let mut resources = vec![resource("instance", id.clone())];
    resources.extend(group.map(|group| resource("network-security-group", group)));
    contract::Instance {
        id,
        name: deploy.name.clone(),
        run_id: run.request.context.run_id.clone(),
        location: location.clone(),
        public_ip: vnic.public_ip,
        private_ip: vnic.private_ip,
        ssh_user: run.config.ssh_username.clone(),
        resources,
    }
}
