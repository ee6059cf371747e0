//! What the host understood of a template is what Packer reads: the emitted files, in both syntaxes, parsed by the
//! parser that Packer has, have exactly the blocks, attributes and values of the host's model.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::print_stderr,
    clippy::unwrap_used
)]

mod expected;
mod parser;
mod templates;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::fmt::Write as _;

use parser::Parser;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use serde_json::Value;
use sindri::policy::template::Template;

/// Compares one template.
fn compare(parser: &mut Parser, template: &Template) -> Result<(), String> {
    let read = |parser: &mut Parser, syntax: &str, text: &str, root: &str| {
        let answer = parser.ask(syntax, text, &expected::of(template, root))?;
        let mut found = Vec::new();
        differences("", &answer[syntax], &answer["plain"], &mut found);
        if found.is_empty() {
            Ok(())
        } else {
            Err(format!("{syntax}: {}", found.join("\n")))
        }
    };
    read(parser, "json", &template.to_packer_json(), "")?;
    // For people its paths are relative to the file.
    read(parser, "hcl", &template.to_hcl(), "./")
}

/// Where two documents differ.
fn differences(place: &str, read: &Value, meant: &Value, found: &mut Vec<String>) {
    let absent = Value::Null;
    match (read, meant) {
        (Value::Object(one), Value::Object(other)) => {
            let keys: BTreeSet<&String> = one.keys().chain(other.keys()).collect();
            for key in keys {
                let (read, meant) = (one.get(key).unwrap_or(&absent), other.get(key).unwrap_or(&absent));
                differences(&format!("{place}.{key}"), read, meant, found);
            }
        }
        (Value::Array(one), Value::Array(other)) if one.len() == other.len() => {
            for (number, (read, meant)) in one.iter().zip(other).enumerate() {
                differences(&format!("{place}[{number}]"), read, meant, found);
            }
        }
        _ if read != meant => found.push(format!("{place} is read as {read} and was meant as {meant}")),
        _ => {}
    }
}

/// All of them are read as they were meant, and they are as many as there should be.
fn compare_all(templates: &[(String, Template)], least: usize) {
    let mut parser = Parser::start();
    let mut wrong = String::new();
    for (name, template) in templates {
        if let Err(difference) = compare(&mut parser, template) {
            let _ = writeln!(wrong, "{name}: {difference}");
        }
    }
    eprintln!("{} templates compared", templates.len());
    assert!(wrong.is_empty(), "{wrong}");
    assert!(templates.len() >= least);
}

/// Five clouds, each for two Packers, with and without hostile texts.
#[test]
fn templates_of_all_clouds_are_read_as_they_were_meant() {
    compare_all(&templates::of_clouds(), 20);
}

/// What authors write in other ways than the bundled plugins.
#[test]
fn what_compiles_of_the_corpus_is_read_as_it_was_meant() {
    compare_all(&templates::of_corpus(), 40);
}

/// The comparison can fail: another template is another template.
#[test]
fn a_difference_is_seen() {
    let mut parser = Parser::start();
    let template = templates::with_text("x");
    let other = templates::with_text("y");
    let answer = parser
        .ask("json", &template.to_packer_json(), &expected::of(&other, ""))
        .unwrap();
    assert_ne!(answer["json"], answer["plain"]);
    assert!(parser.ask("hcl", "x = [", &expected::of(&other, "")).is_err());
}

/// Pieces that mean something to HCL, to Go's templates, to a shell or to a Unicode table, in any order.
fn texts() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        prop::sample::select(PIECES.to_vec()).prop_map(str::to_owned),
        any::<char>().prop_map(String::from),
        "[ -~]{0,8}",
    ];
    prop::collection::vec(piece, 0..12).prop_map(|pieces| pieces.concat())
}

const PIECES: &[&str] = &[
    "${",
    "$${",
    "$",
    "}",
    "%{",
    "%%{",
    "%",
    "{",
    "{{",
    "}}",
    "{{`",
    "`}}",
    "\"",
    "\\",
    "\\\"",
    "'",
    "\n",
    "\r\n",
    "\r",
    "\t",
    "<<EOT\n",
    "<<-EOT\n",
    "EOT",
    "\nEOT\n",
    "\n\u{a0}EOT\n",
    "#",
    "//",
    "/*",
    "*/",
    "~}",
    "~",
    "if true",
    "endif",
    "env(\"HOME\")",
    "file(\"/etc/passwd\")",
    "\u{feff}",
    "\u{2060}",
    "\u{200b}",
    "\u{202e}",
    "\u{85}",
    "\u{2028}",
    "\u{0}",
    "\u{1b}",
    "\u{7f}",
    "e\u{301}",
    "\u{e9}",
    "\u{212a}",
    "\u{37e}",
    "\u{1f600}",
    "\u{fffd}",
    "\u{10ffff}",
    "\\u0022",
    "\\n",
    "=",
    ",",
    "[",
    "]",
    "(",
    ")",
    "\u{1fef}",
];

const CASES: u32 = 1000;

#[test]
fn any_text_is_read_as_it_was_meant() {
    let parser = RefCell::new(Parser::start());
    let taken = Cell::new(0_u32);
    let mut runner = TestRunner::new(Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    });
    let outcome = runner.run(&(texts(), texts()), |(one, other)| {
        // What the compiler refuses (an empty name, a NUL) never reaches Packer.
        if let Ok(template) = templates::with_texts(&one, &other) {
            taken.set(taken.get() + 1);
            compare(&mut parser.borrow_mut(), &template).map_err(TestCaseError::fail)?;
        }
        Ok(())
    });
    outcome.unwrap();
    let taken = taken.get();
    eprintln!("{taken} of {CASES} pairs of texts were taken and compared");
    assert!(taken > CASES / 2, "{taken}");
}
