#![allow(clippy::unwrap_used)]

use super::*;
use crate::contract::Effect;
use crate::policy::tools::profile;

fn words(line: &[&str]) -> Vec<String> {
    line.iter().map(|word| (*word).to_owned()).collect()
}

fn grant(tool: &str, verb: &str, flags: &[&str], effect: Effect) -> CommandRequest {
    CommandRequest {
        tool: tool.to_owned(),
        verb: verb.split(' ').map(str::to_owned).collect(),
        flags: words(flags),
        effect,
    }
}

fn read(tool: &str, line: &[&str]) -> Result<Command> {
    let granted = [
        grant("aws", "ec2 describe-images", &["owners", "filters"], Effect::Read),
        grant("gcloud", "compute images describe", &[], Effect::Read),
        grant(
            "gcloud",
            "compute images list",
            &["filter", "no-standard-images"],
            Effect::Read,
        ),
        grant(
            "az",
            "sig image-version update",
            &["target-regions"],
            Effect::Create,
        ),
        grant("az", "sig image-version update", &["set"], Effect::Publish),
    ];
    parse(&words(line), &granted, &profile(tool).unwrap())
}

fn code(tool: &str, line: &[&str]) -> Code {
    match read(tool, line) {
        Ok(command) => panic!("{line:?} was read as {command:?}"),
        Err(error) => error.code(),
    }
}

#[test]
fn words_become_a_command() {
    let command = read(
        "aws",
        &[
            "ec2",
            "describe-images",
            "--owners",
            "self",
            "amazon",
            "--filters=Name=x",
        ],
    )
    .unwrap();
    assert_eq!(command.verb, ["ec2", "describe-images"]);
    assert_eq!(command.flags.len(), 2);
    assert_eq!(command.flags[0].values.len(), 2);
    assert_eq!(command.flags[1].values, [Value::Text("Name=x".to_owned())]);
    let command = read("gcloud", &["compute", "images", "describe", "x"]).unwrap();
    assert_eq!(command.positionals, ["x"]);
}

#[test]
fn the_grant_is_the_one_with_these_flags() {
    let update = |flag| {
        read("az", &["sig", "image-version", "update", flag, "x"])
            .unwrap()
            .effect
    };
    assert_eq!(update("--target-regions"), Effect::Create);
    assert_eq!(update("--set"), Effect::Publish);
}

/// What a tool's own parser reads in another way than it looks.
#[test]
fn only_one_way_of_writing_is_read() {
    for line in [
        &["--end", "x", "ec2", "describe-images"][..],
        &[],
        &["help"],
        &["ec2"],
        &["ec2", "describe-images", "help"],
        &["ec2 describe-images"],
        &["EC2", "describe-images"],
    ] {
        assert_eq!(code("aws", line), Code::ArgvVerb, "{line:?}");
    }
    for flags in [
        &["-p", "admin"][..],
        &["--"],
        &["--", "-oProxyCommand=id"],
        &["--owners:self"],
        &["---owners", "x"],
        &["--own ers", "x"],
        &["--=x"],
        &["--o", "x"],
        &["--owners", "-1"],
        &["--ownérs", "x"],
    ] {
        let mut line = vec!["ec2", "describe-images"];
        line.extend(flags);
        assert_eq!(code("aws", &line), Code::ArgvFlag, "{line:?}");
    }
    for flags in [
        &["--owners=self", "outfile"][..],
        &["--owners", "file:///etc/passwd"],
        &["--owners", "FILEB://x"],
        &["--owners", " http://x"],
        &["--owners=@/etc/passwd"],
        &["--owners", "a=@b"],
        &["--owners", "Name@=x"],
        &["--owners", "~/x"],
        &["--owners", "/etc/passwd"],
        &["--owners", "a\nb"],
        &["--owners", "a\0b"],
        &["--owners", "query://x"],
    ] {
        let mut line = vec!["ec2", "describe-images"];
        line.extend(flags);
        assert_eq!(code("aws", &line), Code::ArgvValue, "{line:?}");
    }
    assert_eq!(
        code("aws", &["ec2", "describe-images", "--owners", &"x".repeat(5000)]),
        Code::ArgvValue
    );
    assert_eq!(
        code("gcloud", &["compute", "images", "describe", "a", "b"]),
        Code::ArgvVerb
    );
    assert_eq!(code("gcloud", &["compute", "ssh", "vm"]), Code::ArgvVerb);
}

mod properties {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn what_is_read_holds_every_word_and_nothing_else(line in proptest::collection::vec("(--)?[a-z=:@/-]{0,6}", 0..8)) {
            let mut all = words(&["ec2", "describe-images"]);
            all.extend(line.iter().cloned());
            let borrowed: Vec<&str> = all.iter().map(String::as_str).collect();
            if let Ok(command) = read("aws", &borrowed) {
                let texts: usize = command.flags.iter().map(|flag| flag.values.len()).sum();
                let joined = line.iter().filter(|word| word.starts_with("--") && word.contains('=')).count();
                prop_assert_eq!(command.flags.len() + texts, line.len() + joined);
                prop_assert!(command.positionals.is_empty());
            }
        }
    }
}
