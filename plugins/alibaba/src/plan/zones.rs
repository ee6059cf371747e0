//! Zones that offer the instance type.

use sindri_plugin_sdk::contract::{Problem, Step};

use super::{Run, list, look};
use crate::model::AvailableZone;

/// Step whose result [`offering`] reads.
const STEP: &str = "zones";

/// Asks which zones have the configured type with the configured disk.
pub(super) fn step(run: &Run<'_>) -> Step {
    look("DescribeAvailableResource")
        .flag("DestinationResource", "InstanceType")
        .flag("InstanceType", &run.config.instance_type)
        .flag("SystemDiskCategory", &run.config.system_disk_category)
        .optional_flag("ZoneId", run.config.zone_id.as_deref())
        .flag(
            "SpotStrategy",
            run.config.spot_strategy.api_name().unwrap_or("NoSpot"),
        )
        .tolerates_any_failure()
        .step(STEP, "Ask which zones offer the instance type")
}

/// Whether the question has been asked.
pub(super) fn asked(run: &Run<'_>) -> bool {
    run.history.has(STEP)
}

/// The zone to use, those with plenty in stock first. None when the question could not be answered, for lack of a
/// permission for example; a problem when the answer is that there is no zone.
pub(super) fn offering(run: &Run<'_>) -> Result<Option<String>, Problem> {
    if !run.history.succeeded(STEP) {
        return Ok(None);
    }
    let zones: Vec<AvailableZone> = match run.history.json(STEP)?.get("AvailableZones") {
        Some(_) => list::items(&run.history, STEP, list::ZONES)?,
        // Not a single zone is no list at all.
        None => Vec::new(),
    };
    let usable = |zone: &&AvailableZone| zone.status == "Available" && zone.status_category != "WithoutStock";
    let rank = |zone: &&AvailableZone| u8::from(zone.status_category != "WithStock");
    let best = zones.iter().filter(usable).min_by_key(rank);
    best.map(|zone| Some(zone.zone_id.clone())).ok_or_else(|| {
        let place = run.config.zone_id.as_ref().unwrap_or(&run.config.region);
        let message = format!(
            "{place} offers no instances of type {} with a disk of category {} now",
            run.config.instance_type, run.config.system_disk_category
        );
        Problem::new("unavailable-instance-type", message)
            .key("instance_type")
            .remedy("choose another instance_type, system_disk_category or region")
    })
}
