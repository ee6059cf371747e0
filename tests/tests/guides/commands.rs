//! Every command line of the documentation is one that the program takes.

use clap::Parser as _;
use sindri::cli::Cli;

use crate::{blocks, pages};

/// Words of a line as a shell reads them, up to the first `|`, `>`, `&`, `;` or comment.
fn words(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut quote = None;
    let mut signs = line.chars().peekable();
    while let Some(sign) = signs.next() {
        match (quote, sign) {
            (Some(open), _) if sign == open => quote = None,
            (Some(_), _) => word.get_or_insert_default().push(sign),
            (None, '\'' | '"') => {
                quote = Some(sign);
                word.get_or_insert_default();
            }
            (None, '\\') => word.get_or_insert_default().extend(signs.next()),
            (None, '|' | '>' | '&' | ';' | ')') => break,
            (None, '#') if word.is_none() => break,
            (None, _) if sign.is_whitespace() => words.extend(word.take()),
            (None, _) => word.get_or_insert_default().push(sign),
        }
    }
    words.extend(word);
    words
}

/// The command lines of `sindri` in a text of shell.
fn commands(text: &str) -> Vec<Vec<String>> {
    let text = text.replace("\\\n", " ");
    text.lines()
        .filter_map(|line| {
            let line = line.trim().trim_start_matches("$ ");
            // `NAME=value sindri …`, `x=$(sindri …)`, `if sindri …`.
            let start = match line.find("sindri ")? {
                0 => 0,
                at if line[..at].ends_with("$(") || line[..at].ends_with("if ") => at,
                at if line[..at].split_whitespace().all(|word| word.contains('=')) => at,
                _ => return None,
            };
            Some(words(&line[start..]))
        })
        .collect()
}

#[test]
fn every_command_of_every_shell_example_is_one_that_the_program_takes() {
    let mut read = 0;
    for (name, text) in pages() {
        for block in blocks(&text, &["sh", "bash", "console", "shell"]) {
            for command in commands(&block) {
                // GitHub's composite actions and other programs of that name do not stand in guides.
                if let Err(error) = Cli::try_parse_from(&command) {
                    let shows = matches!(
                        error.kind(),
                        clap::error::ErrorKind::DisplayHelp | clap::error::ErrorKind::DisplayVersion
                    );
                    assert!(shows, "{name}: {}\n{error}", command.join(" "));
                }
                read += 1;
            }
        }
    }
    assert!(read > 60, "only {read} commands were found");
}

/// In tables and sentences: the subcommand must be there, and each flag that stands behind it.
#[test]
fn commands_in_sentences_name_subcommands_and_flags_that_exist() {
    use clap::CommandFactory as _;
    let mut read = 0;
    for (name, text) in pages() {
        for code in text
            .split('`')
            .skip(1)
            .step_by(2)
            .filter(|code| code.starts_with("sindri "))
        {
            if code.contains('\n')
                || code.starts_with("sindri profile ")
                || code.starts_with("sindri extension ")
            {
                continue;
            }
            let mut command = Cli::command();
            command.build();
            let all = words(code);
            let mut rest = all.iter().skip(1).peekable();
            let mut current = &command;
            while let Some(found) = rest
                .peek()
                .and_then(|word| current.find_subcommand(word.as_str()))
            {
                current = found;
                rest.next();
            }
            assert!(
                current.get_name() != "sindri"
                    || all
                        .get(1)
                        .is_none_or(|word| !word.chars().all(char::is_lowercase)),
                "{name}: `{code}`"
            );
            for flag in rest.filter_map(|word| word.strip_prefix("--")) {
                let flag = flag.split(['=', ',', '[']).next().unwrap();
                let exists = flag.is_empty()
                    || flag == "help"
                    || current
                        .get_arguments()
                        .any(|known| known.get_long() == Some(flag));
                assert!(exists, "{name}: `{code}` has no --{flag}");
            }
            read += 1;
        }
    }
    assert!(read > 60, "only {read} commands were found");
}

#[test]
fn shell_lines_are_split_as_a_shell_does() {
    let text = "x=$(sindri vm runs --json | jq .)\n$ sindri vm build \\\n  --name 'a b' # why\nAWS_PROFILE=x sindri vm list > y";
    let found: Vec<_> = commands(text).iter().map(|words| words.join("/")).collect();
    assert_eq!(
        found,
        [
            "sindri/vm/runs/--json",
            "sindri/vm/build/--name/a b",
            "sindri/vm/list"
        ]
    );
}
