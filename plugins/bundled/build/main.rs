//! Builds the bundled plugins, makes components of them and compiles these ahead of time.
// A build script is a program of its own: its input is the environment, its output are files and lines.
#![allow(clippy::disallowed_methods, clippy::print_stdout, unreachable_pub)]

mod component;
mod info;
mod toolchain;

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use anyhow::{Context, Error, Result};
use toolchain::Toolchain;

include!("../engine_config.rs");

/// Cloud and package.
const PLUGINS: &[(&str, &str)] = &[
    ("alibaba", "sindri-plugin-alibaba"),
    ("aws", "sindri-plugin-aws"),
    ("azure", "sindri-plugin-azure"),
    ("gcp", "sindri-plugin-gcp"),
    ("oci", "sindri-plugin-oci"),
];

/// What `sindri doctor sandbox` holds the host against. Never compiled ahead of time: it is not in a hurry.
const HOSTILE: (&str, &str) = ("hostile", "sindri-plugin-hostile");

fn main() -> Result<()> {
    let here = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").context("CARGO_MANIFEST_DIR")?);
    let out = PathBuf::from(env::var_os("OUT_DIR").context("OUT_DIR")?);
    let root = here.join("../..");
    for watched in [
        "build",
        "engine_config.rs",
        "../sdk/src",
        "../sdk/Cargo.toml",
        "../../wit",
        "../../templates/hcl",
        "../hostile/src",
        "../hostile/Cargo.toml",
    ] {
        println!("cargo::rerun-if-changed={}", here.join(watched).display());
    }
    println!("cargo::rerun-if-env-changed={}", toolchain::FORCE);

    let toolchain = Toolchain::find()?;
    let config = target_config(&env::var("TARGET").context("TARGET")?)?;
    let engine = wasmtime::Engine::new(&config).map_err(Error::msg)?;
    let mut list = String::from("const PLUGINS: &[BundledPlugin] = &[\n");
    for (id, _) in PLUGINS {
        for part in ["src", "Cargo.toml", "config.schema.json"] {
            println!(
                "cargo::rerun-if-changed={}",
                here.join("..").join(id).join(part).display()
            );
        }
    }
    let mut packages: Vec<&str> = PLUGINS.iter().map(|(_, package)| *package).collect();
    packages.push(HOSTILE.1);
    let mut modules = toolchain.build(&root, &packages, &out.join("wasm"))?;
    let hostile = modules.pop().context("no module of the hostile plugin")?;
    fs::write(out.join("hostile.wasm"), component::encode(&hostile)?)?;
    for ((id, _), module) in PLUGINS.iter().zip(modules) {
        let component = component::encode(&module).with_context(|| format!("plugin {id}"))?;
        let precompiled = engine
            .precompile_component(&component)
            .map_err(Error::msg)
            .with_context(|| format!("plugin {id}"))?;
        let info = info::ask(&component).with_context(|| format!("plugin {id}: describe"))?;
        write(&out, &mut list, id, &component, &precompiled, &info)?;
    }
    list.push_str("];\n");
    fs::write(out.join("plugins.rs"), list).context("plugins.rs")
}

/// Naming the target keeps the compiler from using what only this very processor can do: the program may
/// run on an older one.
fn target_config(target: &str) -> Result<wasmtime::Config> {
    let mut config = engine_config();
    config.target(target).map_err(Error::msg)?;
    Ok(config)
}

fn write(
    out: &Path,
    list: &mut String,
    id: &str,
    component: &[u8],
    precompiled: &[u8],
    info: &str,
) -> Result<()> {
    fs::write(out.join(format!("{id}.wasm")), component)?;
    fs::write(out.join(format!("{id}.cwasm")), precompiled)?;
    fs::write(out.join(format!("{id}.json")), info)?;
    let sha256 = component::sha256(component);
    let file =
        |kind, extension| format!("include_{kind}!(concat!(env!(\"OUT_DIR\"), \"/{id}.{extension}\"))");
    writeln!(
        list,
        "    BundledPlugin {{
        id: \"{id}\",
        component: {},
        precompiled: {{
            static CODE: &Paged<[u8]> = &Paged(*{});
            &CODE.0
        }},
        info: {},
        sha256: \"{sha256}\",
    }},",
        file("bytes", "wasm"),
        file("bytes", "cwasm"),
        file("str", "json"),
    )?;
    Ok(())
}
