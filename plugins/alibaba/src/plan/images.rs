//! Looking for images, and finding an image's copies in other regions.

use sindri_plugin_sdk::contract::{Image, ImageState, Outcome, Problem, Resource, Step, Turn};
use sindri_plugin_sdk::tags::{MANAGED_BY, SINDRI, SINDRI_CACHE_KEY, SINDRI_RUN_ID};
use sindri_plugin_sdk::{Command, step_id};

use super::list::{self, Search};
use super::{Progress, Run, in_region, look, with_tag};
use crate::check;
use crate::mark;
use crate::model;

/// Without it the API shows available images only.
pub(super) const ANY_STATUS: &str = "Creating,Waiting,Available,UnAvailable,CreateFailed,Deprecated";

/// The newest usable image with this cache key.
pub(super) fn find(run: &Run<'_>, cache_key: &str) -> Result<Turn, Problem> {
    let command = with_tag(
        own_images().flag("Status", "Available"),
        SINDRI_CACHE_KEY,
        cache_key,
    );
    let search = Search::new(
        "images",
        "Look for an image of this content",
        command,
        list::IMAGES,
    );
    if let Progress::Ask(steps) = list::search(&run.history, [&search])? {
        return Ok(Turn::Run(steps));
    }
    // Filters are the server's business and emulators are lax, so everything is checked again.
    let newest = newest_first(run, &search)?.into_iter().find(|image| {
        image.state == ImageState::Available
            && image.labels.managed
            && image.labels.cache_key.as_deref() == Some(cache_key)
    });
    Ok(Turn::Done(Outcome::Image(newest)))
}

/// Every image of ours, or every one of the account whose name starts like this.
pub(super) fn list(run: &Run<'_>, name_prefix: Option<&str>) -> Result<Turn, Problem> {
    let command = own_images().flag("Status", ANY_STATUS);
    let search = match name_prefix {
        Some(prefix) => Search::new(
            "images",
            "List images by name",
            command.flag("ImageName", format!("{prefix}*")),
            list::IMAGES,
        ),
        None => Search::new(
            "images",
            "List images tagged by sindri",
            with_tag(command, MANAGED_BY, SINDRI),
            list::IMAGES,
        ),
    };
    if let Progress::Ask(steps) = list::search(&run.history, [&search])? {
        return Ok(Turn::Run(steps));
    }
    let mut images = newest_first(run, &search)?;
    // The name is a pattern to the API, and matches in the middle as well.
    images.retain(|image| match name_prefix {
        Some(prefix) => image.name.starts_with(prefix),
        None => image.labels.managed,
    });
    Ok(Turn::Done(Outcome::Images(images)))
}

/// One image, whoever owns it.
pub(super) fn show(run: &Run<'_>, id: &str) -> Result<Turn, Problem> {
    check::image_id(id)?;
    if !run.history.has("image") {
        return super::ask(describe_step("image", id));
    }
    let found = described(run, "image", id)?;
    Ok(Turn::Done(Outcome::Image(found.map(|image| {
        image.into_contract(&run.config.region, Vec::new())
    }))))
}

fn newest_first(run: &Run<'_>, search: &Search) -> Result<Vec<Image>, Problem> {
    let mut images: Vec<model::Image> = search.found(&run.history)?;
    // RFC 3339 in UTC sorts as text; the id decides between images of the same second.
    images.sort_by(|a, b| (&b.creation_time, &b.image_id).cmp(&(&a.creation_time, &a.image_id)));
    Ok(images
        .into_iter()
        .map(|image| image.into_contract(&run.config.region, Vec::new()))
        .collect())
}

/// `DescribeImages` of the account's own images.
pub(super) fn own_images() -> Command {
    look("DescribeImages").flag("ImageOwnerAlias", "self")
}

