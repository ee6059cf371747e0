//! Starting an instance of an image, reachable by SSH from one place and with one key.

use sindri_plugin_sdk::Command;
use sindri_plugin_sdk::check::Source;
use sindri_plugin_sdk::contract::{self, DeployRequest, Outcome, Problem, Step, Turn};
use sindri_plugin_sdk::names;
use sindri_plugin_sdk::tags::{MANAGED_BY, NAME, SINDRI, SINDRI_RUN_ID, with};

use super::images::{CHANGE_TIMEOUT, describe_step, needed, pairs};
use super::{Run, look, make};
use crate::check::{self, ImageId};
use crate::labels::RULES;
use crate::machine;
use crate::model::{GLOBAL, Image, Instance, Subnetwork, last, resource};

/// User that Ubuntu's images log in.
const SSH_USER: &str = "ubuntu";
/// Rules count by their number, the lowest first. A network's own `default-allow-ssh` has 65534 and lets the
/// whole Internet in; whoever makes a rule without a number gets 1000, and means it.
const ALLOW_PRIORITY: &str = "900";
const DENY_PRIORITY: &str = "65533";
/// Already there: made before an interruption that lost the answer. The name is this run's alone.
const THERE: &str = "alreadyExists";

pub(super) fn instance(run: &Run<'_>, deploy: &DeployRequest) -> Result<Turn, Problem> {
    let source = ipv4(&deploy.ssh_source)?;
    let image = check::image_id(&deploy.image_id, &run.config.project_id)?;
    let labels = labels(run, deploy)?;
    let key = public_key(run.request.context.ssh_public_key.as_deref())?;
    let history = &run.history;

    // First only looking, so that what cannot work leaves nothing behind.
    let looks = looks(run, &image);
    if looks.iter().any(|step| !history.has(&step.id)) {
        return Ok(Turn::Run(looks));
    }
    // What another project's image is made for, only that project may look up.
    let described = match image.project {
        None => Some(needed(run, "image", &image.name)?),
        Some(_) => None,
    };
    if let Some(image) = &described {
        check_image(run, image)?;
    }
    let network = network(run)?;
    if !history.has("instance") {
        let mut steps = Vec::new();
        if let Some(network) = &network {
            steps.push(allow(run, network, &source));
            steps.push(deny(run, network));
        }
        steps.push(launch(run, &image, described.as_ref(), &labels, &key));
        return Ok(Turn::Run(steps));
    }
    let made: Option<Vec<Instance>> = history.decode_tolerated("instance")?;
    let made = match made {
        Some(made) => made.into_iter().next(),
        None if !history.has("instance-again") => {
            return Ok(Turn::Run(vec![
                look("instances", "describe")
                    .positional(name(run))
                    .step("instance-again", "Read the instance that is there already"),
            ]));
        }
        None => Some(history.decode("instance-again")?),
    };
    let instance = made.ok_or_else(|| Problem::new("unreadable-output", "gcloud printed no instance"))?;
    Ok(Turn::Done(Outcome::Instance(outcome(
        run,
        deploy,
        &instance,
        network.is_some(),
    ))))
}

/// Names everything that the run makes.
fn name(run: &Run<'_>) -> String {
    names::of_run(&run.request.context.run_id)
}

fn rule_names(run: &Run<'_>) -> [String; 2] {
    ["ssh", "deny"].map(|what| format!("{}-{what}", name(run)))
}

/// Instances have an IPv4 address only, which nothing of IPv6 reaches.
fn ipv4(source: &str) -> Result<String, Problem> {
    match sindri_plugin_sdk::check::source(source)? {
        Source::V4(range) => Ok(range),
        Source::V6(range) => Err(Problem::new(
            "unusable-range",
            format!("instances on Google Cloud get no IPv6 address that {range} could reach"),
        )
        .key("ssh_cidr")
        .remedy("write an IPv4 range like 203.0.113.7/32")),
    }
}

