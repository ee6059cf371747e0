//! Azure: the login service, the Resource Manager with its templates, and of the providers what builds, images,
//! galleries and single VMs take.
//!
//! Source of fields and enumerations: the API descriptions of `Microsoft.Compute` and `Microsoft.Network`. Names
//! of fields and enumerated values are taken in any case, as the Resource Manager does.

mod catalog;
mod compute;
mod deployments;
mod expression;
mod failure;
mod galleries;
mod groups;
mod id;
mod images;
mod kinds;
mod login;
mod network;
mod operations;
mod resources;
mod route;
mod rules;
mod schema;
mod store;

use std::io;
use std::path::Path;

use self::failure::Failure;
use self::operations::Operations;
use self::store::Store;
use super::Cloud;
use crate::{Reply, Request, Resource, Rule, World};

/// The user's tenant.
pub const TENANT: &str = "5a1d0000-0000-4000-8000-00000000a001";
/// The only subscription.
pub const SUBSCRIPTION: &str = "5a1d0000-0000-4000-8000-00000000a002";
/// The service principal that the user works as.
pub const CLIENT: &str = "5a1d0000-0000-4000-8000-00000000a003";
/// Its secret; worth nothing outside of a lab.
pub const SECRET: &str = "sindri-lab";
/// Where everything is that is there from the beginning.
pub const LOCATION: &str = "westus2";
/// A resource group for images.
pub const GROUP: &str = "images";
/// An empty resource group for builds.
pub const BUILD_GROUP: &str = "builds";
/// A virtual network in [`GROUP`].
pub const NETWORK: &str = "lab";
/// Its only subnet.
pub const SUBNET: &str = "builds";
/// A gallery in [`GROUP`].
pub const GALLERY: &str = "lab";
/// A definition in the gallery: Linux, x64, generation 2, generalized, security type standard.
pub const DEFINITION: &str = "ubuntu";
/// The same for Trusted Launch.
pub const TRUSTED_DEFINITION: &str = "ubuntu-trusted";

const LOGIN_HOST: &str = "login.microsoftonline.com";
/// Public documents of `az`, without a login.
const DOCUMENTS_HOST: &str = "azcliprod.blob.core.windows.net";
const MANAGEMENT_HOST: &str = "management.azure.com";

/// Azure.
#[derive(Debug)]
pub struct Azure {
    store: Store,
    operations: Operations,
}

impl Default for Azure {
    fn default() -> Self {
        Self::new()
    }
}

impl Azure {
    /// With an empty subscription but for the groups that the constants name.
    pub fn new() -> Self {
        let mut store = Store::default();
        catalog::seed(&mut store);
        Self {
            store,
            operations: Operations::default(),
        }
    }

    /// A managed image that is there from the beginning, in the group [`GROUP`].
    pub fn seed_image(&mut self, name: &str, tags: &[(&str, &str)]) {
        catalog::seed_image(&mut self.store, name, tags);
    }

    fn respond(&mut self, request: &Request, world: &mut World) -> Result<Reply, Failure> {
        if request.host == LOGIN_HOST {
            return login::answer(request, world);
        }
        if request.host == DOCUMENTS_HOST {
            return match (request.method.as_str(), request.path.as_str()) {
                ("GET", "/cli/vm/aliases.json") => Ok(Reply::json(200, &catalog::aliases())),
                _ => Err(Failure::unknown_route(request, world)),
            };
        }
        if !request
            .bearer()
            .is_some_and(|token| login::is_token(token, world))
        {
            world.violation(Rule::Unauthenticated, "no access token of this lab");
            return Err(Failure::unauthenticated());
        }
        self.manage(request, world)
    }
}

impl Cloud for Azure {
    fn name(&self) -> &'static str {
        "azure"
    }

    fn serves(&self, host: &str) -> bool {
        [LOGIN_HOST, MANAGEMENT_HOST, DOCUMENTS_HOST].contains(&host)
    }

    fn answer(&mut self, request: &Request, world: &mut World) -> Reply {
        let reply = self
            .respond(request, world)
            .unwrap_or_else(|failure| failure.reply());
        // The Resource Manager numbers every request, and support asks for the number.
        let number = world.uuid();
        reply.header("x-ms-request-id", number)
    }

    fn error(&self, status: u16, code: &str, message: &str) -> Reply {
        Failure::new(status, code, message).reply()
    }

    fn equip(&mut self, directory: &Path) -> io::Result<Vec<(&'static str, String)>> {
        let settings = directory.join("config");
        crate::files::create_directory(&settings)?;
        let text = str::to_owned;
        Ok(vec![
            ("AZURE_TENANT_ID", text(TENANT)),
            ("AZURE_SUBSCRIPTION_ID", text(SUBSCRIPTION)),
            ("AZURE_CLIENT_ID", text(CLIENT)),
            ("AZURE_CLIENT_SECRET", text(SECRET)),
            ("ARM_TENANT_ID", text(TENANT)),
            ("ARM_SUBSCRIPTION_ID", text(SUBSCRIPTION)),
            ("ARM_CLIENT_ID", text(CLIENT)),
            ("ARM_CLIENT_SECRET", text(SECRET)),
            ("AZURE_CONFIG_DIR", settings.display().to_string()),
            ("AZURE_CORE_COLLECT_TELEMETRY", text("0")),
            ("AZURE_CORE_NO_COLOR", text("1")),
        ])
    }

    fn resources(&self) -> Vec<Resource> {
        self.store.resources()
    }

    fn plant_decoys(&mut self, count: usize, world: &mut World) {
        catalog::plant_decoys(&mut self.store, count, world);
    }
}
