//! The current Packer's plugins: its builders are programs of their own since 1.10.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use super::Found;
use super::go::Module;
use super::packer_current::{Packer, output, packer, plugin_folder};
use crate::workspace::Workspace;

/// A plugin that `tools/go/` can build.
pub(super) struct Plugin {
    /// The wrapper module, and the program.
    module: &'static str,
    /// The Go module.
    import: &'static str,
    /// The name under which templates ask for it.
    source: &'static str,
}

pub(super) const AMAZON: Plugin = Plugin {
    module: "packer-plugin-amazon",
    import: "github.com/hashicorp/packer-plugin-amazon",
    source: "github.com/hashicorp/amazon",
};
pub(super) const GOOGLECOMPUTE: Plugin = Plugin {
    module: "packer-plugin-googlecompute",
    import: "github.com/hashicorp/packer-plugin-googlecompute",
    source: "github.com/hashicorp/googlecompute",
};
pub(super) const ORACLE: Plugin = Plugin {
    module: "packer-plugin-oracle",
    import: "github.com/hashicorp/packer-plugin-oracle",
    source: "github.com/hashicorp/oracle",
};
pub(super) const ALICLOUD: Plugin = Plugin {
    module: "packer-plugin-alicloud",
    import: "github.com/hashicorp/packer-plugin-alicloud",
    source: "github.com/hashicorp/alicloud",
};

/// Builds the plugin and lets Packer install it.
pub(super) fn find_or_build(workspace: &Workspace, plugin: &Plugin) -> Result<Found> {
    let module = Module::read(workspace, plugin.module, plugin.import)?;
    let installation = module.installation(workspace);
    let folder = plugin_folder(workspace).join(plugin.source);
    if let (true, Some(path)) = (
        installation.is_complete(),
        installed(&folder, plugin.module, Some(&module.version)),
    ) {
        return Ok(found(plugin, path));
    }
    let (packer, _) = packer(workspace)?;
    installation.begin()?;
    let program = installation.folder.join(plugin.module);
    module.build(workspace, &program)?;
    // A plugin built with the suffix `-dev` satisfies no version constraint.
    let described = output(Command::new(&program).arg("describe"))?;
    let described: Value =
        serde_json::from_str(&described).context("the plugin's description is not JSON")?;
    if described.get("version").and_then(Value::as_str) != Some(module.version.as_str()) {
        bail!(
            "built {} {} and it describes itself as {described}",
            plugin.import,
            module.version
        )
    }
    let _ = fs::remove_dir_all(&folder);
    Packer::new(workspace, &packer)?.install(&program, plugin.source)?;
    fs::remove_file(&program).context("removing the plugin's copy")?;
    installation.finish()?;
    installed(&folder, plugin.module, Some(&module.version))
        .map(|path| found(plugin, path))
        .with_context(|| format!("packer installed no {} in {}", plugin.module, folder.display()))
}

fn found(plugin: &Plugin, path: PathBuf) -> Found {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let version = name
        .strip_prefix(plugin.module)
        .and_then(|rest| rest.strip_prefix("_v")?.split('_').next());
    let note = format!(
        "{} {}",
        plugin.module.trim_start_matches("packer-"),
        version.unwrap_or("?")
    );
    Found { path, note }
}

/// The plugin's program in a folder as `packer init` leaves it: with its checksum, and of this version.
fn installed(folder: &Path, module: &str, version: Option<&str>) -> Option<PathBuf> {
    let prefix = version.map_or_else(
        || format!("{module}_v"),
        |version| format!("{module}_v{version}_x"),
    );
    let entries = fs::read_dir(folder).ok()?.flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    names
        .iter()
        .rfind(|name| name.starts_with(&prefix) && names.contains(&format!("{name}_SHA256SUM")))
        .map(|name| folder.join(name))
}

/// The Azure plugin that the user's own Packer has. There is no wrapper for it in `tools/go/`: its module could not
/// be resolved and pinned with the others.
pub(super) fn adopt_azure(workspace: &Workspace) -> Result<Found> {
    const AZURE: Plugin = Plugin {
        module: "packer-plugin-azure",
        import: "github.com/hashicorp/packer-plugin-azure",
        source: "github.com/hashicorp/azure",
    };
    let own = plugin_folder(workspace).join(AZURE.source);
    if let Some(path) = installed(&own, AZURE.module, None) {
        return Ok(found(&AZURE, path));
    }
    let theirs = users_plugins()
        .into_iter()
        .find_map(|folder| installed(&folder.join(AZURE.source), AZURE.module, None));
    let Some(theirs) = theirs else {
        bail!(
            "the user's Packer has no plugin azure; `packer plugins install {}` gets it",
            AZURE.source
        )
    };
    let (packer, _) = packer(workspace)?;
    Packer::new(workspace, &packer)?.install(&theirs, AZURE.source)?;
    installed(&own, AZURE.module, None)
        .map(|path| found(&AZURE, path))
        .with_context(|| format!("packer installed no plugin in {}", own.display()))
}

/// Where Packer keeps its plugins when nothing else is said, and where the user says it does.
fn users_plugins() -> Vec<PathBuf> {
    let folder = |name: &str| std::env::var_os(name).map(PathBuf::from);
    let home = folder("HOME");
    [
        folder("PACKER_PLUGIN_PATH"),
        folder("PACKER_CONFIG_DIR").map(|folder| folder.join("plugins")),
        home.as_ref().map(|home| home.join(".config/packer/plugins")),
        home.map(|home| home.join(".packer.d/plugins")),
    ]
    .into_iter()
    .flatten()
    .filter(|folder| folder.is_absolute())
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workspace::Scratch;

    #[test]
    fn a_plugin_without_its_checksum_or_of_another_version_does_not_count() {
        let scratch = Scratch::new("xtask-plugins").unwrap();
        let folder = scratch.path();
        let name = "packer-plugin-amazon_v1.8.2_x5.0_linux_amd64";
        let version = |version| installed(folder, AMAZON.module, version);
        fs::write(folder.join(name), "").unwrap();
        assert_eq!(version(Some("1.8.2")), None);
        fs::write(folder.join(format!("{name}_SHA256SUM")), "").unwrap();
        assert_eq!(version(Some("1.8.2")), Some(folder.join(name)));
        assert_eq!(version(Some("1.8.20")), None);
        assert_eq!(version(Some("1.8")), None);
        assert_eq!(version(None), Some(folder.join(name)));
        assert_eq!(found(&AMAZON, folder.join(name)).note, "plugin-amazon 1.8.2");
    }
}
