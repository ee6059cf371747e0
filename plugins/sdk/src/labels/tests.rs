use proptest::prelude::*;

use super::*;
use crate::tags::{BUILD_DATE, MANAGED_BY, SINDRI_CACHE_KEY, SINDRI_VERSION};

/// The narrowest rules of the five clouds.
const NARROW: Rules = Rules {
    cloud: "a narrow cloud",
    starts_key: |c| c.is_ascii_lowercase(),
    in_key: |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-',
    in_value: |c| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '_' || c == '-',
    longest_key: 63,
    longest_value: 63,
    empty_values: true,
    most: 64,
};

/// Almost everything goes, but no spaces and dots in keys and no empty values.
const WIDE: Rules = Rules {
    cloud: "a wide cloud",
    starts_key: |c| c.is_ascii_graphic() && c != '.',
    in_key: |c| c.is_ascii_graphic() && c != '.',
    in_value: |c| !c.is_control(),
    longest_key: 100,
    longest_value: 256,
    empty_values: false,
    most: 10,
};

const DIGEST: &str = "ff23456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

fn tag(key: &str, value: &str) -> Tag {
    Tag {
        key: key.to_owned(),
        value: value.to_owned(),
    }
}

#[test]
fn the_table_of_the_module_is_true() {
    for (key, label) in [
        ("ManagedBy", "managed-by"),
        ("SindriCacheKey", "sindri-cache-key"),
        ("cost_center", "cost_center"),
        ("Team", "team__0"),
        ("dataCenter", "data__center"),
        ("a.b", "a__22eb"),
        ("1st", "x__11st"),
        ("_a", "x__1_a"),
        ("a__b", "a__25f_b"),
        ("ü", "x__1__2fc"),
        ("a\u{1f600}", "a__51f600"),
    ] {
        assert_eq!(NARROW.key(key).unwrap(), label, "{key}");
        assert_eq!(NARROW.read_key(label), key);
    }
    for (key, value, label) in [
        (SINDRI_VERSION, "3.1.0-rc.1", "3_1_0-rc_1"),
        (SINDRI_VERSION, "3.1+B", "3__22e1__22b__b"),
        (BUILD_DATE, "2026-11-22T09:30:05Z", "2026-11-22t09-30-05z"),
        (BUILD_DATE, "2026-11-22", "2026-11-22"),
        (SINDRI_CACHE_KEY, "0123456789abcdef", "0123456789abcdef"),
        ("x", "Platform", "platform__0"),
        ("x", "", ""),
    ] {
        assert_eq!(NARROW.value(key, value).unwrap(), label);
        assert_eq!(NARROW.read_value(key, label), value);
    }
}

#[test]
fn a_digest_of_64_digits_fits_into_63_characters_without_losing_one() {
    let label = NARROW.value(SINDRI_CACHE_KEY, DIGEST).unwrap();
    assert_eq!(label.len(), 52);
    assert_eq!(NARROW.read_value(SINDRI_CACHE_KEY, &label), DIGEST);
    let other = DIGEST.replace("cdef", "cdee");
    assert_ne!(NARROW.value(SINDRI_CACHE_KEY, &other).unwrap(), label);
    assert!(NARROW.value("x", DIGEST).is_err(), "a user's is cut by nobody");
    assert!(
        NARROW.value(SINDRI_CACHE_KEY, &label).is_err(),
        "would be read as the digest"
    );
}

#[test]
fn what_a_wider_cloud_takes_stays_as_it_is() {
    for (key, value) in [
        (MANAGED_BY, "sindri"),
        (SINDRI_VERSION, "3.1.0"),
        (BUILD_DATE, "2026-11-22T09:30:05Z"),
        (SINDRI_CACHE_KEY, DIGEST),
        ("managed-by", "x"),
        ("Team", "Platform Süd {{x}}"),
    ] {
        assert_eq!(WIDE.key(key).unwrap(), key);
        assert_eq!(WIDE.value(key, value).unwrap(), value);
    }
    assert_eq!(WIDE.key("cost center").unwrap(), "cost__220center");
    assert_eq!(WIDE.value("x", "").unwrap(), "__1");
    assert_eq!(WIDE.read_value("x", "__1"), "");
}

