use super::*;
use crate::Code;

fn text(name: &str, content: &str) -> UserFile {
    UserFile {
        name: name.to_owned(),
        content: content.as_bytes().to_vec(),
    }
}

fn plain(environment: &BTreeMap<String, String>) -> ImageContent<'_> {
    ImageContent {
        sindri_version: "v3.1.0",
        profile: None,
        extensions: &[],
        cis_hardening: false,
        clean_sensitive_data: true,
        remove_ssh_keys: true,
        user_scripts: &[],
        uploads: &[],
        ansible_playbook: None,
        environment,
        release: Release::Download {
            base_url: "https://example.org/releases/download",
        },
        docker: Docker::Distribution,
        openscap: None,
        checks: true,
        manifest_without: None,
    }
}

fn names(steps: &[GuestStep]) -> Vec<&str> {
    steps
        .iter()
        .map(|step| match step {
            GuestStep::Shell(step) => step.name.as_str(),
            GuestStep::Upload(_) => "upload",
            GuestStep::Download(_) => "download",
            GuestStep::AnsibleLocal(_) => "ansible",
        })
        .collect()
}

fn file<'a>(provisioned: &'a Provisioned, path: &str) -> &'a str {
    let found = provisioned.files.iter().find(|file| file.path == path);
    std::str::from_utf8(&found.unwrap().content).unwrap()
}

#[test]
fn the_order_is_init_files_sindri_user_ansible_harden_and_clean_is_apart() {
    let environment = BTreeMap::new();
    let scripts = [text("a.sh", "true"), text("b.sh", "true")];
    let uploads = [Upload {
        source: UploadSource::File(text("motd", "hi")),
        destination: "/etc/motd".into(),
    }];
    let playbook = text("site.yml", "- hosts: all");
    let environment_of_all = BTreeMap::from([("A".to_owned(), "b".to_owned())]);
    let archives = [ReleaseArchive {
        arch: "x86_64",
        file: text("sindri.tar.gz", "\u{0}"),
    }];
    let provisioned = provision(&ImageContent {
        environment: &environment_of_all,
        release: Release::Uploaded { archives: &archives },
        openscap: Some(OpenScap {
            profile: "standard",
            minimum_score: 70,
            data_stream: Some(&playbook),
        }),
        cis_hardening: true,
        user_scripts: &scripts,
        uploads: &uploads,
        ansible_playbook: Some(&playbook),
        ..plain(&environment)
    })
    .unwrap();
    assert_eq!(
        names(&provisioned.steps.provision),
        [
            "init",
            "upload",
            "files",
            "upload",
            "install-sindri",
            "user-00-a",
            "user-01-b",
            "ansible-environment",
            "ansible",
            "harden",
            "upload",
            "openscap",
            "download",
            "download",
            "download",
            "openscap-score"
        ]
    );
    assert_eq!(names(&provisioned.steps.clean), ["clean", "check"]);
    assert!(file(&provisioned, "scripts/10-init.sh").contains("ansible-core"));

    let minimal = provision(&plain(&environment)).unwrap();
    assert_eq!(names(&minimal.steps.provision), ["init", "install-sindri"]);
    assert!(!file(&minimal, "scripts/10-init.sh").contains("ansible-core"));
}

#[test]
fn every_step_names_a_file_of_the_bundle_and_no_path_stands_twice() {
    let environment = BTreeMap::new();
    let scripts = [
        text("same.sh", "1"),
        text("same.sh", "2"),
        text("../../etc/x y.sh", "3"),
    ];
    let provisioned = provision(&ImageContent {
        user_scripts: &scripts,
        ..plain(&environment)
    })
    .unwrap();
    let mut paths: Vec<_> = provisioned.files.iter().map(|file| file.path.as_str()).collect();
    assert!(
        paths
            .iter()
            .all(|path| !path.contains("..") && !path.contains(' '))
    );
    for step in provisioned.steps.provision.iter().chain(&provisioned.steps.clean) {
        let GuestStep::Shell(step) = step else {
            panic!("no other step was asked for")
        };
        assert!(paths.contains(&step.script.as_str()) && step.as_root);
    }
    let before = paths.len();
    paths.sort_unstable();
    paths.dedup();
    assert_eq!(paths.len(), before);
}

