//! Machine code of installed components, kept between commands.
//!
//! Machine code cannot be checked by looking at it, so an entry counts only if it carries a message
//! authentication code made with this user's key. The key does not lie in the cache: CI systems restore
//! caches that others have filled.

use std::hash::{Hash as _, Hasher as _};
use std::path::{Path, PathBuf};

use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

use crate::environment::Environment;
use crate::files::{self, Owner};

/// Code of the largest guest has 60 MB.
const LARGEST: u64 = 256 << 20;
/// Bytes of the key and of the code.
const KEY: usize = 32;
const TAG: usize = 32;

/// The cache. Whatever is wrong with it or an entry of it makes it a miss.
#[derive(Clone, Debug)]
pub(super) struct Compiled {
    directory: Option<PathBuf>,
    key: Option<PathBuf>,
}

impl Compiled {
    /// `compiled` below the cache directory, the key below the data directory.
    pub(super) fn of(environment: &Environment) -> Self {
        let below = |directory: Option<PathBuf>, name: &str| Some(directory?.join(name));
        Self {
            directory: below(environment.cache_directory(), "compiled"),
            key: below(environment.data_directory(), "compiled.key"),
        }
    }

    /// The code of a component for this engine.
    pub(super) fn get(&self, engine: &wasmtime::Engine, sha256: &str) -> Option<Vec<u8>> {
        let key = self.key()?;
        files::check_directory(self.directory.as_ref()?, Owner::User).ok()?;
        let mut entry = files::read_owned(&self.path(engine, sha256)?, Owner::User, LARGEST).ok()?;
        let code = entry.len().checked_sub(TAG)?;
        let tag = entry.split_off(code);
        let genuine = mac(&key, engine, sha256, &entry)?.verify_slice(&tag).is_ok();
        genuine.then_some(entry)
    }

    /// Keeps code. What cannot be kept is compiled again the next time.
    pub(super) fn put(&self, engine: &wasmtime::Engine, sha256: &str, code: &[u8]) {
        // Not for an error, which nobody could do anything about.
        let _ = self.try_put(engine, sha256, code);
    }

    fn try_put(&self, engine: &wasmtime::Engine, sha256: &str, code: &[u8]) -> Option<()> {
        let directory = self.directory.as_ref()?;
        files::create_private_directory(directory).ok()?;
        files::check_directory(directory, Owner::User).ok()?;
        let key = self.key().or_else(|| self.make_key())?;
        let tag = mac(&key, engine, sha256, code)?.finalize().into_bytes();
        let mut entry = Vec::with_capacity(code.len() + TAG);
        entry.extend_from_slice(code);
        entry.extend_from_slice(&tag);
        files::replace_private(&self.path(engine, sha256)?, &entry).ok()
    }

    /// Forgets the code of a component for this engine.
    pub(super) fn remove(&self, engine: &wasmtime::Engine, sha256: &str) {
        if let Some(path) = self.path(engine, sha256) {
            // It may not be there.
            let _ = files::remove(&path);
        }
    }

    fn path(&self, engine: &wasmtime::Engine, sha256: &str) -> Option<PathBuf> {
        let name = format!("{sha256}-{:016x}.code", compatibility(engine));
        Some(self.directory.as_ref()?.join(name))
    }

    fn key(&self) -> Option<[u8; KEY]> {
        read_key(self.key.as_ref()?)
    }

    /// Two processes may make one at the same time; the first wins.
    fn make_key(&self) -> Option<[u8; KEY]> {
        let path = self.key.as_ref()?;
        files::create_private_directory(path.parent()?).ok()?;
        let mut key = [0; KEY];
        getrandom::fill(&mut key).ok()?;
        match files::create_private(path, &key) {
            Ok(()) => Some(key),
            Err(_) => read_key(path),
        }
    }
}

fn read_key(path: &Path) -> Option<[u8; KEY]> {
    let key = files::read_owned(path, Owner::User, KEY as u64).ok()?;
    key.try_into().ok()
}

