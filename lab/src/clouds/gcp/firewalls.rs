//! Firewall rules.

use serde_json::{Value, json};

use super::failure::Failure;
use super::link::{self, url};
use super::route::Call;
use super::store::text;
use super::{Gcp, schema};
use crate::World;

impl Gcp {
    pub(super) fn insert_firewall(&mut self, call: &Call<'_>, world: &mut World) -> Result<Value, Failure> {
        call.only(&[], world)?;
        let mut body = call.body(&schema::FIREWALL, world)?;
        let path = format!("{}/{}", call.collection, text(&body, "name"));
        self.refuse_taken(&path)?;
        let filled = |field: &str| {
            body.get(field)
                .and_then(Value::as_array)
                .is_some_and(|list| !list.is_empty())
        };
        if filled("allowed") == filled("denied") {
            return Err(Failure::invalid(
                world,
                "allowed",
                "either allowed or denied is wanted, not both",
            ));
        }
        let incoming = text(&body, "direction") != "EGRESS";
        if incoming && filled("destinationRanges") && filled("sourceRanges") {
            return Err(Failure::invalid(
                world,
                "destinationRanges",
                "not with sourceRanges",
            ));
        }
        // Without sources the rule holds for everybody: the API fills in 0.0.0.0/0.
        let open = incoming && !filled("sourceRanges") && !filled("sourceTags");
        if open {
            body.insert("sourceRanges".to_owned(), json!(["0.0.0.0/0"]));
        }
        let network = match text(&body, "network") {
            "" => "global/networks/default",
            network => network,
        };
        let network = self.network(call.project, network, "network", world)?;
        body.insert("network".to_owned(), url(&network).into());
        for (field, value) in [
            ("direction", json!("INGRESS")),
            ("priority", json!(1000)),
            ("disabled", json!(false)),
            ("logConfig", json!({"enable": false})),
        ] {
            body.entry(field).or_insert(value);
        }
        self.store.make(&path, body, None, world);
        Ok(self.operations.begin("insert", &path, world))
    }

    pub(super) fn delete_firewall(&mut self, call: &Call<'_>, world: &mut World) -> Result<Value, Failure> {
        call.only(&[], world)?;
        let path = call.path();
        self.existing(&path)?;
        self.store.remove(&path);
        Ok(self.operations.begin("delete", &path, world))
    }

    /// The path of a network or subnetwork that is there.
    pub(super) fn network(
        &self,
        project: &str,
        reference: &str,
        field: &str,
        world: &mut World,
    ) -> Result<String, Failure> {
        let path = link::path(project, reference).filter(|path| self.store.get(path).is_some());
        path.ok_or_else(|| Failure::invalid(world, field, &format!("{reference:?} is no network here")))
    }
}
