//! Prints where the time of a dry run goes in a fresh process: benchmarks measure the hundredth time, a user waits
//! for the first.
// A development tool: it may print and fail by panicking.
#![allow(clippy::expect_used, clippy::print_stdout)]

#[path = "../benches/inputs/mod.rs"]
mod inputs;

use std::time::Instant;

use sindri::contract::{BuildRequest, Context, ImageSpec, PackerPlugin, Tag};
use sindri::plugin::{Engine, Plugin};
use sindri::policy::template::{Communicator, Connection, Settings, compile};
use sindri::provision::HostSteps;

fn main() {
    let start = Instant::now();
    let mut last = start;
    let mut step = |what: &str| {
        let now = Instant::now();
        println!("{:8.1} µs  {what}", (now - last).as_secs_f64() * 1e6);
        last = Instant::now();
    };
    let engine = Engine::new().expect("the engine starts");
    step("engine");
    let plugin = Plugin::bundled(&engine, "aws").expect("the plugin is bundled");
    step("load the plugin");
    let info = plugin.describe().expect("a description");
    step("describe");
    let request = request();
    step("(request)");
    let bundle = plugin.render(request.clone()).expect("a template");
    step("render");
    plugin.render(request).expect("a template");
    step("render again");
    let builders = &info.requests.builders;
    let plugins: &[PackerPlugin] = &info.requests.packer_plugins;
    let config: serde_json::Value = serde_json::from_str(&inputs::section()).expect("JSON");
    let config = config.as_object().cloned().unwrap_or_default();
    step("(configuration)");
    for what in ["compile the template", "compile it again"] {
        let settings = Settings {
            builders,
            guest_phases: &[],
            packer_plugins: plugins,
            config: &config,
            packer: None,
            now: "2026-11-22T09:30:05Z",
            run_id: "abcdef012345",
            connection: Connection {
                communicator: Communicator::Ssh,
                host: None,
                port: None,
                timeout: "20m".to_owned(),
                source_cidrs: Vec::new(),
            },
            steps: HostSteps::default(),
            sensitive_variables: Vec::new(),
        };
        compile(&bundle.template, &bundle.files, &settings).expect("the template compiles");
        step(what);
    }
    drop(plugin);
    drop(engine);
    step("unload");
    println!("{:8.1} µs  together", start.elapsed().as_secs_f64() * 1e6);
}

/// The usual build in the host's types.
fn request() -> BuildRequest {
    let native = inputs::build_request();
    let tags = |tags: Vec<sindri_plugin_sdk::contract::Tag>| {
        tags.into_iter().map(|tag| Tag::new(tag.key, tag.value)).collect()
    };
    BuildRequest {
        context: Context {
            run_id: native.context.run_id,
            now: native.context.now,
            packer_version: None,
            ssh_public_key: None,
        },
        image: ImageSpec {
            name: native.image.name,
            description: native.image.description,
            architecture: None,
            tags: tags(native.image.tags),
            run_tags: tags(native.image.run_tags),
        },
        config: native.config,
    }
}
