//! From the words of a command line to a typed command, or a refusal.
//!
//! Plugins return typed commands; words come from authors who want to know whether a command would be allowed. Only
//! one way of writing is read, the host's own: `VERB… [NAME] --flag value… --flag=value`. Whatever a tool would read
//! in another way (short and joined options, `--`, flags before the command) is refused, not guessed.

use super::{TEXT_LIMIT, check_request, is_granted};
use crate::contract::{Command, CommandRequest, Flag, Tolerance, Value};
use crate::error::{Code, Error, Result};
use crate::policy::template::is_invisible;
use crate::policy::tools::{ToolProfile, fits, harmless, is_switch};

/// Words of a command line.
const WORD_LIMIT: usize = 1024;

/// Reads the words behind the program's name as one of the granted commands. The result is not checked: give it to
/// [`render`](super::render).
pub fn parse(words: &[String], granted: &[CommandRequest], profile: &ToolProfile) -> Result<Command> {
    if words.len() > WORD_LIMIT {
        let message = format!("more than {WORD_LIMIT} words");
        return Err(Error::new(Code::ArgvValue, message));
    }
    for word in words {
        let odd = |c: char| c.is_control() || is_invisible(c);
        if word.chars().any(odd) {
            let message = format!("{word:?} contains a control or an invisible character");
            return Err(Error::new(Code::ArgvValue, message));
        }
        if word.len() > TEXT_LIMIT && !(profile.takes_json && word.starts_with(['[', '{'])) {
            return Err(Error::new(Code::ArgvValue, "a word is longer than 4 KiB"));
        }
    }
    let bare = words.iter().take_while(|word| !word.starts_with('-')).count();
    let (bare, rest) = words.split_at(bare);
    let flags = flags(rest)?;
    let (grant, positionals) = command(bare, &flags, granted, profile)?;
    // What is wrong with the name of a flag is said before what is wrong with its value.
    for flag in &flags {
        if let Some(error) = never(&flag.name, grant, profile) {
            return Err(error);
        }
        check_count(flag, grant, profile)?;
        for value in &flag.values {
            if let Value::Text(text) = value {
                check_value(text, profile)?;
                check_word(flag, text, grant, profile)?;
            }
        }
    }
    positionals
        .iter()
        .try_for_each(|word| check_value(word, profile))?;
    Ok(Command {
        tool: grant.tool.clone(),
        verb: grant.verb.clone(),
        flags,
        positionals: positionals.to_vec(),
        location: None,
        effect: grant.effect,
        timeout_seconds: 60,
        tolerates: Tolerance::Nothing,
        secret_output: false,
    })
}

/// The granted command that the bare words begin with, the longest; what follows are its arguments.
fn command<'a, 'w>(
    bare: &'w [String],
    flags: &[Flag],
    granted: &'a [CommandRequest],
    profile: &ToolProfile,
) -> Result<(&'a CommandRequest, &'w [String])> {
    let shown = || bare.join(" ");
    if bare.is_empty() {
        return Err(Error::new(
            Code::ArgvVerb,
            "a command line begins with its command, not with a flag",
        )
        .remedy("put flags behind the command"));
    }
    let of_tool = || granted.iter().filter(|grant| grant.tool == profile.program);
    let longest = of_tool()
        .filter(|grant| bare.starts_with(&grant.verb))
        .map(|grant| grant.verb.len())
        .max();
    let Some(longest) = longest else {
        let message = format!("{} {} is not granted", profile.program, shown());
        return Err(Error::new(Code::ArgvVerb, message).remedy(
            "without a grant a plugin may only read images, sizes and places; request the command, and have the user \
             grant it (here: --effect create, destroy or publish)",
        ));
    };
    let (verb, positionals) = bare.split_at(longest);
    let same = || of_tool().filter(|grant| grant.verb == verb);
    let covers = |grant: &&CommandRequest| {
        flags
            .iter()
            .all(|flag| grant.flags.iter().any(|granted| is_granted(granted, &flag.name)))
    };
    let grant = same().find(covers).or_else(|| same().next());
    match grant {
        Some(grant) if positionals.len() <= (profile.positionals)(verb) => Ok((grant, positionals)),
        Some(_) => {
            let message = format!("{} {} takes no further words", profile.program, verb.join(" "));
            Err(Error::new(Code::ArgvVerb, message))
        }
        None => Err(Error::new(Code::Internal, "a granted command was lost")),
    }
}

/// Why no grant could give a flag; none when one could.
fn never(name: &str, grant: &CommandRequest, profile: &ToolProfile) -> Option<Error> {
    let wanted = CommandRequest {
        flags: vec![name.to_owned()],
        ..grant.clone()
    };
    check_request(&wanted, profile)
        .err()
        .map(|error| error.remedy("leave it out; the host says where, as whom and how a command runs"))
}