/// Whatever else is asked for, the labels by which `destroy` finds the instance are there.
fn labels(run: &Run<'_>, deploy: &DeployRequest) -> Result<String, Problem> {
    let tags = with(&deploy.tags, NAME, &deploy.name);
    let tags = with(&tags, MANAGED_BY, SINDRI);
    let tags = with(&tags, SINDRI_RUN_ID, &run.request.context.run_id);
    Ok(pairs(&RULES.write(&tags)?))
}

/// Type and body of the key. In a list of metadata a comma would begin the next entry, and a line break the
/// key of somebody else.
fn public_key(key: Option<&str>) -> Result<String, Problem> {
    let key = key.ok_or_else(|| {
        Problem::new(
            "missing-public-key",
            "an instance is started with a public key, and none was given",
        )
    })?;
    let mut words = key.split(' ');
    let lawful = |text: &str, others: &str| {
        !text.is_empty()
            && text
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || others.contains(c))
    };
    match (words.next(), words.next()) {
        (Some(kind), Some(body)) if lawful(kind, "-@.") && lawful(body, "+/=") => {
            Ok(format!("{kind} {body} sindri"))
        }
        _ => Err(Problem::new(
            "unusable-public-key",
            "the public key is not a line in OpenSSH's format",
        )),
    }
}

fn looks(run: &Run<'_>, image: &ImageId) -> Vec<Step> {
    let mut steps = Vec::new();
    if image.project.is_none() {
        steps.push(describe_step(&image.name));
    }
    if let (None, None, Some(subnetwork)) = (
        &run.config.network_project_id,
        &run.config.network,
        &run.config.subnetwork,
    ) {
        let command = Command::read("gcloud", ["compute", "networks", "subnets", "describe"])
            .positional(subnetwork)
            .flag("region", run.config.region());
        steps.push(command.step("subnetwork", "Find the network of the subnetwork"));
    }
    steps
}

fn check_image(run: &Run<'_>, image: &Image) -> Result<(), Problem> {
    if image.status != "READY" {
        let message = format!("image {} is {} and cannot be started", image.name, image.status);
        return Err(Problem::new("image-not-available", message));
    }
    let state = image
        .deprecated
        .as_ref()
        .and_then(|deprecated| deprecated.state.as_deref());
    if matches!(state, Some("OBSOLETE" | "DELETED")) {
        let message = format!("image {} is obsolete and cannot be started", image.name);
        return Err(Problem::new("image-not-available", message)
            .remedy("take a newer one, or make it active again with `sindri vm deprecate`"));
    }
    let actual = machine::architecture(&run.config.machine_type);
    match image.architecture.as_deref().and_then(machine::from_google) {
        Some(wanted) if wanted != actual => Err(Problem::new(
            "unsupported-architecture",
            format!(
                "image {} is for {}, instances of type {} are {}",
                image.name,
                machine::google_name(wanted),
                run.config.machine_type,
                machine::google_name(actual)
            ),
        )
        .key("machine_type")
        .remedy("choose a machine type with the image's processor")),
        Some(_) | None => Ok(()),
    }
}

/// The network whose firewall rules are the run's; none for another project's, where it may make none.
fn network(run: &Run<'_>) -> Result<Option<String>, Problem> {
    if run.config.network_project_id.is_some() {
        return Ok(None);
    }
    if let Some(known) = run.config.known_network() {
        return Ok(Some(known.to_owned()));
    }
    let subnetwork: Subnetwork = run.history.decode("subnetwork")?;
    let network = last(&subnetwork.network);
    if check::is_name(network) {
        Ok(Some(network.to_owned()))
    } else {
        let message = "the description of the subnetwork names no network";
        Err(Problem::new("unreadable-output", message))
    }
}

fn rule(run: &Run<'_>, name: &str, network: &str, action: &str, rules: &str) -> Command {
    make("firewall-rules", "create")
        .positional(name)
        .flag("network", network)
        .flag("direction", "INGRESS")
        .flag("action", action)
        .flag("rules", rules)
        .flag("target-tags", self::name(run))
        .flag(
            "description",
            format!("Made by sindri run {}", run.request.context.run_id),
        )
        .timeout(CHANGE_TIMEOUT)
        .tolerates([THERE])
}

