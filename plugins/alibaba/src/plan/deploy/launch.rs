//! Starting the instance and waiting for it.

use sindri_plugin_sdk::Command;
use sindri_plugin_sdk::contract::{Problem, Step};

use super::super::poll::{Watch, until};
use super::super::{Progress, Run, id_list, list, look, make, tagged};
use super::Wanted;
use super::network::{Place, token};
use crate::model::{Image, Instance, Launched};
use crate::user_data;

/// Seconds between looks, and how many: ten minutes. It takes half a minute.
const PAUSE: u32 = 5;
const LOOKS: u32 = 90;

/// The instance, once it runs.
pub(super) fn running(
    run: &Run<'_>,
    wanted: &Wanted<'_>,
    image: &Image,
    place: &Place,
) -> Result<Progress<Instance>, Problem> {
    if !run.history.has("instance") {
        let mut steps = Vec::new();
        if place.own_group {
            steps.push(open_ssh(wanted, place));
        }
        steps.push(launch(run, wanted, image, place));
        return Ok(Progress::Ask(steps));
    }
    let launched: Launched = run.history.decode("instance")?;
    let ids = launched.instance_id_sets.instance_id_set;
    let id = ids
        .into_iter()
        .next()
        .ok_or_else(|| list::unreadable("RunInstances gave no instance".to_owned()))?;
    let watch = Watch {
        id: "running",
        purpose: "Wait until the instance runs",
        command: look("DescribeInstances").flag("InstanceIds", id_list([id.as_str()])),
        every: PAUSE,
        looks: LOOKS,
    };
    let seen = until(run, &watch, |step| {
        let instances: Vec<Instance> = list::items(&run.history, step, list::INSTANCES)?;
        let found = instances.into_iter().find(|instance| instance.instance_id == id);
        Ok(found.filter(|instance| is_up(run, instance)))
    })?;
    match seen {
        Progress::Ask(steps) => Ok(Progress::Ask(steps)),
        Progress::Done(Some(instance)) => Ok(Progress::Done(instance)),
        Progress::Done(None) => {
            let message = format!("instance {id} does not run after {} seconds", PAUSE * LOOKS);
            Err(Problem::new("instance-not-running", message))
        }
    }
}

/// The address may come a moment after the state.
fn is_up(run: &Run<'_>, instance: &Instance) -> bool {
    let addressed = !run.config.associate_public_ip_address || instance.public_ip().is_some();
    instance.status == "Running" && addressed
}

fn open_ssh(wanted: &Wanted<'_>, place: &Place) -> Step {
    make("AuthorizeSecurityGroup")
        .flag("SecurityGroupId", &place.group)
        // The newer `Permissions.1.…` are a list that the CLI does not know the members of, and refuses.
        .flag("IpProtocol", "TCP")
        .flag("PortRange", "22/22")
        .flag("SourceCidrIp", &wanted.source)
        .flag("Description", "SSH")
        // The rule is there already when the request is repeated.
        .tolerates(["AuthorizationRuleExist", "InvalidPermission.Duplicate"])
        .step("ingress", "Open port 22 to the given addresses")
}

fn launch(run: &Run<'_>, wanted: &Wanted<'_>, image: &Image, place: &Place) -> Step {
    let config = run.config;
    // Alibaba Cloud refuses a disk that is smaller than the image.
    let size = config.system_disk_size_gb.max(image.size.unwrap_or(0));
    let command = make("RunInstances")
        .flag("ImageId", &wanted.deploy.image_id)
        .flag("InstanceType", &config.instance_type)
        .flag("InstanceName", &wanted.deploy.name)
        .flag("SecurityGroupId", &place.group)
        .flag("VSwitchId", &place.vswitch)
        .flag("Amount", "1")
        // Metadata by token only (the counterpart of IMDSv2).
        .flag("HttpEndpoint", "enabled")
        .flag("HttpTokens", "required")
        .flag("SystemDisk.Category", &config.system_disk_category)
        .flag("SystemDisk.Size", size.to_string())
        .optional_flag(
            "SystemDisk.PerformanceLevel",
            config.system_disk_performance_level.as_deref(),
        )
        .flag("UserData", user_data::encoded(wanted.public_key));
    let command = spot(run, internet(run, command));
    tagged(command, &wanted.tags)
        // A repeated request with the same token gives the same instance and starts no second one.
        .flag("ClientToken", token(run, "RunInstances"))
        .timeout(120)
        .step(
            "instance",
            format!("Start an instance of type {}", config.instance_type),
        )
}

/// Bandwidth makes a public address, which goes with the instance; no elastic address is needed.
fn internet(run: &Run<'_>, command: Command) -> Command {
    let config = run.config;
    if !config.associate_public_ip_address {
        return command.flag("InternetMaxBandwidthOut", "0");
    }
    command
        .flag("InternetChargeType", &config.internet_charge_type)
        .flag(
            "InternetMaxBandwidthOut",
            config.internet_max_bandwidth_out.to_string(),
        )
}

fn spot(run: &Run<'_>, command: Command) -> Command {
    command
        .optional_flag("SpotStrategy", run.config.spot_strategy.api_name())
        .optional_flag(
            "SpotPriceLimit",
            run.config.spot_price_limit.map(|limit| limit.to_string()),
        )
}
