//! The contract suits other languages: guests in JavaScript and Python load without any import and answer
//! like the Rust ones.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use std::path::Path;

use sindri::Code;
use sindri::contract::{
    Action, Architecture, BuildRequest, Context, Effect, ImageFilter, ImageSpec, ImageState, Operation,
    Outcome, PlanRequest, StepResult, StepStatus, Tolerance, Turn, Value,
};
use sindri::plugin::{Engine, Plugin, inspect};
use sindri_tests::guests;

fn context() -> Context {
    Context {
        run_id: "abcdefghijkl".to_owned(),
        now: "2026-01-01T00:00:00Z".to_owned(),
        packer_version: None,
        ssh_public_key: None,
    }
}

fn plan(plugin: &Plugin, operation: Operation, stdout: Option<&str>) -> sindri::Result<Turn> {
    let history = stdout.map(|stdout| StepResult {
        step_id: "list".to_owned(),
        status: StepStatus::Exited(0),
        stdout: stdout.to_owned(),
        error_code: None,
    });
    let request = PlanRequest {
        context: context(),
        config: r#"{"size":20}"#.to_owned(),
        operation,
    };
    plugin.plan(request, history.into_iter().collect())
}

fn list(prefix: &str) -> Operation {
    Operation::ListImages(ImageFilter {
        name_prefix: Some(prefix.to_owned()),
    })
}

/// Everything that any guest of the contract has to do.
fn check(component: &Path, id: &str) {
    let bytes = std::fs::read(component).unwrap();
    assert_eq!(inspect(&bytes).unwrap().imports, [""; 0], "{id}");
    let plugin = Plugin::compile(&Engine::new().unwrap(), id, &bytes).unwrap();

    let info = plugin.describe().unwrap();
    assert_eq!((info.id.as_str(), info.tools.len()), (id, 1));
    assert_eq!(info.tools[0].minimum_version, None);
    assert_eq!(info.requests.commands[0].effect, Effect::Read);
    assert!(info.config_schema.contains("additionalProperties"));

    let image = ImageSpec {
        name: "na\u{ef}ve \u{1f980}".to_owned(),
        description: String::new(),
        architecture: Some(Architecture::Arm64),
        tags: Vec::new(),
        run_tags: Vec::new(),
    };
    let request = BuildRequest {
        context: context(),
        image,
        config: r#"{"size":20}"#.to_owned(),
    };
    let bundle = plugin.render(request).unwrap();
    assert!(bundle.template.starts_with("source \"null\" \"sindri\" {\n"));
    assert_eq!(bundle.notices, ["na\u{ef}ve \u{1f980}: 20 GiB"]);

    let Turn::Run(steps) = plan(&plugin, list("x'$(id)"), None).unwrap() else {
        panic!("{id} ran nothing")
    };
    let Action::Command(command) = &steps[0].action else {
        panic!("{id} runs no command")
    };
    assert_eq!(command.verb, ["image", "list"]);
    assert_eq!(command.flags[1].values, [Value::Text("x'$(id)".to_owned())]);
    assert_eq!(
        (command.timeout_seconds, &command.tolerates),
        (60, &Tolerance::Nothing)
    );

    let listed = r#"[{"id":"i-1","name":"a","state":"ready","region":"here","size":4},
        {"id":"i-2","name":"b","state":"strange","region":"here"}]"#;
    let Turn::Done(Outcome::Images(images)) = plan(&plugin, list("x"), Some(listed)).unwrap() else {
        panic!("{id} lists no images")
    };
    assert_eq!(
        (images[0].state, images[0].size_gib, images[0].architecture),
        (ImageState::Available, Some(4), None)
    );
    assert_eq!((images[1].state, images[1].size_gib), (ImageState::Unknown, None));

    let garbage = plan(&plugin, list("x"), Some("<html>")).unwrap_err();
    assert_eq!(garbage.code(), Code::PluginProblem);
    assert!(garbage.message().contains("not JSON"), "{garbage}");
    let refused = plan(&plugin, Operation::DeleteImage("i-1".to_owned()), None).unwrap_err();
    assert_eq!(
        (refused.code(), refused.next()),
        (Code::PluginProblem, Some("use another cloud"))
    );
}

#[test]
fn a_guest_in_javascript_imports_nothing_and_answers() {
    check(&guests::javascript(), "demo-javascript");
}

#[test]
fn a_guest_in_python_imports_nothing_and_answers() {
    check(&guests::python(), "demo-python");
}
