//! Attacks on time and memory of the host.

use std::hint::black_box;

use sindri_plugin_sdk::contract::Tag;

/// Never returns.
pub(crate) fn loop_for_ever() -> ! {
    let mut number = 0_u32;
    loop {
        number = black_box(number.wrapping_add(1));
    }
}

/// Takes a MiB after the other.
pub(crate) fn take_all_memory() -> ! {
    let mut taken: Vec<Vec<u8>> = Vec::new();
    loop {
        taken.push(black_box(vec![1; 1 << 20]));
    }
}

/// Calls itself for ever. The frame is small, so that it is not the guest's own stack in its memory that ends first.
#[allow(unconditional_recursion)]
pub(crate) fn recurse(depth: u32) -> u32 {
    black_box(recurse(depth.wrapping_add(1))).wrapping_add(depth)
}

/// One text of this many MiB.
pub(crate) fn one_text(mebibytes: usize) -> String {
    "A".repeat(mebibytes << 20)
}

/// Texts of a gigabyte together that are the same 16 MiB for the guest: the host would copy each.
#[allow(unsafe_code)]
pub(crate) fn texts_of_a_gigabyte() -> Vec<String> {
    let text = std::mem::ManuallyDrop::new(one_text(16));
    let copies = (0..64).map(|_| {
        // SAFETY: none. Each claims to own the same bytes; nothing writes to them or frees them before the host
        // has read them, and what becomes of the guest afterwards is part of the attack.
        unsafe { String::from_raw_parts(text.as_ptr().cast_mut(), text.len(), text.len()) }
    });
    copies.collect()
}

/// A text of bytes that are no text.
#[allow(unsafe_code)]
pub(crate) fn no_utf8() -> String {
    // SAFETY: none: the bytes are no UTF-8. Nothing in the guest reads the text, the host has to.
    unsafe { String::from_utf8_unchecked(vec![b'a', 0xff, 0xfe, 0xc0, 0x80]) }
}

/// A text that lies outside of the guest's memory.
#[allow(unsafe_code)]
pub(crate) fn outside_of_memory() -> String {
    let length = usize::MAX >> 1;
    let address = std::ptr::without_provenance_mut(length);
    // SAFETY: none: there is no such memory. Nothing in the guest reads it, the host would have to.
    unsafe { String::from_raw_parts(address, length, length) }
}

/// This many tags without text: little memory for each byte that is returned.
pub(crate) fn tags(count: usize) -> Vec<Tag> {
    let tag = Tag {
        key: String::new(),
        value: String::new(),
    };
    vec![tag; count]
}
