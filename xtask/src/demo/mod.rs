//! `cargo xtask demo`: the main job of the program on a machine with no cloud account. The real Packer builds a
//! machine image against a local EC2; the image is listed, deployed, destroyed and deleted; then EC2 is asked
//! what is left, and the answer must be nothing.

mod account;
pub(crate) mod moto;
mod program;

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::probe;
use crate::process::{on_path, show};
use crate::setup::{self, Tool, Toolbox};
use crate::workspace::{Scratch, Workspace};
use account::Account;
use moto::Moto;
use program::Program;

const REGION: &str = "us-west-2";

/// `cargo xtask demo [--program PATH]`: with a path, demonstrates that program in place of a fresh build.
pub(crate) fn command(workspace: &Workspace, arguments: &[String]) -> Result<bool> {
    let given = match arguments {
        [] => None,
        [flag, path] if flag == "--program" => Some(fs::canonicalize(path).with_context(|| path.clone())?),
        _ => bail!("usage: cargo xtask demo [--program PATH]"),
    };
    let tools = Tools::find(workspace)?;
    let program = match given {
        Some(path) => path,
        None => build(workspace)?,
    };
    let scratch = Scratch::new("sindri-demo")?;
    let moto = Moto::start(
        &tools.moto,
        &workspace.root.join("tests/fixtures/amis.json"),
        scratch.path(),
    )?;
    let environment = environment(&tools, scratch.path());
    let account = Account {
        aws: &tools.aws,
        endpoint: moto.endpoint(),
        region: REGION,
        environment: &environment,
    };
    let project = scratch.path().join("project");
    fs::create_dir(&project).context("creating the demo's project folder")?;
    fs::write(project.join("sindri.yaml"), configuration(moto.endpoint())).context("writing sindri.yaml")?;
    let sindri = Program {
        path: &program,
        folder: &project,
        environment: &environment,
    };

    let lived = life_of_an_image(&sindri);
    // Asked in any case: what a failed step leaves behind is a fault of its own.
    let leftovers = account.leftovers()?;
    if !leftovers.is_empty() {
        println!(
            "\nEC2 still has what the demo made:\n  {}",
            leftovers.join("\n  ")
        );
    }
    let image = lived?;
    if !leftovers.is_empty() {
        bail!("the program left {} resources behind", leftovers.len())
    }
    println!("\nEC2 has no image, snapshot, instance, volume, address, key pair or group left.");
    println!("Image built by Packer: {image}");
    Ok(true)
}

/// Build, list, deploy, destroy, delete; returns the image's id.
fn life_of_an_image(sindri: &Program<'_>) -> Result<String> {
    let built = sindri.json(&["vm", "build", "--cloud", "aws", "--json"])?;
    let image = id(&built, &["/image_id"], "ami-").context("the result of `vm build`")?;
    let listed = sindri.text(&["vm", "list", "--cloud", "aws"])?;
    if !listed.contains(&image) {
        bail!("`vm list` does not show {image}")
    }
    let mut deploy = vec!["vm", "deploy", "--cloud", "aws", image.as_str()];
    deploy.extend(["--ssh-cidr", "127.0.0.1/32", "--json"]);
    let deployed = sindri.json(&deploy)?;
    let instance =
        id(&deployed, &["/instance_id", "/instance/id"], "i-").context("the result of `vm deploy`")?;
    sindri.text(&["vm", "destroy", &instance, "--cloud", "aws", "--yes"])?;
    sindri.text(&["vm", "delete", &image, "--cloud", "aws", "--yes"])?;
    Ok(image)
}

/// An id of the cloud, found at one of the places and with the prefix that such ids have.
fn id(result: &Value, places: &[&str], prefix: &str) -> Result<String> {
    let found = places.iter().find_map(|place| result.pointer(place)?.as_str());
    match found {
        Some(id) if id.starts_with(prefix) => Ok(id.to_owned()),
        Some(other) => bail!("{other:?} is no id of the form {prefix}…"),
        None => bail!("there is no {} in {result}", places.join(" or ")),
    }
}

fn configuration(endpoint: &str) -> String {
    format!(
        "\
providers:
  packer:
    cloud: aws
    build:
      # The local EC2 starts no machine that could be provisioned.
      communicator: none
    aws:
      region: {REGION}
      endpoint_url: {endpoint}
"
    )
}

/// The real programs of the demo.
struct Tools {
    packer: PathBuf,
    aws: PathBuf,
    moto: PathBuf,
    plugins: Option<PathBuf>,
}

