//! The parser that Packer has, in a process of its own (`tools/go/hcldump`).

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use serde_json::{Value, json};
use sindri_tests::lab::tool;

pub(crate) struct Parser {
    child: Child,
    stdin: Option<ChildStdin>,
    stdout: BufReader<ChildStdout>,
}

impl Parser {
    pub(crate) fn start() -> Self {
        let mut child = Command::new(tool("SINDRI_TEST_HCLDUMP"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("hcldump starts");
        Self {
            stdin: child.stdin.take(),
            stdout: BufReader::new(child.stdout.take().unwrap()),
            child,
        }
    }

    /// What stands in a template of this syntax, and in `plain`, both in the normal form of strings.
    pub(crate) fn ask(&mut self, syntax: &str, template: &str, plain: &Value) -> Result<Value, String> {
        let question = json!({ syntax: template, "plain": plain });
        let stdin = self.stdin.as_mut().unwrap();
        writeln!(stdin, "{question}").expect("hcldump reads");
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("hcldump answers");
        let answer: Value = serde_json::from_str(&line).map_err(|error| format!("{error}: {line}"))?;
        match answer.get("error") {
            Some(error) => Err(format!("{error}\n{template}")),
            None => Ok(answer),
        }
    }
}

impl Drop for Parser {
    fn drop(&mut self) {
        // The end of its input is the end of it.
        drop(self.stdin.take());
        let _ = self.child.wait();
    }
}
