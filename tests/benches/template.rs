//! What it costs to compile a plugin's template into the one that Packer gets.
#![allow(
    missing_docs,
    clippy::expect_used,
    reason = "criterion's macros make functions without documentation; a benchmark may fail by panicking"
)]

mod inputs;

use std::fmt::Write as _;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use serde_json::{Map, Value};
use sindri::contract::{BuilderRequest, PackerPlugin};
use sindri::policy::template::{Communicator, Connection, Settings, Template, compile};
use sindri::provision::HostSteps;

/// The largest that is taken is 1 MiB. Time for each byte has to be the same for all of them.
const SIZES: [usize; 3] = [64 << 10, 256 << 10, 1 << 20];
/// Items of the object that fills a large template; their number stays the same, so that the size alone counts.
const ITEMS: usize = 256;

struct Surroundings {
    builders: Vec<BuilderRequest>,
    plugins: Vec<PackerPlugin>,
    config: Map<String, Value>,
}

impl Surroundings {
    fn new() -> Self {
        let config: Value = serde_json::from_str(&inputs::section()).expect("the section is JSON");
        Self {
            builders: vec![BuilderRequest::known("amazon-ebs")],
            plugins: vec![PackerPlugin {
                name: "amazon".to_owned(),
                source: "github.com/hashicorp/amazon".to_owned(),
                version: ">= 1.3.7".to_owned(),
            }],
            config: config.as_object().cloned().expect("the section is an object"),
        }
    }

    fn compile(&self, hcl: &str) -> Template {
        let settings = Settings {
            builders: &self.builders,
            guest_phases: &[],
            packer_plugins: &self.plugins,
            config: &self.config,
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
        compile(hcl, &[], &settings).expect("the template compiles")
    }
}

fn usual(criterion: &mut Criterion) {
    let surroundings = Surroundings::new();
    let hcl = inputs::render_natively(&inputs::build_request())
        .expect("a template")
        .template;
    let mut group = criterion.benchmark_group("template");
    group.bench_function("compile", |bencher| bencher.iter(|| surroundings.compile(&hcl)));
    let template = surroundings.compile(&hcl);
    group.bench_function("write-json", |bencher| bencher.iter(|| template.to_packer_json()));
    group.bench_function("write-hcl", |bencher| bencher.iter(|| template.to_hcl()));
    group.finish();
}

fn large(criterion: &mut Criterion) {
    let surroundings = Surroundings::new();
    let mut group = criterion.benchmark_group("template-size");
    for size in SIZES {
        let hcl = filled(size);
        group.throughput(Throughput::Bytes(u64::try_from(hcl.len()).unwrap_or_default()));
        group.bench_with_input(BenchmarkId::from_parameter(size), &hcl, |bencher, hcl| {
            bencher.iter(|| surroundings.compile(hcl));
        });
    }
    group.finish();
}

/// A template of almost this size: a few hundred tags with long values.
fn filled(size: usize) -> String {
    let mut hcl = String::from(
        "source \"amazon-ebs\" \"vm\" {\n  region = \"us-west-2\"\n  instance_type = \"t3.large\"\n  ami_name = \"x\"\n  \
         ssh_username = \"ubuntu\"\n  tags = {\n",
    );
    let overhead = "    \"tag-000\" = \"\"\n".len();
    let length = (size - hcl.len() - 16) / ITEMS - overhead;
    let value = "a text of a tag, ".repeat(length / 17 + 1);
    for number in 0..ITEMS {
        let value = value.get(..length).unwrap_or_default();
        let _ = writeln!(hcl, "    \"tag-{number:03}\" = \"{value}\"");
    }
    hcl.push_str("  }\n}\n");
    hcl
}

criterion_group!(benches, usual, large);
criterion_main!(benches);
