#![allow(clippy::disallowed_methods)]

use std::fs::{self, Permissions};
use std::os::unix::ffi::OsStringExt as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use proptest::prelude::*;

use super::*;
use crate::error::Code;

fn of(root: &Path) -> Manifest {
    Manifest::of_root(root, Exclusions::standard()).unwrap()
}

fn text(root: &Path) -> String {
    String::from_utf8(of(root).to_bytes()).unwrap()
}

fn fifo(path: &Path) {
    nix::unistd::mkfifo(path, nix::sys::stat::Mode::from_bits_truncate(0o600)).unwrap();
}

/// A pipe that is opened waits for ever, a link that is followed reads the machine that looks.
#[test]
fn nothing_of_a_hostile_root_is_opened_or_followed() {
    let outside = tempfile::tempdir().unwrap();
    fs::write(outside.path().join("secret"), "of this machine").unwrap();
    let root = tempfile::tempdir().unwrap();
    let at = |name: &str| root.path().join(name);
    fifo(&at("pipe"));
    symlink(outside.path(), at("way-out")).unwrap();
    symlink("../../../../etc/shadow", at("shadow")).unwrap();
    symlink(".", at("loop")).unwrap();
    let _socket = std::os::unix::net::UnixListener::bind(at("socket")).unwrap();
    fs::write(at("one"), "x").unwrap();
    fs::hard_link(at("one"), at("two")).unwrap();
    let odd = std::ffi::OsString::from_vec(b"\xff\n type=file \\#".to_vec());
    fs::write(root.path().join(odd), "").unwrap();
    let text = text(root.path());
    for line in [
        "./pipe type=fifo mode=0600",
        "./socket type=socket",
        "./shadow type=link mode=0777",
        "link=../../../../etc/shadow\n",
        "./loop type=link",
        "./\\377\\012\\040type\\075file\\040\\134\\043 type=file",
    ] {
        assert!(text.contains(line), "{line}: {text}");
    }
    assert!(!text.contains("secret"), "{text}");
    let digest = digest::sha256(b"x");
    assert_eq!(text.matches(&digest).count(), 2, "both names of one file");
    assert_eq!(Manifest::parse(text.as_bytes()).unwrap(), of(root.path()));
}

#[test]
fn a_tree_that_is_too_deep_is_an_error_and_no_crash() {
    let root = tempfile::tempdir().unwrap();
    let mut deep = root.path().to_path_buf();
    for _ in 0..300 {
        deep.push("d");
    }
    fs::create_dir_all(&deep).unwrap();
    let error = Manifest::of_root(root.path(), Exclusions::standard()).unwrap_err();
    assert_eq!(error.code(), Code::EvidenceRoot);
    assert!(error.to_string().contains("256 directories"), "{error}");
}

/// Reading the holes of a file of 8 EiB takes centuries.
#[test]
fn a_file_that_claims_to_be_endless_is_not_read() {
    let root = tempfile::tempdir().unwrap();
    let file = fs::File::create(root.path().join("holes")).unwrap();
    file.set_len(5 << 40).unwrap();
    let error = Manifest::of_root(root.path(), Exclusions::standard()).unwrap_err();
    assert!(error.to_string().contains("holes"), "{error}");
}

#[test]
fn what_is_excluded_is_printed_and_only_that_is_left_out() {
    let root = tempfile::tempdir().unwrap();
    for path in ["tmp/below", "tmpx", "var/tmp", "usr/tmp"] {
        fs::create_dir_all(root.path().join(path)).unwrap();
    }
    let text = text(root.path());
    assert!(text.contains("#exclude ./tmp\n") && text.contains("#exclude ./var/tmp\n"));
    for path in ["./tmpx type", "./usr/tmp type", "./var type"] {
        assert!(text.contains(path), "{path}");
    }
    for path in ["./tmp type", "./tmp/below", "./var/tmp type"] {
        assert!(!text.contains(path), "{path}");
    }
    let mut exclusions = Exclusions::default();
    for path in ["", "/etc", "etc/", "a//b", ".", "a/../b", "a\0"] {
        assert!(!exclusions.add(path.as_bytes()), "{path:?} excludes nothing");
    }
    assert_eq!(exclusions, Exclusions::default());
    let standard = Exclusions::standard();
    assert!(standard.cover(b"tmp/a/b") && !standard.cover(b"tmpx") && !standard.cover(b""));
}