fn flags(words: &[String]) -> Result<Vec<Flag>> {
    let mut flags: Vec<Flag> = Vec::new();
    // `--flag=value` is whole: another word behind it would be an argument of the command.
    let mut open = true;
    for word in words {
        if let Some(flag) = word.strip_prefix("--") {
            let (name, value) = match flag.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (flag, None),
            };
            check_name(name, word)?;
            let values: Vec<Value> = value
                .into_iter()
                .map(|value| Value::Text(value.to_owned()))
                .collect();
            if is_switch(name) && !values.is_empty() {
                let message = format!("--{name} has no value");
                return Err(Error::new(Code::ArgvValue, message).remedy("leave the value out"));
            }
            open = values.is_empty() && !is_switch(name);
            flags.push(Flag {
                name: name.to_owned(),
                values,
            });
        } else if word.starts_with('-') {
            let message = format!("{word:?} is a short option or a value that would be taken for one");
            return Err(Error::new(Code::ArgvFlag, message).remedy("write flags as `--name value`"));
        } else {
            match flags.last_mut().filter(|_| open) {
                Some(flag) => flag.values.push(Value::Text(word.clone())),
                None => {
                    let message = format!("{word:?} stands behind the flags and belongs to none");
                    return Err(Error::new(Code::ArgvValue, message)
                        .remedy("put arguments of the command before its flags"));
                }
            }
        }
    }
    Ok(flags)
}

/// Joined options (`--name:value`), `--` and anything that is no name.
fn check_name(name: &str, word: &str) -> Result<()> {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.');
    let shaped = name.len() > 1 && name.starts_with(|c: char| c.is_ascii_alphanumeric());
    if shaped && name.chars().all(plain) {
        return Ok(());
    }
    let message = format!("{word:?} is not a flag as the host writes it");
    Err(Error::new(Code::ArgvFlag, message).remedy("write flags as `--name value`, with the whole name"))
}

/// Whether a review knows the command by heart, flag and all.
fn is_known(flag: &str, grant: &CommandRequest) -> bool {
    harmless(&grant.tool)
        .filter(|known| known.verb == grant.verb)
        .any(|known| known.flags.iter().any(|known| is_granted(known, flag)))
}

/// A flag has one value, but to aws and az, which take lists; none is a mistake where the command is known.
fn check_count(flag: &Flag, grant: &CommandRequest, profile: &ToolProfile) -> Result<()> {
    let lists = matches!(profile.program.as_ref(), "aws" | "az");
    let message = match flag.values.len() {
        0 if !is_switch(&flag.name) && is_known(&flag.name, grant) => format!("--{} has no value", flag.name),
        0 | 1 => return Ok(()),
        _ if lists => return Ok(()),
        _ => format!("--{} has more than one value", flag.name),
    };
    Err(Error::new(Code::ArgvValue, message).remedy("give the flag one value"))
}

/// Names, ids and states are words; only queries and filters have a language of their own.
fn check_word(flag: &Flag, text: &str, grant: &CommandRequest, profile: &ToolProfile) -> Result<()> {
    let is_language =
        matches!(flag.name.as_str(), "query" | "filter" | "filters") || flag.name.ends_with(".Value");
    let odd = |c: char| "$`;|&<>\\'\"{}".contains(c);
    if !is_known(&flag.name, grant) {
        return Ok(());
    }
    let is_word = is_language || (!text.contains(odd) && fits(&flag.name, text));
    if is_word && !text.trim().is_empty() {
        return Ok(());
    }
    let message = format!(
        "{text:?} is not a value of --{} of {}",
        flag.name, profile.program
    );
    Err(Error::new(Code::ArgvValue, message).remedy("give a name, an id or a state"))
}

/// What one tool or another takes for a file or an address. Stricter than the tool's own profile, which knows where it
/// does not: here nobody knows what the value was made of.
fn check_value(value: &str, profile: &ToolProfile) -> Result<()> {
    let refused = |why: &str| {
        let message = format!(
            "{value:?} cannot be given to {} as plain text: {why}",
            profile.program
        );
        Err(Error::new(Code::ArgvValue, message).remedy("give the value itself"))
    };
    let text = value.trim_start();
    let scheme = text
        .split_once("://")
        .map(|(scheme, _)| scheme.to_ascii_lowercase());
    let is_resource = text.starts_with("/subscriptions/");
    if matches!(
        scheme.as_deref(),
        Some("file" | "fileb" | "http" | "https" | "query")
    ) {
        refused("an address would be read")
    } else if text.starts_with('@') || text.contains("@=") {
        refused("`@` names a file")
    } else if text
        .split_once('=')
        .is_some_and(|(_, behind)| behind.starts_with('@'))
    {
        refused("`=@` names a file")
    } else if (text.starts_with(['~', '/']) && !is_resource)
        || text.starts_with("./")
        || text.starts_with("../")
        || text.contains("/../")
    {
        refused("it looks like a path")
    } else {
        Ok(())
    }
}

#[cfg(test)]
#[path = "parse/tests.rs"]
mod tests;
