//! The reference in docs/CLI.md is made of the program's own command line: `UPDATE_GOLDEN=1` writes it again.

use std::fmt::Write as _;

use clap::{Arg, Command, CommandFactory as _};
use sindri::cli::Cli;

use crate::{page, root};

/// Where the page begins to be made.
const MARK: &str =
    "<!-- From here on made of the program's command line; see tests/tests/guides/reference.rs -->\n";

#[test]
fn the_reference_of_commands_is_what_the_program_says() {
    let mut program = Cli::command();
    // Subcommands are described when they are needed: here all are.
    program.build();
    let mut text = String::from("\n## Reference\n\n### Flags of every command\n\n");
    flags(&mut text, &program, |argument| argument.is_global_set());
    describe(&mut text, &program);
    let page = page("docs/CLI.md");
    let (head, made) = page.split_once(MARK).expect("the mark");
    if std::env::var_os("UPDATE_GOLDEN").is_some() {
        std::fs::write(root().join("docs/CLI.md"), format!("{head}{MARK}{text}")).unwrap();
        return;
    }
    assert!(
        made == text,
        "docs/CLI.md is not what the program says: UPDATE_GOLDEN=1 writes it"
    );
}

/// Everything below a command that can be called, in the program's order.
fn describe(text: &mut String, command: &Command) {
    for inner in command.get_subcommands().filter(|inner| shown(inner)) {
        if inner.get_subcommands().any(shown) {
            describe(text, inner);
            continue;
        }
        let name = inner.get_bin_name().unwrap();
        let about = inner.get_long_about().or(inner.get_about()).unwrap();
        let usage = inner.clone().render_usage().to_string();
        let usage = usage.trim_start_matches("Usage:").trim();
        write!(
            text,
            "\n### `{name}`\n\n{}\n\n```text\n{usage}\n```\n",
            cell(&about.to_string())
        )
        .unwrap();
        let own = |argument: &Arg| {
            !argument.is_global_set() && argument.get_id() != "help" && argument.get_id() != "version"
        };
        if inner
            .get_arguments()
            .any(|argument| own(argument) && !argument.is_hide_set())
        {
            text.push('\n');
            flags(text, inner, own);
        }
    }
}

fn shown(command: &Command) -> bool {
    !command.is_hide_set() && command.get_name() != "help"
}

fn flags(text: &mut String, command: &Command, wanted: impl Fn(&Arg) -> bool) {
    text.push_str("| Flag | What | Values | Default |\n| --- | --- | --- | --- |\n");
    let arguments = command
        .get_arguments()
        .filter(|argument| !argument.is_hide_set() && wanted(argument));
    for argument in arguments {
        let help = argument.get_long_help().or(argument.get_help());
        let help = help.unwrap_or_else(|| panic!("{argument} of {command} says nothing"));
        let is_flag = !argument.get_action().takes_values();
        let values: Vec<String> = argument
            .get_possible_values()
            .iter()
            .filter(|value| !is_flag && !value.is_hide_set())
            .map(|value| format!("`{}`", value.get_name()))
            .collect();
        let defaults: Vec<String> = argument
            .get_default_values()
            .iter()
            .filter(|_| !is_flag)
            .map(|value| format!("`{}`", value.to_str().unwrap()))
            .collect();
        let line = format!(
            "| {} | {} | {} | {} |",
            name(argument),
            cell(&help.to_string()),
            values.join(", "),
            defaults.join(", ")
        );
        // The formatting of tables elsewhere in the pages.
        text.push_str(&line.replace("|  |", "| |").replace("|  |", "| |"));
        text.push('\n');
    }
}

/// `-c`, `--config FILE`; what needs no flag is in its place.
fn name(argument: &Arg) -> String {
    let value = if argument.get_action().takes_values() {
        let names: Vec<&str> = argument
            .get_value_names()
            .unwrap_or_default()
            .iter()
            .map(|name| name.as_str())
            .collect();
        format!(" {}", names.join(" "))
    } else {
        String::new()
    };
    match (argument.get_short(), argument.get_long()) {
        (Some(short), Some(long)) => format!("`-{short}`, `--{long}{value}`"),
        (None, Some(long)) => format!("`--{long}{value}`"),
        (Some(short), None) => format!("`-{short}{value}`"),
        (None, None) => format!("`{}`", value.trim()),
    }
}

/// A `|` would end the cell, and so would the end of a line.
fn cell(text: &str) -> String {
    let lines: Vec<&str> = text.split_whitespace().collect();
    lines.join(" ").replace('|', "\\|").replace('<', "&lt;")
}
