use super::*;
use crate::files;
use crate::policy::tools::Surroundings;
use crate::runner::sandbox::Sandbox;

/// A run directory whose "Packer" is the shell: `sh build -machine-readable …` runs the file `build`.
struct Lab {
    directory: tempfile::TempDir,
    redactor: Redactor,
    log: Log,
    cancel: Cancel,
    child: Equipment,
}

impl Lab {
    fn new(scripts: &[(&str, &str)]) -> Self {
        let directory = tempfile::tempdir().unwrap();
        for (name, content) in scripts {
            files::write_for_user(&directory.path().join(name), content.as_bytes(), false).unwrap();
        }
        let child = Equipment {
            env: vec![("PATH".into(), "/usr/bin:/bin".into())],
            sandbox: Sandbox::Off,
        };
        Self {
            directory,
            redactor: Redactor::new(["s3cret-value"]),
            cancel: Cancel::new(),
            child,
            log: Log::default(),
        }
    }

    fn site(&self) -> Site<'_> {
        let directory = self.directory.path();
        Site {
            directory,
            child: &self.child,
            redactor: &self.redactor,
            cancel: &self.cancel,
            log: &self.log,
            debug: None,
        }
    }

    async fn build(&self, packer: &Packer) -> (Result<ManifestEntry>, Vec<Event>) {
        let mut events = Vec::new();
        let result = packer
            .build(&self.site(), &options(), &|_| Ok(()), &mut |event| {
                events.push(event)
            })
            .await;
        (result, events)
    }
}

fn options() -> BuildOptions {
    BuildOptions {
        on_error: OnError::Cleanup,
        timeout: Duration::from_secs(30),
    }
}

fn shell(version: &str) -> Packer {
    Packer::new("/bin/sh".into(), version.parse().unwrap())
}

const GOOD_MANIFEST: &str = r#"printf '%s' '{"builds":[{"builder_type":"amazon-ebs","artifact_id":"us-west-2:ami-1",
"packer_run_uuid":"u"}],"last_run_uuid":"u"}' >manifest.json"#;

#[tokio::test]
async fn the_artifact_comes_from_the_manifest_and_not_from_the_output() {
    let script =
        format!("echo '1,,ui,say,==> Found Image ID: ami-source'\n{GOOD_MANIFEST}\necho \"$@\" >args");
    let lab = Lab::new(&[("build", &script)]);
    let (result, events) = lab.build(&shell("1.6.6")).await;
    assert_eq!(result.unwrap().artifact_id, "us-west-2:ami-1");
    assert_eq!(events, [Event::Say("==> Found Image ID: ami-source".into())]);
    let args = files::read_text(&lab.directory.path().join("args"), 1000).unwrap();
    assert_eq!(
        args,
        "-machine-readable -color=false -on-error=cleanup build.pkr.json\n"
    );
}

#[tokio::test]
async fn success_without_a_new_manifest_is_a_failure() {
    let lab = Lab::new(&[("build", "echo '1,x,artifact,0,id,us-west-2:ami-9'")]);
    assert_eq!(
        lab.build(&shell("1.6.6")).await.0.unwrap_err().code(),
        Code::PackerArtifact
    );
    // Of an earlier run in the same directory.
    let lab = Lab::new(&[("build", GOOD_MANIFEST)]);
    assert!(lab.build(&shell("1.6.6")).await.0.is_ok());
    assert_eq!(
        lab.build(&shell("1.6.6")).await.0.unwrap_err().code(),
        Code::PackerArtifact
    );
}

#[tokio::test]
async fn a_failed_build_shows_its_errors_without_secrets_and_escapes() {
    let script = format!(
        "{GOOD_MANIFEST}
         echo '1,,ui,message,    x: ::set-output name=a::s3cret-value'
         printf '1,,ui,error,==> x: \\033[31mno s3cret-value%%!(PACKER_COMMA) sorry\\\\n* second\\n'
         echo '1,x,error,Script exited with non-zero exit status: 3'; exit 1"
    );
    let lab = Lab::new(&[("build", &script)]);
    let (result, events) = lab.build(&shell("1.6.6")).await;
    let error = result.unwrap_err();
    assert_eq!(error.code(), Code::PackerBuild);
    let expected = [
        "==> x: no ***, sorry",
        "* second",
        "Script exited with non-zero exit status: 3",
    ];
    assert_eq!(error.details(), expected);
    assert_eq!(
        events[0],
        Event::Message("    x: ::set-output name=a::***".into())
    );
}

