//! The text of a manifest.

use std::collections::BTreeMap;
use std::io::Write as _;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;

use super::{Attributes, Device, Entry, Exclusions, Kind, Manifest, Sha256Digest};
use crate::error::{Code, Error, Result};

/// The first line says mtree(5), the second whose form of it.
const HEAD: &str = "#mtree v2.0\n#sindri root manifest v1\n";
const EXCLUDE: &str = "#exclude ./";
/// mtree(5) writes attributes as libarchive and gomtree read them.
const ATTRIBUTE: &str = "xattr.";
/// Linux counts major and minor numbers its own way.
const DEVICE: &str = "linux,";

/// A name in printable letters: every other byte is `\` and three octal digits, as vis(3) has it. There is exactly
/// one way to write each name.
pub(in crate::evidence) fn encode(name: &[u8]) -> String {
    let mut text = String::with_capacity(name.len());
    for byte in name {
        if byte.is_ascii_alphanumeric() || b"+,-./:@_~".contains(byte) {
            text.push(char::from(*byte));
        } else {
            text.push_str(&format!("\\{byte:03o}"));
        }
    }
    text
}

fn decode(text: &str) -> Option<Vec<u8>> {
    let mut name = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        if *first == b'\\' {
            let digits = std::str::from_utf8(after.get(..3)?).ok()?;
            name.push(u8::from_str_radix(digits, 8).ok()?);
            rest = after.get(3..)?;
        } else {
            name.push(*first);
            rest = after;
        }
    }
    Some(name)
}

pub(super) fn write(manifest: &Manifest) -> Vec<u8> {
    let mut text = HEAD.as_bytes().to_vec();
    for path in manifest.exclusions.iter() {
        // Writing to memory does not fail.
        let _ = writeln!(text, "{EXCLUDE}{}", encode(path));
    }
    for (path, entry) in &manifest.entries {
        let _ = writeln!(text, "{}", line(path, entry));
    }
    text
}

fn line(path: &[u8], entry: &Entry) -> String {
    let slash = if path.is_empty() { "" } else { "/" };
    let mut line = format!(
        ".{slash}{} type={} mode={:04o} uid={} gid={}",
        encode(path),
        entry.kind.name(),
        entry.mode,
        entry.uid,
        entry.gid
    );
    match &entry.kind {
        Kind::File { size, sha256 } => line.push_str(&format!(" size={size} sha256digest={sha256}")),
        Kind::Link { target } => line.push_str(&format!(" link={}", encode(target))),
        Kind::Character(device) | Kind::Block(device) => {
            line.push_str(&format!(" device={DEVICE}{},{}", device.major, device.minor));
        }
        Kind::Directory | Kind::Fifo | Kind::Socket => {}
    }
    for (name, value) in &entry.attributes {
        line.push_str(&format!(
            " {ATTRIBUTE}{}={}",
            encode(name),
            BASE64_STANDARD.encode(value)
        ));
    }
    line
}

/// Reads the text. It is read generously and written again: what comes out differently was not of the one form.
pub(super) fn parse(bytes: &[u8]) -> Result<Manifest> {
    let wrong = |line: usize, what: &str| {
        Error::new(Code::EvidenceForm, format!("this is not a root manifest: {what}")).line(line)
    };
    let text = std::str::from_utf8(bytes).map_err(|_| wrong(1, "it is not ASCII"))?;
    let body = text
        .strip_prefix(HEAD)
        .ok_or_else(|| wrong(1, "its first lines are of another format"))?;
    let mut exclusions = Exclusions::default();
    let mut entries = BTreeMap::new();
    for (index, line) in body.lines().enumerate() {
        let number = index + HEAD.lines().count() + 1;
        if let Some(path) = line.strip_prefix(EXCLUDE) {
            let added = decode(path).is_some_and(|path| exclusions.add(&path));
            if !added {
                return Err(wrong(number, "it excludes what is no path"));
            }
            continue;
        }
        let (path, entry) = read(line).ok_or_else(|| wrong(number, "a line cannot be read"))?;
        if entries.insert(path, entry).is_some() {
            return Err(wrong(number, "a path stands twice"));
        }
    }
    let manifest = Manifest { exclusions, entries };
    if write(&manifest) != bytes {
        return Err(wrong(1, "its lines are not in the one order and form"));
    }
    Ok(manifest)
}

fn read(line: &str) -> Option<(Vec<u8>, Entry)> {
    let mut words = line.split(' ');
    let path = match words.next()? {
        "." => Vec::new(),
        path => decode(path.strip_prefix("./")?)?,
    };
    let mut value = |key: &str| words.next()?.strip_prefix(key)?.strip_prefix('=');
    let kind = value("type")?;
    let mode = u16::from_str_radix(value("mode")?, 8)
        .ok()
        .filter(|mode| *mode <= 0o7777)?;
    let uid = value("uid")?.parse().ok()?;
    let gid = value("gid")?.parse().ok()?;
    let kind = match kind {
        "dir" => Kind::Directory,
        "file" => Kind::File {
            size: value("size")?.parse().ok()?,
            sha256: sha256(value("sha256digest")?)?,
        },
        "link" => Kind::Link {
            target: decode(value("link")?)?,
        },
        "char" => Kind::Character(device(value("device")?)?),
        "block" => Kind::Block(device(value("device")?)?),
        "fifo" => Kind::Fifo,
        "socket" => Kind::Socket,
        _ => return None,
    };
    let mut attributes = Attributes::new();
    for word in words {
        let (name, value) = word.strip_prefix(ATTRIBUTE)?.split_once('=')?;
        attributes.insert(decode(name)?, BASE64_STANDARD.decode(value).ok()?);
    }
    let entry = Entry {
        mode,
        uid,
        gid,
        kind,
        attributes,
    };
    Some((path, entry))
}

fn device(text: &str) -> Option<Device> {
    let (major, minor) = text.strip_prefix(DEVICE)?.split_once(',')?;
    Some(Device {
        major: major.parse().ok()?,
        minor: minor.parse().ok()?,
    })
}

fn sha256(text: &str) -> Option<Sha256Digest> {
    let mut bytes = [0_u8; 32];
    if text.len() != 64 {
        return None;
    }
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(text.get(index * 2..index * 2 + 2)?, 16).ok()?;
    }
    Some(Sha256Digest(bytes))
}
