//! What a call of a bundled plugin costs, and what the same work costs without WebAssembly.
// A benchmark may fail by panicking.
#![allow(
    missing_docs,
    clippy::expect_used,
    clippy::panic,
    reason = "criterion's macros make functions without documentation; a benchmark may fail by panicking"
)]

mod inputs;

use criterion::{BatchSize, Criterion, criterion_group, criterion_main};
use serde_json::Value;
use sindri::contract as host;
use sindri::plugin::{Engine, Plugin};
use sindri_plugin_aws::Aws;
use sindri_plugin_sdk::contract as guest;
use sindri_plugin_sdk::{Provider as _, testing};
use wasmtime::Store;
use wasmtime::component::{Component, Linker};

const CLOUD: &str = "aws";
/// A large account; the answer is some 130 KiB.
const IMAGES: u32 = 100;

fn plugin(engine: &Engine) -> Plugin {
    Plugin::bundled(engine, CLOUD).expect("the plugin is bundled")
}

/// From nothing to a plugin that can be called.
fn start(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("start");
    group.bench_function("engine", |bencher| {
        bencher.iter(|| Engine::new().expect("the engine starts"));
    });
    let engine = Engine::new().expect("the engine starts");
    group.bench_function("load", |bencher| bencher.iter(|| plugin(&engine)));
    let engine = wasmtime::Engine::new(&sindri_bundled_plugins::engine_config()).expect("the engine starts");
    let component = component(&engine);
    let linker: Linker<()> = Linker::new(&engine);
    group.bench_function("instantiate", |bencher| {
        bencher.iter(|| {
            let mut store = Store::new(&engine, ());
            store.set_epoch_deadline(1);
            linker
                .instantiate(&mut store, &component)
                .expect("the plugin imports nothing")
        });
    });
    group.finish();
}

#[allow(unsafe_code)]
fn component(engine: &wasmtime::Engine) -> Component {
    let bundled = sindri_bundled_plugins::all()
        .iter()
        .find(|plugin| plugin.id == CLOUD)
        .expect("the plugin is bundled");
    // SAFETY: these are the program's own bytes, compiled by its build script.
    unsafe { Component::deserialize(engine, bundled.precompiled) }.expect("it was compiled for this engine")
}

fn describe(criterion: &mut Criterion) {
    let engine = Engine::new().expect("the engine starts");
    let mut group = criterion.benchmark_group("describe");
    group.bench_function("sandboxed", |bencher| {
        // The answer is remembered, so each call needs a plugin that was not asked yet.
        bencher.iter_batched_ref(
            || plugin(&engine),
            |plugin| plugin.describe().expect("a description"),
            BatchSize::PerIteration,
        );
    });
    group.bench_function("native", |bencher| bencher.iter(Aws::describe));
    group.finish();
}

fn render(criterion: &mut Criterion) {
    let engine = Engine::new().expect("the engine starts");
    let plugin = plugin(&engine);
    let request = inputs::build_request();
    let hosted = hosted_build(&request);
    let sandboxed = plugin.render(hosted.clone()).expect("a template");
    let native = inputs::render_natively(&request).expect("a template");
    assert_eq!(
        sandboxed.template, native.template,
        "the comparison is of the same work"
    );
    let mut group = criterion.benchmark_group("render");
    group.bench_function("sandboxed", |bencher| {
        bencher.iter_batched(
            || hosted.clone(),
            |request| plugin.render(request).expect("a template"),
            BatchSize::SmallInput,
        );
    });
    group.bench_function("native", |bencher| {
        bencher.iter(|| inputs::render_natively(&request).expect("a template"));
    });
    group.finish();
}

/// `list-images`: the first turn asks, the second reads the answer.
fn plan(criterion: &mut Criterion) {
    let engine = Engine::new().expect("the engine starts");
    let plugin = plugin(&engine);
    let request = guest::PlanRequest {
        context: testing::context(),
        config: inputs::section(),
        operation: guest::Operation::ListImages(guest::ImageFilter { name_prefix: None }),
    };
    let hosted = host::PlanRequest {
        context: hosted_context(&request.context),
        config: request.config.clone(),
        operation: host::Operation::ListImages(host::ImageFilter { name_prefix: None }),
    };
    let Ok(guest::Turn::Run(steps)) = Aws::plan(&request, &[]) else {
        panic!("the first turn asks")
    };
    let step = steps.first().expect("the first turn asks");
    let output: Value = inputs::described_images(IMAGES);
    let answer = testing::printed(step, &output);
    let hosted_answer = host::StepResult {
        step_id: answer.step_id.clone(),
        status: host::StepStatus::Exited(0),
        stdout: answer.stdout.clone(),
        error_code: None,
    };
    let turns = [
        ("plan-first-turn", Vec::new(), Vec::new()),
        ("plan-100-images", vec![answer], vec![hosted_answer]),
    ];
    for (name, history, hosted_history) in turns {
        let mut group = criterion.benchmark_group(name);
        group.bench_function("sandboxed", |bencher| {
            bencher.iter_batched(
                || (hosted.clone(), hosted_history.clone()),
                |(request, history)| plugin.plan(request, history).expect("a turn"),
                BatchSize::SmallInput,
            );
        });
        group.bench_function("native", |bencher| {
            bencher.iter(|| Aws::plan(&request, &history).expect("a turn"));
        });
        group.finish();
    }
}

fn hosted_build(request: &guest::BuildRequest) -> host::BuildRequest {
    let tags = |tags: &[guest::Tag]| {
        tags.iter()
            .map(|tag| host::Tag::new(&tag.key, &tag.value))
            .collect()
    };
    host::BuildRequest {
        context: hosted_context(&request.context),
        image: host::ImageSpec {
            name: request.image.name.clone(),
            description: request.image.description.clone(),
            architecture: None,
            tags: tags(&request.image.tags),
            run_tags: tags(&request.image.run_tags),
        },
        config: request.config.clone(),
    }
}

fn hosted_context(context: &guest::Context) -> host::Context {
    host::Context {
        run_id: context.run_id.clone(),
        now: context.now.clone(),
        packer_version: context.packer_version.clone(),
        ssh_public_key: context.ssh_public_key.clone(),
    }
}

criterion_group!(benches, start, describe, render, plan);
criterion_main!(benches);
