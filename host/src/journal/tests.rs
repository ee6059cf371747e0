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
        process: Process::own(),
    }
}

/// The announcement of a command that makes something.
fn making() -> Event {
    Event::CommandStarted {
        step: "key-pair".into(),
        argv: vec!["aws".into()],
        effect: crate::contract::Effect::Create,
    }
}

/// A process that there was once.
const DEAD: Process = Process {
    pid: u32::MAX,
    start_ticks: 1,
};

#[test]
fn a_killed_run_is_told_from_one_that_is_going_on() {
    let directory = tempfile::tempdir().unwrap();
    let environment = environment(&directory);
    let run = Run::create(&environment, Redactor::default()).unwrap();
    run.record(started()).unwrap();
    run.record(making()).unwrap();
    let id = run.id().to_owned();
    assert_eq!(find(&environment, &id).unwrap().state, State::Active);
    drop(run);
    assert_eq!(find(&environment, &id).unwrap().state, State::Interrupted);
}

#[test]
fn a_run_that_was_killed_before_it_made_anything_has_left_nothing() {
    let directory = tempfile::tempdir().unwrap();
    let environment = environment(&directory);
    let run = Run::create(&environment, Redactor::default()).unwrap();
    run.record(started()).unwrap();
    let id = run.id().to_owned();
    drop(run);
    assert_eq!(find(&environment, &id).unwrap().state, State::Failed);
}

/// A run of a process that is dead, and its lock in other hands.
fn inherited(environment: &Environment) -> (String, Run) {
    let run = Run::create(environment, Redactor::default()).unwrap();
    let mut started = started();
    if let Event::Started { process, .. } = &mut started {
        *process = Some(DEAD);
    }
    run.record(started).unwrap();
    run.record(making()).unwrap();
    (run.id().to_owned(), run)
}

#[test]
fn a_lock_that_a_child_inherited_for_a_moment_is_no_running_process() {
    let directory = tempfile::tempdir().unwrap();
    let environment = environment(&directory);
    let (id, child) = inherited(&environment);
    let becomes_another_program = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(100));
        drop(child);
    });
    assert_eq!(find(&environment, &id).unwrap().state, State::Interrupted);
    becomes_another_program.join().unwrap();
}

#[test]
fn a_lock_that_stays_is_somebody_at_work_whom_we_cannot_see() {
    let directory = tempfile::tempdir().unwrap();
    let environment = environment(&directory);
    let (id, elsewhere) = inherited(&environment);
    let story = find(&environment, &id).unwrap();
    assert_eq!(story.state, State::Active);
    assert_eq!(
        story.reopen(Redactor::default()).err().unwrap().code(),
        Code::RunActive
    );
    drop(elsewhere);
}

#[test]
fn a_run_that_is_being_undone_is_at_work_and_interrupted_again_if_that_is_killed() {
    let directory = tempfile::tempdir().unwrap();
    let environment = environment(&directory);
    let run = Run::create(&environment, Redactor::default()).unwrap();
    run.record(started()).unwrap();
    run.record(making()).unwrap();
    run.finish(Finish::Unclean, None).unwrap();
    let id = run.id().to_owned();
    drop(run);
    let undoing = find(&environment, &id)
        .unwrap()
        .reopen(Redactor::default())
        .unwrap();
    assert_eq!(find(&environment, &id).unwrap().state, State::Active);
    drop(undoing);
    assert_eq!(find(&environment, &id).unwrap().state, State::Interrupted);
}

#[test]
fn a_line_cut_short_by_a_crash_does_not_hide_the_run() {
    let directory = tempfile::tempdir().unwrap();
    let environment = environment(&directory);
    let run = Run::create(&environment, Redactor::default()).unwrap();
    run.record(started()).unwrap();
    run.record(making()).unwrap();
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

/// A clock that is ahead must not make a run old, or one from the future ageless.
#[test]
fn ages_are_never_negative() {
    assert!(since("2000-01-01T00:00:00Z").unwrap() > std::time::Duration::from_secs(800_000_000));
    assert_eq!(since("2999-01-01T00:00:00Z"), Some(std::time::Duration::ZERO));
    assert_eq!(since("2026-11-22"), None);
}
