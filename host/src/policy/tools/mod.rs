//! What the host knows of command-line tools: how they read their arguments, what they take from the
//! environment, what their errors look like. One file each.

pub mod aliyun;
pub mod aws;
pub mod az;
pub mod gcloud;
mod harmless;
pub mod oci;
pub(super) mod strict;

use std::borrow::Cow;

pub use self::harmless::{fits, harmless, is_switch};
use crate::contract::Effect;
use crate::error::{Code, Error, Result};

/// A command-line tool as the policy sees it.
#[derive(Clone, Debug)]
pub struct ToolProfile {
    /// File name of the program.
    pub program: Cow<'static, str>,
    /// The host has rules of its own for it. Of any other tool values are joined to their flags, and a word behind them
    /// is an id (`strict.rs`).
    pub known: bool,
    /// The effects that a verb may be granted with; none for a verb that no plugin gets.
    pub ceiling: fn(verb: &[String]) -> &'static [Effect],
    /// How many positional arguments a verb takes.
    pub positionals: fn(verb: &[String]) -> usize,
    /// Flags that no plugin sets: the host's own and those that redirect, read, write or run something. `*` at the
    /// beginning stands for anything.
    pub reserved_flags: &'static [&'static str],
    /// The tool accepts the beginning of a flag for the flag.
    pub abbreviates_flags: bool,
    /// Why the tool would not take a value as the text it is.
    pub refuses: fn(value: &str) -> Option<&'static str>,
    /// Values that start with `[` or `{` are JSON to the tool.
    pub takes_json: bool,
    /// What stands before a path to have the file's content taken; none when files are not supported.
    pub file_prefix: Option<&'static str>,
    /// The arguments that say where to act; none when the tool has no such thing.
    pub location_flag: Option<&'static str>,
    /// Arguments that the host adds to every command.
    pub fixed_arguments: &'static [&'static str],
    /// Reads the tool's own code of a failure from its standard error.
    pub error_code: fn(stderr: &str) -> Option<String>,
    /// Codes that mean that somebody has to log in.
    pub credential_errors: &'static [&'static str],
    /// What it takes from its environment.
    pub surroundings: Surroundings,
}

/// What a tool and Packer's builders for the same cloud take from their environment.
#[derive(Clone, Copy, Debug)]
pub struct Surroundings {
    /// The user's variables that both get.
    pub variables: &'static [Variable],
    /// The user's variables that only Packer gets.
    pub packer_variables: &'static [Variable],
    /// Variables that name a file below the user's home unless the user says otherwise: the home is a
    /// private one.
    pub home_files: &'static [(&'static str, &'static str)],
    /// Directories below the user's home that are linked into the private one.
    pub home_links: &'static [&'static str],
    /// Variables with a fixed value.
    pub fixed: &'static [(&'static str, &'static str)],
    /// Carries the configured endpoint.
    pub endpoint: Option<&'static str>,
    /// Carries the configured profile; overrides the user's variable of that name.
    pub profile: Option<&'static str>,
    /// Carry the configured location.
    pub location: &'static [&'static str],
    /// Keys of the cloud's section that say how to log in, and the variables that carry their values; these override
    /// the user's variables of the same names.
    pub settings: &'static [(&'static str, Variable)],
    /// Keys whose variables the tool and Packer's builder call differently.
    pub keys: Option<Keys>,
}

/// Keys in variables of several names. Tool and builder get the same ones, or each would act for another account.
#[derive(Clone, Copy, Debug)]
pub struct Keys {
    /// Key, secret and token; the first pair that the user has set is given under all names. The token may be missing.
    pub spellings: &'static [[&'static str; 3]],
    /// Set with the keys.
    pub chosen: &'static [(&'static str, &'static str)],
}

/// A variable of the user.
#[derive(Clone, Copy, Debug)]
pub struct Variable {
    /// Its name.
    pub name: &'static str,
    /// What its value is.
    pub meaning: Meaning,
}

/// What a variable's value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Meaning {
    /// To be masked wherever it turns up.
    Secret,
    /// Anything else.
    Setting,
    /// A path: made absolute, because the child runs elsewhere and has another home.
    Path,
}

impl Surroundings {
    /// Nothing at all.
    pub const NONE: Self = Self {
        variables: &[],
        packer_variables: &[],
        home_files: &[],
        home_links: &[],
        fixed: &[],
        endpoint: None,
        profile: None,
        location: &[],
        keys: None,
        settings: &[],
    };

    /// Of Packer, which has no cloud of its own: or else it reports every start to its makers.
    pub const PACKER: Self = Self {
        fixed: &[("CHECKPOINT_DISABLE", "1")],
        ..Self::NONE
    };
}

/// The profile of a program. One that the host does not know gets the strictest.
pub fn profile(program: &str) -> Result<ToolProfile> {
    let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
    let starts_well = program.starts_with(|c: char| c.is_ascii_lowercase());
    if program.len() > 64 || !starts_well || !program.chars().all(plain) {
        return Err(Error::new(
            Code::ArgvTool,
            format!("{program:?} is not the name of a program"),
        ));
    }
    if strict::is_never_a_tool(program) {
        return Err(Error::new(Code::ArgvTool, format!("no plugin may run {program}")));
    }
    Ok(match program {
        "aliyun" => aliyun::PROFILE,
        "aws" => aws::PROFILE,
        "az" => az::PROFILE,
        "gcloud" => gcloud::PROFILE,
        "oci" => oci::PROFILE,
        _ => strict::profile(program),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_interpreter_and_no_path_is_a_tool() {
        for program in [
            "sh",
            "bash",
            "python3",
            "python3.11",
            "perl5.36",
            "env",
            "ssh",
            "packer",
            "sudo",
            "/tmp/aws",
            "AWS",
            "aws ",
            "./aws",
            "",
            "-aws",
            "aws\n",
            "a/b",
            "..",
        ] {
            assert_eq!(
                profile(program).unwrap_err().code(),
                Code::ArgvTool,
                "{program:?}"
            );
        }
        assert_eq!(profile("aws").unwrap().program, "aws");
        assert_eq!(profile("hcloud").unwrap().program, "hcloud");
    }
}
