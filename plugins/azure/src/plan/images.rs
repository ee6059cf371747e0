//! Looking for images: the managed ones of the group, and the versions of the configured definition.

use sindri_plugin_sdk::contract::{Image, ImageState, Outcome, Problem, Step, Turn};
use sindri_plugin_sdk::moment;
use sindri_plugin_sdk::tags::{NAME, value_of};

use super::{GONE, Run, look, of_definition, of_version};
use crate::ids::{ImageId, VersionId};
use crate::model::{Definition, Gallery, ManagedImage, Version};

/// The newest usable image with this cache key.
pub(super) fn find(run: &Run<'_>, cache_key: &str) -> Result<Turn, Problem> {
    if !run.history.has("images") {
        return Ok(Turn::Run(searches(run)));
    }
    let found = found(run)?;
    let now = &run.request.context.now;
    let is_past = |at: Option<&str>| at.is_some_and(|at| moment::is_past(at, now));
    let managed = found
        .managed
        .into_iter()
        .filter(|image| !is_past(image.deprecated_at().as_deref()))
        .map(ManagedImage::into_contract);
    let versions = found.versions.into_iter().filter(|version| {
        let publishing = version.publishing();
        publishing.exclude_from_latest != Some(true) && !is_past(publishing.end_of_life_date.as_deref())
    });
    let images = managed.chain(versions.map(|version| in_definition(run, version, false)));
    let newest = newest_first(images.collect()).into_iter().find(|image| {
        image.state == ImageState::Available
            && image.labels.managed
            && image.labels.cache_key.as_deref() == Some(cache_key)
    });
    Ok(Turn::Done(Outcome::Image(newest)))
}

/// Every image of ours, or every one whose name starts like this. A version is named by its definition, so
/// the name that the user gave to the image counts as well.
pub(super) fn list(run: &Run<'_>, name_prefix: Option<&str>) -> Result<Turn, Problem> {
    if !run.history.has("images") {
        let mut steps = searches(run);
        if let Some(gallery) = &run.config.gallery {
            steps.push(show_gallery(&run.config.resource_group, &gallery.gallery_name));
        }
        return Ok(Turn::Run(steps));
    }
    let found = found(run)?;
    let public = run.config.gallery.is_some()
        && run
            .history
            .decode_tolerated::<Gallery>("gallery")?
            .is_some_and(|gallery| gallery.is_public());
    let managed = found.managed.into_iter().map(ManagedImage::into_contract);
    let versions = found
        .versions
        .into_iter()
        .map(|version| in_definition(run, version, public));
    let mut images = newest_first(managed.chain(versions).collect());
    images.retain(|image| match name_prefix {
        Some(prefix) => {
            let given = value_of(&image.tags, NAME).unwrap_or_default();
            image.name.starts_with(prefix) || given.starts_with(prefix)
        }
        None => image.labels.managed,
    });
    Ok(Turn::Done(Outcome::Images(images)))
}

/// One image, whoever made it.
pub(super) fn show(run: &Run<'_>, id: &str) -> Result<Turn, Problem> {
    let id = ImageId::parse(id, &run.config.subscription_id)?;
    if !run.history.has("image") {
        let mut steps = describe(&id);
        if let ImageId::Version(version) = &id {
            steps.push(show_gallery(&version.group, &version.gallery));
        }
        return Ok(Turn::Run(steps));
    }
    let image = match described(run, &id)? {
        None => None,
        Some(Described::Managed(image)) => Some(image.into_contract()),
        Some(Described::Version(id, version, definition)) => {
            let gallery: Option<Gallery> = run.history.decode_tolerated("gallery")?;
            let public = gallery.is_some_and(|gallery| gallery.is_public());
            Some(version.into_contract(&id.definition, definition.architecture(), public))
        }
    };
    Ok(Turn::Done(Outcome::Image(image)))
}

/// An image with what its definition says of it.
pub(super) enum Described {
    Managed(ManagedImage),
    Version(VersionId, Box<Version>, Definition),
}

