//! Programs, each looked up once.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::PathBuf;

use super::Session;
use crate::error::Result;
use crate::runner::program;

/// Absolute paths of the programs that this process started already.
#[derive(Default)]
pub struct Programs {
    found: RefCell<BTreeMap<String, PathBuf>>,
}

impl Programs {
    /// The absolute path of a tool that the plugin described.
    pub(crate) fn path(&self, session: &Session<'_>, tool: &str) -> Result<PathBuf> {
        if let Some(path) = self.found.borrow().get(tool) {
            return Ok(path.clone());
        }
        let described = session
            .info
            .tools
            .iter()
            .find(|described| described.program == tool);
        let url = described
            .map(|described| described.install_url.as_str())
            .unwrap_or_default();
        let path = program::locate(tool, url, &session.app.environment)?;
        self.found.borrow_mut().insert(tool.to_owned(), path.clone());
        Ok(path)
    }
}
