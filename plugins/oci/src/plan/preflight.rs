//! What OCI would say only at the launch of the build instance, asked before it.

use sindri_plugin_sdk::contract::{Outcome, Problem, Step, Turn};

use super::{NOT_FOUND, Run, look, look_through};
use crate::config::Config;
use crate::model::{self, AvailabilityDomain, Offer, Subnet};
use crate::shape;

pub(super) fn check(run: &Run<'_>) -> Result<Turn, Problem> {
    if !run.history.has("subnet") {
        let domains = look("iam availability-domain list")
            .flag("compartment-id", &run.config.compartment_ocid)
            .switch("all")
            .tolerates_any_failure();
        return Ok(Turn::Run(vec![
            subnet_step(run.config),
            domains.step("domains", "Ask for the availability domains"),
            offers_step(run.config, run.config.base_image_ocid.as_deref()),
        ]));
    }
    check_subnet(run)?;
    check_domain(run)?;
    check_offer(run)?;
    Ok(Turn::Done(Outcome::Ready(Vec::new())))
}

/// Reads the subnet.
pub(super) fn subnet_step(config: &Config) -> Step {
    look("network subnet get")
        .flag("subnet-id", &config.subnet_ocid)
        .tolerates([NOT_FOUND])
        .step("subnet", "Read the subnet")
}

/// Asks which shapes there are, for this image if there is one: a list of shapes for an image of the other
/// processor does not have the configured one.
pub(super) fn offers_step(config: &Config, image: Option<&str>) -> Step {
    look_through("compute shape list", config)
        .flag("availability-domain", &config.availability_domain)
        .optional_flag("image-id", image)
        // Whoever may launch an instance need not be allowed to ask.
        .tolerates_any_failure()
        .step("offers", "Ask which shapes there are")
}

/// The subnet, if an instance with the configured addresses fits into it.
pub(super) fn check_subnet(run: &Run<'_>) -> Result<Subnet, Problem> {
    let config = run.config;
    let found: Option<Subnet> = model::tolerated(&run.history, "subnet")?;
    let subnet = found.ok_or_else(|| {
        let message = format!("there is no subnet {}, or it may not be read", config.subnet_ocid);
        Problem::new("subnet-not-found", message)
            .key("subnet_ocid")
            .remedy("`oci network subnet list` shows those of a compartment")
    })?;
    if subnet.prohibit_public_ip_on_vnic == Some(true) && !config.use_private_ip {
        return Err(
            Problem::new("private-subnet", "the subnet allows no public addresses")
                .key("use_private_ip")
                .remedy("set use_private_ip: true if sindri runs where it reaches the subnet, or choose a public one"),
        );
    }
    match subnet.availability_domain.as_deref() {
        Some(other) if other != config.availability_domain => Err(Problem::new(
            "conflicting-settings",
            format!(
                "the subnet belongs to {other}, not to {}",
                config.availability_domain
            ),
        )
        .key("availability_domain")),
        Some(_) | None => Ok(subnet),
    }
}

fn check_domain(run: &Run<'_>) -> Result<(), Problem> {
    let domains: Option<Vec<AvailabilityDomain>> = model::tolerated_list(&run.history, "domains")?;
    let names: Vec<String> = domains.into_iter().flatten().map(|domain| domain.name).collect();
    let wanted = &run.config.availability_domain;
    if names.is_empty() || names.contains(wanted) {
        return Ok(());
    }
    Err(Problem::new(
        "unknown-availability-domain",
        format!("the region has no availability domain {wanted}"),
    )
    .key("availability_domain")
    .remedy(format!("use {}", names.join(" or "))))
}

/// The configured shape and its size against what the availability domain offers.
pub(super) fn check_offer(run: &Run<'_>) -> Result<(), Problem> {
    let config = run.config;
    let offers: Option<Vec<Offer>> = model::tolerated_list(&run.history, "offers")?;
    let Some(offers) = offers.filter(|offers| !offers.is_empty()) else {
        return Ok(());
    };
    let Some(offer) = offers.iter().find(|offer| offer.shape == config.shape) else {
        let mut alike: Vec<&str> = offers
            .iter()
            .map(|offer| offer.shape.as_str())
            .filter(|name| shape::is_flexible(name))
            .collect();
        alike.sort_unstable();
        alike.dedup();
        let message = format!(
            "{} is not offered in {}, or not for the image",
            config.shape, config.availability_domain
        );
        return Err(Problem::new("shape-not-offered", message)
            .key("shape")
            .remedy(format!("choose one that is, for example {}", alike.join(", "))));
    };
    check_size(config, offer)
}

fn check_size(config: &Config, offer: &Offer) -> Result<(), Problem> {
    let Some(size) = config.size() else { return Ok(()) };
    let (ocpus, memory) = (f64::from(size.ocpus), f64::from(size.memory_in_gbs));
    let too_small = |limit: Option<f64>, value: f64| limit.is_some_and(|limit| value < limit);
    let too_large = |limit: Option<f64>, value: f64| limit.is_some_and(|limit| value > limit);
    let fault = if let Some(options) = &offer.ocpu_options
        && (too_small(options.min, ocpus) || too_large(options.max, ocpus))
    {
        format!("{ocpus} OCPUs")
    } else if let Some(options) = &offer.memory_options
        && (too_small(options.min_in_g_bs, memory)
            || too_large(options.max_in_g_bs, memory)
            || too_small(options.min_per_ocpu_in_gbs, memory / ocpus)
            || too_large(options.max_per_ocpu_in_gbs, memory / ocpus))
    {
        format!("{memory} GB of memory with {ocpus} OCPUs")
    } else {
        return Ok(());
    };
    let message = format!("instances of shape {} cannot have {fault}", config.shape);
    Err(Problem::new("unsupported-size", message)
        .key("shape_config")
        .remedy("`oci compute shape list` shows what each shape can have"))
}
