//! From a plugin's typed command to an argument vector, or a refusal. Nothing else makes one.

mod parse;

use std::ffi::OsString;
use std::fmt::Write as _;
use std::path::Path;

pub use self::parse::parse;
use super::redact::neutralise;
use super::tools::{ToolProfile, strict};
use crate::contract::{Command, CommandRequest, Effect, Flag, Value};
use crate::error::{Code, Error, Result};
use crate::files;

/// Longest text of one value.
const TEXT_LIMIT: usize = 4096;
/// Longest JSON text and file content. Linux takes at most 128 KiB in one argument.
const DATA_LIMIT: usize = 64 * 1024;
/// Most arguments of a command.
const ARGUMENT_LIMIT: usize = 1024;
/// As the contract says.
const LONGEST_TIMEOUT: u32 = 3600;

/// Where commands may act.
#[derive(Clone, Copy, Debug)]
pub struct Placement<'a> {
    /// The configured location; empty for that of the user's profile.
    pub default: &'a str,
    /// Others that the configuration names.
    pub allowed: &'a [String],
}

/// A checked command line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Argv {
    /// File name of the program.
    pub tool: String,
    /// Its arguments.
    pub args: Vec<Arg>,
}

/// One argument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Arg {
    /// As it is.
    Text(String),
    /// The name of a file with this content, behind the tool's prefix for files.
    File {
        /// For example `fileb://`.
        prefix: &'static str,
        /// What the tool is to read.
        content: String,
    },
}

/// Checks a command against what is granted and the host's own ceiling, and renders it.
pub fn render(
    command: &Command,
    granted: &[CommandRequest],
    profile: &ToolProfile,
    place: &Placement<'_>,
) -> Result<Argv> {
    if command.tool != profile.program {
        let message = format!("{:?} is not the tool {}", command.tool, profile.program);
        return Err(Error::new(Code::ArgvTool, message));
    }
    let grant = matching_grant(command, granted)?;
    check_request(grant, profile)?;
    if !(1..=LONGEST_TIMEOUT).contains(&command.timeout_seconds) {
        let message = format!(
            "a time limit of {} s is not within 1 to 3600",
            command.timeout_seconds
        );
        return Err(Error::new(Code::PluginReturn, message));
    }

    let mut args: Vec<Arg> = command.verb.iter().cloned().map(Arg::Text).collect();
    let mut seen: Vec<&str> = Vec::new();
    for flag in &command.flags {
        if !grant.flags.iter().any(|granted| is_granted(granted, &flag.name)) {
            return Err(not_granted(
                Code::ArgvFlag,
                command,
                &format!("the flag --{}", flag.name),
            ));
        }
        if seen.contains(&flag.name.as_str()) {
            let message = format!("--{} stands twice in {}", flag.name, words(command));
            return Err(Error::new(Code::ArgvFlag, message));
        }
        seen.push(&flag.name);
        push_flag(&mut args, flag, profile)?;
    }
    if command.positionals.len() > (profile.positionals)(&command.verb) {
        let message = format!("{} takes no further words", words(command));
        return Err(Error::new(Code::ArgvValue, message));
    }
    for word in &command.positionals {
        check_text(word, "an argument", profile)?;
        if let Some(why) = (!profile.known)
            .then(|| strict::refuses_positional(word))
            .flatten()
        {
            let message = format!("{} does not take {word:?} behind it: {why}", words(command));
            return Err(Error::new(Code::ArgvValue, neutralise(&message)));
        }
        args.push(Arg::Text(word.clone()));
    }
    // Last, so that nothing before it can take it back.
    if let Some(location) = location(command, profile, place)? {
        args.extend(location.map(Arg::Text));
    }
    args.extend(
        profile
            .fixed_arguments
            .iter()
            .map(|text| Arg::Text((*text).to_owned())),
    );
    if args.len() > ARGUMENT_LIMIT {
        return Err(Error::new(
            Code::ArgvValue,
            format!("more than {ARGUMENT_LIMIT} arguments"),
        ));
    }
    Ok(Argv {
        tool: command.tool.clone(),
        args,
    })
}