#[test]
fn secret_values_reach_every_script_but_stand_in_no_file() {
    let environment = BTreeMap::from([("TOKEN".to_owned(), "s3cr3t-v4lue".to_owned())]);
    let scripts = [text("a.sh", "true")];
    let provisioned = provision(&ImageContent {
        user_scripts: &scripts,
        cis_hardening: true,
        ..plain(&environment)
    })
    .unwrap();
    assert_eq!(
        provisioned.secrets,
        [("sindri_env_TOKEN".to_owned(), "s3cr3t-v4lue".to_owned())]
    );
    assert!(!format!("{:?}{:?}", provisioned.files, provisioned.steps).contains("s3cr3t-v4lue"));
    for step in provisioned.steps.provision.iter().chain(&provisioned.steps.clean) {
        let GuestStep::Shell(step) = step else {
            panic!("no other step was asked for")
        };
        let entry = EnvironmentEntry {
            name: "TOKEN".to_owned(),
            value: EnvironmentValue::Secret("sindri_env_TOKEN".to_owned()),
        };
        assert_eq!(step.environment, [entry], "{}", step.name);
    }
}

#[test]
fn user_scripts_are_copied_byte_for_byte() {
    let environment = BTreeMap::new();
    let content = "#!/bin/bash\n{{ not_tera }} {% raw %} ${x} \u{1f980}\r\n";
    let scripts = [text("a.sh", content)];
    let provisioned = provision(&ImageContent {
        user_scripts: &scripts,
        ..plain(&environment)
    })
    .unwrap();
    assert_eq!(file(&provisioned, "scripts/30-user-00-a.sh"), content);
}

#[test]
fn a_version_with_v_does_not_become_vv_in_the_address() {
    let environment = BTreeMap::new();
    let provisioned = provision(&plain(&environment)).unwrap();
    assert!(file(&provisioned, "scripts/20-install-sindri.sh").contains("version='3.1.0'"));
}

#[test]
fn values_that_would_fail_late_or_become_options_are_refused() {
    let none = BTreeMap::new();
    let refused = |content: &ImageContent<'_>| provision(content).unwrap_err().code() == Code::ConfigValue;
    for version in ["", "v", "x", "3.1.0; id", "../3.1", "latest\n"] {
        assert!(
            refused(&ImageContent {
                sindri_version: version,
                ..plain(&none)
            }),
            "{version:?}"
        );
    }
    for name in ["", "-rf", "--help", "a b", "a;b", "$(id)", "a\nb"] {
        assert!(
            refused(&ImageContent {
                profile: Some(name),
                ..plain(&none)
            }),
            "{name:?}"
        );
        assert!(
            refused(&ImageContent {
                extensions: &[name.to_owned()],
                ..plain(&none)
            }),
            "{name:?}"
        );
    }
    for url in [
        "",
        "http://example.org",
        "ftp://x",
        "https://a b",
        "http://127.0.0.1.evil.org",
        "http://localhost:1@evil.org/",
    ] {
        assert!(
            refused(&ImageContent {
                release: Release::Download { base_url: url },
                ..plain(&none)
            }),
            "{url:?}"
        );
    }
    for name in ["", "1A", "A-B", "A=B", "UID", "A\0"] {
        let environment = BTreeMap::from([(name.to_owned(), String::new())]);
        assert!(refused(&plain(&environment)), "{name:?}");
    }
    let environment = BTreeMap::from([("A".to_owned(), "\0".to_owned())]);
    assert!(refused(&plain(&environment)));
    let script = [text("x.py", "#!/usr/bin/env python3\n")];
    assert!(refused(&ImageContent {
        user_scripts: &script,
        ..plain(&none)
    }));
    for first in ["", "#!/bin/sh -e", "#!/usr/bin/env bash", "# no interpreter"] {
        let script = [text("x.sh", first)];
        assert!(
            provision(&ImageContent {
                user_scripts: &script,
                ..plain(&none)
            })
            .is_ok(),
            "{first:?}"
        );
    }
}

