//! Hostile and mistaken components, as text. The well-behaved ones are the bundled plugins.

use super::*;

/// A component whose `describe` has a body of the given instructions and returns nothing, so that it
/// instantiates but its types differ from the contract's.
fn component_with(core: &str, lift: &str) -> Vec<u8> {
    wat::parse_str(format!(
        r#"(component
            (core module $m {core})
            (core instance $i (instantiate $m))
            {lift}
        )"#
    ))
    .unwrap()
}

fn wrong_types() -> Vec<u8> {
    component_with(
        r#"(func (export "f"))"#,
        r#"(func $f (canon lift (core func $i "f")))
           (instance $api (export "describe" (func $f)))
           (export "sindri:packer/packer-provider@0.1.0" (instance $api))"#,
    )
}

fn load_error(bytes: &[u8]) -> Error {
    let engine = Engine::new().unwrap();
    match Plugin::compile(&engine, "hostile", bytes) {
        Ok(plugin) => plugin.describe().unwrap_err(),
        Err(error) => error,
    }
}

#[test]
fn an_import_is_refused_by_name_before_anything_is_compiled() {
    let bytes = wat::parse_str(r#"(component (import "wasi:cli/environment@0.2.0" (instance)))"#).unwrap();
    let error = load_error(&bytes);
    assert_eq!(error.code(), Code::PluginImports);
    assert!(error.to_string().contains("wasi:cli/environment@0.2.0"));
}

#[test]
fn a_core_module_is_told_apart_from_a_component() {
    let error = load_error(&wat::parse_str("(module)").unwrap());
    assert_eq!(error.code(), Code::PluginContract);
    assert!(error.to_string().contains("core WebAssembly module"));
}

#[test]
fn bytes_that_are_no_wasm_are_an_error() {
    assert_eq!(load_error(b"#!/bin/sh\n").code(), Code::PluginContract);
}

#[test]
fn a_plugin_of_a_later_contract_says_that_the_host_must_be_updated() {
    let bytes = component_with(
        r#"(func (export "f"))"#,
        r#"(func $f (canon lift (core func $i "f")))
           (instance $api (export "describe" (func $f)))
           (export "sindri:packer/packer-provider@0.2.0" (instance $api))"#,
    );
    let error = load_error(&bytes);
    assert!(error.message().contains("0.2.0"), "{error}");
    assert_eq!(error.next(), Some("update sindri"));
}

#[test]
fn other_types_than_the_contracts_are_a_contract_error_and_not_a_crash() {
    assert_eq!(load_error(&wrong_types()).code(), Code::PluginContract);
}

#[test]
fn an_endless_loop_at_start_is_stopped_by_the_epoch() {
    let bytes = component_with(
        r#"(func $s (loop br 0)) (start $s) (func (export "f"))"#,
        r#"(func $f (canon lift (core func $i "f")))
           (instance $api (export "describe" (func $f)))
           (export "sindri:packer/packer-provider@0.1.0" (instance $api))"#,
    );
    let before = std::time::Instant::now();
    assert_eq!(load_error(&bytes).code(), Code::PluginTimeout);
    assert!(before.elapsed() < limits::CALL_TIME + limits::BACKSTOP);
}

#[test]
fn a_memory_bomb_is_reported_as_memory_and_not_as_a_trap() {
    let bytes = component_with(
        r#"(memory 1)
           (func $s (loop $again
               (if (i32.eq (memory.grow (i32.const 1024)) (i32.const -1)) (then unreachable))
               (br $again)))
           (start $s) (func (export "f"))"#,
        r#"(func $f (canon lift (core func $i "f")))
           (instance $api (export "describe" (func $f)))
           (export "sindri:packer/packer-provider@0.1.0" (instance $api))"#,
    );
    assert_eq!(load_error(&bytes).code(), Code::PluginMemory);
}

#[test]
fn a_crash_is_a_trap_and_leaves_the_host_unharmed() {
    let bytes = component_with(
        r#"(func $s unreachable) (start $s) (func (export "f"))"#,
        r#"(func $f (canon lift (core func $i "f")))
           (instance $api (export "describe" (func $f)))
           (export "sindri:packer/packer-provider@0.1.0" (instance $api))"#,
    );
    assert_eq!(load_error(&bytes).code(), Code::PluginTrap);
}

#[test]
fn the_bundled_plugins_import_nothing_and_describe_themselves_by_their_id() {
    let engine = Engine::new().unwrap();
    for bundled in sindri_bundled_plugins::all() {
        let inspection = inspect(bundled.component).unwrap();
        assert_eq!(inspection.imports, Vec::<String>::new());
        assert_eq!(inspection.contract.as_deref(), Some(CONTRACT));
        assert_eq!(inspection.sha256, bundled.sha256);
        let plugin = Plugin::bundled(&engine, bundled.id).unwrap();
        assert_eq!(plugin.describe().unwrap().id, bundled.id);
    }
}

#[test]
fn an_alias_finds_its_plugin_in_any_case_and_an_unknown_cloud_lists_the_known() {
    let engine = Engine::new().unwrap();
    assert_eq!(Plugin::bundled(&engine, "Amazon").unwrap().identity().id, "aws");
    let error = Plugin::bundled(&engine, "nimbus").err().unwrap();
    assert_eq!(error.code(), Code::UsageUnknownCloud);
    assert!(error.next().unwrap().contains("aws"));
}

#[test]
fn what_an_embedded_plugin_said_when_the_program_was_built_is_what_it_says() {
    let engine = Engine::new().unwrap();
    for plugin in Plugin::all_bundled(&engine) {
        let id = &plugin.identity().id;
        let info = plugin.describe().unwrap();
        assert_eq!(&info.id, id);
        assert_eq!(*info, plugin.ask().unwrap(), "{id}");
    }
}

#[test]
fn a_plugin_is_loaded_many_times_in_a_process_and_outlives_the_first() {
    let engines = [Engine::new().unwrap(), Engine::new().unwrap()];
    let first = Plugin::bundled(&engines[0], "aws").unwrap();
    let info = first.ask().unwrap();
    let second = Plugin::bundled(&engines[1], "amazon").unwrap();
    let third = Plugin::bundled(&engines[0], "AWS").unwrap();
    assert_eq!(second.ask().unwrap(), info);
    drop(first);
    drop(second);
    assert_eq!(third.ask().unwrap(), info, "a dropped plugin takes no code away");
    assert_eq!(Plugin::bundled(&engines[0], "aws").unwrap().ask().unwrap(), info);
}

#[test]
fn a_plugin_loaded_ahead_answers_every_call_and_may_be_left_uncalled() {
    let engine = Engine::new().unwrap();
    let expected = Plugin::bundled(&engine, "gcp").unwrap().ask().unwrap();
    let plugin = Plugin::bundled(&engine, "gcp").unwrap();
    plugin.load_ahead();
    assert_eq!(plugin.ask().unwrap(), expected);
    assert_eq!(
        plugin.ask().unwrap(),
        expected,
        "the instance made ahead serves one call"
    );
    let uncalled = Plugin::bundled(&engine, "gcp").unwrap();
    uncalled.load_ahead();
    drop(uncalled);
}

#[test]
fn time_between_load_and_call_is_not_the_guests() {
    let plugin = Plugin::bundled(&Engine::new().unwrap(), "oci").unwrap();
    plugin.load_ahead();
    std::thread::sleep(limits::CALL_TIME + engine::TICK);
    assert_eq!(plugin.ask().unwrap().id, "oci");
}
