//! What it costs to start a program, with and without its sandbox.
#![allow(
    missing_docs,
    clippy::expect_used,
    reason = "criterion's macros make functions without documentation; a benchmark may fail by panicking"
)]

use std::time::Duration;

use criterion::{Criterion, criterion_group, criterion_main};
use sindri::journal::Log;
use sindri::runner::cancel::Cancel;
use sindri::runner::process::{self, Ending, Invocation, Overflow};
use sindri::runner::sandbox::{Access, Rules, Sandbox};
use tokio::runtime::Builder;

fn invocation(sandbox: Sandbox) -> Invocation {
    Invocation {
        program: "/bin/true".into(),
        args: Vec::new(),
        env: Vec::new(),
        cwd: "/".into(),
        timeout: Duration::from_secs(20),
        output_cap: 1 << 20,
        overflow: Overflow::Kill,
        grace: Duration::from_secs(1),
        ending: Ending::Abandon,
        log: Log::default(),
        sandbox,
    }
}

fn start(criterion: &mut Criterion) {
    let runtime = Builder::new_current_thread()
        .enable_all()
        .build()
        .expect("the runtime starts");
    let mut rules = Rules::system();
    rules.allow(std::env::temp_dir(), Access::Write);
    let mut group = criterion.benchmark_group("start-program");
    for (way, sandbox) in [
        ("without-sandbox", Sandbox::Off),
        ("with-sandbox", Sandbox::Confined(rules)),
    ] {
        let invocation = invocation(sandbox);
        group.bench_function(way, |bencher| {
            bencher.iter(|| {
                runtime
                    .block_on(process::run(&invocation, &Cancel::new(), None))
                    .expect("the program starts")
            });
        });
    }
    group.finish();
}

criterion_group!(benches, start);
criterion_main!(benches);