/// What the engine itself compares when it loads code: its version, target and settings.
fn compatibility(engine: &wasmtime::Engine) -> u64 {
    let mut hasher = std::hash::DefaultHasher::new();
    engine.precompile_compatibility_hash().hash(&mut hasher);
    hasher.finish()
}

/// Over what the code is for and the code, each of a fixed length but the last.
fn mac(key: &[u8; KEY], engine: &wasmtime::Engine, sha256: &str, code: &[u8]) -> Option<Hmac<Sha256>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(b"sindri compiled component 1\0");
    mac.update(crate::digest::sha256(sha256.as_bytes()).as_bytes());
    mac.update(&compatibility(engine).to_be_bytes());
    mac.update(code);
    Some(mac)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::plugin::Engine;

    fn cache() -> (tempfile::TempDir, Compiled, wasmtime::Engine) {
        let home = tempfile::tempdir().unwrap();
        let compiled = Compiled::of(&Environment::of("/", [("HOME", home.path())]));
        (home, compiled, Engine::new().unwrap().wasmtime().clone())
    }

    #[test]
    fn what_was_put_is_got_and_a_changed_byte_anywhere_is_a_miss() {
        let (_home, compiled, engine) = cache();
        assert_eq!(compiled.get(&engine, "a"), None);
        compiled.put(&engine, "a", b"machine code");
        assert_eq!(compiled.get(&engine, "a").unwrap(), b"machine code");
        let path = compiled.path(&engine, "a").unwrap();
        let entry = files::read(&path, 1 << 20).unwrap();
        for at in 0..entry.len() {
            let mut changed = entry.clone();
            changed[at] ^= 1;
            files::replace_private(&path, &changed).unwrap();
            assert_eq!(compiled.get(&engine, "a"), None, "byte {at}");
        }
        for length in [0, 5, entry.len() - 1] {
            files::replace_private(&path, &entry[..length]).unwrap();
            assert_eq!(compiled.get(&engine, "a"), None, "{length} bytes");
        }
    }

    #[test]
    fn code_of_another_component_or_user_is_a_miss() {
        let (_home, compiled, engine) = cache();
        compiled.put(&engine, "a", b"machine code");
        let entry = files::read(&compiled.path(&engine, "a").unwrap(), 1 << 20).unwrap();
        files::replace_private(&compiled.path(&engine, "b").unwrap(), &entry).unwrap();
        assert_eq!(compiled.get(&engine, "b"), None, "renamed");
        let (_other_home, other, _) = cache();
        other.put(&engine, "b", b"x");
        files::replace_private(&other.path(&engine, "a").unwrap(), &entry).unwrap();
        assert_eq!(other.get(&engine, "a"), None, "authenticated with another key");
    }

    #[test]
    fn a_cache_that_others_may_write_to_is_a_miss() {
        use std::os::unix::fs::PermissionsExt;
        let (_home, compiled, engine) = cache();
        compiled.put(&engine, "a", b"machine code");
        let directory = compiled.directory.clone().unwrap();
        let key = compiled.key.clone().unwrap();
        let entry = compiled.path(&engine, "a").unwrap();
        for (path, open, closed) in [
            (&directory, 0o777, 0o700),
            (&key, 0o666, 0o600),
            (&entry, 0o666, 0o600),
        ] {
            let set = |mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
            set(open);
            assert_eq!(compiled.get(&engine, "a"), None, "{}", path.display());
            set(closed);
            assert!(compiled.get(&engine, "a").is_some(), "{}", path.display());
        }
        // A key that everybody could have read is not believed either, but it is not replaced.
        files::remove(&entry).unwrap();
        files::link(&key, &entry).unwrap();
        assert_eq!(compiled.get(&engine, "a"), None, "a link");
    }

    #[test]
    fn the_code_is_that_of_rfc_2104() {
        let mut mac = Hmac::<Sha256>::new_from_slice(b"Jefe").unwrap();
        mac.update(b"what do ya want for nothing?");
        let tag = mac.finalize().into_bytes();
        assert_eq!(tag[..4], [0x5b, 0xdc, 0xc1, 0x46]);
    }
}