/// Asks for an image.
pub(super) fn describe(id: &ImageId) -> Vec<Step> {
    match id {
        ImageId::Managed { group, name } => {
            let command = look("image show")
                .flag("resource-group", group)
                .flag("name", name);
            vec![
                command
                    .tolerates(GONE.iter().copied())
                    .step("image", "Describe the image"),
            ]
        }
        ImageId::Version(id) => {
            let definition = of_definition(
                look("sig image-definition show"),
                &id.group,
                &id.gallery,
                &id.definition,
            );
            vec![
                show_version(id, "image"),
                definition
                    .tolerates(GONE.iter().copied())
                    .step("definition", "Describe the image definition"),
            ]
        }
    }
}

/// The answer to [`describe`].
pub(super) fn described(run: &Run<'_>, id: &ImageId) -> Result<Option<Described>, Problem> {
    Ok(match id {
        ImageId::Managed { .. } => run.history.decode_tolerated("image")?.map(Described::Managed),
        ImageId::Version(id) => {
            let version: Option<Version> = run.history.decode_tolerated("image")?;
            let definition: Option<Definition> = run.history.decode_tolerated("definition")?;
            version
                .zip(definition)
                .map(|(version, definition)| Described::Version(id.clone(), Box::new(version), definition))
        }
    })
}

pub(super) fn show_version(id: &VersionId, step: &str) -> Step {
    of_version(look("sig image-version show"), id)
        .tolerates(GONE.iter().copied())
        .step(step, "Describe the image")
}

/// Whom the gallery is open to.
pub(super) fn show_gallery(group: &str, gallery: &str) -> Step {
    look("sig show")
        .flag("resource-group", group)
        .flag("gallery-name", gallery)
        .flag("select", "Permissions")
        .flag("sharing-groups", "true")
        .tolerates(GONE.iter().copied())
        .step("gallery", "Read whom the gallery is open to")
}

pub(super) fn missing(id: &str) -> Problem {
    Problem::new("image-not-found", format!("there is no image {id}"))
        .remedy("`sindri vm list` shows the images of the resource group and of the gallery")
}

/// Everything that may be an image of ours. Azure filters neither by tag nor by name here.
pub(super) struct Found {
    pub(super) managed: Vec<ManagedImage>,
    pub(super) versions: Vec<Version>,
}

/// Independent of each other, hence one turn.
pub(super) fn searches(run: &Run<'_>) -> Vec<Step> {
    let group = &run.config.resource_group;
    let images = look("image list").flag("resource-group", group);
    let mut steps = vec![
        images
            .tolerates(GONE.iter().copied())
            .step("images", format!("List the managed images of {group}")),
    ];
    if let Some(gallery) = &run.config.gallery {
        let command = of_definition(
            look("sig image-version list"),
            group,
            &gallery.gallery_name,
            &gallery.image_name,
        );
        let purpose = format!("List the versions of {}", gallery.image_name);
        steps.push(
            command
                .tolerates(GONE.iter().copied())
                .timeout(120)
                .step("versions", purpose),
        );
    }
    steps
}

/// The answers to [`searches`].
pub(super) fn found(run: &Run<'_>) -> Result<Found, Problem> {
    let managed: Option<Vec<ManagedImage>> = run.history.decode_tolerated("images")?;
    let versions: Option<Vec<Version>> = match run.config.gallery {
        Some(_) => run.history.decode_tolerated("versions")?,
        None => None,
    };
    Ok(Found {
        managed: managed.unwrap_or_default(),
        versions: versions.unwrap_or_default(),
    })
}

fn in_definition(run: &Run<'_>, version: Version, public: bool) -> Image {
    let definition = run.config.gallery.as_ref();
    let definition = definition.map_or("", |gallery| gallery.image_name.as_str());
    version.into_contract(definition, None, public)
}

/// RFC 3339 in UTC sorts as text; the id decides between images of the same second.
fn newest_first(mut images: Vec<Image>) -> Vec<Image> {
    images.sort_by(|a, b| (&b.created_at, &b.id).cmp(&(&a.created_at, &a.id)));
    images
}
