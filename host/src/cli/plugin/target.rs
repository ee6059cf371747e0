//! `NAME|FILE`: a plugin that can be used, or a component that somebody has.

use std::path::Path;

use super::super::startup::App;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::plugin::store::LARGEST;
use crate::plugin::{Catalog, Plugin, name};

/// Stands for the name of a component that gives none that could be used.
const NAMELESS: &str = "plugin";

/// Whether somebody means a file: what has a `/` or a `.` is no name of a plugin.
pub(super) fn is_file(text: &str) -> bool {
    text.contains(['/', '.'])
}

/// The plugin of that name, or the component in that file under the name that it proposes.
pub(super) fn open(app: &App, catalog: &Catalog, text: &str) -> Result<Plugin> {
    if !is_file(text) {
        return catalog.find_any(text);
    }
    let bytes = read(app, Path::new(text))?;
    let nameless = catalog.plugin(NAMELESS, bytes.clone());
    let proposed = nameless.ask().ok().map(|info| info.id);
    match proposed.filter(|id| name::check(id).is_ok()) {
        Some(id) => Ok(catalog.plugin(&id, bytes)),
        None => Ok(nameless),
    }
}

/// A component's bytes.
pub(super) fn read(app: &App, file: &Path) -> Result<Vec<u8>> {
    let path = app.environment.working_directory().join(file);
    files::read_plain(&path, LARGEST).map_err(|error| {
        Error::new(Code::UsageArgument, "the component cannot be read")
            .file(file)
            .source(error)
            .remedy("give a WebAssembly component of at most 64 MiB")
    })
}
