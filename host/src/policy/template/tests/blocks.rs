//! Blocks, builders and guest steps.

use super::*;

#[test]
fn blocks_that_run_on_the_host_are_refused() {
    for block in [
        "provisioner \"shell-local\" {\n  }",
        "provisioner shell-local {\n  }",
        "provisioner \"shell\\u002dlocal\" {\n  }",
        "provisioner \"ansible\" {\n  }",
        "provisioner \"ansible-local\" {\n  }",
        "provisioner \"breakpoint\" {\n  }",
        "provisioner \"shell\" \"shell-local\" {\n  }",
        "provisioner {\n  }",
        "error-cleanup-provisioner \"shell-local\" {\n  }",
        "post-processor \"shell-local\" {\n  }",
        "post-processor \"artifice\" {\n  }",
        "post-processor \"compress\" {\n  }",
        "post-processors {\n  }",
        "dynamic \"provisioner\" {\n  }",
        "source \"source.amazon-ebs.vm\" {\n  }",
        "hcp_packer_registry {\n  }",
    ] {
        refused(&build(&format!("  {block}")), Code::TemplateBlock);
    }
    for block in [
        "data \"http\" \"x\" {\n}\n",
        "communicator \"ssh\" \"x\" {\n}\n",
        "local \"x\" {\n}\n",
        "hcp_packer_registry {\n}\n",
    ] {
        refused(&format!("{}{block}", source("")), Code::TemplateBlock);
    }
}

#[test]
fn guest_steps_name_files_of_the_bundle_and_nothing_else() {
    let shell = |inside: &str| build(&format!("  provisioner \"shell\" {{\n    {inside}\n  }}"));
    let file = |source: &str| {
        build(&format!(
            "  provisioner \"file\" {{\n    source = \"{source}\"\n    destination = \"/tmp/x\"\n  }}"
        ))
    };
    compiled(&shell("script = \"aws/prepare.sh\""));
    compiled(&file("aws/prepare.sh"));
    for path in [
        "/etc/shadow",
        "~/.ssh/id_rsa",
        "../x",
        "/proc/self/environ",
        "aws/other.sh",
        "-x",
    ] {
        refused(&shell(&format!("script = \"{path}\"")), Code::TemplatePath);
        refused(&file(path), Code::TemplatePath);
    }
    refused(
        &shell("inline = [\"id\"]\n    override = { \"amazon-ebs.vm\" = { script = \"/etc/shadow\" } }"),
        Code::TemplateAttribute,
    );
    compiled(&shell("scripts = [\"aws/prepare.sh\"]"));
    refused(
        &shell("scripts = [\"aws/prepare.sh\", \"/etc/shadow\"]"),
        Code::TemplatePath,
    );
    refused(&shell("scripts = []"), Code::TemplateValue);
    refused(
        &shell("script = \"${\"aws\"}/prepare.sh\""),
        Code::TemplateExpression,
    );
    refused(
        &shell("inline = [\"id\"]\n    script = \"aws/prepare.sh\""),
        Code::TemplateValue,
    );
    refused(
        &shell("execute_command = \"sudo {{ .Path }}\"\n    inline = [\"id\"]"),
        Code::TemplateCode,
    );
    refused(
        &shell("inline = [\"echo {{ template_dir }}\"]"),
        Code::TemplateCode,
    );
    refused(
        &shell("inline = [\"echo ${build.SSHPrivateKey}\"]"),
        Code::TemplateExpression,
    );
    let download = "  provisioner \"file\" {\n    direction = \"download\"\n    source = \"/x\"\n    destination = \"/root/.bashrc\"\n  }";
    refused(&build(download), Code::TemplateValue);
    refused(
        &build("  post-processor \"manifest\" {\n    output = \"/root/.bashrc\"\n  }"),
        Code::TemplateValue,
    );
}

#[test]
fn steps_need_a_granted_phase() {
    let hcl = build("  provisioner \"shell\" {\n    inline = [\"id\"]\n  }");
    let error = compile_with(&hcl, |settings, _| {
        settings.guest_phases = &[GuestPhase::Generalize]
    })
    .unwrap_err();
    assert_eq!(error.code(), Code::TemplateBlock);
    assert_eq!(error.place().line, Some(10));
    let empty = build("");
    assert!(compile_with(&empty, |settings, _| settings.guest_phases = &[]).is_ok());
    refused(
        &hcl.replace("build {", "build {\n  name = \"cleanup\""),
        Code::TemplateValue,
    );
    refused(
        &format!("{hcl}build {{\n  sources = [\"source.amazon-ebs.vm\"]\n}}\n"),
        Code::TemplateBlock,
    );
    for sources in [
        "[local.s]",
        "[\"source.null.vm\"]",
        "[]",
        "[\"source.amazon-ebs.vm\", \"source.amazon-ebs.vm\"]",
    ] {
        refused(
            &hcl.replace("[\"source.amazon-ebs.vm\"]", sources),
            Code::TemplateValue,
        );
    }
}

#[test]
fn execute_command_is_recognised_and_written_anew() {
    let hcl = build(
        "  provisioner \"shell\" {\n    inline = [\"id\"]\n    execute_command = \"chmod +x {{ .Path }}; {{ .Vars }} sudo -E sh '{{ .Path }}'\"\n  }",
    );
    let json = json_of(&compiled(&hcl));
    let command = &json["build"]["provisioner"][0]["shell"]["execute_command"];
    assert_eq!(
        command,
        "chmod +x {{ .Path }}; sudo -n env {{ .Vars }} {{ .Path }}"
    );
}

#[test]
fn builders_are_granted_one_by_one() {
    for builder in [
        "file",
        "null",
        "qemu",
        "amazon-chroot",
        "azure-chroot",
        "amazon-ebssurrogate",
    ] {
        let hcl = source("").replace("amazon-ebs", builder);
        refused(&hcl, Code::TemplateBuilder);
        let granted: &'static [BuilderRequest] = Box::leak(Box::new([BuilderRequest::known(builder)]));
        let error = compile_with(&hcl, |settings, _| settings.builders = granted).unwrap_err();
        assert_eq!(
            error.code(),
            Code::TemplateBuilder,
            "granted, but beyond what can be granted"
        );
    }
    refused(
        &format!("{}{}", source(""), source("").replace("vm", "second")),
        Code::TemplateBlock,
    );
    refused("", Code::TemplateBlock);
}
