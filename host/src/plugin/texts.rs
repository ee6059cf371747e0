//! What a plugin says to people, made harmless before anybody prints it: it could clear the screen, or give commands
//! to the CI system that reads the host's output.

use crate::contract::{Bundle, Problem};
use crate::policy::redact::neutralise;

/// Longest text of a plugin that is shown, in characters.
const LONGEST: usize = 4096;

/// A problem in one line for each of its parts.
pub(super) fn of_problem(problem: Problem) -> Problem {
    Problem {
        code: harmless(&problem.code),
        message: harmless(&problem.message),
        key: problem.key.as_deref().map(harmless),
        remedy: problem.remedy.as_deref().map(harmless),
    }
}

/// A bundle whose notices can be printed.
pub(super) fn of_bundle(bundle: Bundle) -> Bundle {
    Bundle {
        notices: bundle.notices.iter().map(|notice| harmless(notice)).collect(),
        ..bundle
    }
}

/// One line: what follows a line end would look like the host's own words.
fn harmless(text: &str) -> String {
    let short: String = text.chars().take(LONGEST).collect();
    let line: Vec<&str> = short.split(['\n', '\r']).map(str::trim).collect();
    neutralise(&line.join(" ")).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_problem_can_neither_move_the_cursor_nor_command_a_ci_system() {
        let text =
            "\u{1b}[2Jx\n::set-env name=PATH::/tmp\n##vso[task.setvariable variable=x]y\u{9b}2K\u{202e}";
        let problem = of_problem(Problem {
            code: text.to_owned(),
            message: text.to_owned(),
            key: Some(text.to_owned()),
            remedy: Some(text.to_owned()),
        });
        let parts = [
            problem.code,
            problem.message,
            problem.key.unwrap(),
            problem.remedy.unwrap(),
        ];
        for part in parts {
            assert!(
                !part.chars().any(|c| c.is_control() || c == '\u{202e}'),
                "{part:?}"
            );
            assert!(!part.contains("##vso[") && !part.starts_with("::"), "{part:?}");
        }
        assert_eq!(harmless(&"x".repeat(1 << 20)).len(), LONGEST);
    }
}
