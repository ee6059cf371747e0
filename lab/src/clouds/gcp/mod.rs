//! Google Cloud: Compute Engine v1, its tokens, and as much of the Resource Manager as `gcloud` asks for.
//!
//! Source of fields, enumerations and parameters: the discovery document of `compute` v1.

mod catalog;
mod disks;
mod failure;
mod filter;
mod firewalls;
mod iam;
mod images;
mod instances;
mod link;
mod operations;
mod route;
mod rules;
mod schema;
mod store;
mod token;

use std::io;
use std::path::Path;

use serde_json::{Value, json};

use self::failure::Failure;
use self::store::Store;
use super::Cloud;
use super::rsa::RsaKey;
use crate::{Reply, Request, Resource, Rule, World, files};

/// The project that the lab's user works in.
pub const PROJECT: &str = "sindri-lab";
/// Another project of the same user.
pub const OTHER_PROJECT: &str = "sindri-lab-other";
/// Where the VMs of the examples run.
pub const ZONE: &str = "us-west1-a";

const ACCOUNT: &str = "builder@sindri-lab.iam.gserviceaccount.com";
const TOKEN_HOST: &str = "oauth2.googleapis.com";
const PROJECTS_HOST: &str = "cloudresourcemanager.googleapis.com";
/// The old name still answers, and is in every `selfLink`.
const COMPUTE_HOSTS: [&str; 2] = ["compute.googleapis.com", "www.googleapis.com"];

/// Google Cloud.
#[derive(Debug, Default)]
pub struct Gcp {
    key: Option<RsaKey>,
    store: Store,
    operations: operations::Operations,
}

impl Gcp {
    /// With base images, networks and an empty project.
    pub fn new() -> Self {
        let mut gcp = Self::default();
        catalog::seed(&mut gcp.store);
        gcp
    }

    /// One more image that is there from the beginning, in any project. `architecture` is `X86_64` or `ARM64`.
    pub fn seed_image(
        &mut self,
        project: &str,
        name: &str,
        family: &str,
        architecture: &str,
        labels: &[(&str, &str)],
    ) {
        catalog::seed_image(&mut self.store, project, name, family, architecture, labels);
    }

    fn respond(&mut self, request: &Request, world: &mut World) -> Result<Reply, Failure> {
        if request.host == TOKEN_HOST {
            return token::issue(request, self.key.as_ref(), world);
        }
        if !request.bearer().is_some_and(token::is_token) {
            world.violation(Rule::Unauthenticated, "no access token of this lab");
            return Err(Failure::unauthenticated());
        }
        let body = if request.host == PROJECTS_HOST {
            self.describe_project(request, world)?
        } else {
            self.compute(request, world)?
        };
        Ok(Reply::json(200, &body))
    }

    fn describe_project(&self, request: &Request, world: &mut World) -> Result<Value, Failure> {
        let segments = request.segments();
        let parts: Vec<_> = segments.iter().map(String::as_str).collect();
        match (request.method.as_str(), parts.as_slice()) {
            ("GET", ["v1", "projects", project]) if catalog::is_own(project) => Ok(json!({
                "projectNumber": catalog::project_number(project),
                "projectId": project,
                "lifecycleState": "ACTIVE",
                "name": project,
                "createTime": "2026-01-01T00:00:00Z",
            })),
            ("GET", ["v1", "projects", _]) => Err(Failure::forbidden(&request.path)),
            _ => Err(Failure::unknown_route(request, world)),
        }
    }
}

impl Cloud for Gcp {
    fn name(&self) -> &'static str {
        "gcp"
    }

    fn serves(&self, host: &str) -> bool {
        host == TOKEN_HOST || host == PROJECTS_HOST || COMPUTE_HOSTS.contains(&host)
    }

    fn answer(&mut self, request: &Request, world: &mut World) -> Reply {
        self.respond(request, world)
            .unwrap_or_else(|failure| failure.reply())
    }

    fn error(&self, status: u16, code: &str, message: &str) -> Reply {
        Failure::new(status, code, message).reply()
    }

    fn equip(&mut self, directory: &Path) -> io::Result<Vec<(&'static str, String)>> {
        let key = RsaKey::at(&directory.join("key"))?;
        let account = directory.join("service-account.json");
        let content = json!({
            "type": "service_account",
            "project_id": PROJECT,
            "private_key_id": token::KEY_ID,
            "private_key": key.private,
            "client_email": ACCOUNT,
            "client_id": "100000000000000000001",
            "auth_uri": "https://accounts.google.com/o/oauth2/auth",
            "token_uri": format!("https://{TOKEN_HOST}/token"),
        });
        files::write(&account, content.to_string().as_bytes())?;
        let settings = directory.join("gcloud");
        files::create_directory(&settings)?;
        self.key = Some(key);
        let account = account.display().to_string();
        Ok(vec![
            ("GOOGLE_APPLICATION_CREDENTIALS", account.clone()),
            ("CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE", account),
            ("CLOUDSDK_CONFIG", settings.display().to_string()),
            ("CLOUDSDK_CORE_PROJECT", PROJECT.to_owned()),
            ("CLOUDSDK_CORE_DISABLE_PROMPTS", "1".to_owned()),
            ("CLOUDSDK_CORE_DISABLE_USAGE_REPORTING", "1".to_owned()),
            ("CLOUDSDK_COMPONENT_MANAGER_DISABLE_UPDATE_CHECK", "1".to_owned()),
            // Both look for the metadata service of a VM past the proxy.
            ("CLOUDSDK_CORE_CHECK_GCE_METADATA", "0".to_owned()),
            ("NO_GCE_CHECK", "true".to_owned()),
        ])
    }

    fn resources(&self) -> Vec<Resource> {
        self.store.resources()
    }

    fn plant_decoys(&mut self, count: usize, world: &mut World) {
        catalog::plant_decoys(&mut self.store, count, world);
    }
}
