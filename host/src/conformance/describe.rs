//! What a plugin says of itself.

use semver::Version;

use super::{Rule, Suite};
use crate::config::schema;
use crate::policy::builders::Builder;
use crate::policy::{argv, tools};

pub(super) fn check(suite: &mut Suite<'_>) {
    suite.twice("describe", |plugin| plugin.ask());
    let info = std::sync::Arc::clone(&suite.info);
    let plain = |name: &str| {
        !name.is_empty()
            && name.len() <= 32
            && name
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    for name in std::iter::once(&info.id).chain(&info.aliases) {
        if !plain(name) {
            suite.find(
                Rule::Description,
                format!("`{name}` is no name: lower-case letters, digits, -"),
            );
        }
    }
    if Version::parse(&info.version).is_err() {
        suite.find(
            Rule::Description,
            format!("`{}` is no semantic version", info.version),
        );
    }
    if let Err(error) = schema(std::slice::from_ref(&*info)) {
        suite.find(Rule::Description, error.to_string());
    }
    if info.tools.is_empty() {
        suite.find(Rule::Description, "it names no tool");
    }
    for tool in &info.tools {
        if !tool.install_url.starts_with("https://") {
            suite.find(
                Rule::Description,
                format!("the install URL of {} is no https one", tool.program),
            );
        }
    }
    for request in &info.requests.builders {
        if let Err(error) = Builder::of(request) {
            suite.find(Rule::Description, error.to_string());
        }
    }
    for request in &info.requests.commands {
        let verdict =
            tools::profile(&request.tool).and_then(|profile| argv::check_request(request, &profile));
        if let Err(error) = verdict {
            suite.find(Rule::Description, error.to_string());
        }
    }
}
