//! Starting an instance of an image, reachable by SSH from one place and with one key.

mod launch;
mod network;

use sindri_plugin_sdk::check::Source;
use sindri_plugin_sdk::contract::{self, DeployRequest, Outcome, Problem, Resource, Tag, Turn};
use sindri_plugin_sdk::tags::{MANAGED_BY, NAME, SINDRI, SINDRI_RUN_ID, with};

use super::images::{describe_step, needed};
use super::removal::Kind;
use super::{Progress, Run, zones};
use crate::architecture;
use crate::check;
use crate::model::{Image, Instance};
use crate::user_data::SSH_USER;
use network::Place;

/// What the whole plan needs from the request, checked.
struct Wanted<'a> {
    deploy: &'a DeployRequest,
    /// IPv4 range that may reach port 22.
    source: String,
    tags: Vec<Tag>,
    public_key: &'a str,
}

pub(super) fn instance(run: &Run<'_>, deploy: &DeployRequest) -> Result<Turn, Problem> {
    let wanted = wanted(run, deploy)?;
    // First only looking, so that what cannot work leaves nothing behind.
    let needs_zone = run.config.network().is_none();
    if !run.history.has("image") {
        let mut steps = vec![describe_step("image", &deploy.image_id)];
        steps.extend(needs_zone.then(|| zones::step(run)));
        return Ok(Turn::Run(steps));
    }
    let image = needed(run, "image", &deploy.image_id)?;
    check_image(run, &image)?;
    let place = match network::place(run, &wanted)? {
        Progress::Ask(steps) => return Ok(Turn::Run(steps)),
        Progress::Done(place) => place,
    };
    match launch::running(run, &wanted, &image, &place)? {
        Progress::Ask(steps) => Ok(Turn::Run(steps)),
        Progress::Done(instance) => {
            let outcome = outcome(run, deploy, &instance, place);
            Ok(Turn::Done(Outcome::Instance(outcome)))
        }
    }
}

fn wanted<'a>(run: &Run<'a>, deploy: &'a DeployRequest) -> Result<Wanted<'a>, Problem> {
    check::image_id(&deploy.image_id)?;
    check::instance_name(&deploy.name)?;
    let source = match sindri_plugin_sdk::check::source(&deploy.ssh_source)? {
        Source::V4(range) => range,
        Source::V6(range) => {
            let message =
                format!("{range} cannot reach an instance on Alibaba Cloud, which gets IPv4 addresses only");
            return Err(Problem::new("unusable-range", message)
                .key("ssh_cidr")
                .remedy("give an IPv4 range"));
        }
    };
    // Whatever else is asked for, the tags by which `destroy` finds everything are there.
    let tags = with(&deploy.tags, NAME, &deploy.name);
    let tags = with(&tags, MANAGED_BY, SINDRI);
    let tags = with(&tags, SINDRI_RUN_ID, &run.request.context.run_id);
    check::TAGS.check(&tags)?;
    let public_key = run.request.context.ssh_public_key.as_deref().ok_or_else(|| {
        let message = "an instance is started with a public key, and none was given";
        Problem::new("missing-public-key", message)
    })?;
    Ok(Wanted {
        deploy,
        source,
        tags,
        public_key,
    })
}

fn check_image(run: &Run<'_>, image: &Image) -> Result<(), Problem> {
    if image.status != "Available" {
        let message = format!(
            "image {} is {} and cannot be started",
            image.image_id, image.status
        );
        return Err(Problem::new("image-not-available", message));
    }
    let actual = architecture::of_instance_type(&run.config.instance_type);
    match image.architecture.as_deref().and_then(architecture::from_ecs) {
        Some(wanted) if wanted != actual => Err(Problem::new(
            "unsupported-architecture",
            format!(
                "image {} is for {}, instances of type {} are {}",
                image.image_id,
                architecture::ecs_name(wanted),
                run.config.instance_type,
                architecture::ecs_name(actual)
            ),
        )
        .key("instance_type")
        .remedy("choose an instance type with the image's processor")),
        Some(_) | None => Ok(()),
    }
}

fn outcome(run: &Run<'_>, deploy: &DeployRequest, instance: &Instance, place: Place) -> contract::Instance {
    let location = run.config.region.clone();
    let made = [
        (Kind::Instance, Some(instance.instance_id.clone())),
        (Kind::SecurityGroup, place.own_group.then_some(place.group)),
        (Kind::VSwitch, place.own_vpc.is_some().then_some(place.vswitch)),
        (Kind::Vpc, place.own_vpc),
    ];
    let resource = |(kind, id): (Kind, Option<String>)| {
        Some(Resource {
            kind: kind.name().to_owned(),
            id: id?,
            location: location.clone(),
        })
    };
    contract::Instance {
        id: instance.instance_id.clone(),
        name: deploy.name.clone(),
        run_id: run.request.context.run_id.clone(),
        public_ip: instance.public_ip(),
        private_ip: instance.private_ip(),
        ssh_user: SSH_USER.to_owned(),
        resources: made.into_iter().filter_map(resource).collect(),
        location,
    }
}
