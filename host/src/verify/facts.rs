//! Everything that the checks may look at.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use super::tree::{Kind, Tree};
use super::users::{self, User};

/// The content of a file that a check asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Content {
    /// All of it.
    Bytes(Vec<u8>),
    /// It could not be read, and why.
    Unreadable(String),
}

/// Whether the system on this root has ever been started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// As it lies in the image.
    AtRest,
    /// It runs; seconds since 1970 of its last start.
    Booted(i64),
}

/// What is known of the image from elsewhere.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Expectation {
    /// It was built with CIS hardening; none where nobody says.
    pub hardened: Option<bool>,
    /// The results of a vulnerability scan (XCCDF or ARF XML).
    pub scan: Option<String>,
    /// The key that the verifier itself logs in with: type and base64.
    pub login_key: Option<String>,
}

/// What a source shows before any file is read.
#[derive(Clone, Debug)]
pub struct Survey {
    /// All entries.
    pub tree: Tree,
    /// Files that contain the head of a private key.
    pub marked: Vec<PathBuf>,
    /// Whether it runs.
    pub state: State,
}

/// A survey with whose image it is.
#[derive(Clone, Debug)]
pub struct Scene {
    /// All entries.
    pub tree: Tree,
    /// Files that contain the head of a private key.
    pub marked: Vec<PathBuf>,
    /// Whether it runs.
    pub state: State,
    /// Lines of `/etc/passwd`.
    pub users: Vec<User>,
    /// Homes of all users, system users and removed users too.
    pub homes: Vec<PathBuf>,
}

impl Scene {
    /// Adds the users that `/etc/passwd` names.
    pub fn new(survey: Survey, passwd: &str) -> Self {
        let users = users::parse(passwd);
        let homes = users::homes(&users, &survey.tree);
        Self {
            tree: survey.tree,
            marked: survey.marked,
            state: survey.state,
            users,
            homes,
        }
    }

    /// What is at these paths below each home: files with something in them, links, and what is below directories.
    pub fn in_homes(&self, below: &[&str]) -> Vec<PathBuf> {
        let paths = self
            .homes
            .iter()
            .flat_map(|home| below.iter().map(|below| home.join(below)));
        paths.flat_map(|path| self.contents_of(&path)).collect()
    }

    /// The path itself, or the files and links below it; nothing for what is empty.
    pub fn contents_of(&self, path: &Path) -> Vec<PathBuf> {
        let with_content = |(path, entry): (&Path, &super::tree::Entry)| {
            let counts = entry.is_written() || entry.kind == Kind::Link || entry.kind == Kind::Special;
            counts.then(|| path.to_path_buf())
        };
        self.tree.below(path).filter_map(with_content).collect()
    }
}

/// The scene and the contents that the checks asked for.
#[derive(Clone, Debug)]
pub struct Facts {
    /// What is there.
    pub scene: Scene,
    /// What is known from elsewhere.
    pub expectation: Expectation,
    contents: BTreeMap<PathBuf, Content>,
}

impl Facts {
    /// Puts them together.
    pub fn new(scene: Scene, expectation: Expectation, contents: BTreeMap<PathBuf, Content>) -> Self {
        Self {
            scene,
            expectation,
            contents,
        }
    }

    /// The bytes of a file that a check has asked for; the error says why there are none.
    pub fn bytes(&self, path: &Path) -> Result<&[u8], &str> {
        match self.contents.get(path) {
            Some(Content::Bytes(bytes)) => Ok(bytes),
            Some(Content::Unreadable(why)) => Err(why),
            None => Err("it was not read"),
        }
    }

    /// The text of a file; bytes that are not UTF-8 replaced.
    pub fn text(&self, path: &Path) -> Result<std::borrow::Cow<'_, str>, &str> {
        self.bytes(path).map(String::from_utf8_lossy)
    }
}
