//! Real programs in real sandboxes.
#![cfg(target_os = "linux")]
#![allow(clippy::disallowed_methods)]

use std::path::PathBuf;
use std::time::Duration;

use super::*;
use crate::journal::Log;
use crate::runner::cancel::Cancel;
use crate::runner::process::{self, Ending, Exit, Finished, Invocation, Overflow};

/// A home with secrets and a directory of a run, of which the sandbox allows only the second.
struct Lab {
    root: tempfile::TempDir,
}

const SECRET: &str = "canary-7f3a";

impl Lab {
    /// `cargo xtask test` leaves these tests out, by name, where the kernel has no Landlock.
    fn new() -> Self {
        if let Support::Missing(reason) = support() {
            panic!("these tests need Landlock: {reason}");
        }
        let lab = Self {
            root: tempfile::tempdir().unwrap(),
        };
        for (path, content) in [
            ("home/.ssh/id_ed25519", SECRET),
            ("home/.aws/credentials", SECRET),
            ("run/template", "own"),
            ("run/tmp/x", ""),
        ] {
            let path = lab.path(path);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, content).unwrap();
        }
        lab
    }

    fn path(&self, below: &str) -> PathBuf {
        self.root.path().canonicalize().unwrap().join(below)
    }

    async fn shell(&self, script: &str) -> Finished {
        let mut rules = Rules::system();
        rules.allow(self.path("run"), Access::Write);
        self.start("/bin/bash", &["-c", script], Sandbox::Confined(rules))
            .await
    }

    async fn start(&self, program: &str, args: &[&str], sandbox: Sandbox) -> Finished {
        let invocation = Invocation {
            args: args.iter().map(Into::into).collect(),
            env: vec![
                ("PATH".into(), "/usr/bin:/bin".into()),
                ("ROOT".into(), self.path("").into()),
            ],
            cwd: self.path("run"),
            ..invocation(program.into(), sandbox)
        };
        process::run(&invocation, &Cancel::new(), None).await.unwrap()
    }

    /// The attack fails for lack of permission, and shows nothing.
    async fn refuses(&self, script: &str) {
        let finished = self.shell(script).await;
        let all = format!("{}{}", finished.stdout, finished.stderr);
        assert!(!all.contains(SECRET), "{script}: {all}");
        assert_ne!(finished.exit, Exit::Code(0), "{script}: {all}");
        let refused = [
            "Permission denied",
            "Operation not permitted",
            "PermissionError",
            // Of a file that would get more rights where it goes.
            "Invalid cross-device link",
        ];
        assert!(refused.iter().any(|text| all.contains(text)), "{script}: {all}");
    }
}

/// A program without arguments and variables, in the root directory.
fn invocation(program: PathBuf, sandbox: Sandbox) -> Invocation {
    Invocation {
        program,
        args: Vec::new(),
        env: Vec::new(),
        cwd: "/".into(),
        timeout: Duration::from_secs(20),
        output_cap: 1 << 20,
        overflow: Overflow::Kill,
        grace: Duration::from_secs(1),
        ending: Ending::Abandon,
        log: Log::default(),
        sandbox,
    }
}

#[tokio::test]
async fn secrets_of_the_user_and_of_the_machine_cannot_be_read() {
    let lab = Lab::new();
    for script in [
        "cat $ROOT/home/.ssh/id_ed25519",
        "cat $ROOT/run/../home/.aws/credentials",
        "ls $ROOT/home",
        // A link made inside leads nowhere else.
        "ln -s $ROOT/home/.aws/credentials link && cat link",
        "ln $ROOT/home/.aws/credentials hard",
        "mv $ROOT/home/.aws/credentials moved && cat moved",
        "cat /etc/shadow",
        "ls /etc/ssl",
        "ls /root",
        "ls /home",
        "ls /tmp",
        // Other processes: the host's environment holds the runner's tokens.
        "cat /proc/$PPID/environ",
        "cat /proc/1/environ",
        "cat /proc/$PPID/cmdline",
        "cat /proc/self/environ",
        "cat /proc/kallsyms /proc/kcore /proc/kmsg",
        "python3 -c 'open(\"/etc/shadow\")'",
        "python3 -c 'import os; os.open(os.environ[\"ROOT\"], os.O_RDONLY)'",
        // What it starts is in the same sandbox, also when nobody waits for it.
        "setsid -w cat $ROOT/home/.ssh/id_ed25519",
        "bash -c 'bash -c \"cat $ROOT/home/.ssh/id_ed25519\"'",
        "echo x >/dev/tty",
    ] {
        lab.refuses(script).await;
    }
}

