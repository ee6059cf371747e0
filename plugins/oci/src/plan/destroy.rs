//! Removing everything that a run left behind: an instance that `deploy` made, or an interrupted build.

use sindri_plugin_sdk::contract::{DestroyTarget, InterruptedRun, Outcome, Problem, Removal, Step, Turn};
use sindri_plugin_sdk::removal::Target;
use sindri_plugin_sdk::step_id;
use sindri_plugin_sdk::tags::labels;

use super::delete::{is_of_run, schemas, schemas_step};
use super::distribute::object_name;
use super::find_runs::{instances, searches, security_groups};
use super::{NOT_FOUND, Run, ask, look, look_through, removal};
use crate::check;
use crate::model::{self, FreeformTags, Image, Instance, Object};

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
        if let Some(bucket) = &run.config.copy_bucket {
            steps.extend(search_objects(run, bucket, run_id));
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
    targets.extend(objects(run, run_id)?);
    Ok(removal::progress(run, &targets))
}

/// The region of the build, for which no location has to be named, and the others.
fn places<'a>(run: &Run<'a>) -> impl Iterator<Item = Option<&'a str>> {
    std::iter::once(None).chain(run.config.other_regions().map(Some))
}

fn objects_step(place: Option<&str>) -> String {
    step_id(&["objects", place.unwrap_or("here")])
}

/// Looks for the file of a copy that was cut off.
fn search_objects(run: &Run<'_>, bucket: &str, run_id: &str) -> Vec<Step> {
    let mut steps = vec![look("os ns get").step("namespace", "Ask for the namespace of Object Storage")];
    for place in places(run) {
        let mut command = look("os object list")
            .flag("bucket-name", bucket)
            .flag("prefix", object_name(run_id))
            // There need not be a bucket.
            .tolerates_any_failure();
        if let Some(region) = place {
            command = command.at(region);
        }
        steps.push(command.step(objects_step(place), "Look for the file of a copy"));
    }
    steps
}

fn objects(run: &Run<'_>, run_id: &str) -> Result<Vec<Target>, Problem> {
    let Some(bucket) = &run.config.copy_bucket else {
        return Ok(Vec::new());
    };
    let namespace: String = model::data(&run.history, "namespace")?;
    let name = object_name(run_id);
    let mut targets = Vec::new();
    for place in places(run) {
        let found: Option<Vec<Object>> = model::tolerated_list(&run.history, &objects_step(place))?;
        if found.into_iter().flatten().any(|object| object.name == name) {
            let location = place.unwrap_or(run.config.location());
            targets.push(removal::object(&namespace, bucket, &name, (location, place)));
        }
    }
    Ok(targets)
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
