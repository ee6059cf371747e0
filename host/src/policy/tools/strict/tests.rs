use super::*;
use crate::contract::CommandRequest;
use crate::policy::argv::check_request;
use crate::policy::tools;
use crate::{Code, Result};

fn asked(verb: &str, flags: &[&str], effect: Effect) -> Result<()> {
    let request = CommandRequest {
        tool: "hcloud".to_owned(),
        verb: verb.split_whitespace().map(str::to_owned).collect(),
        flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
        effect,
    };
    check_request(&request, &profile("hcloud"))
}

#[test]
fn programs_that_run_others_or_whatever_they_are_told_are_no_tools() {
    for program in [
        "bash",
        "python3.12",
        "pypy3",
        "perl5.36",
        "find",
        "xargs",
        "tar",
        "make",
        "git",
        "docker",
        "docker-compose",
        "kubectl",
        "terraform",
        "tofu",
        "curl",
        "wget",
        "ssh",
        "ssh-keygen",
        "busybox",
        "env",
        "nice",
        "setsid",
        "ld.so",
        "ld-linux-x86-64.so.2",
        "apt-get",
        "pip3",
        "npm",
        "vim.tiny",
        "nano",
        "x86_64-linux-gnu-gcc-13",
        "qemu-system-x86",
        "systemd-run",
        "gdb",
        "openssl",
        "sindri",
        "vault",
        "node",
        "jq",
        "sqlite3",
        "nix-shell",
        "ansible-playbook",
        "cp",
    ] {
        assert_eq!(
            tools::profile(program).err().map(|error| error.code()),
            Some(Code::ArgvTool),
            "{program}"
        );
    }
    for program in [
        "hcloud",
        "doctl",
        "scw",
        "vultr-cli",
        "linode-cli",
        "exo",
        "civo",
        "upctl",
        "openstack",
        "ibmcloud",
    ] {
        assert!(tools::profile(program).is_ok(), "{program}");
    }
}

#[test]
fn a_command_cannot_be_called_harmless() {
    use Effect::{Create, Destroy, Publish, Read};
    for (verb, allowed) in [
        ("image list", &[Read][..]),
        ("compute image get", &[Read]),
        ("DescribeImages", &[Read]),
        ("image delete", &[Destroy]),
        ("server find-and-delete", &[Destroy]),
        ("DeleteImage", &[Destroy]),
        ("server create", &[Create, Publish]),
        ("image", &[Create, Publish]),
        ("image frobnicate", &[Create, Publish]),
    ] {
        for effect in [Read, Create, Destroy, Publish] {
            assert_eq!(
                asked(verb, &[], effect).is_ok(),
                allowed.contains(&effect),
                "{verb} {effect:?}"
            );
        }
    }
}

#[test]
fn verbs_that_run_log_in_or_change_the_tool_are_refused_whatever_is_granted() {
    for verb in [
        "config",
        "config set",
        "Config list",
        "configure",
        "context create",
        "context list",
        "completion bash",
        "plugin install",
        "server ssh",
        "compute ssh",
        "server exec",
        "login",
        "auth login",
        "auth print-access-token",
        "self-update",
        "self update",
        "update",
        "upgrade",
        "proxy",
        "kubernetes proxy",
        "port-forward",
        "help",
        "api",
        "server request-console",
        "server reset-password",
        "get-access-token",
        "k8s kubeconfig show",
        "object cp",
        "object get run",
        "alias list",
        "init",
        "getToken list",
        "repl",
        "",
    ] {
        for effect in [Effect::Read, Effect::Create, Effect::Destroy, Effect::Publish] {
            let code = asked(verb, &[], effect).err().map(|error| error.code());
            assert_eq!(code, Some(Code::ArgvVerb), "{verb} {effect:?}");
        }
    }
}

