//! What the check inside the build VM looks for: the same names as the checks here, so that neither knows more.

use serde::Serialize;

use super::{
    cloud_credentials, docker_credentials, environment, git_credentials, hardening, registry_credentials,
    shell_history,
};
use crate::verify::private_key;

/// Paths by kind; those that are not absolute are below each home.
#[derive(Clone, Copy, Debug, Serialize)]
pub(crate) struct Lists {
    clouds: &'static [&'static str],
    clouds_system: &'static [&'static str],
    repositories: &'static [&'static str],
    containers: &'static [&'static str],
    registries: &'static [&'static str],
    registries_system: &'static [&'static str],
    registries_settings: &'static [&'static str],
    environment: &'static [&'static str],
    environment_system: &'static [&'static str],
    applications: &'static [&'static str],
    histories: &'static [&'static str],
    key_places: &'static [&'static str],
    key_places_not: &'static [&'static str],
    key_packages: &'static [&'static str],
    key_samples: &'static [&'static str],
    hardening: &'static [&'static str],
}

/// All of them.
pub(crate) const LISTS: Lists = Lists {
    clouds: cloud_credentials::HOMES,
    clouds_system: cloud_credentials::SYSTEM,
    repositories: git_credentials::STORES,
    containers: docker_credentials::HOMES,
    registries: registry_credentials::STORES,
    registries_system: registry_credentials::SYSTEM,
    registries_settings: registry_credentials::SETTINGS,
    environment: environment::HOMES,
    environment_system: environment::SYSTEM,
    applications: environment::APPLICATIONS,
    histories: shell_history::HOMES,
    key_places: &private_key::PLACES,
    key_places_not: &private_key::NOT_IN,
    key_packages: &private_key::INSTALLED,
    key_samples: &private_key::SAMPLES,
    hardening: &hardening::SIGNS,
};