#[test]
fn uploads_cannot_leave_their_folder_and_land_where_they_should() {
    let none = BTreeMap::new();
    let upload = |source, destination: &str| {
        [Upload {
            source,
            destination: destination.to_owned(),
        }]
    };
    for destination in ["etc/motd", "", "/", "/opt/../etc/shadow", "/a\nb"] {
        let uploads = upload(UploadSource::File(text("a", "")), destination);
        assert!(
            provision(&ImageContent {
                uploads: &uploads,
                ..plain(&none)
            })
            .is_err(),
            "{destination:?}"
        );
    }
    for name in ["../x", "/etc/x", "a//b", "a/../../b", "", "a\\b"] {
        let uploads = upload(UploadSource::Directory(vec![text(name, "")]), "/opt/x");
        assert!(
            provision(&ImageContent {
                uploads: &uploads,
                ..plain(&none)
            })
            .is_err(),
            "{name:?}"
        );
    }

    let files = UploadSource::Directory(vec![text("bin/run", "#!/bin/sh\n"), text("it's", "data")]);
    let uploads = upload(files, "/opt/tool/");
    let provisioned = provision(&ImageContent {
        uploads: &uploads,
        ..plain(&none)
    })
    .unwrap();
    let script = file(&provisioned, "scripts/15-files.sh");
    assert!(
        script.contains("place \"$staging\"/'0/bin/run' '/opt/tool/bin/run'"),
        "{script}"
    );
    assert!(script.contains(r"'/opt/tool/it'\''s'"), "{script}");
    assert!(file(&provisioned, "files/sindri-files/0/bin/run").starts_with("#!"));

    let uploads = upload(UploadSource::File(text("motd", "x")), "/etc/");
    let provisioned = provision(&ImageContent {
        uploads: &uploads,
        ..plain(&none)
    })
    .unwrap();
    assert!(file(&provisioned, "scripts/15-files.sh").contains("'/etc/motd'"));

    let uploads = upload(UploadSource::Directory(Vec::new()), "/opt/empty");
    let provisioned = provision(&ImageContent {
        uploads: &uploads,
        ..plain(&none)
    })
    .unwrap();
    assert!(
        !names(&provisioned.steps.provision).contains(&"upload"),
        "Packer fails on a folder that is not there"
    );
    assert!(file(&provisioned, "scripts/15-files.sh").contains("'/opt/empty'"));
}

/// Written before the clean-up it would name what is removed; written always, it would cost every build half a minute.
#[test]
fn the_disk_is_written_down_last_and_only_if_somebody_wants_it() {
    let environment = BTreeMap::new();
    let provisioned = provision(&ImageContent {
        manifest_without: Some(&["tmp", "a'b"]),
        ..plain(&environment)
    })
    .unwrap();
    assert_eq!(
        names(&provisioned.steps.clean),
        ["clean", "check", "manifest", "download", "download", "download"]
    );
    assert!(file(&provisioned, "scripts/95-manifest.sh").contains(r"'tmp' 'a'\''b'"));
    let GuestStep::Download(download) = &provisioned.steps.clean[3] else {
        panic!("{:?}", provisioned.steps.clean);
    };
    assert_eq!(download.destination, format!("{MANIFEST_FOLDER}/root.mtree"));
    let without = provision(&plain(&environment)).unwrap();
    assert_eq!(names(&without.steps.clean), ["clean", "check"]);
}
