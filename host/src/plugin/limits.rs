//! What one call of a plugin may use.

use std::time::Duration;

/// Time for one call. The slowest guest measured (Python) needs about a millisecond for 64 KiB of
/// input; a shared runner under load is a thousand times slower, not more.
pub(super) const CALL_TIME: Duration = Duration::from_secs(5);
/// How much longer the host waits for the thread itself, should the epoch fail to stop the guest.
pub(super) const BACKSTOP: Duration = Duration::from_secs(5);
/// Sum over all memories of a guest. The largest guest measured (StarlingMonkey with 8 MiB of input)
/// peaks at 98 MiB.
const MEMORY: usize = 256 << 20;
/// Sum over all tables; Python's guests need 5,670 elements.
const TABLE_ELEMENTS: usize = 65_536;
/// What one answer may come to in the host's memory. A guest can name the same bytes in many places, and the host
/// copies them for each: without a limit of its own, 16 MiB in the guest are gigabytes here. A bundle has at most
/// 8 MiB of files, a listing that a tool printed at most 8 MiB.
pub(super) const ANSWER: usize = 32 << 20;
/// Core instances, memories and tables: a componentized guest has a handful.
const INSTANCES: usize = 64;

/// Counts what a guest takes and remembers what it was refused: the trap that follows does not say so.
#[derive(Default)]
pub(super) struct Limits {
    memory: usize,
    table_elements: usize,
    /// Set when the guest asked for more memory than it may have.
    pub(super) out_of_memory: bool,
}

impl wasmtime::ResourceLimiter for Limits {
    fn memory_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        // A limiter is asked per memory; a guest with many memories must not get the limit many times.
        let sum = self.memory.saturating_add(desired.saturating_sub(current));
        if sum > MEMORY {
            self.out_of_memory = true;
            return Ok(false);
        }
        self.memory = sum;
        Ok(true)
    }

    fn table_growing(
        &mut self,
        current: usize,
        desired: usize,
        _maximum: Option<usize>,
    ) -> wasmtime::Result<bool> {
        let sum = self
            .table_elements
            .saturating_add(desired.saturating_sub(current));
        if sum > TABLE_ELEMENTS {
            self.out_of_memory = true;
            return Ok(false);
        }
        self.table_elements = sum;
        Ok(true)
    }

    fn instances(&self) -> usize {
        INSTANCES
    }

    fn tables(&self) -> usize {
        INSTANCES
    }

    fn memories(&self) -> usize {
        INSTANCES
    }
}
