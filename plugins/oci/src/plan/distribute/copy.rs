//! Copying an image to other regions.
//!
//! OCI has no request for it: the image is exported to a bucket, Object Storage copies the file to the bucket of the
//! same name in the other region, and there it is imported. The files are the run's own and go again, whatever comes of
//! the rest, so after the export every failure is part of the plan.

use sindri_plugin_sdk::contract::{CopyRequest, Distribution, Outcome, Problem, Resource, Step, Tag, Turn};
use sindri_plugin_sdk::{Command, step_id, wait};

use super::super::images::{DEPRECATED, deprecated_at, describe_step, needed};
use super::super::{Run, look, look_through, make, resource_name, tag_map};
use super::export_and_import;
use crate::check;
use crate::model::{self, Image};

/// How often an export or an import is looked at, and the seconds between: an hour.
const LOOKS: u32 = 60;
const PAUSE: u32 = 60;
/// Seconds that `oci` waits until Object Storage has copied a file of several gigabytes.
const LONGEST_COPY: u32 = 3000;

/// What a copy goes through.
struct Route<'a> {
    image: &'a Image,
    namespace: &'a str,
    bucket: &'a str,
    object: &'a str,
}

pub(in crate::plan) fn copy(run: &Run<'_>, request: &CopyRequest) -> Result<Turn, Problem> {
    check::image_id(&request.image_id)?;
    let own = run.config.location();
    let regions: Vec<&str> = request
        .locations
        .iter()
        .map(String::as_str)
        .filter(|region| *region != own)
        .collect();
    if regions.is_empty() {
        return Err(Problem::new(
            "missing-location",
            "no region is named to copy the image to, other than its own",
        ));
    }
    let bucket = run
        .config
        .copy_bucket
        .as_deref()
        .ok_or_else(|| missing_bucket(&request.image_id))?;
    let history = &run.history;
    if !history.has("image") {
        let namespace = look("os ns get").step("namespace", "Ask for the namespace of Object Storage");
        return Ok(Turn::Run(vec![describe_step(&request.image_id), namespace]));
    }
    let image = needed(run, "image", &request.image_id)?;
    check::display_name(image.name(), "image_name")?;
    let namespace: String = model::data(history, "namespace")?;
    let missing: Vec<Step> = regions
        .iter()
        .filter(|region| !history.has(&there(region)))
        .map(|region| look_there(run, &image, region))
        .collect();
    if !missing.is_empty() {
        return Ok(Turn::Run(missing));
    }
    let mut copies = Vec::new();
    let mut wanted = Vec::new();
    for region in regions {
        match existing(run, &image, region)? {
            Some(id) => copies.push(copy_of(&id, region)),
            None => wanted.push(region),
        }
    }
    if wanted.is_empty() {
        return Ok(done(run, image, copies));
    }
    let route = Route {
        image: &image,
        namespace: &namespace,
        bucket,
        object: &object_name(&run.request.context.run_id),
    };
    let arrived = match transfer(run, &route, &wanted)? {
        Transfer::Ask(steps) => return Ok(Turn::Run(steps)),
        Transfer::Ended(arrived) => arrived,
    };
    if !history.has("clean-0") {
        return Ok(Turn::Run(clean(&route, own, &wanted)));
    }
    if let Some((region, Err(reason))) = arrived.iter().find(|(_, arrival)| arrival.is_err()) {
        return Err(Problem::new(
            "copy-failed",
            format!("the image was not copied to {region}: {reason}"),
        )
        .key("copy_bucket")
        .remedy(format!(
            "look whether there is a bucket {bucket} in {region}, and a policy such as `allow service objectstorage-{own} to \
             manage object-family in compartment NAME`"
        )));
    }
    copies.extend(
        arrived
            .into_iter()
            .filter_map(|(region, arrival)| Some(copy_of(&arrival.ok()?, region))),
    );
    Ok(done(run, image, copies))
}

/// The file of this run. Its name is all that says whose it is.
pub(in crate::plan) fn object_name(run_id: &str) -> String {
    format!("{}.oci", resource_name(run_id))
}

