use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::files;
use crate::policy::redact::Redactor;

fn key() -> SigningKey {
    SigningKey::generate().unwrap()
}

fn envelope(keys: &[SigningKey]) -> Value {
    serde_json::from_slice(&sign(b"{}", keys).unwrap()).unwrap()
}

fn code(envelope: &str, keys: &[PublicKey], threshold: usize) -> Code {
    verify(envelope.as_bytes(), keys, threshold).unwrap_err().code()
}

/// The example of the specification.
#[test]
fn the_encoding_is_the_published_one() {
    assert_eq!(
        pae("http://example.com/HelloWorld", b"hello world"),
        b"DSSEv1 29 http://example.com/HelloWorld 11 hello world"
    );
}

#[test]
fn whoever_has_not_signed_is_not_counted() {
    let (one, other) = (key(), key());
    let public = [one.public().clone(), other.public().clone()];
    let by_one = sign(b"{}", std::slice::from_ref(&one)).unwrap();
    let verified = verify(&by_one, &public, 1).unwrap();
    assert_eq!(verified.payload, b"{}");
    assert!(verified.signers.contains(one.public().id()) && verified.signers.len() == 1);
    let text = String::from_utf8(by_one).unwrap();
    assert_eq!(
        code(&text, &public[1..], 1),
        Code::EvidenceSignature,
        "another key"
    );
    assert_eq!(code(&text, &public, 2), Code::EvidenceSignature, "one of two");
    for (keys, threshold) in [
        (&public[..0], 0),
        (&public[..0], 1),
        (&public[..], 0),
        (&public[..], 3),
    ] {
        assert_eq!(code(&text, keys, threshold), Code::UsageArgument);
    }
    let same = [one.public().clone(), one.public().clone()];
    assert_eq!(code(&text, &same, 2), Code::UsageArgument, "one key given twice");
    let both = sign(b"{}", &[one, other]).unwrap();
    assert_eq!(verify(&both, &public, 2).unwrap().signers.len(), 2);
}

/// Each of these is how a verifier of another format was once deceived.
#[test]
fn an_envelope_that_can_be_read_in_two_ways_is_not_read() {
    let signer = key();
    let public = [signer.public().clone()];
    let good = envelope(std::slice::from_ref(&signer));
    let good_text = good.to_string();
    verify(good_text.as_bytes(), &public, 1).unwrap();
    let with = |name: &str, value: Value| {
        let mut envelope = good.clone();
        envelope[name] = value;
        envelope.to_string()
    };
    let sig = good["signatures"][0]["sig"].as_str().unwrap();
    let mut wrong = BASE64_STANDARD.decode(sig).unwrap();
    wrong[63] ^= 0x10;
    for (what, text, expected) in [
        ("nothing", String::new(), Code::EvidenceForm),
        ("a list", "[]".to_owned(), Code::EvidenceForm),
        (
            "no signature",
            with("signatures", json!([])),
            Code::EvidenceSignature,
        ),
        (
            "another payload",
            with("payload", "e30K".into()),
            Code::EvidenceSignature,
        ),
        (
            "payload that is no base64",
            with("payload", "e3 0=".into()),
            Code::EvidenceForm,
        ),
        (
            "payload without padding",
            with("payload", "e30".into()),
            Code::EvidenceForm,
        ),
        (
            "another type",
            with("payloadType", "application/json".into()),
            Code::EvidenceForm,
        ),
        (
            "a field more",
            with("payload2", "e30=".into()),
            Code::EvidenceForm,
        ),
        (
            "a certificate",
            with("signatures", json!([{"sig": sig, "cert": "x"}])),
            Code::EvidenceForm,
        ),
        (
            "a flipped bit",
            with("signatures", json!([{"sig": BASE64_STANDARD.encode(&wrong)}])),
            Code::EvidenceSignature,
        ),
        (
            "a short signature",
            with("signatures", json!([{"sig": "AAAA"}])),
            Code::EvidenceSignature,
        ),
        (
            "data after it",
            format!("{good_text}{good_text}"),
            Code::EvidenceForm,
        ),
        (
            "two payloads",
            good_text.replacen('{', "{\"payload\":\"e30K\",", 1),
            Code::EvidenceForm,
        ),
        (
            "two lists of signatures",
            good_text.replacen('{', "{\"signatures\":[],", 1),
            Code::EvidenceForm,
        ),
    ] {
        assert_eq!(code(&text, &public, 1), expected, "{what}");
    }
    let mut hint = good.clone();
    hint["signatures"][0]["keyid"] = "of somebody else".into();
    verify(hint.to_string().as_bytes(), &public, 1).unwrap();
    let twice = json!([{"sig": sig}, {"sig": sig}]);
    let other = key();
    let keys = [public[0].clone(), other.public().clone()];
    assert_eq!(
        code(&with("signatures", twice), &keys, 2),
        Code::EvidenceSignature,
        "one signer twice is not two"
    );
}