#[tokio::test]
async fn a_crash_is_shown_although_it_is_in_no_format() {
    let lab = Lab::new(&[("build", "echo 'panic: runtime error' >&2; kill -9 $$")]);
    let (result, events) = lab.build(&shell("1.6.6")).await;
    let error = result.unwrap_err();
    assert_eq!(
        error.details(),
        ["panic: runtime error", "Packer did not get to clean up"]
    );
    assert_eq!(events, [Event::Text("panic: runtime error".into())]);
}

#[tokio::test]
async fn the_errors_of_validate_are_shown_from_both_streams() {
    let lab = Lab::new(&[(
        "validate",
        "echo 'Error: on stdout'; echo; echo on stderr >&2; exit 1",
    )]);
    let error = shell("1.6.6").validate(&lab.site(), false).await.unwrap_err();
    assert_eq!(error.code(), Code::PackerValidate);
    assert_eq!(error.details(), ["Error: on stdout", "on stderr"]);
}

#[tokio::test]
async fn init_is_not_run_where_packer_has_none() {
    let lab = Lab::new(&[("init", "echo offline >&2; exit 1")]);
    shell("1.6.6").init(&lab.site()).await.unwrap();
    let error = shell("1.7.0").init(&lab.site()).await.unwrap_err();
    assert_eq!(
        (error.code(), error.details()),
        (Code::PackerInit, &["offline".to_owned()][..])
    );
}

#[tokio::test]
async fn a_hanging_build_is_asked_to_clean_up() {
    let lab = Lab::new(&[(
        "build",
        "trap 'echo 1,,ui,say,cleaning; exit 1' TERM; trap '' INT; echo 1,,ui,say,ready; while :; do sleep 0.1; done",
    )]);
    let options = BuildOptions {
        timeout: Duration::from_millis(500),
        ..options()
    };
    let mut events = Vec::new();
    let error = shell("1.6.6")
        .build(&lab.site(), &options, &|_| Ok(()), &mut |event| {
            events.push(event)
        })
        .await
        .unwrap_err();
    assert_eq!(error.code(), Code::RunTimeout);
    assert_eq!(
        events,
        [Event::Say("ready".into()), Event::Say("cleaning".into())]
    );
    assert_eq!(error.details().len(), 0);
}

#[test]
fn the_user_chooses_what_happens_on_error_and_nothing_else_is_passed() {
    let mut options = options();
    options.on_error = OnError::Abort;
    let args = build_arguments(&options);
    assert_eq!(
        args,
        [
            "build",
            "-machine-readable",
            "-color=false",
            "-on-error=abort",
            "build.pkr.json"
        ]
    );
}

#[tokio::test]
async fn another_program_of_the_same_name_is_passed_over() {
    let root = tempfile::tempdir().unwrap();
    let (first, second) = (root.path().join("1"), root.path().join("2"));
    for (directory, script) in [
        (&first, "#!/bin/sh\necho 0 0\n"),
        (&second, "#!/bin/sh\necho Packer v1.16.0\n"),
    ] {
        files::create_directory(directory).unwrap();
        files::write_for_user(&directory.join("packer"), script.as_bytes(), false).unwrap();
        files::make_executable(&directory.join("packer")).unwrap();
    }
    let locate = async |path: &[&Path]| {
        let path = std::env::join_paths(path).unwrap();
        let user = Environment::of("/nowhere", [("PATH", path)]);
        let private = PrivateDirs::create(&root.path().join("run"), &user, &Surroundings::NONE).unwrap();
        // Another test's fork may hold a script open for writing for a moment, and then it cannot start.
        for _ in 0..100 {
            let found = Packer::locate(
                &user,
                &private,
                &Choices::default(),
                &Cancel::new(),
                &Log::default(),
            )
            .await;
            if !found.as_ref().is_err_and(|error| error.code() == Code::ToolStart) {
                return found;
            }
        }
        panic!("a script cannot be started");
    };
    let found = locate(&[&first, &second]).await.unwrap();
    assert_eq!(found.version(), &Version::new(1, 16, 0));
    assert!(found.program().ends_with("2/packer") && found.has_init());
    assert_eq!(locate(&[&first]).await.unwrap_err().code(), Code::ToolVersion);
    assert_eq!(locate(&[]).await.unwrap_err().code(), Code::ToolMissing);
}