#[tokio::test]
async fn nothing_outside_of_its_own_directories_can_be_changed() {
    let lab = Lab::new();
    for script in [
        "echo x >$ROOT/home/.ssh/authorized_keys",
        "echo x >>$ROOT/home/.aws/credentials",
        "rm $ROOT/home/.aws/credentials",
        "mkdir $ROOT/home/new",
        "truncate -s 0 $ROOT/home/.aws/credentials",
        "python3 -c 'import os; os.truncate(os.environ[\"ROOT\"] + \"/home/.aws/credentials\", 0)'",
        "mv template $ROOT/home/",
        "ln template $ROOT/home/x",
        "touch /tmp/x /var/tmp/x",
        "echo x >/usr/bin/sindri-test",
        "echo x >/etc/ld.so.preload",
        "echo 0 >/proc/sys/kernel/randomize_va_space",
        // Written, it is still no program.
        "cp /bin/true t && ./t",
        "mknod d c 1 3",
    ] {
        lab.refuses(script).await;
    }
    let kept = std::fs::read_to_string(lab.path("home/.aws/credentials")).unwrap();
    assert_eq!(kept, SECRET);
}

#[tokio::test]
async fn its_own_work_goes_on_as_ever() {
    let lab = Lab::new();
    for script in [
        "test \"$(cat template)\" = own",
        "echo x >new && mv new tmp/other && rm tmp/other && mkdir -p a/b && rmdir a/b",
        "mkfifo f && (echo x >f &) && test \"$(cat f)\" = x",
        "echo x >/dev/null && head -c 4 /dev/urandom >r",
        "id && getent hosts localhost && date",
        "cat <(echo x)",
        "python3 -c 'import os, ssl, json, tempfile, multiprocessing; os.cpu_count(); ssl.create_default_context()'",
        // Packer and its plugins.
        "python3 -c 'import socket; s = socket.socket(socket.AF_UNIX); s.bind(\"tmp/s\"); s.listen(); \
            c = socket.socket(socket.AF_UNIX); c.connect(\"tmp/s\")'",
        "python3 -c 'import socket; s = socket.create_server((\"127.0.0.1\", 0)); \
            socket.create_connection(s.getsockname())'",
        "sleep 100 & kill $!",
    ] {
        let finished = lab.shell(script).await;
        assert_eq!(finished.exit, Exit::Code(0), "{script}: {}", finished.stderr);
    }
}

#[tokio::test]
async fn nobody_outside_can_be_signalled_or_called_by_an_abstract_name() {
    let lab = Lab::new();
    if !matches!(support(), Support::Landlock { abi: 6.. }) {
        return;
    }
    lab.refuses("kill -0 $PPID").await;
    lab.refuses("kill -TERM $PPID").await;
    let name = format!("sindri-test-{}", std::process::id());
    let address =
        <std::os::unix::net::SocketAddr as std::os::linux::net::SocketAddrExt>::from_abstract_name(&name);
    let _listener = std::os::unix::net::UnixListener::bind_addr(&address.unwrap()).unwrap();
    lab.refuses(&format!(
        "python3 -c 'import socket; socket.socket(socket.AF_UNIX).connect(\"\\0{name}\")'"
    ))
    .await;
}

#[tokio::test]
async fn a_set_user_id_program_gets_no_rights() {
    let lab = Lab::new();
    let finished = lab.shell("grep -c x /proc/cpuinfo >/dev/null; python3 -c 'import ctypes; print(ctypes.CDLL(None).prctl(39, 0, 0, 0, 0))'").await;
    assert_eq!(
        finished.stdout.trim(),
        "1",
        "PR_GET_NO_NEW_PRIVS: {}",
        finished.stderr
    );
}

#[tokio::test]
async fn who_switches_it_off_has_none() {
    let lab = Lab::new();
    let path = lab.path("home/.ssh/id_ed25519");
    let finished = lab
        .start("/bin/cat", &[path.to_str().unwrap()], Sandbox::Off)
        .await;
    assert_eq!(finished.stdout, SECRET);
}

/// The interpreter of a script, too, has to be allowed: a mistake in the rules must stop the program.
#[tokio::test]
async fn without_a_rule_for_the_program_it_does_not_start() {
    let lab = Lab::new();
    let program = lab.path("home/tool");
    std::fs::copy("/bin/true", &program).unwrap();
    let start = async |rules: Rules| {
        let invocation = invocation(program.clone(), Sandbox::Confined(rules));
        process::run(&invocation, &Cancel::new(), None).await
    };
    let error = start(Rules::system()).await.unwrap_err();
    assert_eq!(error.code(), crate::error::Code::ToolStart);
    let mut rules = Rules::system();
    rules.allow(&program, Access::Execute);
    assert_eq!(start(rules).await.unwrap().exit, Exit::Code(0));
}

#[test]
fn rules_for_one_path_add_up() {
    let mut rules = Rules::default();
    rules.allow("/a", Access::Read);
    rules.allow("/a", Access::Write);
    rules.allow("/a", Access::Execute);
    rules.allow("/a", Access::Read);
    rules.allow("relative", Access::Write);
    assert_eq!(rules.get("/a"), Some(Access::WriteAndExecute));
    assert_eq!(rules.paths().count(), 1);
}
