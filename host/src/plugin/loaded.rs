//! Code that is loaded once, by whichever thread comes first.

use std::sync::{Arc, Mutex, PoisonError};

use wasmtime::component::Component;

use crate::error::Result;

/// A component, loaded or not yet. Clones share it.
#[derive(Clone, Default)]
pub(super) struct Loaded(Arc<Mutex<Option<Component>>>);

impl Loaded {
    /// What is loaded already.
    pub(super) fn of(component: Component) -> Self {
        Self(Arc::new(Mutex::new(Some(component))))
    }

    /// The component; who comes while another thread loads it waits for that thread. What failed is tried again.
    pub(super) fn get_or_load(&self, load: impl FnOnce() -> Result<Component>) -> Result<Component> {
        let mut loaded = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        match &*loaded {
            Some(component) => Ok(component.clone()),
            None => Ok(loaded.insert(load()?).clone()),
        }
    }
}
