//! The host's own tags where their spelling is not lawful: fixed keys, and values that stay readable or fit.

use crate::moment;
use crate::tags::{
    BUILD_DATE, MANAGED_BY, NAME, SINDRI_CACHE_KEY, SINDRI_PROFILE, SINDRI_PURPOSE, SINDRI_RUN_ID,
    SINDRI_VERSION,
};

const KEYS: &[(&str, &str)] = &[
    (NAME, "name"),
    (MANAGED_BY, "managed-by"),
    (SINDRI_VERSION, "sindri-version"),
    (SINDRI_PROFILE, "sindri-profile"),
    (SINDRI_CACHE_KEY, "sindri-cache-key"),
    (SINDRI_RUN_ID, "sindri-run-id"),
    (BUILD_DATE, "build-date"),
    (SINDRI_PURPOSE, "sindri-purpose"),
];

/// Digits of RFC 4648's base 32, in lower case.
const BASE_32: &[u8; 32] = b"abcdefghijklmnopqrstuvwxyz234567";
/// SHA-256 in hexadecimal digits; with a zero before them they are 260 bits, which are 52 digits of five.
const HEX_DIGITS: usize = 64;
const BASE_32_DIGITS: usize = 52;

/// The label's key for one of the host's keys.
pub(super) fn label(key: &str) -> Option<&'static str> {
    KEYS.iter().find(|(own, _)| *own == key).map(|(_, label)| *label)
}

/// The host's key for a label's.
pub(super) fn key(label: &str) -> Option<&'static str> {
    KEYS.iter().find(|(_, own)| *own == label).map(|(key, _)| *key)
}

/// A shorter or more readable form than the escape's, for values that have one.
pub(super) fn write(key: &str, value: &str) -> Option<String> {
    match key {
        SINDRI_VERSION if !value.contains('_') => Some(value.replace('.', "_")),
        BUILD_DATE if moment::compact(value).is_some() => Some(value.to_ascii_lowercase().replace(':', "-")),
        SINDRI_CACHE_KEY => {
            let digits: Option<Vec<u8>> = value.bytes().map(hex_digit).collect();
            let digits = digits.filter(|digits| digits.len() == HEX_DIGITS)?;
            regroup(std::iter::once(0).chain(digits), 4, 5)
                .map(|digit| BASE_32.get(usize::from(digit)).copied().map(char::from))
                .collect()
        }
        _ => None,
    }
}

/// The value whose [`write`] is this label, if there is one.
pub(super) fn read(key: &str, label: &str) -> Option<String> {
    let value = match key {
        SINDRI_VERSION if !label.contains("__") => label.replace('_', "."),
        BUILD_DATE => {
            let (date, time) = label.split_once('t')?;
            format!("{date}T{}", time.replace('-', ":").to_ascii_uppercase())
        }
        SINDRI_CACHE_KEY => {
            let place = |byte| BASE_32.iter().position(|digit| *digit == byte);
            let digits: Option<Vec<u8>> = label
                .bytes()
                .map(|byte| u8::try_from(place(byte)?).ok())
                .collect();
            let digits = digits.filter(|digits| digits.len() == BASE_32_DIGITS)?;
            let hex = |digit: u8| char::from_digit(u32::from(digit), 16);
            regroup(digits.into_iter(), 5, 4)
                .skip(1)
                .map(hex)
                .collect::<Option<String>>()?
        }
        _ => return None,
    };
    (write(key, &value).as_deref() == Some(label)).then_some(value)
}

fn hex_digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

/// The same bits in digits of another width, the first ones first. Both widths divide the number of bits.
fn regroup(digits: impl Iterator<Item = u8>, from: u32, to: u32) -> impl Iterator<Item = u8> {
    let bits = digits.flat_map(move |digit| (0..from).rev().map(move |place| digit >> place & 1));
    let bits: Vec<u8> = bits.collect();
    let join = |group: &[u8]| group.iter().fold(0, |digit, bit| digit << 1 | bit);
    bits.chunks_exact(to as usize)
        .map(join)
        .collect::<Vec<u8>>()
        .into_iter()
}
