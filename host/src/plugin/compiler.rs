//! Compiles installed components: in a child process, because a component can be made to cost any amount of
//! time and memory, and its machine code is kept, so that it is paid once.

use std::path::{Path, PathBuf};
use std::time::Duration;

use nix::sys::resource::{Resource, setrlimit};
use wasmtime::component::Component;

use super::compiled::Compiled;
use super::store::LARGEST;
use super::{Engine, inspect, precompiled};
use crate::digest;
use crate::environment::Environment;
use crate::error::{Code, Error, Result};
use crate::files;
use crate::journal::Log;
use crate::runner::cancel::Cancel;
use crate::runner::process::{self, Ending, Exit, Invocation, Overflow};
use crate::runner::sandbox::{Access, Rules, Sandbox};

/// The hidden subcommand of `sindri plugin` that is the child.
pub const SUBCOMMAND: &str = "compile-component";
/// A guest in Python takes 20 s on a slow machine with two processors.
const TIME: Duration = Duration::from_secs(180);
/// Processor time of all threads, in seconds.
const PROCESSOR: u64 = 300;
/// Address space; a guest in Python takes 1.1 GiB with the threads below.
const MEMORY: u64 = 4 << 30;
/// Threads and allocator arenas take address space each, and large machines have a hundred processors.
const SURROUNDINGS: [(&str, &str); 2] = [("RAYON_NUM_THREADS", "4"), ("MALLOC_ARENA_MAX", "2")];
const OUTPUT: usize = 64 * 1024;

/// Compiles and remembers.
#[derive(Clone, Debug)]
pub(crate) struct Compiler {
    compiled: Compiled,
    /// Where the child finds and leaves files.
    scratch: PathBuf,
}

impl Compiler {
    pub(super) fn of(environment: &Environment) -> Self {
        let temporary = environment.get_os("TMPDIR").map(PathBuf::from);
        Self {
            compiled: Compiled::of(environment),
            scratch: temporary
                .filter(|path| path.is_absolute())
                .unwrap_or_else(|| "/tmp".into()),
        }
    }

    /// The component, ready to run. It must be what its digest says.
    pub(super) fn load(&self, engine: &Engine, id: &str, sha256: &str, bytes: &[u8]) -> Result<Component> {
        if let Some(code) = self.compiled.get(engine.wasmtime(), sha256)
            && let Ok(component) = precompiled::load_compiled(engine.wasmtime(), &code)
        {
            return Ok(component);
        }
        // What is in the cache has been looked at.
        inspect(bytes)?.check()?;
        let code = self.compile(id, bytes)?;
        self.compiled.put(engine.wasmtime(), sha256, &code);
        precompiled::load_compiled(engine.wasmtime(), &code).map_err(|error| {
            Error::new(
                Code::Internal,
                format!("the plugin `{id}` does not load after it was compiled"),
            )
            .detail(format!("{error:#}"))
        })
    }

    /// Whether the next command finds the machine code.
    pub(super) fn keeps(&self, engine: &Engine, sha256: &str) -> bool {
        self.compiled.get(engine.wasmtime(), sha256).is_some()
    }

    /// Forgets the machine code.
    pub(super) fn forget(&self, engine: &Engine, sha256: &str) {
        self.compiled.remove(engine.wasmtime(), sha256);
    }

    fn compile(&self, id: &str, bytes: &[u8]) -> Result<Vec<u8>> {
        let failed = |error: std::io::Error| {
            Error::new(
                Code::PluginCompile,
                format!("the plugin `{id}` cannot be compiled"),
            )
            .file(&self.scratch)
            .source(error)
        };
        let program = std::env::current_exe().map_err(failed)?;
        let directory = files::temporary_directory(&self.scratch).map_err(failed)?;
        let (component, code) = (directory.path().join("component"), directory.path().join("code"));
        files::write_new_private(&component, bytes).map_err(failed)?;
        let mut rules = Rules::system();
        rules.allow(&program, Access::Execute);
        rules.allow(directory.path(), Access::Write);
        let invocation = Invocation {
            program,
            args: vec![
                "plugin".into(),
                SUBCOMMAND.into(),
                component.into(),
                code.clone().into(),
            ],
            env: SURROUNDINGS
                .iter()
                .map(|(name, value)| (name.into(), value.into()))
                .collect(),
            cwd: directory.path().to_path_buf(),
            timeout: TIME,
            output_cap: OUTPUT,
            overflow: Overflow::KeepEnd,
            grace: Duration::from_secs(1),
            ending: Ending::Abandon,
            log: Log::default(),
            // Strange bytes meet a compiler here.
            sandbox: Sandbox::Confined(rules),
        };
        let finished = run(invocation)?;
        let why = match finished.exit {
            Exit::Code(0) => return files::read(&code, LARGEST * 4).map_err(failed),
            Exit::Code(_) => "it is not valid, or needs too much memory".to_owned(),
            Exit::TimedOut => format!("it takes longer than {} s", TIME.as_secs()),
            Exit::Signal(signal) => format!("it needs too much time or memory (signal {signal})"),
            Exit::Cancelled => "interrupted".to_owned(),
        };
        let said = finished.stderr;
        let error = Error::new(
            Code::PluginCompile,
            format!("the component of plugin `{id}` does not compile: {why}"),
        );
        Err(said
            .lines()
            .take(5)
            .fold(error, |error, line| {
                error.detail(crate::policy::redact::neutralise(line))
            })
            .remedy("report this to the plugin's author"))
    }
}

/// Waits for the child on a thread with a runtime of its own: this one may have one that is running.
fn run(invocation: Invocation) -> Result<process::Finished> {
    let thread = std::thread::Builder::new()
        .name("compiler".to_owned())
        .spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .map_err(|error| Error::new(Code::Internal, "the runtime does not start").source(error))?;
            runtime.block_on(process::run(&invocation, &Cancel::new(), None))
        });
    let failed = || Error::new(Code::Internal, "the thread that waits for the compiler ended");
    thread
        .map_err(|error| failed().source(error))?
        .join()
        .map_err(|_| failed())?
}

/// What the child does: limits itself, then reads, checks, compiles and writes.
pub fn compile_file(component: &Path, code: &Path) -> Result<()> {
    let limited = setrlimit(Resource::RLIMIT_CPU, PROCESSOR, PROCESSOR)
        .and_then(|()| setrlimit(Resource::RLIMIT_CORE, 0, 0))
        .and_then(|()| setrlimit(Resource::RLIMIT_AS, MEMORY, MEMORY));
    limited
        .map_err(|error| Error::new(Code::PluginCompile, "the compiler cannot be limited").source(error))?;
    let failed =
        |error: std::io::Error| Error::new(Code::PluginCompile, "a file of the compiler").source(error);
    let bytes = files::read(component, LARGEST).map_err(failed)?;
    inspect(&bytes)?.check()?;
    let engine = Engine::new()?;
    let compiled = engine.wasmtime().precompile_component(&bytes).map_err(|error| {
        Error::new(Code::PluginContract, "the component does not compile")
            .detail(format!("{error:#}"))
            .detail(format!("sha256 {}", digest::sha256(&bytes)))
    })?;
    files::write_new_private(code, &compiled).map_err(failed)
}
