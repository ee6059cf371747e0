//! Starting an instance of an image, reachable by SSH from one place and with one key.

use serde_json::{Map, Value as Json, json};
use sindri_plugin_sdk::Command;
use sindri_plugin_sdk::check::Source;
use sindri_plugin_sdk::contract::{self, DeployRequest, Outcome, Problem, Resource, Step, Tag, Turn};
use sindri_plugin_sdk::tags::{MANAGED_BY, NAME, SINDRI, SINDRI_RUN_ID, with};

use super::destroy::WAIT_TIMEOUT;
use super::images::{describe_step, needed, tag_filter};
use super::{Run, exactly, look, make, tag_specifications};
use crate::architecture;
use crate::check;
use crate::model::{Group, Image, Instance, Launched, Reservations, SecurityGroups, Subnets};

/// User that Ubuntu's images log in.
const SSH_USER: &str = "ubuntu";

pub(super) fn instance(run: &Run<'_>, deploy: &DeployRequest) -> Result<Turn, Problem> {
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
    let vpc_unknown = run.config.security_group_id.is_none() && run.config.vpc_id.is_none();
    let subnet = run.config.subnet_id.as_deref().filter(|_| vpc_unknown);
    if !history.has("image") {
        let mut steps = vec![describe_step(&deploy.image_id)];
        check::image_id(&deploy.image_id)?;
        if let Some(subnet) = subnet {
            let command = look("describe-subnets").flag("subnet-ids", subnet);
            steps.push(command.step("subnet", "Find the network of the subnet"));
        }
        return Ok(Turn::Run(steps));
    }
    let image = needed(run, "image", &deploy.image_id)?;
    check_image(run, &image)?;
    let vpc = match subnet {
        Some(_) => history
            .decode::<Subnets>("subnet")?
            .subnets
            .into_iter()
            .next()
            .map(|subnet| subnet.vpc_id),
        None => run.config.vpc_id.clone(),
    };

    if !history.has("key-pair") {
        let mut steps = vec![import_key(run, public_key, &tags)];
        if run.config.security_group_id.is_none() {
            steps.push(create_group(run, vpc, &tags));
        }
        return Ok(Turn::Run(steps));
    }
    let group = match group(run)? {
        Groups::Configured(id) => (id, false),
        Groups::Own(id) => (id, true),
        Groups::Ask(step) => return Ok(Turn::Run(vec![step])),
    };
    if !history.has("instance") {
        let mut steps = Vec::new();
        if group.1 {
            steps.push(open_ssh(&group.0, &source));
        }
        steps.push(launch(run, deploy, &image, &group.0, &tags));
        return Ok(Turn::Run(steps));
    }
    let launched: Launched = history.decode("instance")?;
    let launched = launched
        .instances
        .into_iter()
        .next()
        .map(|instance| instance.instance_id);
    let id = launched.ok_or_else(|| Problem::new("unreadable-output", "run-instances gave no instance"))?;
    if !history.has("running") {
        return Ok(Turn::Run(follow(&id)));
    }
    let described: Reservations = history.decode("address")?;
    let instance = described
        .instances()
        .into_iter()
        .find(|instance| instance.instance_id == id);
    let instance = instance
        .filter(|instance| instance.state.name == "running")
        .ok_or_else(|| {
            Problem::new(
                "instance-not-running",
                format!("instance {id} stopped right after its start"),
            )
        })?;
    Ok(Turn::Done(Outcome::Instance(outcome(
        run,
        deploy,
        instance,
        group.1.then_some(group.0),
    ))))
}

/// Names what the run makes; the id in it lets an interrupted run be found and finished.
fn resource_name(run: &Run<'_>) -> String {
    format!("sindri-{}", run.request.context.run_id)
}

/// Whatever else is asked for, the tags by which `destroy` finds everything are there.
fn tags(run: &Run<'_>, deploy: &DeployRequest) -> Result<Vec<Tag>, Problem> {
    let tags = with(&deploy.tags, NAME, &deploy.name);
    let tags = with(&tags, MANAGED_BY, SINDRI);
    let tags = with(&tags, SINDRI_RUN_ID, &run.request.context.run_id);
    check::TAGS.check(&tags)?;
    Ok(tags)
}