#[test]
fn flags_that_redirect_read_run_or_log_in_are_refused_whatever_is_granted() {
    for flag in [
        "config",
        "conf",
        "co",
        "config-file",
        "configFile",
        "CONFIG",
        "endpoint",
        "end",
        "endpoint-url",
        "api-url",
        "apiUrl",
        "url",
        "ur",
        "uri",
        "proxy",
        "prox",
        "http-proxy",
        "profile",
        "prof",
        "token",
        "tok",
        "access-token",
        "context",
        "debug",
        "deb",
        "verbose",
        "verb",
        "trace",
        "output-file",
        "outputFile",
        "plugin",
        "plugins-dir",
        "exec",
        "ex",
        "shell",
        "editor",
        "browser",
        "no-browser",
        "user-data-from-file",
        "public-key-from-file",
        "rules-file",
        "from-stdin",
        "template",
        "insecure",
        "insecure-skip-tls-verify",
        "ca-cert",
        "tls",
        "password",
        "secret",
        "api-key",
        "private-key",
        "username",
        "user",
        "us",
        "server",
        "serv",
        "host",
        "header",
        "kubeconfig",
        "log-file",
        "log.level",
        "log_dir",
        "assume-role",
        "help",
        "he",
        "version",
        "interactive",
        "identity-file",
        "Tag.N.File",
        "",
        "x",
        "-o",
        "a=b",
        "a b",
        "ｃonfig",
        "соnfig",
    ] {
        let code = asked("image list", &[flag], Effect::Read)
            .err()
            .map(|error| error.code());
        assert_eq!(code, Some(Code::ArgvFlag), "{flag}");
    }
    let usual = [
        "output",
        "format",
        "selector",
        "type",
        "name",
        "label",
        "tags",
        "image",
        "location",
        "region",
        "zone",
        "id",
        "ssh-key",
        "server-type",
        "size",
        "limit",
        "page",
        "per-page",
        "sort",
        "all",
        "force",
        "yes",
        "description",
        "user-data",
        "public-key",
    ];
    for flag in usual {
        asked("image list", &[flag], Effect::Read).unwrap_or_else(|error| panic!("{flag}: {error}"));
    }
}

#[test]
fn values_that_some_tool_reads_as_something_else_are_refused() {
    for value in [
        "/etc/passwd",
        " /etc/passwd",
        "~/x",
        "./x",
        "../x",
        "a/../b",
        "@x",
        "a=@x",
        "a@=x",
        "file:x",
        "file://x",
        "FILE:x",
        "https://evil.example",
        "x=https://evil.example",
        "jsonpath-file=/etc/passwd",
        "a=b,c=/etc/passwd",
        "a:~/x",
        "[\"/x\"]",
        "{\"a\": \"/x\"}",
        "env:HOME",
        "data:x",
        "{{.Token}}",
        "${HOME}",
        "$(id)",
        "`id`",
        "a;b",
        "a|b",
        "a>b",
        "a&b",
        "a\\b",
    ] {
        assert!(refuses(value).is_some(), "{value}");
    }
    for value in [
        "json",
        "env==prod,team!=x",
        "ubuntu-24.04",
        "2026-11-22T09:30:05Z",
        "ssh-ed25519 AAAAC3Nz/a+b sindri",
        "10.0.0.0/8",
        "a b",
        "",
        "ü",
        "columns=id,name",
        "a/b",
    ] {
        assert_eq!(refuses(value), None, "{value}");
    }
}

#[test]
fn a_word_behind_the_flags_is_an_id_and_no_further_verb() {
    for word in [
        "delete",
        "list",
        "",
        "12x",
        "-1",
        "ssh",
        "deadbeef",
        "a1",
        "1.5",
        "../1",
        "123e4567-e89b-12d3-a456-42661417400g",
    ] {
        assert!(refuses_positional(word).is_some(), "{word}");
    }
    for word in ["1", "1234567890", "123e4567-e89b-12d3-a456-426614174000"] {
        assert_eq!(refuses_positional(word), None, "{word}");
    }
}

#[test]
fn codes_are_read_from_the_end_of_the_message() {
    for (text, code) in [
        (
            "hcloud: unable to authenticate (unauthorized)\n",
            Some("unauthorized"),
        ),
        (
            "Error: image is protected (protected, 1a2b3c)\n\n",
            Some("protected"),
        ),
        ("hcloud: image not found: 12\n", None),
        ("x (a b c)", None),
        ("x ()", None),
        ("", None),
        ("(not_found)\nmore", None),
    ] {
        assert_eq!(error_code(text).as_deref(), code, "{text}");
    }
}
