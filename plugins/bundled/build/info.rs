//! What a plugin says of itself, asked while the program is built.

use anyhow::{Context, Error, Result, bail};
use serde_json::{Map, Value};
use wasmtime::component::{Component, Linker, Val};
use wasmtime::{Engine, Store};

const INTERFACE: &str = "sindri:packer/packer-provider@0.1.0";

/// The outcome of `describe` as JSON, records' members in snake case as the host's types have them.
///
/// On an engine for this machine: the program itself may be for another one.
pub fn ask(component: &[u8]) -> Result<String> {
    let mut config = crate::engine_config();
    config.epoch_interruption(false);
    let engine = Engine::new(&config).map_err(Error::msg)?;
    let component = Component::new(&engine, component).map_err(Error::msg)?;
    let mut store = Store::new(&engine, ());
    let instance = Linker::<()>::new(&engine)
        .instantiate(&mut store, &component)
        .map_err(Error::msg)?;
    let interface = instance
        .get_export_index(&mut store, None, INTERFACE)
        .with_context(|| format!("no interface {INTERFACE}"))?;
    let export = instance
        .get_export_index(&mut store, Some(&interface), "describe")
        .context("no function")?;
    let function = instance
        .get_func(&mut store, export)
        .context("describe is no function")?;
    let mut results = [Val::Bool(false)];
    function.call(&mut store, &[], &mut results).map_err(Error::msg)?;
    let [info] = results;
    Ok(json(info)?.to_string())
}

// The contract uses a third of the kinds there are.
#[allow(clippy::wildcard_enum_match_arm)]
fn json(value: Val) -> Result<Value> {
    Ok(match value {
        Val::Bool(value) => value.into(),
        Val::U32(value) => value.into(),
        Val::S32(value) => value.into(),
        Val::String(text) | Val::Enum(text) => text.into(),
        Val::Option(None) => Value::Null,
        Val::Option(Some(value)) => json(*value)?,
        Val::List(items) => items.into_iter().map(json).collect::<Result<_>>()?,
        Val::Record(members) => {
            let members = members
                .into_iter()
                .map(|(name, value)| Ok((name.replace('-', "_"), json(value)?)));
            Value::Object(members.collect::<Result<Map<_, _>>>()?)
        }
        other => bail!("describe returns a kind of value that is not expected: {other:?}"),
    })
}