fn check_image(run: &Run<'_>, image: &Image) -> Result<(), Problem> {
    if image.state != "available" {
        let message = format!(
            "image {} is {} and cannot be started",
            image.image_id, image.state
        );
        return Err(Problem::new("image-not-available", message));
    }
    let actual = architecture::of_instance_type(&run.config.instance_type);
    match image.architecture.as_deref().and_then(architecture::from_ec2) {
        Some(wanted) if wanted != actual => Err(Problem::new(
            "unsupported-architecture",
            format!(
                "image {} is for {}, instances of type {} are {}",
                image.image_id,
                architecture::ec2_name(wanted),
                run.config.instance_type,
                architecture::ec2_name(actual)
            ),
        )
        .key("instance_type")
        .remedy("choose an instance type with the image's processor")),
        Some(_) | None => Ok(()),
    }
}

fn import_key(run: &Run<'_>, public_key: &str, tags: &[Tag]) -> Step {
    make("import-key-pair")
        .flag("key-name", resource_name(run))
        .file_flag("public-key-material", public_key)
        .json_flag("tag-specifications", tag_specifications(&["key-pair"], tags))
        // The name is this run's alone, so a key that is there already is the same one.
        .tolerates(["InvalidKeyPair.Duplicate"])
        .step("key-pair", "Register the public key of this run")
}

fn create_group(run: &Run<'_>, vpc: Option<String>, tags: &[Tag]) -> Step {
    make("create-security-group")
        .flag("group-name", resource_name(run))
        .flag(
            "description",
            format!("SSH to what sindri run {} deployed", run.request.context.run_id),
        )
        .optional_flag("vpc-id", vpc)
        .json_flag(
            "tag-specifications",
            tag_specifications(&["security-group"], tags),
        )
        .tolerates(["InvalidGroup.Duplicate"])
        .step("security-group", "Make a security group for this run")
}

enum Groups {
    Configured(String),
    Own(String),
    Ask(Step),
}

fn group(run: &Run<'_>) -> Result<Groups, Problem> {
    if let Some(id) = &run.config.security_group_id {
        return Ok(Groups::Configured(id.clone()));
    }
    if let Some(group) = run.history.decode_tolerated::<Group>("security-group")? {
        return Ok(Groups::Own(group.group_id));
    }
    // Made before an interruption that lost the answer.
    if !run.history.has("security-group-again") {
        let filters = json!([
            exactly("group-name", &resource_name(run)),
            exactly(&tag_filter(SINDRI_RUN_ID), &run.request.context.run_id),
        ]);
        let command = look("describe-security-groups").json_flag("filters", filters);
        return Ok(Groups::Ask(
            command.step("security-group-again", "Find the security group of this run"),
        ));
    }
    let groups: SecurityGroups = run.history.decode("security-group-again")?;
    let group = groups.security_groups.into_iter().next();
    let group = group.ok_or_else(|| {
        Problem::new(
            "group-not-found",
            "the security group of this run is not to be found",
        )
    })?;
    Ok(Groups::Own(group.group_id))
}

fn open_ssh(group: &str, source: &Source) -> Step {
    let (family, range) = match source {
        Source::V4(range) => ("IpRanges", json!({ "CidrIp": range, "Description": "SSH" })),
        Source::V6(range) => ("Ipv6Ranges", json!({ "CidrIpv6": range, "Description": "SSH" })),
    };
    let permission = json!({ "IpProtocol": "tcp", "FromPort": 22, "ToPort": 22, family: [range] });
    make("authorize-security-group-ingress")
        .flag("group-id", group)
        .json_flag("ip-permissions", json!([permission]))
        .tolerates(["InvalidPermission.Duplicate"])
        .step("ingress", "Open port 22 to the given addresses")
}

