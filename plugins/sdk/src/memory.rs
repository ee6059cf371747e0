//! The allocator of a component: a call gets a fresh instance, which is thrown away after it, so memory need never be
//! given back, only used again: what splits and joins blocks to save memory costs more here than it saves.

#[cfg(target_family = "wasm")]
mod component;

/// Smallest block in bytes, and what every block's address is a multiple of.
const SMALLEST: usize = 16;
/// Powers of two from [`SMALLEST`] on; a component has 32-bit addresses.
const CLASSES: usize = 28;
/// What is asked for at a time: asking costs a system call of the host's.
const STEP: usize = 256 << 10;

/// Blocks in sizes of powers of two. Freed blocks of a size wait in a list of their own, linked through their first
/// words.
#[derive(Debug)]
struct Pool {
    free: [usize; CLASSES],
    /// The rest of the memory that was given last: first address and first address behind it.
    next: usize,
    end: usize,
}

/// Where memory comes from.
trait Source {
    /// At least so many bytes more; first address and number. None when there are none.
    fn grow(&mut self, bytes: usize) -> Option<(usize, usize)>;
    /// The word at the address, which is in a block that nobody uses.
    fn read(&self, address: usize) -> usize;
    /// Writes it.
    fn write(&mut self, address: usize, word: usize);
}

/// Which size serves this many bytes.
fn class(size: usize) -> Option<usize> {
    let size = size.max(SMALLEST).checked_next_power_of_two()?;
    let class = (size.trailing_zeros() - SMALLEST.trailing_zeros()) as usize;
    (class < CLASSES).then_some(class)
}

impl Pool {
    const fn new() -> Self {
        Self {
            free: [0; CLASSES],
            next: 0,
            end: 0,
        }
    }

    /// Address of a block for this many bytes, a multiple of [`SMALLEST`].
    fn take(&mut self, source: &mut impl Source, size: usize) -> Option<usize> {
        let class = class(size)?;
        let first = self.free.get_mut(class)?;
        if *first != 0 {
            let block = *first;
            *first = source.read(block);
            return Some(block);
        }
        self.carve(source, SMALLEST << class)
    }

    /// A part of the memory that nobody has had yet.
    fn carve(&mut self, source: &mut impl Source, size: usize) -> Option<usize> {
        let behind = self.next.checked_add(size)?;
        if self.next != 0 && behind <= self.end {
            let block = self.next;
            self.next = behind;
            return Some(block);
        }
        let (start, bytes) = source.grow(size.checked_add(SMALLEST)?.max(STEP))?;
        let end = start.checked_add(bytes)?;
        if self.next == 0 || start != self.end {
            self.next = start.checked_next_multiple_of(SMALLEST)?;
        }
        self.end = end;
        let block = self.next;
        let behind = block.checked_add(size).filter(|behind| *behind <= end)?;
        self.next = behind;
        Some(block)
    }

    /// Takes a block of this many bytes back.
    fn give(&mut self, source: &mut impl Source, block: usize, size: usize) {
        if let Some(first) = class(size).and_then(|class| self.free.get_mut(class)) {
            source.write(block, *first);
            *first = block;
        }
    }
}

#[cfg(test)]
mod tests;
