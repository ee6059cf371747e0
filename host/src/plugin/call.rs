//! One call of one function of a plugin, within limits.

use std::sync::mpsc;
use std::time::Instant;

use wasmtime::component::{Component, ComponentNamedList, Instance, Lift, Linker, Lower};
use wasmtime::{Store, Trap, UpdateDeadline};

use super::limits::{ANSWER, BACKSTOP, CALL_TIME, Limits};
use super::{Engine, INTERFACE, engine};
use crate::error::{Code, Error, Result};

/// Part of what the engine says of an answer that is larger than [`ANSWER`].
const ANSWER_TOO_LARGE: &str = "too much data is being copied between the host and the guest";

/// What is done with an instance, or with the reason why there is none.
type Work = Box<dyn FnOnce(Result<Fresh>) + Send>;

/// A fresh instance for one call, on a thread of its own, so that "pure" is a fact and not a promise: nothing a guest
/// keeps in its memory outlives the call.
pub(super) struct Guest {
    engine: Engine,
    thread: mpsc::SyncSender<Work>,
}

impl Guest {
    /// Loads and instantiates on the new thread, which then waits for its call. Of embedded plugins alone this may
    /// be long before the call: nobody stops a guest whose own start does not end before somebody waits for it.
    pub(super) fn start(
        engine: &Engine,
        load: impl FnOnce() -> Result<Component> + Send + 'static,
    ) -> Result<Self> {
        let (thread, work) = mpsc::sync_channel::<Work>(1);
        let wasmtime = engine.wasmtime().clone();
        std::thread::Builder::new()
            .name("plugin".to_owned())
            .spawn(move || {
                let fresh = load().and_then(|component| Fresh::new(&wasmtime, &component));
                // A guest that was made ahead may be called never.
                if let Ok(work) = work.recv() {
                    work(fresh);
                }
            })
            .map_err(|error| {
                Error::new(Code::Internal, "cannot start a thread for the plugin").source(error)
            })?;
        Ok(Self {
            engine: engine.clone(),
            thread,
        })
    }

    /// Calls `function`. The guest runs on its thread, and this one is its clock. The epoch stops the guest after
    /// [`CALL_TIME`]; should that fail, the host gives up [`BACKSTOP`] later and leaves the thread behind.
    pub(super) fn call<P, R>(self, function: &'static str, parameters: P) -> Result<R>
    where
        P: ComponentNamedList + Lower + Send + Sync + 'static,
        R: ComponentNamedList + Lift + Send + Sync + 'static,
    {
        let (sender, receiver) = mpsc::sync_channel(1);
        let begun = Instant::now();
        // If the thread is gone, so is the sender, and no answer comes.
        let _ = self.thread.send(Box::new(move |fresh: Result<Fresh>| {
            let (answer, used) = match fresh {
                Ok(mut fresh) => (fresh.call(begun, function, parameters), Some(fresh)),
                Err(error) => (Err(error), None),
            };
            // The receiver is gone only after the backstop; then nobody wants the answer.
            let _ = sender.send(answer);
            // Nobody waits for the instance to be taken apart.
            drop(used);
        }));
        while begun.elapsed() < CALL_TIME + BACKSTOP {
            match receiver.recv_timeout(engine::TICK) {
                Ok(answer) => return answer,
                Err(mpsc::RecvTimeoutError::Timeout) => self.engine.wasmtime().increment_epoch(),
                Err(mpsc::RecvTimeoutError::Disconnected) => {
                    return Err(Error::new(
                        Code::PluginTrap,
                        "the plugin's thread ended without an answer",
                    ));
                }
            }
        }
        Err(timeout())
    }
}

/// What a guest may use and since when it runs.
struct State {
    limits: Limits,
    begun: Instant,
}

/// An instance that was never called.
struct Fresh {
    store: Store<State>,
    instance: Instance,
}

impl Fresh {
    fn new(engine: &wasmtime::Engine, component: &Component) -> Result<Self> {
        let state = State {
            limits: Limits::default(),
            begun: Instant::now(),
        };
        let mut store = Store::new(engine, state);
        store.limiter(|state| &mut state.limits);
        store.set_hostcall_fuel(ANSWER);
        // Every call that waits advances the engine's one epoch, so ticks say when to look at the clock and
        // not how late it is.
        store.set_epoch_deadline(1);
        store.epoch_deadline_callback(|store| {
            Ok(if store.data().begun.elapsed() < CALL_TIME {
                UpdateDeadline::Continue(1)
            } else {
                UpdateDeadline::Interrupt
            })
        });
        // An empty linker: there is nothing a plugin could import.
        let linker: Linker<State> = Linker::new(engine);
        match linker.instantiate(&mut store, component) {
            Ok(instance) => Ok(Self { store, instance }),
            Err(error) => Err(explain(&store, error)),
        }
    }

    /// The one call.
    fn call<P, R>(&mut self, begun: Instant, function: &'static str, parameters: P) -> Result<R>
    where
        P: ComponentNamedList + Lower + Send + Sync + 'static,
        R: ComponentNamedList + Lift + Send + Sync + 'static,
    {
        let Self { store, instance } = self;
        store.data_mut().begun = begun;
        let interface = instance.get_export_index(&mut *store, None, INTERFACE);
        let Some(export) = interface
            .and_then(|interface| instance.get_export_index(&mut *store, Some(&interface), function))
        else {
            return Err(Error::new(
                Code::PluginContract,
                format!("the component exports no function `{function}` in `{INTERFACE}`"),
            ));
        };
        let typed = instance
            .get_typed_func::<P, R>(&mut *store, &export)
            .map_err(|error| {
                Error::new(
                    Code::PluginContract,
                    format!("the plugin's `{function}` has other types than the contract's"),
                )
                .detail(format!("{error:#}"))
                .remedy("build the plugin against the host's wit/packer-provider.wit")
            })?;
        typed
            .call(&mut *store, parameters)
            .map_err(|error| explain(store, error))
    }
}

fn timeout() -> Error {
    Error::new(
        Code::PluginTimeout,
        format!("the plugin gave no answer within {} s", CALL_TIME.as_secs()),
    )
    .remedy("report this to the plugin's author: its functions must return at once")
}

/// What stopped the guest. The limiter's memory is asked first: the trap itself says `unreachable`.
fn explain(store: &Store<State>, error: wasmtime::Error) -> Error {
    if store.data().limits.out_of_memory {
        return Error::new(
            Code::PluginMemory,
            "the plugin wanted more memory than a plugin may have",
        );
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::Interrupt) => timeout(),
        // The engine's error has no type that can be named; a test holds it to this text.
        None if format!("{error:#}").contains(ANSWER_TOO_LARGE) => Error::new(
            Code::PluginMemory,
            format!("the plugin's answer is larger than {} MiB", ANSWER >> 20),
        ),
        _ => Error::new(Code::PluginTrap, "the plugin crashed")
            .detail(format!("{error:#}"))
            .remedy("report this to the plugin's author, with the request from the run's journal"),
    }
}
