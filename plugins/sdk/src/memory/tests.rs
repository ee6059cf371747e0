use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;

/// Memory that is only counted, but for the words in free blocks.
struct Counted {
    end: usize,
    limit: usize,
    words: BTreeMap<usize, usize>,
}

impl Source for Counted {
    fn grow(&mut self, bytes: usize) -> Option<(usize, usize)> {
        let pages = bytes.next_multiple_of(64 << 10);
        let start = self.end;
        self.end = start.checked_add(pages).filter(|end| *end <= self.limit)?;
        Some((start, pages))
    }

    fn read(&self, address: usize) -> usize {
        self.words[&address]
    }

    fn write(&mut self, address: usize, word: usize) {
        self.words.insert(address, word);
    }
}

fn memory(limit: usize) -> Counted {
    Counted {
        end: 0x12_0000,
        limit,
        words: BTreeMap::new(),
    }
}

#[test]
fn a_freed_block_is_used_again_and_memory_that_is_refused_is_no_block() {
    let mut memory = memory(0x12_0000 + STEP);
    let mut pool = Pool::new();
    let first = pool.take(&mut memory, 100).unwrap();
    pool.give(&mut memory, first, 100);
    assert_eq!(pool.take(&mut memory, 70), Some(first));
    assert_eq!(pool.take(&mut memory, STEP), None);
    assert_eq!(pool.take(&mut memory, usize::MAX), None);
    assert!(pool.take(&mut memory, 0).is_some(), "what is left is still given");
}

proptest! {
    /// The one thing that no test of a plugin would show where it happens.
    #[test]
    fn no_two_blocks_in_use_overlap(steps in prop::collection::vec((0_usize..400_000, any::<prop::sample::Index>(), any::<bool>()), 1..200)) {
        let mut memory = memory(usize::MAX);
        let mut pool = Pool::new();
        let mut used: Vec<(usize, usize)> = Vec::new();
        for (size, index, free) in steps {
            if free && !used.is_empty() {
                let (block, size) = used.swap_remove(index.index(used.len()));
                pool.give(&mut memory, block, size);
                continue;
            }
            // Small ones are the usual ones.
            let size = if size % 3 == 0 { size } else { size % 200 };
            let block = pool.take(&mut memory, size).unwrap();
            prop_assert_eq!(block % SMALLEST, 0);
            prop_assert!(block >= 0x12_0000 && block + size <= memory.end);
            for (other, other_size) in &used {
                prop_assert!(block + size.max(1) <= *other || other + other_size.max(&1) <= block);
            }
            used.push((block, size));
        }
    }
}
