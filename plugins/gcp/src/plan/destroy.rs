//! Removing everything that a run left behind: an instance that `deploy` made, or an interrupted build.

use sindri_plugin_sdk::contract::{
    DestroyTarget, InterruptedRun, Leftover, Outcome, Problem, Removal, Resource, Step, Turn,
};
use sindri_plugin_sdk::names;
use sindri_plugin_sdk::removal::{Progress, Target};
use sindri_plugin_sdk::tags::{SINDRI_RUN_ID, labels};

use super::images::own_images;
use super::removal::{progress, target};
use super::{Run, ask, look, tagged};
use crate::check;
use crate::model::{self, Disk, Firewall, GLOBAL, Image, Instance, last, resource};

pub(super) fn target_of(run: &Run<'_>, target: &DestroyTarget) -> Result<Turn, Problem> {
    match target {
        DestroyTarget::Run(interrupted) => leftovers_of(run, interrupted),
        DestroyTarget::Instance(name) => instance(run, name),
    }
}

/// Only the instance's labels say whose it is and which run made the rest.
fn instance(run: &Run<'_>, name: &str) -> Result<Turn, Problem> {
    if !check::is_name(name) {
        return Err(Problem::new(
            "unusable-instance-id",
            format!("`{name}` is not the name of an instance"),
        ));
    }
    if !run.history.has("instance") {
        return ask(look("instances", "list")
            .flag("filter", format!("name={name}"))
            .step("instance", "Find the instance"));
    }
    let found: Vec<Instance> = run.history.decode("instance")?;
    let run_id = match found.into_iter().find(|instance| instance.name == name) {
        Some(instance) => {
            let labels = labels(&model::tags(&instance.labels));
            labels
                .run_id
                .filter(|_| labels.managed)
                .ok_or_else(|| not_ours(name, instance.zone()))?
        }
        // Gone already, perhaps by an attempt that was interrupted before the rest was.
        None => match names::run_of(name) {
            Some(run_id) => run_id.to_owned(),
            None => return Ok(Turn::Done(Outcome::Removal(nothing()))),
        },
    };
    let image_name = None;
    leftovers_of(run, &InterruptedRun { run_id, image_name })
}

fn not_ours(name: &str, zone: &str) -> Problem {
    Problem::new(
        "not-ours",
        format!("instance {name} does not carry the labels of an instance that sindri made"),
    )
    .remedy(format!(
        "if it is to go nevertheless: gcloud compute instances delete {name} --zone {zone}"
    ))
}

fn nothing() -> Removal {
    Removal {
        removed: Vec::new(),
        leftovers: Vec::new(),
    }
}

fn leftovers_of(run: &Run<'_>, interrupted: &InterruptedRun) -> Result<Turn, Problem> {
    sindri_plugin_sdk::check::run_id(&interrupted.run_id)?;
    let missing: Vec<Step> = searches(interrupted)?
        .into_iter()
        .filter(|step| !run.history.has(&step.id))
        .collect();
    if !missing.is_empty() {
        return Ok(Turn::Run(missing));
    }
    let (targets, elsewhere) = targets(run, interrupted)?;
    Ok(match progress(&run.history, &targets) {
        Progress::Ask(steps) => Turn::Run(steps),
        Progress::Done(mut removal) => {
            removal.leftovers.extend(elsewhere);
            Turn::Done(Outcome::Removal(removal))
        }
    })
}

/// Independent of each other, hence one turn.
fn searches(interrupted: &InterruptedRun) -> Result<Vec<Step>, Problem> {
    let run_id = &interrupted.run_id;
    let ours = format!("name~^{}", names::of_run(run_id));
    let mut steps = vec![
        look("instances", "list")
            .flag("filter", tagged(SINDRI_RUN_ID, run_id)?)
            .step("instances", format!("Look for instances of run {run_id}")),
        look("disks", "list")
            .flag("filter", &ours)
            .step("disks", format!("Look for disks of run {run_id}")),
        look("firewall-rules", "list").flag("filter", &ours).step(
            "firewall-rules",
            format!("Look for firewall rules of run {run_id}"),
        ),
    ];
    if interrupted.image_name.is_some() {
        let command = own_images()
            .switch("show-deprecated")
            .flag("filter", tagged(SINDRI_RUN_ID, run_id)?);
        steps.push(command.step("images", "Look for an unfinished image"));
    }
    Ok(steps)
}

/// Instances first, then what they hold; the image before the disk that it is made of. What is in another
/// zone than the configured one is not touched.
fn targets(run: &Run<'_>, interrupted: &InterruptedRun) -> Result<(Vec<Target>, Vec<Leftover>), Problem> {
    let (run_id, zone) = (interrupted.run_id.as_str(), run.config.zone.as_str());
    let mut in_zones = Vec::new();
    for instance in run.history.decode::<Vec<Instance>>("instances")? {
        let labels = labels(&model::tags(&instance.labels));
        if labels.managed && labels.run_id.as_deref() == Some(run_id) {
            in_zones.push(resource("instance", &instance.name, instance.zone()));
        }
    }
    let mut later = Vec::new();
    let images = match &interrupted.image_name {
        Some(_) => run.history.decode::<Vec<Image>>("images")?,
        None => Vec::new(),
    };
    for image in images {
        let labels = labels(&model::tags(&image.labels));
        let same_name = interrupted.image_name.as_deref() == Some(image.name.as_str());
        if same_name && labels.managed && labels.run_id.as_deref() == Some(run_id) {
            later.push(target("image", &image.name, GLOBAL));
        }
    }
    for disk in run.history.decode::<Vec<Disk>>("disks")? {
        let place = resource("disk", &disk.name, last(disk.zone.as_deref().unwrap_or_default()));
        // Also one that goes with its instance: if it did not, nobody would look for it again.
        if names::run_of(&disk.name) == Some(run_id) {
            in_zones.push(place);
        }
    }
    for rule in run.history.decode::<Vec<Firewall>>("firewall-rules")? {
        if names::run_of(&rule.name) == Some(run_id) {
            later.push(target("firewall-rule", &rule.name, GLOBAL));
        }
    }
    let (here, elsewhere): (Vec<Resource>, Vec<Resource>) = in_zones
        .into_iter()
        .partition(|resource| resource.location == zone);
    let of_kind = |kind: &'static str| {
        let ours = here.iter().filter(move |resource| resource.kind == kind);
        ours.map(move |resource| target(kind, &resource.id, zone))
    };
    let targets = of_kind("instance").chain(later).chain(of_kind("disk")).collect();
    let leave = |resource: Resource| Leftover {
        reason: format!("it is in zone {}, and {zone} is configured", resource.location),
        resource,
    };
    Ok((targets, elsewhere.into_iter().map(leave).collect()))
}
