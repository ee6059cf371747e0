//! Choices that can be made again.

use std::str::FromStr;

/// SplitMix64: the same seed gives the same moments.
pub(crate) struct Dice(pub(crate) u64);

impl Dice {
    /// A number from nought to just below the limit.
    pub(crate) fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % limit
    }
}

/// The number that a variable of the test run holds.
pub(crate) fn number<N: FromStr>(variable: &str, default: N) -> N {
    match std::env::var(variable) {
        Err(_) => default,
        Ok(text) => text
            .parse()
            .unwrap_or_else(|_| panic!("{variable} is no number: {text}")),
    }
}
