//! Who may use an image.

use serde_json::{Value, json};

use super::failure::Failure;
use super::route::Call;
use super::store::fingerprint;
use super::{Gcp, schema};
use crate::World;

impl Gcp {
    pub(super) fn image_policy(&mut self, call: &Call<'_>, world: &mut World) -> Result<Value, Failure> {
        call.only(&["optionsRequestedPolicyVersion"], world)?;
        let image = self.existing(&call.path())?;
        Ok(image
            .policy
            .clone()
            .unwrap_or_else(|| json!({"etag": fingerprint(0), "version": 1})))
    }

    pub(super) fn set_image_policy(&mut self, call: &Call<'_>, world: &mut World) -> Result<Value, Failure> {
        call.only(&[], world)?;
        let body = call.body(&schema::SET_POLICY, world)?;
        let image = self.existing(&call.path())?;
        let mut policy = body.get("policy").cloned().unwrap_or_default();
        let etag = |policy: &Value| policy.get("etag").and_then(Value::as_str).map(str::to_owned);
        let present = image
            .policy
            .as_ref()
            .and_then(etag)
            .unwrap_or_else(|| fingerprint(0));
        if etag(&policy).is_some_and(|given| given != present) {
            return Err(Failure::new(
                409,
                "conflict",
                "There were concurrent policy changes.",
            ));
        }
        image.changes += 1;
        if let Some(fields) = policy.as_object_mut() {
            fields.insert("etag".to_owned(), fingerprint(image.changes).into());
            fields.insert("version".to_owned(), 1.into());
        }
        image.policy = Some(policy.clone());
        Ok(policy)
    }

    /// The user of a lab may do everything in its projects.
    pub(super) fn test_image_permissions(
        &mut self,
        call: &Call<'_>,
        world: &mut World,
    ) -> Result<Value, Failure> {
        call.only(&[], world)?;
        let body = call.body(&schema::TEST_PERMISSIONS, world)?;
        self.existing(&call.path())?;
        Ok(Value::Object(body))
    }
}