/// What no grant can give: checked when a plugin asks for it and again before each command.
pub fn check_request(request: &CommandRequest, profile: &ToolProfile) -> Result<()> {
    let shown = || format!("{} {}", request.tool, request.verb.join(" "));
    for word in &request.verb {
        let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
        // `help` starts a pager.
        if word == "help"
            || !word.starts_with(|c: char| c.is_ascii_alphanumeric())
            || !word.chars().all(plain)
        {
            return Err(Error::new(
                Code::ArgvVerb,
                format!("{word:?} is not a word of a command"),
            ));
        }
    }
    let effects = (profile.ceiling)(&request.verb);
    if request.verb.is_empty() || effects.is_empty() {
        return Err(Error::new(
            Code::ArgvVerb,
            format!("no plugin may run {}", shown()),
        ));
    }
    if !effects.contains(&request.effect) {
        let effects: Vec<_> = effects.iter().map(|effect| name(*effect)).collect();
        let message = format!(
            "{} is said to {}, but its effect is: {}",
            shown(),
            name(request.effect),
            effects.join(" or ")
        );
        return Err(Error::new(Code::ArgvVerb, message));
    }
    for flag in &request.flags {
        let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '.' | '_');
        // Two characters at least: one letter is a short option to some tools.
        let shaped = flag.len() > 1 && flag.starts_with(|c: char| c.is_ascii_alphanumeric());
        if !shaped || !flag.chars().all(plain) {
            return Err(Error::new(
                Code::ArgvFlag,
                format!("{flag:?} is not the name of a flag"),
            ));
        }
        let is_reserved = |name: &&&str| match name.strip_prefix('*') {
            Some(ending) => flag.ends_with(ending),
            None => **name == flag || (profile.abbreviates_flags && name.starts_with(flag.as_str())),
        };
        let reserved = profile.reserved_flags.iter().find(is_reserved);
        if let Some(reserved) = reserved {
            let message = format!(
                "no plugin may set --{flag} of {}: it means --{reserved}",
                request.tool
            );
            return Err(Error::new(Code::ArgvFlag, message));
        }
        if let Some(why) = (!profile.known).then(|| strict::refuses_flag(flag)).flatten() {
            let message = format!("no plugin may set --{flag} of {}: {why}", request.tool);
            return Err(Error::new(Code::ArgvFlag, message));
        }
    }
    Ok(())
}

/// `N` between dots of a granted name is a number from 1 to 100, as tools have them whose lists are flags of their own:
/// `--Tag.1.Key`. The number is in its only spelling, so that no flag can be given twice.
pub(in crate::policy) fn is_granted(granted: &str, flag: &str) -> bool {
    let number = |part: &str| !part.starts_with('0') && part.bytes().all(|byte| byte.is_ascii_digit());
    let in_range =
        |part: &str| number(part) && part.parse().is_ok_and(|value: u8| (1..=100).contains(&value));
    let (granted, flag) = (granted.split('.'), flag.split('.'));
    granted.clone().count() == flag.clone().count()
        && granted.zip(flag).all(|(granted, part)| {
            if granted == "N" {
                in_range(part)
            } else {
                granted == part
            }
        })
}

fn matching_grant<'a>(command: &Command, granted: &'a [CommandRequest]) -> Result<&'a CommandRequest> {
    let mut of_tool = granted
        .iter()
        .filter(|grant| grant.tool == command.tool)
        .peekable();
    if of_tool.peek().is_none() {
        return Err(not_granted(Code::ArgvTool, command, &command.tool));
    }
    let of_verb: Vec<_> = of_tool.filter(|grant| grant.verb == command.verb).collect();
    if of_verb.is_empty() {
        return Err(not_granted(Code::ArgvVerb, command, &words(command)));
    }
    of_verb
        .into_iter()
        .find(|grant| grant.effect == command.effect)
        .ok_or_else(|| {
            let what = format!("{} with the effect `{}`", words(command), name(command.effect));
            not_granted(Code::ArgvVerb, command, &what)
        })
}