#[test]
fn a_key_that_others_can_read_is_not_used_and_none_is_printed() {
    let directory = tempfile::tempdir().unwrap();
    let (private, public) = (directory.path().join("key"), directory.path().join("key.pub"));
    let redactor = Redactor::default();
    let key = key();
    key.write(&private, &public).unwrap();
    let read = SigningKey::read(&private, &redactor).unwrap();
    assert_eq!(read.public(), key.public());
    assert_eq!(PublicKey::read(&public).unwrap(), *key.public());
    assert_eq!(format!("{read:?}"), "SigningKey { .. }");
    let pem = files::read_text(&private, 1000).unwrap();
    let body = pem.lines().nth(1).unwrap();
    assert!(!redactor.redact(&format!("debug {body}")).contains(body));

    assert!(
        key.write(&private, &public).is_err(),
        "an old key is never overwritten"
    );
    assert!(
        PublicKey::read(&private).is_err(),
        "a private key is no public one"
    );
    assert!(SigningKey::read(&public, &redactor).is_err());
    assert!(SigningKey::read(directory.path(), &redactor).is_err());
    let link = directory.path().join("link");
    files::link(&private, &link).unwrap();
    assert!(SigningKey::read(&link, &redactor).is_err());
    for mode in [0o640, 0o604, 0o660, 0o601] {
        nix::sys::stat::fchmodat(
            nix::fcntl::AT_FDCWD,
            &private,
            nix::sys::stat::Mode::from_bits_truncate(mode),
            nix::sys::stat::FchmodatFlags::FollowSymlink,
        )
        .unwrap();
        let error = SigningKey::read(&private, &redactor).unwrap_err();
        assert_eq!(error.code(), Code::EvidenceKey, "{mode:o}");
        assert!(!error.to_string().contains(body));
    }
}

/// With the neutral element as the key, one signature fits every message.
#[test]
fn a_weak_public_key_is_refused() {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("key.pub");
    let mut der = vec![
        0x30, 0x2a, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x03, 0x21, 0x00, 0x01,
    ];
    der.extend([0; 31]);
    let pem = format!(
        "-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n",
        BASE64_STANDARD.encode(der)
    );
    files::write_for_user(&path, pem.as_bytes(), false).unwrap();
    let error = PublicKey::read(&path).unwrap_err();
    assert!(error.to_string().contains("weak"), "{error}");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    /// A border that moves between type and payload must not make one message of two.
    #[test]
    fn no_two_pairs_have_the_same_encoding(
        first in ("[ 0-9a-z/]{0,12}", prop::collection::vec(any::<u8>(), 0..12)),
        second in ("[ 0-9a-z/]{0,12}", prop::collection::vec(any::<u8>(), 0..12)),
    ) {
        prop_assert_eq!(first == second, pae(&first.0, &first.1) == pae(&second.0, &second.1));
    }

    #[test]
    fn any_payload_comes_back_as_it_was_signed(payload in prop::collection::vec(any::<u8>(), 0..200)) {
        let key = key();
        let envelope = sign(&payload, std::slice::from_ref(&key)).unwrap();
        prop_assert_eq!(verify(&envelope, &[key.public().clone()], 1).unwrap().payload, payload);
    }

    #[test]
    fn no_bytes_crash_the_reader(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        let key = key();
        prop_assert!(verify(&bytes, &[key.public().clone()], 1).is_err());
    }
}
