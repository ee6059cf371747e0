//! Ids of steps that name what a cloud or a user has named.

/// What the contract allows.
const LONGEST: usize = 64;
/// A digest in hexadecimal digits, and the `-` before it.
const DIGEST: usize = 17;

/// An id of a step from words of any kind. Where the words joined by `-` are an id, that is it; otherwise
/// what cannot stand in an id is replaced and a digest of the words keeps different ones apart. Without
/// it `packer_1` (a key pair of Packer's) would make a step that the host refuses.
pub fn step_id(words: &[&str]) -> String {
    let joined = words.join("-");
    if is_step_id(&joined) {
        return joined;
    }
    let mut id: String = joined
        .chars()
        .map(|c| match c.to_ascii_lowercase() {
            c @ ('a'..='z' | '0'..='9') => c,
            _ => '-',
        })
        .take(LONGEST - DIGEST)
        .collect();
    id.push_str(&format!("-{:016x}", digest(words)));
    id
}

/// Whether the host takes it.
pub(crate) fn is_step_id(id: &str) -> bool {
    (1..=LONGEST).contains(&id.len())
        && id
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
}

/// FNV-1a. Stable for ever, unlike the standard library's hashes: a plan that is resumed has to name its steps
/// as before.
pub(crate) fn digest(words: &[&str]) -> u64 {
    let bytes = words
        .iter()
        .flat_map(|word| word.bytes().chain(std::iter::once(0)));
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_an_id_already_stays_readable() {
        assert_eq!(
            step_id(&["remove", "volume", "vol-1", "2"]),
            "remove-volume-vol-1-2"
        );
    }

    #[test]
    fn names_that_no_id_may_hold_become_ids_that_stay_apart() {
        let uuid = "packer_6b03ea54-7689-26cf-17db-abfbffc13b0e";
        let long = "x".repeat(200);
        let odd = [
            "",
            "_",
            "A",
            "a",
            "a b",
            "a_b",
            "\u{e4}",
            "a/b",
            uuid,
            long.as_str(),
        ];
        let ids: std::collections::BTreeSet<_> = odd.iter().map(|name| step_id(&["", name])).collect();
        assert_eq!(ids.len(), odd.len(), "{ids:?}");
        assert!(ids.iter().all(|id| is_step_id(id)), "{ids:?}");
        assert_eq!(step_id(&["a", "_"]), step_id(&["a", "_"]));
    }
}