#[test]
fn a_user_cannot_write_the_mark_of_ownership_in_the_clouds_spelling() {
    assert_eq!(NARROW.key("").unwrap_err().code, "unusable-tag");
    assert_eq!(NARROW.key("managed-by").unwrap_err().code, "unusable-tag");
    assert!(
        NARROW
            .write(&[tag(MANAGED_BY, "sindri"), tag(MANAGED_BY, "x")])
            .is_err()
    );
}

#[test]
fn what_does_not_fit_is_a_problem_that_names_the_tag() {
    for (key, value) in [
        ("k".repeat(64), "v".to_owned()),
        ("k".to_owned(), "V.".repeat(20)),
    ] {
        let problem = NARROW.write(&[tag(&key, &value)]).unwrap_err();
        assert_eq!(
            (problem.code.as_str(), problem.key.as_deref()),
            ("unusable-tag", Some("tags"))
        );
        assert!(
            problem.message.contains(&format!("`{key}`")),
            "{}",
            problem.message
        );
    }
    let many: Vec<Tag> = (0..65).map(|number| tag(&format!("k{number}"), "v")).collect();
    assert_eq!(NARROW.write(&many).unwrap_err().code, "too-many-tags");
}

#[test]
fn somebody_elses_labels_stay_what_they_are() {
    for label in [
        "a__",
        "a__9",
        "a___b",
        "__0",
        "a__2zz",
        "a__6110000",
        "a__261",
        "x__1abc",
        "b__220",
    ] {
        let text = NARROW.read_key(label);
        assert!(text == label || NARROW.key(&text).unwrap() == label, "{label}");
    }
}

/// Short texts of the characters that escapes are made of, so that chance finds what clashes.
fn nasty() -> impl Strategy<Value = String> {
    prop_oneof![
        "[xaA_012fT:.Z-]{0,12}",
        "[0-9]{4}-[0-9]{2}-[0-9]{2}[tT][0-9]{2}[:-][0-9]{2}[:-][0-9]{2}[zZ]",
        "[0-9a-f]{64}",
        "[a-z2-7]{52}",
        "[0-9._]{1,9}",
        "\\PC{0,12}",
        Just("managed-by".to_owned()),
    ]
}

fn any_key() -> impl Strategy<Value = String> {
    prop_oneof![
        nasty(),
        prop::sample::select(vec![SINDRI_VERSION, BUILD_DATE, SINDRI_CACHE_KEY, MANAGED_BY])
            .prop_map(str::to_owned)
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn every_tag_comes_back_or_is_a_problem(key in any_key(), value in nasty()) {
        for rules in [NARROW, WIDE] {
            if let Ok(labels) = rules.write(&[tag(&key, &value)]) {
                prop_assert!(labels.iter().all(|(key, value)| rules.key_fits(key) && rules.value_fits(value)));
                let read = rules.read(labels.iter().map(|(key, value)| (key.as_str(), value.as_str())));
                prop_assert_eq!(read, vec![tag(&key, &value)]);
            }
        }
    }

    #[test]
    fn different_texts_never_meet(key in any_key(), one in nasty(), other in nasty()) {
        for rules in [NARROW, WIDE] {
            if let (Ok(a), Ok(b)) = (rules.value(&key, &one), rules.value(&key, &other)) {
                prop_assert_eq!(a == b, one == other);
            }
            if let (Ok(a), Ok(b)) = (rules.key(&one), rules.key(&other)) {
                prop_assert_eq!(a == b, one == other);
            }
        }
    }

    #[test]
    fn short_texts_without_oddities_always_fit(value in "[A-Za-z0-9 ._-]{0,12}") {
        prop_assert!(NARROW.value("x", &value).is_ok());
    }

    #[test]
    fn reading_never_panics(label in "\\PC{0,40}") {
        let _ = NARROW.read([(label.as_str(), label.as_str())]);
    }
}