impl Tools {
    /// The user's own Packer when it can build, else Debian's, else a fresh one: the last takes minutes.
    fn find(workspace: &Workspace) -> Result<Self> {
        let path = |toolbox: &Toolbox, tool| {
            toolbox
                .path(tool)
                .map(Path::to_path_buf)
                .map_err(anyhow::Error::msg)
        };
        let toolbox = setup::run(workspace, &[Tool::Wasm, Tool::Moto, Tool::Aws])?;
        path(&toolbox, Tool::Wasm)?;
        let (moto, aws) = (path(&toolbox, Tool::Moto)?, path(&toolbox, Tool::Aws)?);
        if let Some(packer) = on_path("packer")
            .into_iter()
            .find(|packer| has_builders(workspace, packer))
        {
            println!("{:16} {} (on PATH)", "packer", packer.display());
            return Ok(Self {
                packer,
                aws,
                moto,
                plugins: None,
            });
        }
        if let Ok(packer) = path(&setup::run(workspace, &[Tool::PackerDebian])?, Tool::PackerDebian) {
            return Ok(Self {
                packer,
                aws,
                moto,
                plugins: None,
            });
        }
        let packer = path(
            &setup::run(workspace, &[Tool::PackerCurrent])?,
            Tool::PackerCurrent,
        )?;
        Ok(Self {
            packer,
            aws,
            moto,
            plugins: Some(setup::plugin_folder(workspace)),
        })
    }
}

/// Up to 1.9 the Amazon builder is inside Packer; later ones would first have to fetch it from a release server.
fn has_builders(workspace: &Workspace, packer: &Path) -> bool {
    probe::version(workspace, packer).is_some_and(|version| version < (1, 10, 0))
}

fn build(workspace: &Workspace) -> Result<PathBuf> {
    let mut cargo = Command::new("cargo");
    if !show(
        cargo
            .args(["build", "--workspace", "--bins"])
            .current_dir(&workspace.root),
    )?
    .success()
    {
        bail!("sindri does not compile")
    }
    Ok(workspace.program())
}

/// The environment of everything that talks to EC2 here. Nothing of the user's AWS settings may get in: a demo that
/// reaches a real account costs money.
fn environment(tools: &Tools, scratch: &Path) -> Vec<(OsString, OsString)> {
    let foreign = |name: &OsString| {
        let name = name.to_string_lossy();
        ["AWS_", "SINDRI_", "PACKER_", "PKR_VAR_"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
            && name != "AWS_CA_BUNDLE"
    };
    let mut all: Vec<_> = std::env::vars_os().filter(|(name, _)| !foreign(name)).collect();
    let mut set = |name: &str, value: OsString| {
        all.retain(|(other, _)| other != name);
        all.push((name.into(), value));
    };
    set("HOME", scratch.into());
    set("SINDRI_STATE_DIR", scratch.join("state").into());
    set("AWS_CONFIG_FILE", scratch.join("aws-config").into());
    set(
        "AWS_SHARED_CREDENTIALS_FILE",
        scratch.join("aws-credentials").into(),
    );
    set("AWS_ACCESS_KEY_ID", "test".into());
    set("AWS_SECRET_ACCESS_KEY", "test-secret".into());
    set("AWS_EC2_METADATA_DISABLED", "true".into());
    if let Some(plugins) = &tools.plugins {
        set("PACKER_PLUGIN_PATH", plugins.into());
    }
    let own = [&tools.packer, &tools.aws]
        .into_iter()
        .filter_map(|tool| hidden(tool))
        .map(Path::to_path_buf);
    let inherited = std::env::var_os("PATH").unwrap_or_default();
    if let Ok(path) = std::env::join_paths(own.chain(std::env::split_paths(&inherited))) {
        set("PATH", path);
    }
    all
}

/// The folder of a tool that PATH does not lead to.
fn hidden(tool: &Path) -> Option<&Path> {
    let first = on_path(tool.file_name()?.to_str()?).into_iter().next();
    tool.parent().filter(|_| first.as_deref() != Some(tool))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_without_a_real_image_id_is_no_success() {
        let result = |text: &str| serde_json::from_str::<Value>(text).unwrap();
        let image = |text: &str| id(&result(text), &["/image_id"], "ami-");
        assert_eq!(image(r#"{"image_id":"ami-1"}"#).unwrap(), "ami-1");
        assert!(image(r#"{"image_id":null}"#).is_err());
        assert!(image(r#"{"image_id":""}"#).is_err());
        assert!(image("{}").is_err());
        let instance = |text: &str| id(&result(text), &["/instance_id", "/instance/id"], "i-");
        assert_eq!(instance(r#"{"instance":{"id":"i-7"}}"#).unwrap(), "i-7");
    }

    #[test]
    fn no_setting_of_the_users_account_reaches_the_demo() {
        let tools = Tools {
            packer: "/opt/p/packer".into(),
            aws: "/opt/a/aws".into(),
            moto: "/m".into(),
            plugins: None,
        };
        let environment = environment(&tools, Path::new("/scratch"));
        let aws: Vec<_> = environment
            .iter()
            .map(|(name, _)| name.to_string_lossy().into_owned())
            .collect();
        for name in aws.iter().filter(|name| name.starts_with("AWS_")) {
            let ours = [
                "ACCESS_KEY_ID",
                "SECRET_ACCESS_KEY",
                "CONFIG_FILE",
                "SHARED_CREDENTIALS_FILE",
                "CA_BUNDLE",
            ];
            let known = ours.iter().any(|known| name == &format!("AWS_{known}"));
            assert!(known || name == "AWS_EC2_METADATA_DISABLED", "{name}");
        }
        let path = environment.iter().find(|(name, _)| name == "PATH").unwrap();
        assert!(path.1.to_string_lossy().starts_with("/opt/p:/opt/a:"));
    }
}
