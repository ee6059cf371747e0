//! Templates that would run programs, read files and secrets, or redirect requests of the host, were they given to
//! Packer. Each of these did with Packer 1.6.6, or does by Packer's source.

use serde_json::json;

use super::super::attack::{Attack, Verdict};
use super::hex;
use crate::error::Code;

/// Name, what it tries, what stands in the source block, what stands behind it, the wall.
type Row = (&'static str, &'static str, &'static str, &'static str, Code);

const FOREIGN: &str = "source \"file\" \"x\" {\n content = \"x\"\n target = \"/tmp/owned\"\n}\n";

const ROWS: &[Row] = &[
    (
        "shell-local",
        "to run a program on the host",
        "",
        "build {\n sources = [\"source.amazon-ebs.x\"]\n provisioner \"shell-local\" { inline = [\"id\"] }\n}",
        Code::TemplateBlock,
    ),
    (
        "shell-local-escaped",
        "the same by another spelling of the name",
        "",
        "build {\n sources = [\"source.amazon-ebs.x\"]\n provisioner \"shell\\u002dlocal\" { inline = [\"id\"] }\n}",
        Code::TemplateBlock,
    ),
    (
        "shell-local-dynamic",
        "the same by a block that is made at run time",
        "",
        "build {\n sources = [\"source.amazon-ebs.x\"]\n dynamic \"provisioner\" {\n  labels = [\"shell-local\"]\n  for_each = [1]\n  content { inline = [\"id\"] }\n }\n}",
        Code::TemplateBlock,
    ),
    (
        "hidden-in-a-heredoc",
        "the same where two parsers disagree about the end of a text",
        "",
        "locals {\n a = [<<EOT\nx\nEOT ]\n b = [<<EOT\n]\n}\nbuild {\n sources = [\"source.amazon-ebs.x\"]\n provisioner \"shell-local\" { inline = [\"id\"] }\n}\nlocals {\n c = [\nEOT\n ]\n}",
        Code::TemplateSyntax,
    ),
    (
        "post-processor",
        "to run a program on the host after the build",
        "",
        "build {\n sources = [\"source.amazon-ebs.x\"]\n post-processor \"shell-local\" { inline = [\"id\"] }\n}",
        Code::TemplateBlock,
    ),
    (
        "delete-by-artifice",
        "to delete a folder of the host",
        "",
        "build {\n sources = [\"source.amazon-ebs.x\"]\n post-processors {\n  post-processor \"artifice\" { files = [\"/home\"] }\n  post-processor \"compress\" {}\n }\n}",
        Code::TemplateBlock,
    ),
    (
        "data-source",
        "to ask the runner's metadata service",
        "",
        "data \"http\" \"x\" { url = \"http://169.254.169.254/latest/meta-data/\" }",
        Code::TemplateBlock,
    ),
    (
        "fn-file",
        "to read a file of the host",
        "ami_description = file(\"/etc/passwd\")",
        "",
        Code::TemplateExpression,
    ),
    (
        "fn-env",
        "to read the host's environment",
        "",
        "variable \"x\" { default = env(\"AWS_SECRET_ACCESS_KEY\") }",
        Code::TemplateExpression,
    ),
    (
        "fn-vault",
        "to send the host's Vault token away",
        "",
        "locals { x = vault(\"secret/data/x\", \"y\") }",
        Code::TemplateExpression,
    ),
    (
        "go-template",
        "to have Packer execute a text",
        "ami_description = \"{{ env `HOME` }}\"",
        "",
        Code::TemplateCode,
    ),
    (
        "go-template-assembled",
        "the same with braces that only meet when all is put together",
        "ami_description = \"{${\"{\"} pwd }}\"",
        "",
        Code::TemplateCode,
    ),
    (
        "custom-endpoint",
        "to send signed requests to another host",
        "custom_endpoint_ec2 = \"http://127.0.0.1:9\"",
        "",
        Code::TemplatePinned,
    ),
    (
        "ssh-agent",
        "to sign in with the user's SSH agent",
        "ssh_agent_auth = true",
        "",
        Code::TemplateAttribute,
    ),
    (
        "user-data-file",
        "to upload a file of the host",
        "user_data_file = \"/etc/shadow\"",
        "",
        Code::TemplateAttribute,
    ),
    (
        "public-image",
        "to publish the image to everybody",
        "ami_groups = [\"all\"]",
        "",
        Code::TemplatePinned,
    ),
];

pub(in super::super) fn attacks() -> Vec<Attack> {
    let mut attacks: Vec<Attack> = ROWS
        .iter()
        .map(|(name, tries, inside, behind, wall)| Attack {
            name,
            tries,
            run: Box::new(move |lab| {
                let template = source(inside, behind);
                let compiled = lab.compile(&json!({"attack": "template", "template": hex(&template)}));
                Verdict::of_refusal(compiled, &[*wall])
            }),
        })
        .collect();
    attacks.push(Attack {
        name: "foreign-builder",
        tries: "to write a file of the host by a builder",
        run: Box::new(|lab| {
            let compiled = lab.compile(&json!({"attack": "template", "template": hex(FOREIGN)}));
            Verdict::of_refusal(compiled, &[Code::TemplateBuilder])
        }),
    });
    attacks.push(Attack {
        name: "deep-template",
        tries: "to overflow the parser's stack",
        run: Box::new(|lab| {
            let deep = format!("run_tags = {}{}", "[".repeat(50_000), "]".repeat(50_000));
            let compiled = lab.compile(&json!({"attack": "template", "template": hex(&source(&deep, ""))}));
            Verdict::of_refusal(compiled, &[Code::TemplateLimit])
        }),
    });
    attacks.push(Attack {
        name: "large-template",
        tries: "to have a template of 2 MiB parsed",
        run: Box::new(|lab| {
            let large = format!("# {}", "x".repeat(2 << 20));
            let compiled = lab.compile(&json!({"attack": "template", "template": hex(&source(&large, ""))}));
            Verdict::of_refusal(compiled, &[Code::TemplateLimit])
        }),
    });
    attacks
}

/// The least that compiles, with more.
pub(in super::super) fn source(inside: &str, behind: &str) -> String {
    format!(
        "source \"amazon-ebs\" \"x\" {{\n region = \"eu-west-1\"\n instance_type = \"t3.large\"\n ami_name = \"x\"\n ssh_username = \"ubuntu\"\n {inside}\n}}\n{behind}\n"
    )
}
