use super::*;
use crate::evidence::{Image, Parts, attest};

fn statement() -> Statement {
    let parts = Parts {
        images: vec!["aws:eu-central-1:ami-1".parse().unwrap()],
        manifest: Some("00".repeat(32)),
        ..Parts::default()
    };
    attest(parts).unwrap()
}

#[test]
fn a_statement_says_what_it_is_in_the_words_of_in_toto_and_slsa() {
    let text = String::from_utf8(statement().to_bytes().unwrap()).unwrap();
    assert!(
        text.starts_with("{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":["),
        "{text}"
    );
    assert!(text.contains("\"predicateType\":\"https://slsa.dev/provenance/v1\""));
    assert_eq!(PREDICATE_TYPE, "https://slsa.dev/provenance/v1");
    assert_eq!(Statement::parse(text.as_bytes()).unwrap(), statement());
}

#[test]
fn a_statement_that_says_more_or_twice_is_refused() {
    let text = String::from_utf8(statement().to_bytes().unwrap()).unwrap();
    let twice = text.replacen("\"name\":", "\"name\":\"x\",\"name\":", 1);
    for (what, bad) in [
        ("a second subject list", text.replacen('{', "{\"subject\":[],", 1)),
        ("a name twice", twice),
        ("an unknown field", text.replacen('{', "{\"x\":1,", 1)),
        ("another type", text.replacen("Statement/v1", "Statement/v0.1", 1)),
        (
            "another predicate",
            text.replacen("provenance/v1", "provenance/v0.2", 1),
        ),
        ("more after it", format!("{text}{{}}")),
        ("another digest", text.replacen("sha256", "md5", 1)),
    ] {
        assert_ne!(bad, text, "{what}");
        assert_eq!(
            Statement::parse(bad.as_bytes()).unwrap_err().code(),
            Code::EvidenceForm,
            "{what}"
        );
    }
}

#[test]
fn a_subject_that_stands_twice_is_none() {
    let mut statement = statement();
    assert!(statement.subject("root.mtree").is_some() && statement.subject("other").is_none());
    statement
        .subject
        .push(Resource::new("root.mtree", "11".repeat(32)));
    assert_eq!(statement.subject("root.mtree"), None);
}

#[test]
fn an_image_is_named_in_one_way() {
    for text in ["", "aws", "aws:eu", "aws::ami-1", ":eu:ami-1", "aws:eu:"] {
        assert!(text.parse::<Image>().is_err(), "{text}");
    }
    let image: Image = "oci:eu-frankfurt-1:ocid1.image:x".parse().unwrap();
    assert_eq!(image.id, "ocid1.image:x");
    assert_eq!(image.to_string(), "oci:eu-frankfurt-1:ocid1.image:x");
}
