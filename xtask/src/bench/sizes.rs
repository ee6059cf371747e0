//! How large the program is, and what the plugins in it take.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use anyhow::{Context as _, Result};

use super::figure::{Report, megabytes};
use super::site::Programs;

pub(super) fn measure(programs: &Programs, report: &mut Report) -> Result<()> {
    let size = |path: &Path| -> Result<u64> {
        Ok(fs::metadata(path)
            .with_context(|| path.display().to_string())?
            .len())
    };
    report.note("size of the program", megabytes(size(&programs.sindri)?));
    let folder = newest_output(&programs.target.join("build"))?;
    for entry in fs::read_dir(&folder)? {
        let component = entry?.path();
        let machine_code = component.with_extension("cwasm");
        if component.extension().is_none_or(|extension| extension != "wasm") || !machine_code.exists() {
            continue;
        }
        let name = component.file_stem().unwrap_or_default().to_string_lossy();
        report.note(
            &format!("size of plugin {name}: component, machine code"),
            format!(
                "{}, {}",
                megabytes(size(&component)?),
                megabytes(size(&machine_code)?)
            ),
        );
    }
    Ok(())
}

/// Where the last build left the plugins. Cargo keeps a folder for each set of features there ever was.
fn newest_output(builds: &Path) -> Result<PathBuf> {
    let mut newest: Option<(SystemTime, PathBuf)> = None;
    for entry in fs::read_dir(builds).with_context(|| builds.display().to_string())? {
        let folder = entry?.path().join("out");
        let Ok(made) = fs::metadata(folder.join("plugins.rs")).and_then(|data| data.modified()) else {
            continue;
        };
        if newest.as_ref().is_none_or(|(time, _)| made > *time) {
            newest = Some((made, folder));
        }
    }
    Ok(newest.context("no plugins were built")?.1)
}
