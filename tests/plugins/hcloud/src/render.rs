//! The cloud's part of the Packer template.

use serde_json::json;
use sindri_plugin_sdk::contract::{Architecture, BuildRequest, Bundle, Problem};
use sindri_plugin_sdk::{check, hcl, moment, names, version};

use crate::config::Config;
use crate::describe::PACKER_PLUGIN;
use crate::labels;

const TEMPLATE: &str = include_str!("../hcloud.pkr.hcl.tera");

/// Longest description of a snapshot, which is its name.
const LONGEST_NAME: usize = 255;

pub(crate) fn render(request: &BuildRequest) -> Result<Bundle, Problem> {
    let config: Config = sindri_plugin_sdk::config::parse(&request.config)?;
    check::run_id(&request.context.run_id)?;
    let image = &request.image;
    agree(&config, image.architecture)?;
    // Older Packers have the builder built in, refuse `required_plugins` and label no servers.
    let current = version::at_least(request.context.packer_version.as_deref(), 1, 7);
    let (_, source, versions) = PACKER_PLUGIN;
    let values = json!({
        "required_plugin": current.then(|| json!({ "source": source, "version": versions })),
        "location": config.location,
        "server_type": config.server_type,
        "image": config.image,
        "server_name": names::of_run(&request.context.run_id),
        "server_labels": if current { Some(labels::write(&image.run_tags)?) } else { None },
        "ssh_username": "root",
        "snapshot_name": snapshot_name(&image.name, &request.context.now)?,
        "snapshot_labels": labels::write(&image.tags)?,
    });
    let template = hcl::render("hcloud.pkr.hcl", TEMPLATE, &values)?;
    Ok(Bundle {
        template: hostile(template),
        files: Vec::new(),
        notices: Vec::new(),
    })
}

/// What the variants for tests of the host make of it.
fn hostile(template: String) -> String {
    if cfg!(feature = "wants-null-builder") {
        return "source \"null\" \"sindri\" {\n  image_name = \"x\"\n}\n".to_owned();
    }
    if cfg!(feature = "wants-private-key") {
        return template.replace(
            "  ssh_username",
            "  ssh_private_key_file = \"/root/.ssh/id_rsa\"\n  ssh_username",
        );
    }
    template
}

fn agree(config: &Config, wanted: Option<Architecture>) -> Result<(), Problem> {
    match wanted {
        Some(wanted) if wanted != config.architecture() => {
            let message = format!("servers of type {} have another processor", config.server_type);
            Err(Problem::new("unsupported-architecture", message)
                .key("server_type")
                .remedy("choose a type cax… for arm64, any other for x86-64"))
        }
        Some(_) | None => Ok(()),
    }
}

/// The unique name of the image: name and start of the run.
fn snapshot_name(name: &str, now: &str) -> Result<String, Problem> {
    let stamp = moment::compact(now).ok_or_else(|| {
        Problem::new(
            "unusable-time",
            format!("`{now}` is not a time in UTC with whole seconds"),
        )
    })?;
    let full = format!("{name}-{stamp}");
    let lawful = |c: char| c.is_ascii_alphanumeric() || " ._-".contains(c);
    if name.is_empty()
        || full.len() > LONGEST_NAME
        || !full.starts_with(char::is_alphanumeric)
        || !full.chars().all(lawful)
    {
        let message =
            format!("`{full}` cannot be the name of a snapshot: letters, digits, spaces and . _ - only");
        return Err(Problem::new("unusable-name", message).key("image_name"));
    }
    Ok(full)
}