fn missing_bucket(image: &str) -> Problem {
    Problem::new(
        "missing-bucket",
        "OCI copies images to other regions only through Object Storage, and no bucket is named",
    )
    .key("copy_bucket")
    .remedy(format!(
        "make buckets of one name in both regions and set copy_bucket to it; or {}",
        export_and_import(image)
    ))
}

fn copy_of(id: &str, region: &str) -> Resource {
    Resource {
        kind: "image".to_owned(),
        id: id.to_owned(),
        location: region.to_owned(),
    }
}

fn done(run: &Run<'_>, image: Image, copies: Vec<Resource>) -> Turn {
    let image = image.into_contract(run.config.location(), None);
    let deprecated_at = deprecated_at(&image).map(str::to_owned);
    Turn::Done(Outcome::Distribution(Distribution {
        image_id: image.id,
        public: false,
        shared_with: Vec::new(),
        copies,
        deprecated_at,
    }))
}

fn there(region: &str) -> String {
    step_id(&["there", region])
}

fn look_there(run: &Run<'_>, image: &Image, region: &str) -> Step {
    look_through("compute image list", run.config)
        .flag("display-name", image.name())
        .at(region)
        .step(
            there(region),
            format!("Look whether {region} has the image already"),
        )
}

/// Names are not unique: a copy has the same tags as well.
fn existing(run: &Run<'_>, image: &Image, region: &str) -> Result<Option<String>, Problem> {
    let there: Vec<Image> = model::list(&run.history, &there(region))?;
    let same = |other: &Image| {
        other.name() == image.name()
            && other.lifecycle_state == "AVAILABLE"
            && lasting_tags(other) == lasting_tags(image)
    };
    Ok(there.into_iter().find(same).map(|copy| copy.id))
}

/// All tags but the mark of a deprecation, which is each image's own.
fn lasting_tags(image: &Image) -> Vec<Tag> {
    let mut tags = model::tags(image.freeform_tags.as_ref());
    tags.retain(|tag| tag.key != DEPRECATED);
    tags
}

enum Transfer<'a> {
    Ask(Vec<Step>),
    /// For each region the id of the copy, or why there is none.
    Ended(Vec<(&'a str, Result<String, String>)>),
}

/// All regions take the same step in the same turn.
fn transfer<'a>(run: &Run<'_>, route: &Route<'_>, wanted: &[&'a str]) -> Result<Transfer<'a>, Problem> {
    let history = &run.history;
    if !history.has("export") {
        return Ok(Transfer::Ask(vec![export(route)]));
    }
    match poll(run, "exported", &route.image.id, None)? {
        Poll::Look(number, step) => return Ok(Transfer::Ask(vec![pause("export", number), step])),
        Poll::Ready => {}
        Poll::Failed(reason) => {
            let failed = |region: &&'a str| (*region, Err(reason.clone()));
            return Ok(Transfer::Ended(wanted.iter().map(failed).collect()));
        }
    }
    let sent = |region: &str| step_id(&["send", region]);
    let imported = |region: &str| step_id(&["import", region]);
    if wanted.iter().any(|region| !history.has(&sent(region))) {
        let steps = wanted
            .iter()
            .map(|region| send(route, region).step(sent(region), format!("Copy the file to {region}")));
        return Ok(Transfer::Ask(steps.collect()));
    }
    let import_steps: Vec<Step> = wanted
        .iter()
        .filter(|region| history.succeeded(&sent(region)) && !history.has(&imported(region)))
        .map(|region| {
            import(run, route, region).step(imported(region), format!("Make an image of it in {region}"))
        })
        .collect();
    if !import_steps.is_empty() {
        return Ok(Transfer::Ask(import_steps));
    }
    let mut looks = Vec::new();
    let mut latest = 0;
    let mut arrived = Vec::new();
    for region in wanted {
        let copy: Option<Image> = match history.has(&imported(region)) {
            true => model::tolerated(history, &imported(region))?,
            false => None,
        };
        let Some(copy) = copy else {
            let step = if history.succeeded(&sent(region)) {
                imported(region)
            } else {
                sent(region)
            };
            let code = history.error_code(&step).unwrap_or("no error code");
            arrived.push((*region, Err(format!("step `{step}` failed ({code})"))));
            continue;
        };
        match poll(run, &step_id(&["state", region]), &copy.id, Some(region))? {
            Poll::Look(number, step) => {
                latest = latest.max(number);
                looks.push(step);
            }
            Poll::Ready => arrived.push((*region, Ok(copy.id))),
            Poll::Failed(reason) => arrived.push((*region, Err(reason))),
        }
    }
    if looks.is_empty() {
        return Ok(Transfer::Ended(arrived));
    }
    looks.insert(0, pause("import", latest));
    Ok(Transfer::Ask(looks))
}

