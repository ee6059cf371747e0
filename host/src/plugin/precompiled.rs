//! Loads machine code that was compiled ahead of time.

use std::collections::HashSet;
use std::ptr::NonNull;
use std::sync::{Arc, Mutex, PoisonError};

use nix::sys::mman::{ProtFlags, mprotect};
use nix::unistd::{SysconfVar, sysconf};
use sindri_bundled_plugins::{BundledPlugin, PAGE};
use wasmtime::CustomCodeMemory;
use wasmtime::component::Component;

use crate::error::{Code, Error, Result};

/// Loads an embedded plugin: the first time in a process where it lies in the program, without a copy of
/// its megabytes, and as a copy ever after.
pub(super) fn load(engine: &wasmtime::Engine, plugin: &BundledPlugin) -> Result<Component> {
    let loaded = if in_place_for_the_first_time(plugin.id) {
        load_in_place(engine, plugin.precompiled)
    } else {
        load_copy(engine, plugin.precompiled)
    };
    loaded.map_err(|error| {
        Error::new(
            Code::Internal,
            format!("the embedded plugin `{}` does not load", plugin.id),
        )
        .detail(format!("{error:#}"))
        .remedy("build the program anew: its plugins were compiled for another engine")
    })
}

#[allow(unsafe_code)]
fn load_copy(engine: &wasmtime::Engine, code: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: the bytes were produced by `Engine::precompile_component` in the build script of
    // `sindri-bundled-plugins` and are part of this program's own read-only data, so nobody can have
    // changed them without changing the program. A mismatch of version or settings is an error.
    unsafe { Component::deserialize(engine, code) }
}

/// Loads what `compiler` made. The caller has authenticated it.
#[allow(unsafe_code)]
pub(super) fn load_compiled(engine: &wasmtime::Engine, code: &[u8]) -> wasmtime::Result<Component> {
    // SAFETY: the bytes were produced by `Engine::precompile_component` in a process of this very program, and
    // came from it directly or with a message authentication code that only this user can make. A mismatch of
    // version or settings is an error.
    unsafe { Component::deserialize(engine, code) }
}

#[allow(unsafe_code)]
fn load_in_place(engine: &wasmtime::Engine, code: &'static [u8]) -> wasmtime::Result<Component> {
    // SAFETY: as in `load_copy`; besides the bytes live as long as the program, are never written to, and
    // share their pages with nothing else, so making them executable makes nothing else so.
    unsafe { Component::deserialize_raw(engine, NonNull::from(code)) }
}

/// The engine keeps a map of all code by address and panics over the second at the same address.
fn in_place_for_the_first_time(id: &'static str) -> bool {
    static LOADED: Mutex<Option<HashSet<&'static str>>> = Mutex::new(None);
    if !can_run_in_place() {
        return false;
    }
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    loaded.get_or_insert_default().insert(id)
}

/// What the engine needs to run code where it lies; none where that does not work.
pub(super) fn code_memory() -> Option<Arc<dyn CustomCodeMemory>> {
    can_run_in_place().then(|| Arc::new(InPlace) as Arc<dyn CustomCodeMemory>)
}

/// Where it was tried. Other processors have larger pages, or caches that have to be told of new code.
fn can_run_in_place() -> bool {
    let page = || sysconf(SysconfVar::PAGE_SIZE).ok().flatten();
    cfg!(all(target_os = "linux", target_arch = "x86_64")) && page().is_some_and(|size| size as usize == PAGE)
}

/// Makes pages executable that cannot be written to.
struct InPlace;

impl CustomCodeMemory for InPlace {
    fn required_alignment(&self) -> usize {
        PAGE
    }

    #[allow(unsafe_code)]
    fn publish_executable(&self, start: *const u8, length: usize) -> wasmtime::Result<()> {
        let Some(start) = NonNull::new(start.cast_mut()) else {
            return Ok(());
        };
        // SAFETY: the engine calls it with the text section of code that it is about to run, in whole pages.
        let done = unsafe { mprotect(start.cast(), length, ProtFlags::PROT_READ | ProtFlags::PROT_EXEC) };
        done.map_err(|error| wasmtime::Error::new(error).context("cannot make a plugin's code executable"))
    }

    /// The pages stay as they are: those of the program for as long as it runs, those of a copy until the
    /// engine unmaps them, which is the next thing it does.
    fn unpublish_executable(&self, _start: *const u8, _length: usize) -> wasmtime::Result<()> {
        Ok(())
    }
}
