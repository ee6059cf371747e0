/// How plugins are compiled and run.
///
/// The build script compiles with it and the host loads with it: code compiled under other settings is
/// refused by the engine, so there is one copy of them.
pub fn engine_config() -> wasmtime::Config {
    let mut config = wasmtime::Config::new();
    config
        .wasm_component_model(true)
        // The host's deadline: the guest looks at the epoch in every loop and function.
        .epoch_interruption(true)
        // Counting every instruction would cost more and say no more.
        .consume_fuel(false)
        // A recursion that does not end stops here and not in the host's own stack.
        .max_wasm_stack(512 << 10)
        // A plugin needs a few MiB. The default of 4 GiB of address space for each instance fails where
        // address space is limited; the price are bounds checks, a fifth of the code.
        .memory_reservation(16 << 20)
        // Tables for places in a guest's source and for unwinding through its frames: nobody reads them,
        // and without them an eighth less has to be loaded. Windows cannot do without the second.
        .generate_address_map(false)
        .native_unwind_info(cfg!(windows))
        .cranelift_opt_level(wasmtime::OptLevel::Speed);
    config
}
