//! What tests of templates and of builders' profiles begin with.

use serde_json::{Map, Value as Json};

use super::{Communicator, Connection, Settings};
use crate::contract::{BuilderRequest, PackerPlugin};
use crate::provision::HostSteps;

/// A run over SSH with no steps of the host, for which the newest Packer is taken.
pub(in crate::policy) fn settings<'a>(
    builders: &'a [BuilderRequest],
    packer_plugins: &'a [PackerPlugin],
    config: &'a Map<String, Json>,
) -> Settings<'a> {
    Settings {
        builders,
        guest_phases: &[],
        packer_plugins,
        config,
        packer: None,
        now: "2026-11-22T10:20:30Z",
        run_id: "abcdef012345",
        connection: Connection {
            communicator: Communicator::Ssh,
            host: None,
            port: None,
            timeout: "20m".into(),
            source_cidrs: Vec::new(),
        },
        steps: HostSteps::default(),
        sensitive_variables: Vec::new(),
    }
}
