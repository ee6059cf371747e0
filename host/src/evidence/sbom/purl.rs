//! Package URLs of Debian packages: `pkg:deb/DISTRIBUTION/NAME@VERSION?arch=…&distro=…`.

use super::Packages;
use super::dpkg::Package;

/// What stands for itself in every part; the colon too, of which an epoch has one.
const PLAIN: &[u8] = b"-._~:";

pub(super) fn of(packages: &Packages, package: &Package) -> String {
    let distribution = encode(&packages.distribution.to_lowercase());
    let mut url = format!(
        "pkg:deb/{distribution}/{}@{}?arch={}",
        encode(&package.name.to_lowercase()),
        encode(&package.version),
        encode(&package.architecture)
    );
    if let Some(release) = &packages.release {
        url.push_str(&format!("&distro={distribution}-{}", encode(release)));
    }
    url
}

fn encode(text: &str) -> String {
    text.bytes().fold(String::new(), |mut encoded, byte| {
        if byte.is_ascii_alphanumeric() || PLAIN.contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            encoded.push_str(&format!("%{byte:02X}"));
        }
        encoded
    })
}