fn export(route: &Route<'_>) -> Step {
    publish("compute image export to-object")
        .flag("image-id", &route.image.id)
        .flag("namespace", route.namespace)
        .flag("bucket-name", route.bucket)
        .flag("name", route.object)
        // Brings along with what settings the image starts.
        .flag("export-format", "OCI")
        .step("export", "Export the image to the bucket")
}

fn send(route: &Route<'_>, region: &str) -> Command {
    publish("os object copy")
        .flag("namespace-name", route.namespace)
        .flag("bucket-name", route.bucket)
        .flag("source-object-name", route.object)
        .flag("destination-namespace", route.namespace)
        .flag("destination-region", region)
        .flag("destination-bucket", route.bucket)
        .flag("destination-object-name", route.object)
        .flag("wait-for-state", "COMPLETED")
        .flag("max-wait-seconds", LONGEST_COPY.to_string())
        .timeout(LONGEST_COPY + 180)
        .tolerates_any_failure()
}

/// With the tags of the original, so that the copy is found with it.
fn import(run: &Run<'_>, route: &Route<'_>, region: &str) -> Command {
    make("compute image import from-object")
        .flag("namespace", route.namespace)
        .flag("bucket-name", route.bucket)
        .flag("name", route.object)
        .flag("compartment-id", &run.config.compartment_ocid)
        .flag("display-name", route.image.name())
        .json_flag("freeform-tags", tag_map(&lasting_tags(route.image)))
        .at(region)
        .tolerates_any_failure()
}

fn publish(verb: &str) -> Command {
    Command::publish("oci", verb.split(' ')).timeout(super::super::TIMEOUT)
}

enum Poll {
    /// Look once more.
    Look(u32, Step),
    Ready,
    Failed(String),
}

fn poll(run: &Run<'_>, name: &str, id: &str, region: Option<&str>) -> Result<Poll, Problem> {
    for number in 1..=LOOKS {
        let step = step_id(&[name, &number.to_string()]);
        if !run.history.has(&step) {
            let mut command = look("compute image get")
                .flag("image-id", id)
                .tolerates_any_failure();
            if let Some(region) = region {
                command = command.at(region);
            }
            return Ok(Poll::Look(number, command.step(step, "Look how far it is")));
        }
        // One question that failed decides nothing.
        let Some(image) = model::tolerated::<Image>(&run.history, &step)? else {
            continue;
        };
        match image.lifecycle_state.as_str() {
            "AVAILABLE" => return Ok(Poll::Ready),
            "EXPORTING" | "IMPORTING" | "PROVISIONING" => {}
            other => return Ok(Poll::Failed(format!("image {id} is {other}"))),
        }
    }
    Ok(Poll::Failed(format!("image {id} is not ready after an hour")))
}

fn pause(what: &str, number: u32) -> Step {
    wait(
        format!("pause-{what}-{number}"),
        format!("Wait for the {what}"),
        PAUSE,
    )
}

fn clean(route: &Route<'_>, own: &str, wanted: &[&str]) -> Vec<Step> {
    std::iter::once(None)
        .chain(wanted.iter().map(|region| Some(*region)))
        .enumerate()
        .map(|(number, region)| {
            let command = delete_object(route.namespace, route.bucket, route.object).tolerates_any_failure();
            let (command, place) = match region {
                Some(region) => (command.at(region), region),
                None => (command, own),
            };
            command.step(format!("clean-{number}"), format!("Remove the file in {place}"))
        })
        .collect()
}

/// Removes the file of a copy.
pub(in crate::plan) fn delete_object(namespace: &str, bucket: &str, object: &str) -> Command {
    Command::destroy("oci", ["os", "object", "delete"])
        .flag("namespace-name", namespace)
        .flag("bucket-name", bucket)
        .flag("object-name", object)
        .switch("force")
        .timeout(super::super::TIMEOUT)
}
