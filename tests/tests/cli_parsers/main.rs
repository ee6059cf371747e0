//! Every command of every plan, in the very words that the host would run, is understood by the cloud's real command
//! line: a flag that does not exist, a value that it cannot read or an argument that it misses would fail only in
//! the middle of somebody's build. Nothing is sent: see `tests/parsers/ask.py` and `itself.rs`.
#![allow(
    clippy::disallowed_methods,
    // Each plugin's tests hold its plans against what the host knows of them.
    clippy::duplicate_mod,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used
)]

mod command_line;
mod itself;
mod words;

#[path = "../../../plugins/alibaba/tests/support/mod.rs"]
mod alibaba;
#[path = "../../../plugins/aws/tests/support/mod.rs"]
mod aws;
#[path = "../../../plugins/azure/tests/support/mod.rs"]
mod azure;
#[path = "../../../plugins/gcp/tests/support/mod.rs"]
mod gcp;
#[path = "../../../plugins/oci/tests/support/mod.rs"]
mod oci;

use sindri_plugin_sdk::Provider;
use sindri_plugin_sdk::contract::Command;
use sindri_plugin_sdk::testing::Driven;

use command_line::{CommandLine, Verdict};
use words::Words;

/// Asks about every different command of these plans.
fn understood<P: Provider>(command_line: &CommandLine, plans: &[Driven]) {
    let commands: Vec<Command> = plans.iter().flat_map(Driven::commands).cloned().collect();
    let questions = Words::of(&P::describe().requests.commands, command_line.location, &commands);
    assert!(!questions.is_empty(), "no plan has a command");
    let answers = command_line.ask(&questions);
    let mut reached = 0;
    let mut refused = Vec::new();
    for (question, answer) in questions.iter().zip(&answers) {
        match answer.verdict {
            Verdict::Sent if command_line.is_api(&answer.host) => reached += 1,
            Verdict::Done => {}
            Verdict::Sent | Verdict::Refused => refused.push(format!(
                "{question}\n    {:?} {} {}",
                answer.verdict,
                answer.host,
                answer.said.trim().replace('\n', "\n    ")
            )),
        }
    }
    assert!(
        refused.is_empty(),
        "{} of {} commands are not understood:\n\n{}",
        refused.len(),
        questions.len(),
        refused.join("\n\n")
    );
    assert!(reached > 0, "no command wanted to talk to the cloud");
    eprintln!(
        "{} commands, {reached} of them wanted to talk to the cloud",
        questions.len()
    );
    command_line.can_say_no(&questions);
}

#[test]
fn aliyun_reads_every_command() {
    understood::<sindri_plugin_alibaba::Alibaba>(&CommandLine::aliyun(), &alibaba::everything::everything());
}

#[test]
fn aws_reads_every_command() {
    understood::<sindri_plugin_aws::Aws>(&CommandLine::aws(), &aws::everything::everything());
}

#[test]
fn az_reads_every_command() {
    understood::<sindri_plugin_azure::Azure>(&CommandLine::az(), &azure::everything::everything());
}

#[test]
fn gcloud_reads_every_command() {
    understood::<sindri_plugin_gcp::Gcp>(&CommandLine::gcloud(), &gcp::everything::everything());
}

#[test]
fn oci_reads_every_command() {
    understood::<sindri_plugin_oci::Oci>(&CommandLine::oci(), &oci::everything::everything());
}
