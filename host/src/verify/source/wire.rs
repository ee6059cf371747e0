//! What the collector sends. It comes from a machine that is not trusted.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStringExt;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::MOST_ENTRIES;
use crate::error::{Code, Error, Result};
use crate::verify::facts::{Content, State, Survey};
use crate::verify::tree::{Entry, Kind, Tree};

fn broken(why: &str) -> Error {
    Error::new(
        Code::ToolOutput,
        format!("the machine's answer makes no sense: {why}"),
    )
    .remedy("the image's shell or its tools are not the usual ones; look at its root with --root instead")
}

/// The fields of an answer, one after the other.
struct Fields<'a>(std::slice::Split<'a, u8, fn(&u8) -> bool>);

impl<'a> Fields<'a> {
    fn of(bytes: &'a [u8]) -> Self {
        let is_end: fn(&u8) -> bool = |byte| *byte == 0;
        Self(bytes.split(is_end))
    }

    fn next(&mut self) -> Result<&'a [u8]> {
        self.0.next().ok_or_else(|| broken("it ends too early"))
    }

    fn text(&mut self) -> Result<&'a str> {
        std::str::from_utf8(self.next()?).map_err(|_| broken("a word is not UTF-8"))
    }

    fn path(&mut self) -> Result<PathBuf> {
        let path = PathBuf::from(OsString::from_vec(self.next()?.to_vec()));
        if path.is_absolute() {
            Ok(path)
        } else {
            Err(broken("a path is not absolute"))
        }
    }

    fn number<N: std::str::FromStr>(&mut self) -> Result<N> {
        // Seconds may have a fraction.
        let text = self.text()?;
        let whole = text.split_once('.').map_or(text, |(whole, _)| whole);
        whole.parse().map_err(|_| broken("a number is none"))
    }
}

fn decode(answer: &str) -> Result<Vec<u8>> {
    STANDARD
        .decode(answer.trim())
        .map_err(|_| broken("it is not in base64"))
}

/// Reads the answer to `survey`.
pub(super) fn survey(answer: &str) -> Result<Survey> {
    let bytes = decode(answer)?;
    let mut fields = Fields::of(&bytes);
    let mut tree = Tree::default();
    let mut marked = Vec::new();
    let mut state = State::AtRest;
    loop {
        match fields.next()? {
            b"end" => break,
            b"booted" => state = State::Booted(fields.number()?),
            b"gap" => {
                let path = fields.path()?;
                tree.gap(path, fields.text()?);
            }
            b"entry" => {
                if tree.len() >= MOST_ENTRIES {
                    return Err(broken("it has too many entries"));
                }
                let (path, entry) = entry(&mut fields)?;
                // The root itself is no entry of anything.
                if path != Path::new("/") {
                    tree.insert(path, entry);
                }
            }
            b"marked" => loop {
                match fields.next()? {
                    b"" => break,
                    path => marked.push(OsString::from_vec(path.to_vec()).into()),
                }
            },
            _ => return Err(broken("a record is of no known kind")),
        }
    }
    Ok(Survey { tree, marked, state })
}

fn entry(fields: &mut Fields<'_>) -> Result<(PathBuf, Entry)> {
    let kind = match fields.text()? {
        "f" => Kind::File,
        "d" => Kind::Directory,
        "l" => Kind::Link,
        _ => Kind::Special,
    };
    let mode = u32::from_str_radix(fields.text()?, 8).map_err(|_| broken("a mode is none"))?;
    let (uid, gid, size, modified) = (
        fields.number()?,
        fields.number()?,
        fields.number()?,
        fields.number()?,
    );
    let path = fields.path()?;
    let target = fields.next()?;
    let target = (kind == Kind::Link).then(|| OsString::from_vec(target.to_vec()).into());
    let entry = Entry {
        kind,
        mode,
        uid,
        gid,
        size,
        modified,
        target,
    };
    Ok((path, entry))
}

/// Reads the answer to `contents` into `contents`; what was not asked for is an error.
pub(super) fn contents(
    answer: &str,
    asked: &[PathBuf],
    contents: &mut BTreeMap<PathBuf, Content>,
) -> Result<()> {
    let bytes = decode(answer)?;
    let mut fields = Fields::of(&bytes);
    loop {
        let (path, content) = match fields.next()? {
            b"end" => return Ok(()),
            b"content" => (fields.path()?, Content::Bytes(decode(fields.text()?)?)),
            b"unreadable" => (fields.path()?, Content::Unreadable(fields.text()?.to_owned())),
            _ => return Err(broken("a record is of no known kind")),
        };
        if !asked.contains(&path) {
            return Err(broken("a file was not asked for"));
        }
        contents.insert(path, content);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn encoded(records: &[u8]) -> String {
        STANDARD.encode(records)
    }

    #[test]
    fn an_answer_is_read_whole() {
        let survey = survey(&encoded(
            b"booted\x001700000000\0entry\0d\x00755\x000\x000\x004096\x001.5\0/\0\0entry\0l\x00777\x000\x000\x003\x00-7.0\0/a\xff\0b/c\0gap\0/x\0why\0marked\0/k\0/l\n\0\0end\0",
        ))
        .unwrap();
        assert_eq!(survey.state, State::Booted(1_700_000_000));
        assert_eq!(survey.tree.len(), 1);
        let path = PathBuf::from(OsString::from_vec(b"/a\xff".to_vec()));
        let entry = survey.tree.get(&path).unwrap();
        assert_eq!(
            (entry.modified, entry.target.as_deref()),
            (-7, Some(Path::new("b/c")))
        );
        assert_eq!(survey.tree.gaps().len(), 1);
        assert_eq!(survey.marked, [PathBuf::from("/k"), PathBuf::from("/l\n")]);
    }

    /// A connection that broke, a shell that greets, a tool that is another one.
    #[test]
    fn half_an_answer_is_an_error_and_not_a_clean_machine() {
        for records in [
            &b""[..],
            b"marked\0\0",
            b"entry\0f\x00644\x000\x000\x001\x001.0\0/a\0",
            b"entry\0f\x00644\x000\x000\x001\x001.0\0a\0\0end\0",
            b"entry\0f\x00xyz\x000\x000\x001\x001.0\0/a\0\0end\0",
            b"hello\0end\0",
        ] {
            assert_eq!(survey(&encoded(records)).unwrap_err().code(), Code::ToolOutput);
        }
        assert!(survey("Welcome!\n").is_err());
    }

    #[test]
    fn nobody_slips_in_a_file_that_was_not_asked_for() {
        let mut found = BTreeMap::new();
        let answer = encoded(b"content\0/etc/shadow\0cm9vdA==\0end\0");
        assert!(contents(&answer, &["/etc/passwd".into()], &mut found).is_err());
        contents(&answer, &["/etc/shadow".into()], &mut found).unwrap();
        assert_eq!(found[Path::new("/etc/shadow")], Content::Bytes(b"root".to_vec()));
    }

    proptest! {
        #[test]
        fn no_bytes_crash_the_reader(bytes: Vec<u8>) {
            let _ = survey(&encoded(&bytes));
            let _ = contents(&encoded(&bytes), &[], &mut BTreeMap::new());
        }
    }
}