#[test]
fn the_same_content_gives_the_same_bytes_whatever_the_order_on_the_disk() {
    let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let names: Vec<_> = (0..200).map(|number| format!("f-{number}")).collect();
    for name in &names {
        fs::write(one.path().join(name), name).unwrap();
    }
    for name in names.iter().rev() {
        fs::write(other.path().join(name), name).unwrap();
    }
    for root in [&one, &other] {
        fs::set_permissions(root.path(), Permissions::from_mode(0o755)).unwrap();
    }
    assert_eq!(text(one.path()), text(other.path()));
    fs::write(other.path().join("f-7"), "F-7").unwrap();
    assert_ne!(of(one.path()).digest(), of(other.path()).digest());
}

#[test]
fn a_text_of_another_form_is_no_manifest() {
    let root = tempfile::tempdir().unwrap();
    fs::write(root.path().join("a"), "").unwrap();
    fs::write(root.path().join("b"), "").unwrap();
    let good = text(root.path());
    Manifest::parse(good.as_bytes()).unwrap();
    let first = good.lines().find(|line| line.starts_with("./a ")).unwrap();
    for (what, bad) in [
        ("nothing", String::new()),
        ("another head", good.replacen("v1", "v2", 1)),
        ("no end", good.trim_end().to_owned()),
        ("a path twice", format!("{good}{first}\n")),
        ("another order", good.replace("./a ", "./z ")),
        ("a second blank", good.replacen(" type=", "  type=", 1)),
        ("another spelling", good.replace("./a ", "./\\141 ")),
        ("a number with a sign", good.replacen("size=0", "size=+0", 1)),
        (
            "a short digest",
            good.replacen("sha256digest=e3", "sha256digest=3", 1),
        ),
        (
            "a digest in capitals",
            good.replacen("sha256digest=e3", "sha256digest=E3", 1),
        ),
        (
            "an unknown key",
            format!("{good}./c type=dir mode=0755 uid=0 gid=0 flags=none\n"),
        ),
        ("an empty line", format!("{good}\n")),
        ("a mode of five digits", good.replacen("mode=0", "mode=10", 1)),
        ("an exclusion at the end", format!("{good}#exclude ./zz\n")),
    ] {
        assert_eq!(
            Manifest::parse(bad.as_bytes()).unwrap_err().code(),
            Code::EvidenceForm,
            "{what}"
        );
    }
}

prop_compose! {
    fn kind()(
        which in 0..7,
        size in any::<u64>(),
        bytes in any::<[u8; 32]>(),
        target in prop::collection::vec(1..=255_u8, 1..20),
        major in any::<u32>(),
        minor in any::<u32>(),
    ) -> Kind {
        let device = Device { major, minor };
        match which {
            0 => Kind::Directory,
            1 => Kind::File { size, sha256: Sha256Digest(bytes) },
            2 => Kind::Link { target },
            3 => Kind::Character(device),
            4 => Kind::Block(device),
            5 => Kind::Fifo,
            _ => Kind::Socket,
        }
    }
}

prop_compose! {
    fn entry()(
        mode in 0..=0o7777_u16,
        uid in any::<u32>(),
        gid in any::<u32>(),
        kind in kind(),
        attributes in prop::collection::btree_map(
            prop::collection::vec(1..=255_u8, 1..12), prop::collection::vec(any::<u8>(), 0..12), 0..3),
    ) -> Entry {
        Entry { mode, uid, gid, kind, attributes }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read_again_byte_for_byte(
        entries in prop::collection::btree_map(prop::collection::vec(1..=255_u8, 0..24), entry(), 0..8),
    ) {
        let manifest = Manifest { exclusions: Exclusions::standard(), entries };
        let bytes = manifest.to_bytes();
        prop_assert!(bytes.is_ascii());
        prop_assert_eq!(Manifest::parse(&bytes).unwrap(), manifest);
    }

    #[test]
    fn a_flipped_bit_is_another_manifest_or_none(
        entries in prop::collection::btree_map(prop::collection::vec(1..=255_u8, 1..24), entry(), 1..4),
        place in any::<prop::sample::Index>(),
        bit in 0..8_u8,
    ) {
        let manifest = Manifest { exclusions: Exclusions::default(), entries };
        let mut bytes = manifest.to_bytes();
        let place = place.index(bytes.len());
        bytes[place] ^= 1 << bit;
        prop_assert_ne!(Manifest::parse(&bytes).ok(), Some(manifest));
    }
}
