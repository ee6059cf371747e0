//! Removing everything that a run left behind: an instance that `deploy` made, or an interrupted build.

use sindri_plugin_sdk::contract::{DestroyTarget, InterruptedRun, Outcome, Problem, Removal, Step, Turn};
use sindri_plugin_sdk::removal::Target;
use sindri_plugin_sdk::step_id;
use sindri_plugin_sdk::tags::labels;

use super::delete::{schemas, schemas_step};
use super::find_runs::{instances, searches, security_groups};
use super::{NOT_FOUND, Run, ask, look, look_through, removal};
use crate::check;
use crate::model::{self, FreeformTags, Image, Instance};

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
        return ask(look("compute instance get")
            .flag("instance-id", id)
            .tolerates([NOT_FOUND])
            .step("instance", "Describe the instance"));
    }
    let Some(instance) = model::tolerated::<Instance>(&run.history, "instance")? else {
        return Ok(Turn::Done(Outcome::Removal(Removal {
            removed: Vec::new(),
            leftovers: Vec::new(),
        })));
    };
    let labels = labels(&model::tags(instance.freeform_tags.as_ref()));
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
            "if it is to go nevertheless: oci compute instance terminate --instance-id {id}"
        ))),
    }
}

fn leftovers_of(run: &Run<'_>, interrupted: &InterruptedRun) -> Result<Turn, Problem> {
    let run_id = &interrupted.run_id;
    sindri_plugin_sdk::check::run_id(run_id)?;
    if !run.history.has("security-groups") {
        let mut steps = searches(run.config);
        if let Some(name) = &interrupted.image_name {
            steps.push(search_image(run, name)?);
        }
        return Ok(Turn::Run(steps));
    }
    let unfinished = unfinished_images(run, interrupted)?;
    let missing: Vec<Step> = unfinished
        .iter()
        .filter(|image| !run.history.has(&schemas_of(image)))
        .map(|image| schemas_step(schemas_of(image), &image.id))
        .collect();
    if !missing.is_empty() {
        return Ok(Turn::Run(missing));
    }

    let location = run.config.location();
    let of_run = |tags: Option<&FreeformTags>| is_of_run(tags, run_id);
    let mut targets: Vec<Target> = instances(run)?
        .iter()
        .filter(|instance| of_run(instance.freeform_tags.as_ref()))
        .map(|instance| removal::instance(&instance.id, location))
        .collect();
    for image in &unfinished {
        targets.extend(schemas(run, &schemas_of(image))?);
        targets.push(removal::image(&image.id, location));
    }
    // After the instances, whose network interfaces hold them.
    targets.extend(
        security_groups(run)?
            .iter()
            .filter(|group| of_run(group.freeform_tags.as_ref()))
            .map(|group| removal::security_group(&group.id, location)),
    );
    Ok(removal::progress(run, &targets))
}

fn search_image(run: &Run<'_>, name: &str) -> Result<Step, Problem> {
    check::display_name(name, "image_name")?;
    Ok(look_through("compute image list", run.config)
        .flag("display-name", name)
        .step("image", "Look for an unfinished image"))
}

/// Names are not unique on OCI, so the image has to carry the run's id as well. Packer's builder sets the tags in the
/// very request that makes the image.
fn unfinished_images(run: &Run<'_>, interrupted: &InterruptedRun) -> Result<Vec<Image>, Problem> {
    let Some(name) = &interrupted.image_name else {
        return Ok(Vec::new());
    };
    let mut images: Vec<Image> = model::list(&run.history, "image")?;
    images.retain(|image| {
        image.name() == name
            && image.lifecycle_state != "DELETED"
            && is_of_run(image.freeform_tags.as_ref(), &interrupted.run_id)
    });
    Ok(images)
}

fn schemas_of(image: &Image) -> String {
    step_id(&["schemas", &image.id])
}

fn is_of_run(tags: Option<&FreeformTags>, run_id: &str) -> bool {
    let labels = labels(&model::tags(tags));
    labels.managed && labels.run_id.as_deref() == Some(run_id)
}
