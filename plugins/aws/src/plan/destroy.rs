//! Removing everything that a run left behind: an instance that `deploy` made, or an interrupted build.

use serde_json::json;
use sindri_plugin_sdk::contract::{
    DestroyTarget, InterruptedRun, Leftover, Outcome, Problem, Removal, Step, Turn,
};
use sindri_plugin_sdk::removal::{Progress, Target};
use sindri_plugin_sdk::tags::{MANAGED_BY, SINDRI, SINDRI_RUN_ID, labels};
use sindri_plugin_sdk::{Command, History};

use super::delete::image_targets;
use super::images::{own_images, tag_filter};
use super::removal::{self, progress};
use super::{Run, ask, exactly, in_region, look};
use crate::check;
use crate::model::{
    self, Image, Images, Instance, KeyPairs, Reservations, SecurityGroups, Snapshots, Volumes,
};

/// `aws ec2 wait` looks 40 times with 15 seconds between.
pub(super) const WAIT_TIMEOUT: u32 = 660;

pub(super) fn target(run: &Run<'_>, target: &DestroyTarget) -> Result<Turn, Problem> {
    match target {
        DestroyTarget::Run(interrupted) => leftovers_of(run, interrupted),
        DestroyTarget::Instance(id) => instance(run, id),
    }
}

/// Only the instance's tags say whose it is and which run made the rest.
fn instance(run: &Run<'_>, id: &str) -> Result<Turn, Problem> {
    check::instance_id(id)?;
    if !run.history.has("instance") {
        let command = look("describe-instances").flag("instance-ids", id);
        return ask(command
            .tolerates(["InvalidInstanceID.NotFound"])
            .step("instance", "Describe the instance"));
    }
    let found = run.history.decode_tolerated::<Reservations>("instance")?;
    let instances = found.map(Reservations::instances).unwrap_or_default();
    let Some(instance) = instances.into_iter().find(|instance| instance.instance_id == id) else {
        let nothing = Removal {
            removed: Vec::new(),
            leftovers: Vec::new(),
        };
        return Ok(Turn::Done(Outcome::Removal(nothing)));
    };
    let labels = labels(&model::tags(&instance.tags));
    match labels.run_id {
        Some(run_id) if labels.managed => leftovers_of(
            run,
            &InterruptedRun {
                run_id,
                image_name: None,
            },
        ),
        Some(_) | None => Err(Problem::new(
            "not-ours",
            format!("instance {id} does not carry the tags of an instance that sindri made"),
        )
        .remedy(format!(
            "if it is to go nevertheless: aws ec2 terminate-instances --instance-ids {id}"
        ))),
    }
}

fn leftovers_of(run: &Run<'_>, interrupted: &InterruptedRun) -> Result<Turn, Problem> {
    sindri_plugin_sdk::check::run_id(&interrupted.run_id)?;
    let name = interrupted.image_name.as_deref();
    let missing: Vec<Step> = searches(run, &interrupted.run_id, name)
        .into_iter()
        .filter(|step| !run.history.has(&step.id))
        .collect();
    if !missing.is_empty() {
        return Ok(Turn::Run(missing));
    }
    let instances: Vec<Instance> = run.history.decode::<Reservations>("instances")?.instances();
    let unfinished = unfinished_images(run, interrupted)?;

    // The snapshots of an image that is still being made stand in no image's description yet.
    let missing: Vec<Step> = unfinished
        .iter()
        .filter(|(region, image)| !run.history.has(&snapshots_step(region, image)))
        .map(|(region, image)| search_snapshots(run, region, image))
        .collect();
    if !missing.is_empty() {
        return Ok(Turn::Run(missing));
    }
    let targets = targets(run, &interrupted.run_id, &instances, &unfinished)?;
    Ok(match progress(&run.history, &targets) {
        Progress::Ask(steps) => Turn::Run(steps),
        Progress::Done(removal) => Turn::Done(Outcome::Removal(confirm(&run.history, removal))),
    })
}

/// Independent of each other, hence one turn.
fn searches(run: &Run<'_>, run_id: &str, image_name: Option<&str>) -> Vec<Step> {
    // Both: whoever copies a tag of ours to something of theirs has not made it ours.
    let filters = json!([
        exactly(&tag_filter(SINDRI_RUN_ID), run_id),
        exactly(&tag_filter(MANAGED_BY), SINDRI)
    ]);
    let search = |verb: &str, id: &str, what: &str| {
        look(verb)
            .json_flag("filters", filters.clone())
            .step(id, format!("Look for {what} of run {run_id}"))
    };
    let mut steps = vec![
        search("describe-instances", "instances", "instances"),
        // All of them: those that carry the id and the one that has it in its name are two questions otherwise.
        look("describe-key-pairs").step("key-pairs", format!("Look for key pairs of run {run_id}")),
        search("describe-security-groups", "security-groups", "security groups"),
        search("describe-volumes", "volumes", "volumes"),
    ];
    if let Some(name) = image_name {
        for region in regions(run) {
            let command = in_region(own_images(), run.config, region);
            let command = command.json_flag("filters", json!([exactly("name", name)]));
            steps.push(command.step(
                format!("image-{region}"),
                format!("Look for an unfinished image in {region}"),
            ));
        }
    }
    steps
}

fn regions<'a>(run: &Run<'a>) -> impl Iterator<Item = &'a str> {
    std::iter::once(run.config.region.as_str()).chain(run.config.other_regions())
}

