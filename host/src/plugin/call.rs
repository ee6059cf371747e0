//! One call of one function of a plugin, within limits.

use std::sync::mpsc;

use wasmtime::component::{Component, ComponentNamedList, Lift, Linker, Lower};
use wasmtime::{Store, Trap};

use super::limits::{BACKSTOP, CALL_TIME, Limits};
use super::{Engine, INTERFACE, engine};
use crate::error::{Code, Error, Result};

/// Calls `function` in a fresh instance, so that "pure" is a fact and not a promise: nothing a guest
/// keeps in its memory outlives the call.
///
/// The guest runs on a thread of its own. The epoch stops it after [`CALL_TIME`]; should that fail,
/// the host gives up [`BACKSTOP`] later and leaves the thread behind.
pub(super) fn call<P, R>(
    engine: &Engine,
    component: &Component,
    function: &'static str,
    parameters: P,
) -> Result<R>
where
    P: ComponentNamedList + Lower + Send + Sync + 'static,
    R: ComponentNamedList + Lift + Send + Sync + 'static,
{
    engine.start_ticking();
    let (sender, receiver) = mpsc::sync_channel(1);
    let wasmtime = engine.wasmtime().clone();
    let component = component.clone();
    std::thread::Builder::new()
        .name(format!("plugin {function}"))
        .spawn(move || {
            // The receiver is gone only after the backstop; then nobody wants the answer.
            let _ = sender.send(call_here(&wasmtime, &component, function, parameters));
        })
        .map_err(|error| Error::new(Code::Internal, "cannot start a thread for the plugin").source(error))?;
    match receiver.recv_timeout(CALL_TIME + BACKSTOP) {
        Ok(answer) => answer,
        Err(mpsc::RecvTimeoutError::Timeout) => Err(timeout()),
        Err(mpsc::RecvTimeoutError::Disconnected) => Err(Error::new(
            Code::PluginTrap,
            "the plugin's thread ended without an answer",
        )),
    }
}

fn call_here<P, R>(
    engine: &wasmtime::Engine,
    component: &Component,
    function: &'static str,
    parameters: P,
) -> Result<R>
where
    P: ComponentNamedList + Lower + Send + Sync + 'static,
    R: ComponentNamedList + Lift + Send + Sync + 'static,
{
    let mut store = Store::new(engine, Limits::default());
    store.limiter(|limits| limits);
    let ticks = CALL_TIME.as_millis() / engine::TICK.as_millis();
    store.set_epoch_deadline(u64::try_from(ticks).unwrap_or(u64::MAX).max(1));
    // An empty linker: there is nothing a plugin could import.
    let linker: Linker<Limits> = Linker::new(engine);
    let instance = match linker.instantiate(&mut store, component) {
        Ok(instance) => instance,
        Err(error) => return Err(explain(&store, error)),
    };
    let interface = instance.get_export_index(&mut store, None, INTERFACE);
    let Some(export) =
        interface.and_then(|interface| instance.get_export_index(&mut store, Some(&interface), function))
    else {
        return Err(Error::new(
            Code::PluginContract,
            format!("the component exports no function `{function}` in `{INTERFACE}`"),
        ));
    };
    let typed = instance
        .get_typed_func::<P, R>(&mut store, &export)
        .map_err(|error| {
            Error::new(
                Code::PluginContract,
                format!("the plugin's `{function}` has other types than the contract's"),
            )
            .detail(format!("{error:#}"))
            .remedy("build the plugin against the host's wit/packer-provider.wit")
        })?;
    typed
        .call(&mut store, parameters)
        .map_err(|error| explain(&store, error))
}

fn timeout() -> Error {
    Error::new(
        Code::PluginTimeout,
        format!("the plugin gave no answer within {} s", CALL_TIME.as_secs()),
    )
    .remedy("report this to the plugin's author: its functions must return at once")
}

/// What stopped the guest. The limiter's memory is asked first: the trap itself says `unreachable`.
fn explain(store: &Store<Limits>, error: wasmtime::Error) -> Error {
    if store.data().out_of_memory {
        return Error::new(
            Code::PluginMemory,
            "the plugin wanted more memory than a plugin may have",
        );
    }
    match error.downcast_ref::<Trap>() {
        Some(Trap::Interrupt) => timeout(),
        _ => Error::new(Code::PluginTrap, "the plugin crashed")
            .detail(format!("{error:#}"))
            .remedy("report this to the plugin's author, with the request from the run's journal"),
    }
}
