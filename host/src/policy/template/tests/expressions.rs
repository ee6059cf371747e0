//! Expressions, Go templates and limits.

use super::*;

#[test]
fn expressions_are_folded_by_the_host() {
    let hcl = format!(
        "variable \"name\" {{\n  type = string\n  default = \"Base\"\n}}\nlocals {{\n  stamp = formatdate(\"YYYYMMDDhhmmss\", timestamp())\n  list = concat([\"a\"], [\"b\"])\n}}\n{}",
        source("  ami_description = \"${lower(var.name)} ${local.stamp} {{timestamp}} ${jsonencode(local.list)}\"\n  tags = {\n    Date = timestamp()\n    (\"Paren\") = \"x\"\n  }")
            .replace("(\"Paren\")", "\"Quoted key\"")
    );
    let source = source_of(&compiled(&hcl));
    assert_eq!(
        source["ami_description"],
        "base 20261122102030 1795342830 [\"a\",\"b\"]"
    );
    assert_eq!(
        source["tags"],
        json!({"Date": "2026-11-22T10:20:30Z", "Quoted key": "x"})
    );
}

#[test]
fn expressions_that_reach_outside_or_are_not_plain_are_refused() {
    for expression in [
        "file(\"/etc/passwd\")",
        "env(\"HOME\")",
        "templatefile(\"x\", {})",
        "vault(\"a\", \"b\")",
        "consul_key(\"x\")",
        "aws_secretsmanager_raw(\"prod\")",
        "path.cwd",
        "build.Password",
        "data.x.y.z",
        "source.name",
        "each.value",
        "local.absent",
        "var.absent",
        "var.sindri_aws_secret",
        "x",
        "true ? \"a\" : \"b\"",
        "\"a\" == \"b\"",
        "-(1)",
        "1 + 1",
        "1.5",
        "[for x in [] : x]",
        "{ for k in [] : k => k }",
        "local.a[0]",
        "local.a.b",
        "local.a[*]",
        "lower(\"a\"...)",
        "core::lower(\"a\")",
        "\"%{ if true }x%{ endif }\"",
        "\"${~ 1 ~} \"",
        "!fileexists(\"/x\")",
        "lower(file(\"x\"))",
        "{ (lower(\"a\")) = 1 }",
        "format(\"%s{ pwd }}\", \"{\")",
        "base64decode(\"e3s=\")",
    ] {
        let hcl = format!(
            "locals {{\n  a = [\"x\"]\n}}\n{}",
            source(&format!("  ami_description = {expression}"))
        );
        let error = refused(&hcl, Code::TemplateExpression);
        assert_eq!(error.place().line, Some(9), "{expression}");
    }
    for variable in [
        "type = file(\"/etc/passwd\")\n  default = \"x\"",
        "default = env(\"X\")",
        "default = timestamp()",
    ] {
        refused(
            &format!("variable \"a\" {{\n  {variable}\n}}\n{}", source("")),
            Code::TemplateExpression,
        );
    }
    refused(
        &format!("variable \"sindri_x\" {{\n  default = 1\n}}\n{}", source("")),
        Code::TemplateBlock,
    );
    refused(
        &format!(
            "variable \"x\" {{\n  sensitive = true\n  default = \"x\"\n}}\n{}",
            source("")
        ),
        Code::TemplateAttribute,
    );
    let heredoc =
        compiled(&source("  ami_description = <<-EOT\n    x ${\"y\"}\n    EOT").replace("${\"y\"}", "$${y}"));
    assert_eq!(source_of(&heredoc)["ami_description"], "x $${y}\n");
    refused(
        &source("  ami_description = <<EOT\n${env.HOME}\nEOT"),
        Code::TemplateExpression,
    );
    refused(
        &source("  ami_description = <<EOT\nx\nEOT # y\nEOT"),
        Code::TemplateSyntax,
    );
}

#[test]
fn go_code_is_refused_however_it_is_assembled() {
    let variables =
        "variable \"a\" {\n  default = \" { \"\n}\nvariable \"b\" {\n  default = \" { pwd } } \"\n}\n";
    for text in [
        "\"{{ env `AWS_SECRET_ACCESS_KEY` }}\"",
        "\"\\u007b\\u007b pwd \\u007d\\u007d\"",
        "\"${\"{\"}{ pwd }}\"",
        "\"${trimspace(var.a)}${trimspace(var.b)}\"",
        "\"${lower(\"{\")}${lower(\"{ pwd }\")}}\"",
        "\"{{user `x`}}\"",
        "\"{{ .SourceAMI }}\"",
        "\"{{`{{`}}{{ pwd }}\"",
        "\"{{/* */}}\"",
        "\"{{\"",
    ] {
        refused(
            &format!("{variables}{}", source(&format!("  ami_description = {text}"))),
            Code::TemplateCode,
        );
    }
    refused(&source("  tags = { \"{{ pwd }}\" = \"x\" }"), Code::TemplateCode);
    refused(&source("  tags = { \"$${x}\" = \"x\" }"), Code::TemplateCode);
    refused(&source("  availability_zone = \"{{`{{`}}\""), Code::TemplateCode);
}

#[test]
fn a_small_template_cannot_become_a_large_value() {
    let mut hcl = "locals {\n  a0 = [\"0123456789\"]\n".to_owned();
    for level in 1..40 {
        hcl.push_str(&format!(
            "  a{level} = concat(local.a{}, local.a{})\n",
            level - 1,
            level - 1
        ));
    }
    refused(&format!("{hcl}}}\n{}", source("")), Code::TemplateLimit);
    let long = format!("\"{}\"", "x".repeat(70_000));
    refused(
        &source(&format!("  ami_description = {long}")),
        Code::TemplateLimit,
    );
}

#[test]
fn all_findings_are_reported_with_their_lines() {
    let error = refused(
        &source("  ssh_host = \"x\"\n  profile = \"y\"\n  ebs_optimized = 3"),
        Code::TemplateAttribute,
    );
    assert_eq!(error.place().line, Some(6));
    assert_eq!(error.details().len(), 2, "{error}");
    assert!(error.next().is_some());
}
