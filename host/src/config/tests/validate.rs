//! The subset validator against the general one, and its limits.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::config::validate::{Report, pattern, validate};

fn check(value: &Value, schema: &Value) -> Report {
    validate(value, schema, &Default::default()).unwrap()
}

fn accepts(value: &Value, schema: &Value) -> bool {
    let report = check(value, schema);
    report.findings.is_empty() && report.missing.is_empty()
}

/// A plugin's schema is a stranger's text.
#[test]
fn a_schema_outside_the_subset_is_a_defect_and_not_a_pass() {
    for schema in [
        json!({"$ref": "#"}),
        json!({"anyOf": [{}]}),
        json!({"type": ["string", "null"]}),
        json!({"not": {"type": "null"}}),
        json!({"enum": "x"}),
        json!({"pattern": "("}),
        json!({"pattern": "(x{1000}){1000}"}),
        json!({"maxLength": "3"}),
        json!({"required": [1]}),
        json!({"properties": {"a": null}}),
        json!({"additionalProperties": "no"}),
        json!(7),
    ] {
        for value in [json!("x"), json!({"a": 1})] {
            let relevant = !(value.is_object() && schema.get("pattern").is_some());
            let strings_only = ["required", "properties", "additionalProperties"];
            let relevant =
                relevant && !(value.is_string() && strings_only.iter().any(|key| schema.get(key).is_some()));
            if relevant {
                assert!(
                    validate(&value, &schema, &Default::default()).is_err(),
                    "{schema} {value}"
                );
            }
        }
    }
}

/// `(a+)+$` takes exponential time where the engine backtracks.
#[test]
fn a_pattern_made_to_hang_answers_at_once() {
    let evil = pattern("^(a+)+$").unwrap();
    let start = std::time::Instant::now();
    assert!(!evil.is_match(&format!("{}b", "a".repeat(10_000))));
    assert!(start.elapsed().as_secs() < 2);
}

fn leaf_schema() -> impl Strategy<Value = Value> {
    prop_oneof![
        (0u64..4, 0u64..5)
            .prop_map(|(least, most)| json!({"type": "string", "minLength": least, "maxLength": most})),
        prop::sample::select(vec![
            "^a",
            "b$",
            "^[a-c]+$",
            "^(a|bc)?$",
            "[^a]",
            "^\\S{2,3}$",
            "a.c"
        ])
        .prop_map(|pattern| json!({"type": "string", "pattern": pattern})),
        (-3i64..3, -2i64..6)
            .prop_map(|(least, most)| json!({"type": "integer", "minimum": least, "maximum": most})),
        (-3i64..3).prop_map(|least| json!({"type": "number", "minimum": least})),
        Just(json!({"type": "boolean"})),
        Just(json!({"type": "null"})),
        Just(json!({"enum": ["a", "b", 1, null, true]})),
        Just(json!({"const": "a"})),
        Just(json!({"not": {}})),
        Just(json!({})),
        any::<bool>().prop_map(Value::Bool),
    ]
}

fn any_schema() -> impl Strategy<Value = Value> {
    leaf_schema().prop_recursive(3, 24, 4, |inner| {
        let properties = prop::collection::btree_map("[a-c]", inner.clone(), 0..4);
        let required = prop::collection::btree_set("[a-c]", 0..2);
        prop_oneof![
            (inner.clone(), 0u64..3, 0u64..4, any::<bool>()).prop_map(|(items, least, most, unique)| {
                json!({"type": "array", "items": items, "minItems": least, "maxItems": most, "uniqueItems": unique})
            }),
            (properties, required, any::<bool>()).prop_map(|(properties, required, open)| {
                json!({"type": "object", "properties": properties, "required": required, "additionalProperties": open})
            }),
            inner.prop_map(|additional| {
                json!({"type": "object", "additionalProperties": additional, "propertyNames": {"pattern": "^[ab]"}})
            }),
        ]
    })
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        "[a-c ü]{0,5}".prop_map(Value::String),
        (-4i64..8).prop_map(Value::from),
        // JSON Schema takes 2.0 for an integer, the types behind our schemas do not.
        (-4i64..8).prop_map(|number| json!(number as f64 + 0.5)),
        any::<bool>().prop_map(Value::Bool),
        Just(Value::Null),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::btree_map("[a-d]", inner, 0..4).prop_map(|members| json!(members)),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]
    #[test]
    fn the_general_validator_comes_to_the_same_verdict(schema in any_schema(), values in prop::collection::vec(any_value(), 8)) {
        let general = jsonschema::draft202012::new(&schema).unwrap();
        for value in values {
            prop_assert_eq!(accepts(&value, &schema), general.is_valid(&value), "{} {}", schema, value);
        }
    }
}
