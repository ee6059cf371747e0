//! Plans of `aws` commands, one file for each kind of thing to do.
//!
//! The host adds region, output format, profile and endpoint to every command. Structured values are
//! JSON text throughout: in the CLI's shorthand syntax a comma in a user's text would be structure.

mod credentials;
mod delete;
mod deploy;
mod destroy;
mod distribute;
mod find_runs;
mod images;
mod removal;

use serde_json::{Value as Json, json};
use sindri_plugin_sdk::contract::{Operation, Outcome, PlanRequest, Problem, Step, StepResult, Tag, Turn};
use sindri_plugin_sdk::{Command, History};

use crate::config::Config;

/// Everything a plan decides from.
struct Run<'a> {
    request: &'a PlanRequest,
    config: &'a Config,
    history: History<'a>,
}

pub(crate) fn plan(request: &PlanRequest, results: &[StepResult]) -> Result<Turn, Problem> {
    let config = Config::parse(&request.config)?;
    sindri_plugin_sdk::check::run_id(&request.context.run_id)?;
    let run = Run {
        request,
        config: &config,
        history: History::new(results),
    };
    match &request.operation {
        Operation::CheckCredentials => credentials::check(&run),
        // Packer's own check finds a name in use before it launches anything, without a command more.
        Operation::CheckBuild(_) => Ok(Turn::Done(Outcome::Ready(Vec::new()))),
        Operation::FindImage(cache_key) => images::find(&run, cache_key),
        Operation::ListImages(filter) => images::list(&run, filter.name_prefix.as_deref()),
        Operation::ShowImage(id) => images::show(&run, id),
        Operation::ResolveArtifact(artifact) => images::resolve(&run, artifact),
        Operation::DeleteImage(id) => delete::image(&run, id),
        Operation::Deploy(deploy) => deploy::instance(&run, deploy),
        Operation::Destroy(target) => destroy::target(&run, target),
        Operation::FindRuns => find_runs::find(&run),
        Operation::Share(share) => distribute::share(&run, share),
        Operation::Publish(publish) => distribute::publish(&run, publish),
        Operation::Copy(copy) => distribute::copy(&run, copy),
        Operation::Deprecate(deprecate) => distribute::deprecate(&run, deprecate),
    }
}

/// One step, which is often a whole turn.
fn ask(step: Step) -> Result<Turn, Problem> {
    Ok(Turn::Run(vec![step]))
}

/// `aws ec2 VERB`, which only looks.
fn look(verb: &str) -> Command {
    Command::read("aws", ["ec2", verb])
}

/// `aws ec2 VERB`, which makes something.
fn make(verb: &str) -> Command {
    Command::create("aws", ["ec2", verb])
}

/// Acts in this region; the build's own needs no mention.
fn in_region(command: Command, config: &Config, region: &str) -> Command {
    if region == config.region {
        command
    } else {
        command.at(region)
    }
}

/// One filter of a `describe` command, for exactly this text.
fn exactly(name: &str, value: &str) -> Json {
    json!({ "Name": name, "Values": [literally(value)] })
}

/// A text in a filter's value, where `*` and `?` are wildcards and `\` takes their meaning away.
fn literally(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        if matches!(character, '*' | '?' | '\\') {
            out.push('\\');
        }
        out.push(character);
    }
    out
}

/// Tags as EC2's JSON wants them.
fn tag_list(tags: &[Tag]) -> Json {
    tags.iter()
        .map(|tag| json!({ "Key": tag.key, "Value": tag.value }))
        .collect()
}

/// Tags for what a command makes, by type of resource.
fn tag_specifications(types: &[&str], tags: &[Tag]) -> Json {
    types
        .iter()
        .map(|kind| json!({ "ResourceType": kind, "Tags": tag_list(tags) }))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::literally;

    #[test]
    fn wildcards_of_a_filter_lose_their_meaning() {
        assert_eq!(literally("a*b?c\\d-ü"), "a\\*b\\?c\\\\d-ü");
    }
}