/// Asks for this image, whatever state it is in. One that is not there is an empty list.
pub(super) fn describe(id: &str) -> Command {
    look("DescribeImages")
        .flag("ImageId", id)
        .flag("Status", ANY_STATUS)
}

pub(super) fn describe_step(step: &str, id: &str) -> Step {
    describe(id).step(step, "Describe the image")
}

/// The image of [`describe`]; none when it is not there.
pub(super) fn described(run: &Run<'_>, step: &str, id: &str) -> Result<Option<model::Image>, Problem> {
    let images: Vec<model::Image> = list::items(&run.history, step, list::IMAGES)?;
    Ok(images.into_iter().find(|image| image.image_id == id))
}

/// Like [`described`], for what makes no sense without the image.
pub(super) fn needed(run: &Run<'_>, step: &str, id: &str) -> Result<model::Image, Problem> {
    described(run, step, id)?.ok_or_else(|| {
        let message = format!("there is no image {id} in {}", run.config.region);
        Problem::new("image-not-found", message)
            .remedy("`sindri vm list` shows the images of the region; `--region` chooses another")
    })
}

/// Region and image of the copies in the other configured regions. Copies carry the run id of the build that made the
/// image; an image without one has no known copies.
pub(super) fn copies(
    run: &Run<'_>,
    image: &model::Image,
) -> Result<Progress<Vec<(String, model::Image)>>, Problem> {
    let owner = mark::owner(&image.tags.clone().into_contract());
    let Some(run_id) = owner.filter(|id| sindri_plugin_sdk::check::run_id(id).is_ok()) else {
        return Ok(Progress::Done(Vec::new()));
    };
    let search = |region: &str| {
        let command = with_tag(own_images().flag("Status", ANY_STATUS), SINDRI_RUN_ID, &run_id);
        Search::new(
            step_id(&["copies", region]),
            format!("Look for copies in {region}"),
            in_region(command, run.config, region),
            list::IMAGES,
        )
    };
    everywhere(run, run.config.other_regions(), search, |found: &model::Image| {
        mark::owner(&found.tags.clone().into_contract()).as_deref() == Some(run_id.as_str())
    })
}

/// Images with exactly this name in the build's region and in those of copies. The name carries the second in which
/// the run started, so it is this run's image and no other.
pub(super) fn named(run: &Run<'_>, name: &str) -> Result<Progress<Vec<(String, model::Image)>>, Problem> {
    let search = |region: &str| {
        let command = own_images().flag("Status", ANY_STATUS).flag("ImageName", name);
        Search::new(
            step_id(&["named", region]),
            format!("Look for an unfinished image in {region}"),
            in_region(command, run.config, region),
            list::IMAGES,
        )
    };
    let regions = std::iter::once(run.config.region.as_str()).chain(run.config.other_regions());
    everywhere(run, regions, search, |found: &model::Image| {
        found.image_name == name
    })
}

fn everywhere<'a>(
    run: &Run<'_>,
    regions: impl Iterator<Item = &'a str>,
    search: impl Fn(&str) -> Search,
    keep: impl Fn(&model::Image) -> bool,
) -> Result<Progress<Vec<(String, model::Image)>>, Problem> {
    let (regions, searches): (Vec<&str>, Vec<Search>) =
        regions.map(|region| (region, search(region))).unzip();
    if let Progress::Ask(steps) = list::search(&run.history, &searches)? {
        return Ok(Progress::Ask(steps));
    }
    let mut found = Vec::new();
    for (region, search) in regions.into_iter().zip(&searches) {
        let images: Vec<model::Image> = search.found(&run.history)?;
        let kept = images.into_iter().filter(&keep);
        found.extend(kept.map(|image| (region.to_owned(), image)));
    }
    Ok(Progress::Done(found))
}

/// A copy as a resource.
pub(super) fn copy_of(id: &str, location: &str) -> Resource {
    Resource {
        kind: "image".to_owned(),
        id: id.to_owned(),
        location: location.to_owned(),
    }
}