fn allow(run: &Run<'_>, network: &str, source: &str) -> Step {
    let [ssh, _] = rule_names(run);
    rule(run, &ssh, network, "ALLOW", "tcp:22")
        .flag("priority", ALLOW_PRIORITY)
        .flag("source-ranges", source)
        .step("allow", "Open port 22 to the given addresses")
}

fn deny(run: &Run<'_>, network: &str) -> Step {
    let [_, deny] = rule_names(run);
    rule(run, &deny, network, "DENY", "all")
        .flag("priority", DENY_PRIORITY)
        .flag("source-ranges", "0.0.0.0/0")
        .step(
            "deny",
            "Close everything else, which the network's own rules may open",
        )
}

fn launch(run: &Run<'_>, image: &ImageId, described: Option<&Image>, labels: &str, key: &str) -> Step {
    let config = run.config;
    let own = name(run);
    let tags: Vec<&str> = std::iter::once(own.as_str())
        .chain(config.network_tags.iter().map(String::as_str))
        .collect();
    // Google refuses a disk that is smaller than the image.
    let size = config
        .disk_size
        .max(described.and_then(Image::size_gb).unwrap_or(0));
    let shared = config.network_project_id.as_deref();
    let mut command = make("instances", "create")
        .positional(&own)
        .flag("machine-type", &config.machine_type)
        .flag("image", &image.name)
        .flag(
            "image-project",
            image.project.as_ref().unwrap_or(&config.project_id),
        )
        .flag("boot-disk-size", format!("{size}GB"))
        .flag("boot-disk-type", &config.disk_type)
        .optional_flag("boot-disk-kms-key", config.kms_key_name.as_deref())
        .flag("labels", labels)
        .flag("tags", tags.join(","))
        .flag(
            "metadata",
            format!("enable-oslogin=FALSE,block-project-ssh-keys=TRUE,ssh-keys={SSH_USER}:{key}"),
        );
    if let Some(network) = &config.network {
        command = command.flag("network", in_project(network, shared, "global/networks"));
    }
    if let Some(subnetwork) = &config.subnetwork {
        let place = format!("regions/{}/subnetworks", config.region());
        command = command.flag("subnet", in_project(subnetwork, shared, &place));
    }
    for (name, set) in [
        ("shielded-secure-boot", config.enable_secure_boot),
        ("shielded-vtpm", config.enable_vtpm),
        (
            "shielded-integrity-monitoring",
            config.enable_integrity_monitoring,
        ),
    ] {
        command = if set {
            command.switch(name)
        } else {
            command.switch(&format!("no-{name}"))
        };
    }
    command = match &config.service_account_email {
        Some(email) => command
            .flag("service-account", email)
            .flag("scopes", "cloud-platform"),
        None => command.switch("no-service-account").switch("no-scopes"),
    };
    if config.omit_external_ip {
        command = command.switch("no-address");
    }
    if !machine::migrates(&config.machine_type) {
        command = command.flag("maintenance-policy", "TERMINATE");
    }
    command.timeout(CHANGE_TIMEOUT).tolerates([THERE]).step(
        "instance",
        format!("Start an instance of type {}", config.machine_type),
    )
}

/// The name alone stands for the configured project.
fn in_project(name: &str, project: Option<&str>, place: &str) -> String {
    match project {
        Some(project) => format!("projects/{project}/{place}/{name}"),
        None => name.to_owned(),
    }
}

fn outcome(run: &Run<'_>, deploy: &DeployRequest, instance: &Instance, rules: bool) -> contract::Instance {
    let zone = run.config.zone.as_str();
    let mut resources = vec![
        resource("instance", &instance.name, zone),
        // The boot disk has the instance's name and goes with it.
        resource("disk", &instance.name, zone),
    ];
    let made = rule_names(run).into_iter().filter(|_| rules);
    resources.extend(made.map(|name| resource("firewall-rule", &name, GLOBAL)));
    contract::Instance {
        id: instance.name.clone(),
        name: deploy.name.clone(),
        run_id: run.request.context.run_id.clone(),
        location: zone.to_owned(),
        public_ip: instance.public_ip(),
        private_ip: instance.private_ip(),
        ssh_user: SSH_USER.to_owned(),
        resources,
    }
}
