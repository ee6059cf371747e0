#![allow(clippy::disallowed_methods)]

use std::path::Path;

use super::*;

fn shell(script: &str) -> Invocation {
    Invocation {
        program: "/bin/sh".into(),
        args: vec!["-c".into(), script.into()],
        env: vec![("PATH".into(), "/usr/bin:/bin".into())],
        cwd: "/".into(),
        timeout: Duration::from_secs(20),
        output_cap: 1 << 20,
        overflow: Overflow::Kill,
        grace: Duration::from_secs(5),
        ending: Ending::Abandon,
        log: Log::default(),
        sandbox: Sandbox::Off,
    }
}

async fn finish(invocation: &Invocation) -> Finished {
    run(invocation, &Cancel::new(), None).await.unwrap()
}

/// Gone, or a zombie that nobody here has to reap.
fn is_gone(pid: &str) -> bool {
    match std::fs::read_to_string(format!("/proc/{}/stat", pid.trim())) {
        Ok(stat) => stat.rsplit(')').next().unwrap().trim_start().starts_with('Z'),
        Err(_) => true,
    }
}

async fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    for _ in 0..500 {
        if done() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("never happened: {what}");
}

#[tokio::test]
async fn output_status_and_lines_arrive() {
    let mut lines = Vec::new();
    let mut sink = |stream: Stream, line: &str| lines.push((stream, line.to_owned()));
    let invocation = shell("echo out; sleep 0.2; echo err >&2; printf last; exit 3");
    let finished = run(&invocation, &Cancel::new(), Some(&mut sink)).await.unwrap();
    assert_eq!(finished.exit, Exit::Code(3));
    assert_eq!(finished.exit.step_status(), Some(StepStatus::Exited(3)));
    assert_eq!(
        (finished.stdout.as_str(), finished.stderr.as_str()),
        ("out\nlast", "err\n")
    );
    lines.sort_by_key(|(stream, _)| *stream == Stream::Stderr);
    let expected = [
        (Stream::Stdout, "out"),
        (Stream::Stdout, "last"),
        (Stream::Stderr, "err"),
    ];
    assert_eq!(lines, expected.map(|(stream, line)| (stream, line.to_owned())));
    assert_eq!(finished.success("sh").unwrap_err().code(), Code::ToolFailed);
}

#[tokio::test]
async fn a_program_inherits_neither_variables_nor_input_nor_descriptors() {
    let leak = std::fs::File::open("/dev/null").unwrap();
    nix::fcntl::fcntl(&leak, nix::fcntl::FcntlArg::F_SETFD(nix::fcntl::FdFlag::empty())).unwrap();
    let finished = finish(&shell("env | cut -d= -f1 | sort; cat; ls /proc/$$/fd")).await;
    let words: Vec<_> = finished.stdout.split_whitespace().collect();
    // PWD, OLDPWD, SHLVL and _ are made by shells themselves.
    let made_by_the_shell = ["PWD", "OLDPWD", "SHLVL", "_"];
    let words: Vec<_> = words
        .into_iter()
        .filter(|word| !made_by_the_shell.contains(word))
        .collect();
    assert_eq!(words, ["PATH", "0", "1", "2"]);
}

#[tokio::test]
async fn a_program_that_hangs_is_stopped_with_everything_it_started() {
    let mut invocation = shell("sleep 600 & echo $!; exec sleep 600");
    invocation.timeout = Duration::from_millis(300);
    let finished = finish(&invocation).await;
    assert_eq!(finished.exit, Exit::TimedOut);
    assert!(finished.duration < Duration::from_secs(3));
    let grandchild = finished.stdout.clone();
    wait_until("grandchild gone", || is_gone(&grandchild)).await;
    assert_eq!(finished.success("sh").unwrap_err().code(), Code::ToolTimeout);
}

