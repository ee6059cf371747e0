use super::*;
use crate::environment::Environment;
use crate::error::Code;
use crate::policy::redact::Redactor;

fn environment(directory: &tempfile::TempDir) -> Environment {
    Environment::of("/", [("SINDRI_STATE_DIR", directory.path())])
}

fn started() -> Event {
    Event::Started {
        command: "deploy".into(),
        cloud: "aws".into(),
        plugin_sha256: "0".repeat(64),
        plugin_version: "0.1.0".into(),
        host_version: "0.1.0".into(),
        config: serde_json::json!({"region": "us-west-2"}),
    }
}

#[test]
fn a_killed_run_is_told_from_one_that_is_going_on() {
    let directory = tempfile::tempdir().unwrap();
    let environment = environment(&directory);
    let run = Run::create(&environment, Redactor::default()).unwrap();
    run.record(started()).unwrap();
    let id = run.id().to_owned();
    assert_eq!(find(&environment, &id).unwrap().state, State::Active);
    drop(run);
    assert_eq!(find(&environment, &id).unwrap().state, State::Interrupted);
}

#[test]
fn a_line_cut_short_by_a_crash_does_not_hide_the_run() {
    let directory = tempfile::tempdir().unwrap();
    let environment = environment(&directory);
    let run = Run::create(&environment, Redactor::default()).unwrap();
    run.record(started()).unwrap();
    let (id, path) = (run.id().to_owned(), run.directory().join("journal.jsonl"));
    drop(run);
    let mut text = crate::files::read_text(&path, 1 << 20).unwrap();
    text.push_str(r#"{"time":"2026-01-01T00:00:00Z","event":"fini"#);
    crate::files::write_for_user(&path, text.as_bytes(), true).unwrap();
    assert_eq!(find(&environment, &id).unwrap().state, State::Interrupted);
}

#[test]
fn an_id_that_is_a_path_is_unknown_and_reads_nothing() {
    let directory = tempfile::tempdir().unwrap();
    for id in ["", "..", "../x", "/etc", "a b"] {
        assert_eq!(
            find(&environment(&directory), id).unwrap_err().code(),
            Code::RunUnknown
        );
    }
}

#[test]
fn a_second_process_cannot_write_to_a_run_that_is_going_on() {
    let directory = tempfile::tempdir().unwrap();
    let environment = environment(&directory);
    let run = Run::create(&environment, Redactor::default()).unwrap();
    run.record(started()).unwrap();
    let error = find(&environment, run.id())
        .unwrap()
        .reopen(Redactor::default())
        .err()
        .unwrap();
    assert_eq!(error.code(), Code::RunActive);
}

#[test]
fn ids_are_twelve_letters_and_differ() {
    let directory = tempfile::tempdir().unwrap();
    let environment = environment(&directory);
    let one = Run::create(&environment, Redactor::default()).unwrap();
    let other = Run::create(&environment, Redactor::default()).unwrap();
    assert_eq!(one.id().len(), 12);
    assert!(
        one.id()
            .bytes()
            .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit())
    );
    assert_ne!(one.id(), other.id());
}