fn push_flag(args: &mut Vec<Arg>, flag: &Flag, profile: &ToolProfile) -> Result<()> {
    let shown = format!("the value of --{}", flag.name);
    let name = format!("--{}", flag.name);
    let joined = (!profile.known && !flag.values.is_empty()).then_some(name.as_str());
    if joined.is_none() {
        args.push(Arg::Text(name.clone()));
    }
    // JMESPath, which begins with a bracket as often as not, is text to every tool that takes it.
    let takes_json = profile.takes_json && flag.name != "query";
    let is_json = |text: &str| takes_json && text.trim_start().starts_with(['[', '{']);
    // aws looks at the first value to decide how to read all of them.
    let texts = || {
        flag.values.iter().filter_map(|value| match value {
            Value::Text(text) => Some(text.as_str()),
            Value::File(_) => None,
        })
    };
    if texts().any(is_json) && !texts().all(is_json) {
        return Err(Error::new(
            Code::ArgvValue,
            format!("{shown} is JSON in part only"),
        ));
    }
    for value in &flag.values {
        match value {
            Value::Text(text) if is_json(text) => {
                check_json(text, &shown)?;
                args.push(Arg::Text(text.clone()));
            }
            Value::Text(text) => {
                check_text(text, &shown, profile)?;
                args.push(Arg::Text(
                    joined.map_or_else(|| text.clone(), |name| format!("{name}={text}")),
                ));
            }
            Value::File(content) => {
                let Some(prefix) = profile.file_prefix else {
                    let message = format!("{} is not known to take files, {shown} is one", profile.program);
                    return Err(Error::new(Code::ArgvValue, message));
                };
                if content.len() > DATA_LIMIT {
                    return Err(Error::new(
                        Code::ArgvValue,
                        format!("{shown} is longer than 64 KiB"),
                    ));
                }
                args.push(Arg::File {
                    prefix,
                    content: content.clone(),
                });
            }
        }
    }
    Ok(())
}

fn check_json(text: &str, shown: &str) -> Result<()> {
    let refused = |why: &str| Err(Error::new(Code::ArgvValue, format!("{shown} {why}")));
    if text.len() > DATA_LIMIT {
        return refused("is longer than 64 KiB");
    }
    if text.chars().any(char::is_control) {
        return refused("contains a control character");
    }
    // Has a depth limit of its own, but only where values are kept: what is ignored may be nested without an end.
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(_) => Ok(()),
        Err(_) => refused("starts like JSON and is none"),
    }
}

fn check_text(text: &str, shown: &str, profile: &ToolProfile) -> Result<()> {
    let refused = |why: &str| {
        let message = format!(
            "{shown} cannot be given to {} as plain text: {why}",
            profile.program
        );
        Err(Error::new(Code::ArgvValue, message))
    };
    if text.len() > TEXT_LIMIT {
        return refused("it is longer than 4 KiB");
    }
    if text.chars().any(char::is_control) {
        return refused("it contains a control character");
    }
    if text.trim_start().starts_with('-') {
        return refused("it would be taken for a flag");
    }
    match (profile.refuses)(text) {
        Some(why) => refused(why),
        None => Ok(()),
    }
}