fn launch(run: &Run<'_>, deploy: &DeployRequest, image: &Image, group: &str, tags: &[Tag]) -> Step {
    let config = run.config;
    let mut command = make("run-instances")
        .flag("image-id", &deploy.image_id)
        .flag("instance-type", &config.instance_type)
        .flag("key-name", resource_name(run))
        .flag("security-group-ids", group)
        .optional_flag("subnet-id", config.subnet_id.as_deref());
    match config.associate_public_ip_address {
        Some(true) => command = command.switch("associate-public-ip-address"),
        Some(false) => command = command.switch("no-associate-public-ip-address"),
        None => {}
    }
    if let Some(profile) = &config.iam_instance_profile {
        command = command.json_flag("iam-instance-profile", json!({ "Name": profile }));
    }
    command
        .json_flag(
            "metadata-options",
            // Two hops, so that containers on the instance reach it as well.
            json!({ "HttpTokens": "required", "HttpEndpoint": "enabled", "HttpPutResponseHopLimit": 2 }),
        )
        .json_flag(
            "block-device-mappings",
            json!([{ "DeviceName": root_device(image), "Ebs": disk(run, image) }]),
        )
        .json_flag(
            "tag-specifications",
            tag_specifications(&["instance", "volume"], tags),
        )
        // A repeated request with the same token gives the same instance and starts no second one.
        .flag("client-token", &run.request.context.run_id)
        .timeout(120)
        .step(
            "instance",
            format!("Start an instance of type {}", config.instance_type),
        )
}

fn root_device(image: &Image) -> &str {
    image.root_device_name.as_deref().unwrap_or("/dev/sda1")
}

fn disk(run: &Run<'_>, image: &Image) -> Map<String, Json> {
    let config = run.config;
    // AWS refuses a disk that is smaller than the image.
    let size = config.volume_size.max(image.size_gib().unwrap_or(0));
    // A disk of an encrypted image is encrypted with the image's key unless told otherwise.
    let encrypt = config.encrypt_boot && !image.is_encrypted();
    let settings = [
        // An instance's disk goes with the instance.
        ("DeleteOnTermination", Some(json!(true))),
        ("VolumeSize", Some(json!(size))),
        ("VolumeType", Some(json!(config.volume_type))),
        ("Iops", config.volume_iops.map(Json::from)),
        ("Throughput", config.volume_throughput.map(Json::from)),
        ("Encrypted", encrypt.then(|| json!(true))),
        (
            "KmsKeyId",
            config.kms_key_id.clone().filter(|_| encrypt).map(Json::from),
        ),
    ];
    settings
        .into_iter()
        .filter_map(|(name, value)| Some((name.to_owned(), value?)))
        .collect()
}

fn follow(id: &str) -> Vec<Step> {
    let wait = Command::read("aws", ["ec2", "wait", "instance-running"])
        .flag("instance-ids", id)
        .timeout(WAIT_TIMEOUT);
    vec![
        wait.step("running", "Wait until the instance runs"),
        look("describe-instances")
            .flag("instance-ids", id)
            .step("address", "Read the instance's address"),
    ]
}

fn outcome(
    run: &Run<'_>,
    deploy: &DeployRequest,
    instance: Instance,
    group: Option<String>,
) -> contract::Instance {
    let location = run.config.region.clone();
    let resource = |kind: &str, id: String| Resource {
        kind: kind.to_owned(),
        id,
        location: location.clone(),
    };
    let mut resources = vec![resource("instance", instance.instance_id.clone())];
    let volumes = instance
        .block_device_mappings
        .into_iter()
        .filter_map(|disk| disk.ebs?.volume_id);
    resources.extend(volumes.map(|id| resource("volume", id)));
    resources.push(resource("key-pair", resource_name(run)));
    resources.extend(group.map(|id| resource("security-group", id)));
    contract::Instance {
        id: instance.instance_id,
        name: deploy.name.clone(),
        run_id: run.request.context.run_id.clone(),
        location: location.clone(),
        public_ip: instance.public_ip_address,
        private_ip: instance.private_ip_address,
        ssh_user: SSH_USER.to_owned(),
        resources,
    }
}