#[tokio::test]
async fn a_program_that_ignores_the_signal_is_killed_after_the_grace() {
    let mut invocation = shell("trap '' TERM INT; echo $$; while :; do sleep 0.1; done");
    invocation.timeout = Duration::from_millis(200);
    invocation.grace = Duration::from_millis(300);
    let finished = finish(&invocation).await;
    assert_eq!(finished.exit, Exit::TimedOut);
    assert!(finished.duration < Duration::from_secs(4));
    assert!(is_gone(&finished.stdout));
}

#[tokio::test]
async fn a_program_that_fills_its_output_is_killed() {
    let mut invocation = shell("yes");
    invocation.output_cap = 100_000;
    let error = run(&invocation, &Cancel::new(), None).await.unwrap_err();
    assert_eq!(error.code(), Code::ToolOutput);
}

#[tokio::test]
async fn a_build_that_fills_its_output_is_not_killed() {
    let mut invocation = shell("head -c 3000000 /dev/zero | tr '\\0' x; echo; echo end");
    invocation.output_cap = 10_000;
    invocation.overflow = Overflow::KeepEnd;
    let finished = finish(&invocation).await;
    assert_eq!(finished.exit, Exit::Code(0));
    assert!(finished.truncated && finished.stdout.ends_with("\nend\n") && finished.stdout.len() == 10_000);
}

#[tokio::test]
async fn a_flood_cannot_hold_up_the_time_limit() {
    let mut invocation = shell("yes");
    invocation.timeout = Duration::from_millis(300);
    invocation.overflow = Overflow::KeepEnd;
    let finished = finish(&invocation).await;
    assert_eq!(finished.exit, Exit::TimedOut);
    assert!(finished.duration < Duration::from_secs(4));
}

#[tokio::test]
async fn somebody_who_left_the_group_and_holds_the_pipe_does_not_hang_us() {
    let before = Instant::now();
    let finished = finish(&shell("setsid sleep 8 & echo started")).await;
    assert_eq!(
        (finished.exit, finished.stdout.as_str()),
        (Exit::Code(0), "started\n")
    );
    assert!(before.elapsed() < Duration::from_secs(5));
}

#[tokio::test]
async fn what_a_finished_program_left_in_its_group_is_killed() {
    let finished = finish(&shell("sleep 600 >/dev/null 2>&1 & echo $!")).await;
    wait_until("left-over gone", || is_gone(&finished.stdout)).await;
}

#[tokio::test]
async fn cancelling_lets_a_program_clean_up_and_spares_its_children() {
    let mut invocation = shell(
        "(trap 'echo child hit; exit' TERM; while :; do sleep 0.1; done) & child=$!
         trap 'echo cleaning; sleep 0.3; kill -9 $child; echo clean; exit 0' TERM
         echo ready; while :; do sleep 0.1; done",
    );
    invocation.ending = Ending::CleanUp;
    let cancel = Cancel::new();
    let mut sink = |_: Stream, line: &str| {
        if line == "ready" {
            cancel.request();
        }
    };
    let finished = run(&invocation, &cancel, Some(&mut sink)).await.unwrap();
    assert_eq!(finished.exit, Exit::Cancelled);
    assert_eq!(finished.stdout, "ready\ncleaning\nclean\n");
    assert!(!finished.killed);
    assert_eq!(finished.success("packer").unwrap_err().code(), Code::Interrupted);
}

#[tokio::test]
async fn cancelling_twice_does_not_wait_for_the_clean_up() {
    let mut invocation = shell("trap 'echo cleaning' TERM; echo ready; while :; do sleep 0.1; done");
    invocation.ending = Ending::CleanUp;
    invocation.grace = Duration::from_secs(600);
    let cancel = Cancel::new();
    let mut sink = |_: Stream, line: &str| {
        if line == "ready" || line == "cleaning" {
            cancel.request();
        }
    };
    let finished = run(&invocation, &cancel, Some(&mut sink)).await.unwrap();
    assert_eq!(finished.exit, Exit::Cancelled);
    assert!(finished.killed && finished.duration < Duration::from_secs(5));
}

