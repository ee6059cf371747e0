//! Where the instance is to be: the configured VPC, or one of the run's own, and a security group.

use serde::de::DeserializeOwned;
use sindri_plugin_sdk::Command;
use sindri_plugin_sdk::contract::{Problem, Step};

use super::super::list::{self, Shape};
use super::super::poll::{Watch, until};
use super::super::{Progress, Run, make, tagged, zones};
use super::Wanted;
use crate::mark;
use crate::model::{Created, VSwitch, Vpc};

/// Private ranges of the run's own network. Not 172.16.0.0/12, which container engines use inside the machine.
const VPC_RANGE: &str = "192.168.0.0/16";
const VSWITCH_RANGE: &str = "192.168.0.0/24";

/// Seconds between looks, and how many: two minutes. It takes some five seconds.
const PAUSE: u32 = 3;
const LOOKS: u32 = 40;

/// A network that is ready.
pub(super) struct Place {
    pub(super) vswitch: String,
    pub(super) group: String,
    pub(super) own_group: bool,
    pub(super) own_vpc: Option<String>,
}

/// The network, once it is there. Everything is made with a client token, so that a request that is repeated after an
/// interruption gives the same thing and no second one.
pub(super) fn place(run: &Run<'_>, wanted: &Wanted<'_>) -> Result<Progress<Place>, Problem> {
    let Some(network) = run.config.network() else {
        return own_network(run, wanted);
    };
    if let Some(group) = &run.config.security_group_id {
        return Ok(Progress::Done(Place {
            vswitch: network.vswitch.to_owned(),
            group: group.clone(),
            own_group: false,
            own_vpc: None,
        }));
    }
    if !run.history.has(GROUP) {
        return Ok(Progress::Ask(vec![create_group(run, wanted, network.vpc)]));
    }
    Ok(Progress::Done(Place {
        vswitch: network.vswitch.to_owned(),
        group: created(run, GROUP)?,
        own_group: true,
        own_vpc: None,
    }))
}

const VPC: &str = "vpc";
const VSWITCH: &str = "vswitch";
const GROUP: &str = "security-group";

fn own_network(run: &Run<'_>, wanted: &Wanted<'_>) -> Result<Progress<Place>, Problem> {
    // No zone is a problem before anything is made.
    let zone = run.config.zone_id.clone();
    let zone = zones::offering(run)?.or(zone).ok_or_else(|| {
        let message = "Alibaba Cloud does not say which zones offer the instance type";
        Problem::new("unknown-zone", message)
            .key("zone_id")
            .remedy("allow ecs:DescribeAvailableResource, or set zone_id")
    })?;
    if !run.history.has(VPC) {
        let command = network_command(run, "CreateVpc")
            .flag("VpcName", mark::of(&run.request.context))
            .flag("CidrBlock", VPC_RANGE);
        return Ok(Progress::Ask(vec![command.step(VPC, "Make a VPC for this run")]));
    }
    let vpc = created(run, VPC)?;
    let ready = |found: &Vpc| found.vpc_id == vpc && found.status == "Available";
    let look = Command::read("aliyun", ["vpc", "DescribeVpcs"]).flag("VpcId", &vpc);
    if let Some(steps) = unready(
        run,
        "vpc-ready",
        "Wait until the VPC can be used",
        look,
        list::VPCS,
        ready,
    )? {
        return Ok(Progress::Ask(steps));
    }
    if !run.history.has(VSWITCH) {
        let command = network_command(run, "CreateVSwitch")
            .flag("VpcId", &vpc)
            .flag("ZoneId", zone)
            .flag("VSwitchName", mark::of(&run.request.context))
            .flag("CidrBlock", VSWITCH_RANGE);
        return Ok(Progress::Ask(vec![
            command.step(VSWITCH, "Make a vSwitch for this run"),
            create_group(run, wanted, &vpc),
        ]));
    }
    let vswitch = created(run, VSWITCH)?;
    let ready = |found: &VSwitch| found.vswitch_id == vswitch && found.status == "Available";
    let look = Command::read("aliyun", ["vpc", "DescribeVSwitches"])
        .flag("VpcId", &vpc)
        .flag("VSwitchId", &vswitch);
    let purpose = "Wait until the vSwitch can be used";
    if let Some(steps) = unready(run, "vswitch-ready", purpose, look, list::VSWITCHES, ready)? {
        return Ok(Progress::Ask(steps));
    }
    Ok(Progress::Done(Place {
        vswitch,
        group: created(run, GROUP)?,
        own_group: true,
        own_vpc: Some(vpc),
    }))
}

fn network_command(run: &Run<'_>, action: &str) -> Command {
    Command::create("aliyun", ["vpc", action]).flag("ClientToken", token(run, action))
}

/// One token for each thing that the run makes.
pub(super) fn token(run: &Run<'_>, action: &str) -> String {
    format!("{action}-{}", run.request.context.run_id)
}

fn create_group(run: &Run<'_>, wanted: &Wanted<'_>, vpc: &str) -> Step {
    let command = make("CreateSecurityGroup")
        .flag("VpcId", vpc)
        .flag("SecurityGroupName", mark::of(&run.request.context))
        .flag(
            "Description",
            format!("SSH to what sindri run {} deployed", run.request.context.run_id),
        )
        .flag("ClientToken", token(run, "CreateSecurityGroup"));
    tagged(command, &wanted.tags).step(GROUP, "Make a security group for this run")
}

fn created(run: &Run<'_>, step: &str) -> Result<String, Problem> {
    Ok(run.history.decode::<Created>(step)?.id)
}

/// The next steps, until the network resource is ready.
fn unready<T: DeserializeOwned>(
    run: &Run<'_>,
    id: &str,
    purpose: &str,
    command: Command,
    shape: Shape,
    ready: impl Fn(&T) -> bool,
) -> Result<Option<Vec<Step>>, Problem> {
    let watch = Watch {
        id,
        purpose,
        command,
        every: PAUSE,
        looks: LOOKS,
    };
    let seen = until(run, &watch, |step| {
        let found: Vec<T> = list::items(&run.history, step, shape)?;
        Ok(found.iter().any(&ready).then_some(()))
    })?;
    match seen {
        Progress::Ask(steps) => Ok(Some(steps)),
        Progress::Done(Some(())) => Ok(None),
        Progress::Done(None) => {
            let message = format!("given up after two minutes: {purpose}");
            Err(Problem::new("network-not-ready", message))
        }
    }
}