/// The name carries the second in which the run started. Two runs can start in the same second (a CI matrix),
/// so an image that says that it is another run's is spared.
fn unfinished_images(run: &Run<'_>, interrupted: &InterruptedRun) -> Result<Vec<(String, Image)>, Problem> {
    let Some(name) = interrupted.image_name.as_deref() else {
        return Ok(Vec::new());
    };
    let may_be_ours = |image: &Image| {
        labels(&model::tags(&image.tags))
            .run_id
            .is_none_or(|id| id == interrupted.run_id)
    };
    let mut found = Vec::new();
    for region in regions(run) {
        let images: Images = run.history.decode(&format!("image-{region}"))?;
        let same_name = images
            .images
            .into_iter()
            .filter(|image| image.name == name && may_be_ours(image));
        found.extend(same_name.map(|image| (region.to_owned(), image)));
    }
    Ok(found)
}

fn snapshots_step(region: &str, image: &Image) -> String {
    format!("snapshots-{region}-{}", image.image_id)
}

fn search_snapshots(run: &Run<'_>, region: &str, image: &Image) -> Step {
    let id = &image.image_id;
    let filters = json!([{ "Name": "description", "Values": [format!("*{id}*")] }]);
    let command = in_region(look("describe-snapshots"), run.config, region).flag("owner-ids", "self");
    command.json_flag("filters", filters).step(
        snapshots_step(region, image),
        format!("Look for snapshots of {id}"),
    )
}

/// Instances first, everything that they hold after they are gone. One that is gone already still says
/// which key and group it had: a Packer that was killed while it cleaned up has removed the instance first.
fn targets(
    run: &Run<'_>,
    run_id: &str,
    instances: &[Instance],
    unfinished: &[(String, Image)],
) -> Result<Vec<Target>, Problem> {
    let own_region = run.config.region.as_str();
    let target = |kind, id: &str| removal::target(kind, id, own_region, own_region);
    let alive: Vec<&str> = instances
        .iter()
        .filter(|instance| instance.state.name != "terminated")
        .map(|instance| instance.instance_id.as_str())
        .collect();
    let mut targets: Vec<Target> = alive.iter().map(|id| target("instance", id)).collect();
    if let Some(last) = targets.pop() {
        let wait = Command::read("aws", ["ec2", "wait", "instance-terminated"])
            .flag_values("instance-ids", alive)
            .timeout(WAIT_TIMEOUT)
            .tolerates_any_failure();
        targets.push(last.then(wait.step("terminated", "Wait until the instances are gone")));
    }
    for (region, image) in unfinished {
        targets.extend(image_targets(image, region, own_region));
        let snapshots: Snapshots = run.history.decode(&snapshots_step(region, image))?;
        let noted = image.snapshots();
        let others = snapshots
            .snapshots
            .into_iter()
            .filter(|snapshot| !noted.contains(&snapshot.snapshot_id));
        targets.extend(
            others.map(|snapshot| removal::target("snapshot", &snapshot.snapshot_id, region, own_region)),
        );
    }
    let (keys, groups) = keys_and_groups(run, run_id, instances)?;
    targets.extend(groups.iter().map(|id| target("security-group", id)));
    targets.extend(keys.iter().map(|name| target("key-pair", name)));
    let volumes: Volumes = run.history.decode("volumes")?;
    targets.extend(
        volumes
            .volumes
            .iter()
            .map(|volume| target("volume", &volume.volume_id)),
    );
    Ok(targets)
}

/// What carries the run's id, and what Packer made for its instance without marking it: old versions tag
/// neither the temporary key nor the temporary group. The key has the run's id in its name when the host
/// could choose that; other names, and the group's, begin with `packer`.
fn keys_and_groups(
    run: &Run<'_>,
    run_id: &str,
    instances: &[Instance],
) -> Result<(Vec<String>, Vec<String>), Problem> {
    let all: KeyPairs = run.history.decode("key-pairs")?;
    let own_name = format!("sindri-{run_id}");
    let mut keys: Vec<String> = all
        .key_pairs
        .into_iter()
        .filter(|key| {
            let labels = labels(&model::tags(&key.tags));
            key.key_name == own_name || (labels.managed && labels.run_id.as_deref() == Some(run_id))
        })
        .map(|key| key.key_name)
        .collect();
    let tagged: SecurityGroups = run.history.decode("security-groups")?;
    let mut groups: Vec<String> = tagged
        .security_groups
        .into_iter()
        .filter(|group| group.group_name != "default")
        .map(|group| group.group_id)
        .collect();
    for instance in instances {
        keys.extend(
            instance
                .key_name
                .clone()
                .filter(|name| name.starts_with("packer")),
        );
        let temporary = instance
            .security_groups
            .iter()
            .filter(|group| group.group_name.starts_with("packer"));
        groups.extend(temporary.map(|group| group.group_id.clone()));
    }
    for list in [&mut keys, &mut groups] {
        list.sort_unstable();
        list.dedup();
    }
    Ok((keys, groups))
}

/// An instance counts as removed when AWS has said so, not when it has been asked.
fn confirm(history: &History<'_>, mut removal: Removal) -> Removal {
    if !history.has("terminated") || history.succeeded("terminated") {
        return removal;
    }
    let (unsure, removed) = removal
        .removed
        .into_iter()
        .partition(|resource| resource.kind == "instance");
    removal.removed = removed;
    let reason = "still shutting down after ten minutes".to_owned();
    let unsure: Vec<_> = unsure;
    removal
        .leftovers
        .extend(unsure.into_iter().map(|resource| Leftover {
            resource,
            reason: reason.clone(),
        }));
    removal
}