/// With the Packer on this machine's `PATH`: `cargo test -- --ignored`.
mod real {
    use super::*;

    async fn located(template: &str) -> (Packer, Lab) {
        let mut lab = Lab::new(&[(TEMPLATE_FILE, template)]);
        let user = Environment::of_process().unwrap();
        let private =
            PrivateDirs::create(&lab.directory.path().join("p"), &user, &Surroundings::NONE).unwrap();
        let packer = Packer::locate(&user, &private, &Choices::default(), &lab.cancel, &Log::default())
            .await
            .unwrap();
        let child = Child::PackerSetup {
            program: packer.program(),
        };
        let directory = lab.directory.path();
        lab.child = children::equip(child, directory, &user, &private, &Choices::default()).unwrap();
        (packer, lab)
    }

    #[tokio::test]
    #[ignore = "needs packer"]
    async fn builds_and_validates() {
        let template = r#"{"source": {"null": {"x": {"communicator": "none"}}}, "build": [{"sources": ["source.null.x"],
            "post-processor": {"manifest": {"output": "manifest.json", "strip_path": true}}}]}"#;
        let (packer, lab) = located(template).await;
        packer.init(&lab.site()).await.unwrap();
        packer.validate(&lab.site(), true).await.unwrap();
        packer.validate(&lab.site(), false).await.unwrap();
        for _ in 0..2 {
            let (result, events) = lab.build(&packer).await;
            let artifact = result.unwrap();
            assert_eq!(
                (artifact.builder_type.as_str(), artifact.artifact_id.as_str()),
                ("null", "Null")
            );
            assert!(
                events
                    .iter()
                    .any(|event| matches!(event, Event::Artifact { field, .. } if field == "id"))
            );
        }
    }

    #[tokio::test]
    #[ignore = "needs packer"]
    async fn says_what_is_wrong() {
        let (packer, lab) =
            located(r#"{"source": {"null": {"x": {}}}, "build": [{"sources": ["source.null.x"]}]}"#).await;
        let error = packer.validate(&lab.site(), false).await.unwrap_err();
        assert_eq!(error.code(), Code::PackerValidate);
        assert!(!error.details().is_empty(), "{error}");
        let error = lab.build(&packer).await.0.unwrap_err();
        assert_eq!(error.code(), Code::PackerBuild);
        assert!(!error.details().is_empty(), "{error}");
    }

    /// Waits for an SSH server that is not there.
    const WAITING: &str = r#"{"source": {"null": {"x": {"communicator": "ssh", "ssh_host": "127.0.0.1", "ssh_port": 9,
        "ssh_username": "a", "ssh_password": "b"}}}, "build": [{"sources": ["source.null.x"]}]}"#;

    #[tokio::test]
    #[ignore = "needs packer"]
    async fn cleans_up_when_cancelled() {
        let (packer, lab) = located(WAITING).await;
        let mut events = Vec::new();
        let result = packer
            .build(&lab.site(), &options(), &|_| Ok(()), &mut |event| {
                if matches!(&event, Event::Say(text) if text.contains("Waiting for SSH")) {
                    lab.cancel.request();
                }
                events.push(event);
            })
            .await;
        assert_eq!(result.unwrap_err().code(), Code::Interrupted);
        let clean = |event: &Event| matches!(event, Event::Say(text) if text.contains("Cleanly cancelled"));
        assert!(events.iter().any(clean), "{events:?}");
    }
}
