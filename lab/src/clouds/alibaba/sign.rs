//! The signature of requests: HMAC-SHA1 over the sorted parameters, version 1.0 of Alibaba Cloud's RPC style.

use std::io;
use std::path::Path;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::files;

/// Bytes of SHA-1's result, and of its blocks.
const DIGEST: usize = 20;
const BLOCK: usize = 64;

/// The access key of the lab's user.
#[derive(Clone, Debug)]
pub(super) struct AccessKey {
    pub(super) id: String,
    pub(super) secret: String,
}

impl AccessKey {
    /// Reads the pair at `path`, or makes it there.
    pub(super) fn at(path: &Path) -> io::Result<Self> {
        if !files::exists(path) {
            let moment = time::OffsetDateTime::now_utc().unix_timestamp_nanos();
            let seed = format!("{moment} {}", path.display());
            let text = |what: &str| -> String {
                let digest = STANDARD.encode(sha1(format!("{what} {seed}").as_bytes()));
                digest.chars().filter(char::is_ascii_alphanumeric).collect()
            };
            let id: String = format!("LTAI5t{}", text("id")).chars().take(24).collect();
            let secret: String = (text("secret") + &text("more")).chars().take(30).collect();
            files::write(path, format!("{id}\n{secret}\n").as_bytes())?;
        }
        let text = files::read_text(path)?;
        let (id, secret) = text.trim().split_once('\n').ok_or_else(|| {
            io::Error::new(
                io::ErrorKind::InvalidData,
                format!("{} is no access key", path.display()),
            )
        })?;
        Ok(Self {
            id: id.to_owned(),
            secret: secret.to_owned(),
        })
    }

    /// The signature that a request with these parameters has to have. `Signature` itself is left out.
    pub(super) fn signature(&self, method: &str, parameters: &[(String, String)]) -> String {
        let digest = hmac(
            format!("{}&", self.secret).as_bytes(),
            string_to_sign(method, parameters).as_bytes(),
        );
        STANDARD.encode(digest)
    }
}

/// What is signed.
pub(super) fn string_to_sign(method: &str, parameters: &[(String, String)]) -> String {
    let mut pairs: Vec<_> = parameters
        .iter()
        .filter(|(name, _)| name != "Signature")
        .map(|(name, value)| (encode(name), encode(value)))
        .collect();
    pairs.sort_unstable();
    let pairs: Vec<_> = pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect();
    format!("{method}&%2F&{}", encode(&pairs.join("&")))
}

/// RFC 3986, with capital digits.
fn encode(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => {
                char::from(byte).to_string()
            }
            _ => format!("%{byte:02X}"),
        })
        .collect()
}

/// RFC 2104 with SHA-1.
fn hmac(key: &[u8], message: &[u8]) -> [u8; DIGEST] {
    let mut block = [0; BLOCK];
    let short = if key.len() > BLOCK {
        sha1(key).to_vec()
    } else {
        key.to_vec()
    };
    for (place, byte) in block.iter_mut().zip(short) {
        *place = byte;
    }
    let padded = |with: u8, rest: &[u8]| sha1(&[block.map(|byte| byte ^ with).as_slice(), rest].concat());
    padded(0x5c, &padded(0x36, message))
}

/// FIPS 180-4. No cryptography of this project rests on it: the API wants it, and nothing here may need the network.
fn sha1(message: &[u8]) -> [u8; DIGEST] {
    let mut state: [u32; 5] = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476, 0xc3d2_e1f0];
    let mut padded = message.to_vec();
    padded.push(0x80);
    while padded.len() % BLOCK != BLOCK - 8 {
        padded.push(0);
    }
    let bits = u64::try_from(message.len()).unwrap_or(u64::MAX).wrapping_mul(8);
    padded.extend(bits.to_be_bytes());
    for block in padded.chunks_exact(BLOCK) {
        let mut words: Vec<u32> = block
            .chunks_exact(4)
            .map(|word| word.iter().fold(0, |number, byte| number << 8 | u32::from(*byte)))
            .collect();
        for place in 16..80 {
            let word = |back: usize| words.get(place - back).copied().unwrap_or_default();
            words.push((word(3) ^ word(8) ^ word(14) ^ word(16)).rotate_left(1));
        }
        let [mut a, mut b, mut c, mut d, mut e] = state;
        for (round, word) in words.iter().enumerate() {
            let (mix, constant) = match round / 20 {
                0 => (b & c | !b & d, 0x5a82_7999),
                1 => (b ^ c ^ d, 0x6ed9_eba1),
                2 => (b & c | b & d | c & d, 0x8f1b_bcdc),
                _ => (b ^ c ^ d, 0xca62_c1d6_u32),
            };
            let next = a
                .rotate_left(5)
                .wrapping_add(mix)
                .wrapping_add(e)
                .wrapping_add(constant)
                .wrapping_add(*word);
            (e, d, c, b, a) = (d, c, b.rotate_left(30), a, next);
        }
        for (sum, part) in state.iter_mut().zip([a, b, c, d, e]) {
            *sum = sum.wrapping_add(part);
        }
    }
    let mut digest = [0; DIGEST];
    for (place, byte) in digest
        .iter_mut()
        .zip(state.iter().flat_map(|word| word.to_be_bytes()))
    {
        *place = byte;
    }
    digest
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|byte| format!("{byte:02x}")).collect()
    }

    #[test]
    fn digests_are_those_of_the_standards() {
        for (message, digest) in [
            ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            (
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "84983e441c3bd26ebaae4aa1f95129e5e54670f1",
            ),
        ] {
            assert_eq!(hex(&sha1(message.as_bytes())), digest);
        }
        // RFC 2202, cases 1, 2 and 6.
        assert_eq!(
            hex(&hmac(&[0x0b; 20], b"Hi There")),
            "b617318655057264e28bc0b6fb378c8ef146be00"
        );
        assert_eq!(
            hex(&hmac(b"Jefe", b"what do ya want for nothing?")),
            "effcdf6ae5eb2fa2d27416d5f184df9c259a7c79"
        );
        let long = b"Test Using Larger Than Block-Size Key - Hash Key First";
        assert_eq!(
            hex(&hmac(&[0xaa; 80], long)),
            "aa4ae5e15272d00e95705637ce8a3b55ed402112"
        );
    }

    /// Sorting and double encoding are where signers differ.
    #[test]
    fn parameters_are_sorted_and_encoded_twice() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        let pairs = [
            pair("b", "x y*~"),
            pair("Signature", "s"),
            pair("Tag.1.Key", "é"),
            pair("B", ""),
        ];
        assert_eq!(
            string_to_sign("GET", &pairs),
            "GET&%2F&B%3D%26Tag.1.Key%3D%25C3%25A9%26b%3Dx%2520y%252A~"
        );
    }
}