fn location(command: &Command, profile: &ToolProfile, place: &Placement<'_>) -> Result<Option<[String; 2]>> {
    let Some(flag) = profile.location_flag else {
        return match &command.location {
            None => Ok(None),
            Some(location) => {
                let message = format!(
                    "{} is not known to take a location, but gets {location:?}",
                    command.tool
                );
                Err(Error::new(Code::ArgvLocation, message))
            }
        };
    };
    let location = command.location.as_deref().unwrap_or(place.default);
    if location.is_empty() && place.default.is_empty() {
        // The user's profile says where; the tool reads it there.
        return Ok(None);
    }
    if location != place.default && !place.allowed.iter().any(|allowed| allowed == location) {
        let message = format!(
            "{} would act in {location:?}, which is not configured",
            words(command)
        );
        return Err(Error::new(Code::ArgvLocation, message)
            .remedy("name the location in the configuration if that is what you want"));
    }
    // A location becomes part of a host name: `evil.example` or `x/../y` must not.
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    let shaped = location.starts_with(|c: char| c.is_ascii_alphanumeric()) && location.len() <= 64;
    if !shaped || !location.chars().all(plain) {
        return Err(Error::new(
            Code::ArgvLocation,
            format!("{location:?} is not the name of a location"),
        ));
    }
    Ok(Some([flag.to_owned(), location.to_owned()]))
}

fn not_granted(code: Code, command: &Command, what: &str) -> Error {
    let quoted = |texts: &mut dyn Iterator<Item = &String>| {
        texts
            .map(|text| format!("{text:?}"))
            .collect::<Vec<_>>()
            .join(", ")
    };
    let line = format!(
        "{{ tool = {:?}, verb = [{}], flags = [{}], effect = {:?} }}",
        command.tool,
        quoted(&mut command.verb.iter()),
        quoted(&mut command.flags.iter().map(|flag| &flag.name)),
        name(command.effect),
    );
    Error::new(code, neutralise(&format!("the plugin was not granted {what}"))).remedy(neutralise(&format!(
        "if you trust it with that, grant it the command {line}"
    )))
}

fn words(command: &Command) -> String {
    let mut text = command.tool.clone();
    for word in &command.verb {
        text.push(' ');
        text.push_str(word);
    }
    neutralise(&text).into_owned()
}

fn name(effect: Effect) -> &'static str {
    match effect {
        Effect::Read => "read",
        Effect::Create => "create",
        Effect::Destroy => "destroy",
        Effect::Publish => "publish",
    }
}

impl Argv {
    /// A line that a person can read and a POSIX shell would take, files shown as `<file>`.
    pub fn display(&self) -> String {
        let mut line = quote(&self.tool);
        for arg in &self.args {
            line.push(' ');
            match arg {
                Arg::Text(text) => line.push_str(&quote(text)),
                Arg::File { prefix, .. } => {
                    let _ = write!(line, "{prefix}<file>");
                }
            }
        }
        neutralise(&line).into_owned()
    }

    /// The words, the program first; files are shown as `<file>`.
    pub fn words(&self) -> Vec<String> {
        let word = |arg: &Arg| match arg {
            Arg::Text(text) => neutralise(text).into_owned(),
            Arg::File { prefix, .. } => format!("{prefix}<file>"),
        };
        std::iter::once(self.tool.clone())
            .chain(self.args.iter().map(word))
            .collect()
    }

    /// Writes the files into `directory` and returns the arguments. The program must be started in
    /// that directory: files are named relative to it, because aws expands `~` and `$` in paths.
    pub fn materialise(&self, directory: &Path) -> Result<Vec<OsString>> {
        let mut arguments = Vec::with_capacity(self.args.len());
        for (index, arg) in self.args.iter().enumerate() {
            match arg {
                Arg::Text(text) => arguments.push(text.into()),
                Arg::File { prefix, content } => {
                    let name = format!("value-{index}");
                    let path = directory.join(&name);
                    files::write_new_private(&path, content.as_bytes()).map_err(|error| {
                        Error::new(Code::RunFiles, "cannot write a value for a command")
                            .file(&path)
                            .source(error)
                    })?;
                    arguments.push(format!("{prefix}{name}").into());
                }
            }
        }
        Ok(arguments)
    }
}

/// A word as a POSIX shell takes it.
pub fn quote(text: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    if !text.is_empty() && text.chars().all(plain) {
        text.to_owned()
    } else {
        format!("'{}'", text.replace('\'', "'\\''"))
    }
}

#[cfg(test)]
#[path = "argv/tests.rs"]
mod tests;
