//! What an installed plugin says of itself, made harmless: it is somebody's text.

use crate::config;
use crate::contract::{ProviderInfo, Tool};
use crate::error::{Code, Error, Result};
use crate::policy::redact::neutralise;
use crate::policy::tools;

/// Characters of a text that is shown in a line.
const LINE: usize = 200;
/// Most of anything in a list.
const MANY: usize = 1000;
/// What makes a program say its version; anything else could make it do something.
const VERSION_ARGUMENTS: &[&str] = &[
    "--version",
    "-version",
    "-V",
    "-v",
    "version",
    "--client",
    "--short",
];

/// The description under the name that the user gave. What the plugin calls itself leads nowhere, and neither do
/// its other names: the configuration lets a plugin read variables that begin with one of them.
pub(super) fn admit(info: ProviderInfo, id: &str) -> Result<ProviderInfo> {
    let refused = |what: String| {
        Err(Error::new(
            Code::PluginReturn,
            format!("the plugin `{id}` says of itself {what}"),
        )
        .remedy("report this to the plugin's author"))
    };
    let requests = &info.requests;
    let many = [
        requests.builders.len(),
        requests.packer_plugins.len(),
        requests.commands.len(),
        info.tools.len() * 100,
    ];
    if many.iter().any(|count| *count > MANY) {
        return refused(format!("more than {MANY} things"));
    }
    for tool in &info.tools {
        tools::profile(&tool.program)?;
        if let Some(argument) = tool
            .version_args
            .iter()
            .find(|argument| !VERSION_ARGUMENTS.contains(&argument.as_str()))
        {
            return refused(format!(
                "that {} tells its version with `{}`; known are: {}",
                tool.program,
                argument.escape_default(),
                VERSION_ARGUMENTS.join(", ")
            ));
        }
    }
    let mut admitted = ProviderInfo {
        id: id.to_owned(),
        title: line(&info.title),
        version: line(&info.version),
        aliases: Vec::new(),
        tools: info.tools.into_iter().map(plain).collect(),
        ..info
    };
    config::drop_foreign_variables(&mut admitted);
    Ok(admitted)
}

fn plain(tool: Tool) -> Tool {
    Tool {
        title: line(&tool.title),
        install_url: line(&tool.install_url),
        login_hint: line(&tool.login_hint),
        ..tool
    }
}

/// One line that acts upon no terminal.
fn line(text: &str) -> String {
    let text: String = text.chars().take(LINE).collect();
    neutralise(&text).replace('\n', " ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::Requests;

    fn info(program: &str, version_args: &[&str]) -> ProviderInfo {
        ProviderInfo {
            id: "aws".to_owned(),
            title: "A\u{1b}[2J\nB".to_owned(),
            version: "1".to_owned(),
            aliases: vec!["github".to_owned()],
            tools: vec![Tool {
                program: program.to_owned(),
                title: String::new(),
                install_url: String::new(),
                login_hint: "##vso[task.setvariable]x".to_owned(),
                version_args: version_args.iter().map(|one| (*one).to_owned()).collect(),
                minimum_version: None,
            }],
            requests: Requests::default(),
            config_schema: "{}".to_owned(),
        }
    }

    #[test]
    fn a_plugin_that_calls_itself_aws_is_called_what_the_user_calls_it() {
        let admitted = admit(info("hcloud", &["version"]), "hcloud").unwrap();
        assert_eq!(admitted.id, "hcloud");
        assert_eq!(admitted.aliases, [""; 0]);
        assert_eq!(admitted.title, "A B");
        assert!(!admitted.tools[0].login_hint.contains("##vso"));
    }

    #[test]
    fn a_plugin_reads_no_variables_of_the_name_that_it_would_like_to_have() {
        let mut claims = info("aws", &[]);
        claims.config_schema =
            r#"{"type": "object", "additionalProperties": false, "properties": {"region": {
            "type": "string", "x-sindri": {"env": ["GITHUB_REPOSITORY", "AWS_REGION", "HCLOUD_REGION"]}}}}"#
                .to_owned();
        let admitted = admit(claims, "hcloud").unwrap();
        let schema: serde_json::Value = serde_json::from_str(&admitted.config_schema).unwrap();
        assert_eq!(
            schema["properties"]["region"]["x-sindri"]["env"],
            serde_json::json!(["AWS_REGION", "HCLOUD_REGION"]),
            "a location of its tool, and one of its own name"
        );
    }

    #[test]
    fn asking_for_a_version_runs_nothing_else() {
        for (program, arguments) in [
            ("aliyun", &["--mode", "External", "--process-command", "id"][..]),
            ("aws", &["s3", "rm", "s3://x"]),
            ("sh", &["-c", "id"]),
            ("/bin/id", &["--version"]),
            ("hcloud", &["--version=x"]),
        ] {
            assert!(
                admit(info(program, arguments), "x").is_err(),
                "{program} {arguments:?}"
            );
        }
    }
}
