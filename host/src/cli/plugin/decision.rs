//! Decisions about plugins, written down before they hold.

use super::super::startup::App;
use crate::contract::Requests;
use crate::error::Result;
use crate::journal::Fact;
use crate::plugin::Identity;
use crate::policy::grants::item::items;

/// What a plugin may do from now on.
pub(super) struct Decision<'a> {
    pub(super) plugin: &'a Identity,
    /// Digest of the component that it replaces.
    pub(super) replaces: Option<&'a str>,
    pub(super) granted: &'a Requests,
    pub(super) withheld: &'a Requests,
    pub(super) environment: &'a [String],
}

impl Decision<'_> {
    /// Into the audit log. After an error the decision must not hold.
    pub(super) fn attest(&self, app: &App) -> Result<()> {
        let lines = |requests: &Requests| items(requests).iter().map(ToString::to_string).collect();
        app.audit
            .log(Some(&self.plugin.id))?
            .attest(|| Fact::GrantsDecided {
                plugin: self.plugin.into(),
                replaces_sha256: self.replaces.map(str::to_owned),
                granted: lines(self.granted),
                withheld: lines(self.withheld),
                environment: self.environment.to_vec(),
            })
    }
}
