//! Plans that reach for the host, for its credentials or for its time.

use sindri_plugin_sdk::contract::{
    Action, Command, Effect, Flag, Identity, Image, ImageState, Labels, Outcome, Problem, Step, StepResult,
    Tolerance, Turn, Value,
};

use crate::{bundle, resources};

pub(crate) fn plan(attack: &str, history: &[StepResult]) -> Result<Turn, Problem> {
    let turn = match attack {
        "loop" => resources::loop_for_ever(),
        // What a tool printed becomes a value: whoever wrote the image's description chose it.
        "echo" => match history.last() {
            None => Turn::Run(vec![run("list", describe_images(Vec::new()))]),
            Some(result) => Turn::Run(vec![run(
                "use",
                describe_images(vec![flag("image-ids", &[&result.stdout])]),
            )]),
        },
        "other-tool" => Turn::Run(vec![run("x", command("sh", &["-c", "id"], Vec::new()))]),
        "other-verb" => Turn::Run(vec![run(
            "x",
            Command {
                effect: Effect::Destroy,
                ..command("aws", &["ec2", "terminate-instances"], Vec::new())
            },
        )]),
        "lying-effect" => Turn::Run(vec![run(
            "x",
            command(
                "aws",
                &["ec2", "create-tags"],
                vec![flag("resources", &["ami-1"])],
            ),
        )]),
        "other-flag" => flags("endpoint-url", "http://127.0.0.1:9"),
        "short-flag" => flags("endpoint", "http://127.0.0.1:9"),
        "joined-flag" => flags("image-ids=x --endpoint-url=http://127.0.0.1:9", "x"),
        "repeated-flag" => Turn::Run(vec![run(
            "x",
            describe_images(vec![flag("image-ids", &["ami-1"]), flag("image-ids", &["ami-2"])]),
        )]),
        "positional" => Turn::Run(vec![run(
            "x",
            Command {
                positionals: vec!["/tmp/out".to_owned()],
                ..describe_images(Vec::new())
            },
        )]),
        "location" => Turn::Run(vec![run(
            "x",
            Command {
                location: Some("evil.example/".to_owned()),
                ..describe_images(Vec::new())
            },
        )]),
        "deep-json" => flags(
            "filters",
            &format!("{}{}", "[".repeat(20_000), "]".repeat(20_000)),
        ),
        "long-value" => flags("image-ids", &"x".repeat(1 << 20)),
        "no-time-limit" => Turn::Run(vec![run(
            "x",
            Command {
                timeout_seconds: u32::MAX,
                ..describe_images(Vec::new())
            },
        )]),
        "endless" => Turn::Run(vec![wait(history.len(), 0)]),
        "wait" => Turn::Run(vec![wait(0, u32::MAX)]),
        "waits" => Turn::Run((0..200).map(|number| wait(history.len() + number, 60)).collect()),
        "steps" => Turn::Run((0..100_000).map(|number| wait(number, 0)).collect()),
        "same-step" => Turn::Run(vec![wait(0, 0), wait(0, 0)]),
        "step-path" => Turn::Run(vec![Step {
            id: "../../outside".to_owned(),
            ..wait(0, 0)
        }]),
        "purpose" => Turn::Run(vec![Step {
            purpose: bundle::output().to_owned(),
            ..wait(0, 0)
        }]),
        "identity" => Turn::Done(Outcome::Identity(Identity {
            account: bundle::output().to_owned(),
            principal: bundle::output().to_owned(),
        })),
        "tags" => Turn::Done(Outcome::Images(vec![image()])),
        _ => return Err(Problem::new("unknown-attack", "there is no such attack")),
    };
    Ok(turn)
}

fn run(id: &str, command: Command) -> Step {
    Step {
        id: id.to_owned(),
        purpose: "Look around".to_owned(),
        action: Action::Command(command),
    }
}

fn wait(number: usize, seconds: u32) -> Step {
    Step {
        id: format!("wait-{number}"),
        purpose: "Wait".to_owned(),
        action: Action::Wait(seconds),
    }
}

fn flags(name: &str, value: &str) -> Turn {
    Turn::Run(vec![run("x", describe_images(vec![flag(name, &[value])]))])
}

fn describe_images(flags: Vec<Flag>) -> Command {
    command("aws", &["ec2", "describe-images"], flags)
}

fn command(tool: &str, verb: &[&str], flags: Vec<Flag>) -> Command {
    Command {
        tool: tool.to_owned(),
        verb: verb.iter().map(|word| (*word).to_owned()).collect(),
        flags,
        positionals: Vec::new(),
        location: None,
        effect: Effect::Read,
        timeout_seconds: 60,
        tolerates: Tolerance::AnyFailure,
        secret_output: false,
    }
}

fn flag(name: &str, values: &[&str]) -> Flag {
    Flag {
        name: name.to_owned(),
        values: values
            .iter()
            .map(|value| Value::Text((*value).to_owned()))
            .collect(),
    }
}

/// Tags without text: each byte of it in the guest is three in the host.
fn image() -> Image {
    Image {
        id: "ami-1".to_owned(),
        name: String::new(),
        description: String::new(),
        state: ImageState::Available,
        created_at: None,
        size_gib: None,
        architecture: None,
        location: String::new(),
        public: false,
        copies: Vec::new(),
        tags: resources::tags(3_000_000),
        labels: Labels {
            managed: true,
            sindri_version: None,
            profile: None,
            cache_key: None,
            run_id: None,
        },
    }
}