#[tokio::test]
async fn nothing_is_started_after_a_cancellation() {
    let directory = tempfile::tempdir().unwrap();
    let cancel = Cancel::new();
    cancel.request();
    let invocation = Invocation {
        cwd: directory.path().into(),
        ..shell("touch started")
    };
    assert_eq!(
        run(&invocation, &cancel, None).await.unwrap_err().code(),
        Code::Interrupted
    );
    assert!(!directory.path().join("started").exists());
}

#[tokio::test]
async fn dropping_the_future_kills_the_group() {
    let directory = tempfile::tempdir().unwrap();
    let file = directory.path().join("pids");
    let invocation = Invocation {
        cwd: directory.path().into(),
        ..shell("sleep 600 & echo $$ $! >pids; sleep 600")
    };
    let cancel = Cancel::new();
    {
        let running = run(&invocation, &cancel, None);
        let started = wait_until("pids written", || {
            std::fs::read_to_string(&file).is_ok_and(|text| text.ends_with('\n'))
        });
        tokio::select! {
            _ = running => panic!("it ended by itself"),
            () = started => {}
        }
    }
    for pid in std::fs::read_to_string(&file).unwrap().split_whitespace() {
        wait_until("group gone", || is_gone(pid)).await;
    }
}

#[tokio::test]
async fn a_program_that_is_not_there_is_an_error_and_not_a_crash() {
    let missing = Invocation {
        program: "/nonexistent/aws".into(),
        ..shell("")
    };
    assert_eq!(
        run(&missing, &Cancel::new(), None).await.unwrap_err().code(),
        Code::ToolStart
    );
    let relative = Invocation {
        program: "sh".into(),
        ..shell("")
    };
    assert_eq!(
        run(&relative, &Cancel::new(), None).await.unwrap_err().code(),
        Code::Internal
    );
    let nowhere = Invocation {
        cwd: "/nonexistent".into(),
        ..shell("")
    };
    assert_eq!(
        run(&nowhere, &Cancel::new(), None).await.unwrap_err().code(),
        Code::ToolStart
    );
}

#[tokio::test]
async fn a_signal_from_elsewhere_is_told_apart() {
    assert_eq!(finish(&shell("kill -KILL $$")).await.exit, Exit::Signal(9));
}

const VICTIM: &str = "SINDRI_TEST_VICTIM_DIRECTORY";

/// Not a test: the program that `killed_without_warning` kills.
#[tokio::test]
#[ignore = "started by killed_without_warning"]
async fn victim() {
    let Ok(directory) = std::env::var(VICTIM) else {
        return;
    };
    let mut tool = shell("echo $$ >tool; exec sleep 600");
    let mut builder = shell(
        "trap 'for i in 1 2 3 4 5; do echo cleaning; echo and on standard error >&2; sleep 0.1; done
               echo yes >cleaned; exit' TERM
         echo $$ >builder; while :; do sleep 0.1; done",
    );
    builder.ending = Ending::CleanUp;
    tool.cwd = directory.clone().into();
    builder.cwd = directory.into();
    let cancel = Cancel::new();
    let _ = tokio::join!(run(&tool, &cancel, None), run(&builder, &cancel, None));
}

/// SIGKILL, an out-of-memory kill: tools die with us; a builder cleans up, although nobody reads what
/// it prints.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn killed_without_warning() {
    let directory = tempfile::tempdir().unwrap();
    let read =
        |name: &str| std::fs::read_to_string(Path::new(directory.path()).join(name)).unwrap_or_default();
    let victim = concat!(module_path!(), "::victim");
    let victim = victim.split_once("::").unwrap().1;
    let mut sindri = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", victim, "--ignored", "--nocapture"])
        .env(VICTIM, directory.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    wait_until("both started", || {
        read("tool").ends_with('\n') && read("builder").ends_with('\n')
    })
    .await;
    sindri.kill().unwrap();
    sindri.wait().unwrap();
    wait_until("tool gone", || is_gone(&read("tool"))).await;
    wait_until("builder cleaned up", || read("cleaned") == "yes\n").await;
    wait_until("builder gone", || is_gone(&read("builder"))).await;
}
