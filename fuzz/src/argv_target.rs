//! A plugin's command.

use crate::contract::{Command, CommandRequest, Effect, Flag, Tolerance, Value};
use crate::policy::argv::{self, Arg, Placement};
use crate::policy::tools;

const TOOLS: [&str; 5] = ["aws", "az", "gcloud", "oci", "aliyun"];

/// Whatever a command is, and although the user granted just that: it is refused, or what the tool gets has no flag
/// but the granted ones and the host's own, and no value that a tool would take for a flag, a file or an address.
pub fn argv(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else {
        return;
    };
    let Some(command) = command(text) else { return };
    let Ok(profile) = tools::profile(&command.tool) else {
        return;
    };
    let granted = [CommandRequest {
        tool: command.tool.clone(),
        verb: command.verb.clone(),
        flags: command.flags.iter().map(|flag| flag.name.clone()).collect(),
        effect: command.effect,
    }];
    let place = Placement {
        default: "eu-west-1",
        allowed: &[],
    };
    let Ok(argv) = argv::render(&command, &granted, &profile, &place) else {
        return;
    };
    let own: Vec<String> = command
        .flags
        .iter()
        .map(|flag| format!("--{}", flag.name))
        .collect();
    // To a tool that the host does not know, a value is joined to its flag, so that it can be nothing else.
    let value = |word: &str, flag: &String| {
        let value = word.strip_prefix(flag.as_str())?.strip_prefix('=')?;
        (!profile.known).then(|| value.to_owned())
    };
    let known = |word: &str| {
        own.iter().any(|flag| flag == word || value(word, flag).is_some())
            || profile.fixed_arguments.contains(&word)
            || profile.location_flag == Some(word)
    };
    for argument in &argv.args {
        let Arg::Text(word) = argument else { continue };
        assert!(
            !word.chars().any(char::is_control),
            "a control character in {word:?}"
        );
        assert!(
            !word.starts_with('-') || known(word),
            "{word:?} is a flag that nobody granted"
        );
        let joined = own.iter().find_map(|flag| value(word, flag));
        let lower = joined.as_ref().unwrap_or(word).trim_start().to_ascii_lowercase();
        // What each tool reads as the name of a file; a tool that nobody knows might read both.
        let starts: &[&str] = match command.tool.as_str() {
            "aws" => &["file://", "fileb://"],
            "oci" => &["file://"],
            "az" => &["@"],
            _ if profile.known => &[],
            _ => &["@", "file://", "fileb://"],
        };
        for start in starts {
            assert!(
                !lower.starts_with(*start),
                "{} would read a file for {word:?}",
                command.tool
            );
        }
    }
    for flag in &own {
        let name = flag.trim_start_matches("--");
        assert!(!profile.reserved_flags.contains(&name), "{flag} is the host's");
        let given = argv
            .args
            .iter()
            .filter(|argument| matches!(argument, Arg::Text(word) if word == flag || value(word, flag).is_some()));
        assert!(given.count() >= 1);
    }
}

/// The first line has the tool, the effect's first letter and the verb's words; a line that begins with `--` is a flag,
/// any other a value of the flag before it, and before the first flag a positional argument.
fn command(text: &str) -> Option<Command> {
    let mut lines = text.split('\n');
    let mut words = lines.next()?.split(' ');
    let tool = words.next()?;
    // A number stands for a tool too, so that a mutation of one byte gets to another.
    let tool = match tool.parse::<usize>() {
        Ok(number) => (*TOOLS.get(number % TOOLS.len())?).to_owned(),
        Err(_) => tool.to_owned(),
    };
    let effect = match words.next()? {
        "r" => Effect::Read,
        "c" => Effect::Create,
        "d" => Effect::Destroy,
        _ => Effect::Publish,
    };
    let verb = words.map(str::to_owned).collect();
    let mut flags: Vec<Flag> = Vec::new();
    let mut positionals = Vec::new();
    for line in lines {
        match (line.strip_prefix("--"), flags.last_mut()) {
            (Some(name), _) => flags.push(Flag {
                name: name.to_owned(),
                values: Vec::new(),
            }),
            (None, Some(flag)) => flag.values.push(Value::Text(line.to_owned())),
            (None, None) => positionals.push(line.to_owned()),
        }
    }
    Some(Command {
        tool,
        verb,
        flags,
        positionals,
        location: None,
        effect,
        timeout_seconds: 60,
        tolerates: Tolerance::Nothing,
        secret_output: false,
    })
}
