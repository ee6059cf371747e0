//! Plans of `gcloud` commands, one file for each kind of thing to do.
//!
//! The host sets project, zone, output format and configuration for every command. Nothing of a user's
//! goes into a filter or a list unless its shape says that it is one word there.

mod build;
mod credentials;
mod delete;
mod deploy;
mod destroy;
mod distribute;
mod find_runs;
mod images;
mod removal;

use sindri_plugin_sdk::contract::{Operation, PlanRequest, Problem, Step, StepResult, Turn};
use sindri_plugin_sdk::{Command, History};

use crate::config::Config;
use crate::labels::RULES;

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
        Operation::CheckBuild(_) => build::check(&run),
        Operation::FindImage(cache_key) => images::find(&run, cache_key),
        Operation::ListImages(filter) => images::list(&run, filter.name_prefix.as_deref()),
        Operation::ShowImage(id) => images::show(&run, id),
        Operation::ResolveArtifact(artifact) => images::resolve(&run, artifact),
        Operation::DeleteImage(id) => delete::image(&run, id),
        Operation::Deploy(deploy) => deploy::instance(&run, deploy),
        Operation::Destroy(target) => destroy::target_of(&run, target),
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

/// `gcloud compute GROUP VERB`, which only looks.
fn look(group: &str, verb: &str) -> Command {
    Command::read("gcloud", ["compute", group, verb])
}

/// `gcloud compute GROUP VERB`, which makes something.
fn make(group: &str, verb: &str) -> Command {
    Command::create("gcloud", ["compute", group, verb])
}

/// A filter for resources with this tag. Key and value are written as labels first, so neither can say
/// anything in the language of filters.
fn tagged(key: &str, value: &str) -> Result<String, Problem> {
    Ok(format!("labels.{}={}", RULES.key(key)?, RULES.value(key, value)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_filter_is_more_than_a_word() {
        let filter = tagged("Team", "a OR labels.x:* (\"").unwrap();
        assert!(!filter.contains([' ', '(', '"', ':', '*', '~']), "{filter}");
        assert_eq!(tagged("ManagedBy", "sindri").unwrap(), "labels.managed-by=sindri");
    }
}
