//! The pool over a component's linear memory.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout};
use std::arch::wasm32::memory_grow;
use std::cell::UnsafeCell;
use std::ptr::{copy_nonoverlapping, null_mut};

use super::{Pool, SMALLEST, Source, class};

const PAGE: usize = 64 << 10;

struct Memory;

impl Source for Memory {
    fn grow(&mut self, bytes: usize) -> Option<(usize, usize)> {
        let pages = bytes.div_ceil(PAGE);
        match memory_grow::<0>(pages) {
            usize::MAX => None,
            before => Some((before * PAGE, pages * PAGE)),
        }
    }

    fn read(&self, address: usize) -> usize {
        // SAFETY: the pool reads only in blocks of its own memory that were given back, at their aligned start.
        unsafe { *(address as *const usize) }
    }

    fn write(&mut self, address: usize, word: usize) {
        // SAFETY: as in `read`.
        unsafe { *(address as *mut usize) = word }
    }
}

struct Allocator(UnsafeCell<Pool>);

// SAFETY: a component of this contract has one thread.
unsafe impl Sync for Allocator {}

// SAFETY: blocks come from memory that only the pool has asked for, do not overlap, have at least the size that was
// asked for and its alignment up to `SMALLEST`; what needs more is carved with room to align and never used again.
unsafe impl GlobalAlloc for Allocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // SAFETY: one thread, and the pool calls nothing that allocates.
        let pool = unsafe { &mut *self.0.get() };
        let block = if layout.align() <= SMALLEST {
            pool.take(&mut Memory, layout.size())
        } else {
            layout
                .size()
                .checked_add(layout.align())
                .and_then(|size| pool.take(&mut Memory, size))
                .and_then(|block| block.checked_next_multiple_of(layout.align()))
        };
        block.map_or(null_mut(), |block| block as *mut u8)
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if layout.align() <= SMALLEST {
            // SAFETY: as in `alloc`.
            let pool = unsafe { &mut *self.0.get() };
            pool.give(&mut Memory, block as usize, layout.size());
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        if layout.align() <= SMALLEST && class(layout.size()) == class(size) {
            return block;
        }
        // SAFETY: the caller gives a size that makes a layout with this alignment.
        let wanted = unsafe { Layout::from_size_align_unchecked(size, layout.align()) };
        // SAFETY: the old block has `layout`, the new one is another and has room for `size` bytes.
        unsafe {
            let new = self.alloc(wanted);
            if !new.is_null() {
                copy_nonoverlapping(block, new, layout.size().min(size));
                self.dealloc(block, layout);
            }
            new
        }
    }
}

#[global_allocator]
static ALLOCATOR: Allocator = Allocator(UnsafeCell::new(Pool::new()));
