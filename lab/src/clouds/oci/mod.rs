//! Oracle Cloud Infrastructure: compute, networks, block volumes, as much of identity as clients ask for, and of
//! Object Storage what copies of images take.
//!
//! Source of paths, fields and enumerations: the reference of the core services' API, version 20160918.

mod capabilities;
mod catalog;
mod failure;
mod groups;
mod images;
mod instances;
mod launch;
mod list;
mod objects;
mod region;
mod route;
mod schema;
mod shapes;
mod signature;
mod store;
mod tags;
mod work;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;

use self::failure::Failure;
use self::route::Call;
use self::store::Store;
use super::Cloud;
use super::rsa::RsaKey;
use crate::{Reply, Request, Resource, Rule, World, files};

pub use self::catalog::Network;

/// The tenancy of the lab's user.
pub const TENANCY: &str = "ocid1.tenancy.oc1..aaaaaaaasindrilabtenancy";
/// The lab's user.
pub const USER: &str = "ocid1.user.oc1..aaaaaaaasindrilabuser";
/// Where the user works.
pub const COMPARTMENT: &str = "ocid1.compartment.oc1..aaaaaaaasindrilabcompartment";
/// The region of the user's profile.
pub const REGION: &str = "us-phoenix-1";
/// Where the instances of the examples run.
pub const AVAILABILITY_DOMAIN: &str = "Labs:PHX-AD-1";
/// Of Object Storage; the same in all regions.
pub const NAMESPACE: &str = "sindrilab";
/// There is one of this name in every region.
pub const BUCKET: &str = "sindri-lab";

/// Of the user's key. Clients only hand it on, so it is the same for every key that a lab makes.
const FINGERPRINT: &str = "5a:1d:00:00:00:00:00:00:00:00:00:00:00:00:00:01";

/// Oracle Cloud Infrastructure.
#[derive(Debug, Default)]
pub struct Oci {
    key: Option<RsaKey>,
    store: Store,
    work: work::WorkRequests,
    /// What was answered to requests with a retry token.
    answered: BTreeMap<String, Answered>,
}

/// A request with a retry token, and its reply.
#[derive(Debug)]
struct Answered {
    target: String,
    body: Vec<u8>,
    reply: Reply,
}

impl Oci {
    /// With base images, networks and an empty compartment.
    pub fn new() -> Self {
        let mut oci = Self::default();
        catalog::seed(&mut oci.store);
        oci
    }

    /// The networks of the region in which the lab's user works.
    pub fn network() -> Network {
        let region = region::by_name(REGION).unwrap_or(&region::REGIONS[0]);
        Network::of(region)
    }

    fn respond(&mut self, request: &Request, world: &mut World) -> Result<Reply, Failure> {
        let key_id = signature::key_id(TENANCY, USER, FINGERPRINT);
        let checked = match &self.key {
            Some(key) => signature::check(request, &key_id, key, world.unix_time()),
            None => Err("the lab has no user".to_owned()),
        };
        if let Err(detail) = checked {
            world.violation(Rule::Unauthenticated, detail);
            return Err(Failure::unauthenticated());
        }
        let Some((service, region)) = region::of_host(&request.host) else {
            return Err(Failure::unknown_route(request, world));
        };
        let call = Call { request, region };
        let token = request
            .header("opc-retry-token")
            .filter(|_| request.method == "POST");
        let Some(token) = token else {
            return self.route(service, &call, world);
        };
        if let Some(earlier) = self.answered.get(token) {
            return earlier.again(request);
        }
        let reply = self.route(service, &call, world)?;
        let answered = Answered {
            target: request.target.clone(),
            body: request.body.to_vec(),
            reply: reply.clone(),
        };
        self.answered.insert(token.to_owned(), answered);
        Ok(reply)
    }
}

impl Answered {
    /// The same request is answered the same and does nothing more: its reply may have been lost.
    fn again(&self, request: &Request) -> Result<Reply, Failure> {
        if self.target == request.target && self.body == request.body {
            return Ok(self.reply.clone());
        }
        let message = "The retry token was used for another request";
        Err(Failure::new(409, "InvalidatedRetryToken", message))
    }
}

impl Cloud for Oci {
    fn name(&self) -> &'static str {
        "oci"
    }

    fn serves(&self, host: &str) -> bool {
        region::of_host(host).is_some()
    }

    fn answer(&mut self, request: &Request, world: &mut World) -> Reply {
        let reply = self
            .respond(request, world)
            .unwrap_or_else(|failure| failure.reply());
        let id = request.header("opc-request-id").map(str::to_owned);
        let id = id.unwrap_or_else(|| format!("lab{:029}", world.serial()));
        reply.header("opc-request-id", id)
    }

    fn error(&self, status: u16, code: &str, message: &str) -> Reply {
        Failure::new(status, code, message).reply()
    }

    fn equip(&mut self, directory: &Path) -> io::Result<Vec<(&'static str, String)>> {
        let path = directory.join("key");
        self.key = Some(RsaKey::at(&path)?);
        let configuration = directory.join("config");
        let content = format!(
            "[DEFAULT]\nuser={USER}\nfingerprint={FINGERPRINT}\ntenancy={TENANCY}\nregion={REGION}\nkey_file={}\n",
            path.display()
        );
        files::write(&configuration, content.as_bytes())?;
        Ok(vec![
            ("OCI_CLI_CONFIG_FILE", configuration.display().to_string()),
            // Warnings about files and keys on the standard error of every command.
            ("OCI_CLI_SUPPRESS_FILE_PERMISSIONS_WARNING", "True".to_owned()),
            ("SUPPRESS_LABEL_WARNING", "True".to_owned()),
            // What `sindri` reads for a configuration without these keys.
            ("OCI_COMPARTMENT_OCID", COMPARTMENT.to_owned()),
            ("OCI_AVAILABILITY_DOMAIN", AVAILABILITY_DOMAIN.to_owned()),
            ("OCI_SUBNET_OCID", Self::network().public),
        ])
    }

    fn resources(&self) -> Vec<Resource> {
        self.store.resources()
    }

    fn plant_decoys(&mut self, count: usize, world: &mut World) {
        catalog::plant_decoys(&mut self.store, count, world);
    }
}
