//! A machine that answers over SSH.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::os::unix::ffi::OsStrExt;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{LARGEST, wire};
use crate::error::{Code, Error, Result};
use crate::journal::Log;
use crate::policy::children::Equipment;
use crate::policy::redact::neutralise_line;
use crate::runner::cancel::Cancel;
use crate::runner::process::{self, Ending, Exit, Finished, Invocation, Overflow};
use crate::verify::facts::{Content, Survey};
use crate::verify::private_key;

const COLLECTOR: &str = include_str!("collector.sh");
/// A root has half a million entries of some 150 bytes at most; in base64, for the half more.
const MOST_OUTPUT: usize = 512 << 20;
/// Linux takes an argument of 128 KiB; the script and the rest have to fit too.
const MOST_ARGUMENTS: usize = 64 << 10;
/// A large disk, and a cloud-init that is still at work.
const SURVEY: Duration = Duration::from_secs(30 * 60);
const CONTENTS: Duration = Duration::from_secs(10 * 60);
/// Between two attempts to reach a machine that is starting.
const AGAIN: Duration = Duration::from_secs(3);
/// The exit status of `ssh` itself.
const NO_CONNECTION: i32 = 255;

/// How a machine is reached.
pub struct Remote<'a> {
    /// The real `ssh`.
    pub program: PathBuf,
    /// What it gets of this machine.
    pub equipment: Equipment,
    /// Where it runs.
    pub directory: PathBuf,
    /// Name or address.
    pub address: String,
    /// Port of the server.
    pub port: u16,
    /// Who logs in; root, or somebody whose `sudo` asks for no password.
    pub user: String,
    /// Absolute path of the private key.
    pub key: PathBuf,
    /// Absolute path of the known host keys.
    pub known_hosts: PathBuf,
    /// Whether the first key that the host shows is believed.
    pub accept_new: bool,
    /// Where the start is written down.
    pub log: Log,
    /// Ctrl-C.
    pub cancel: &'a Cancel,
}

impl Remote<'_> {
    /// Waits until the machine lets in, for at most so long.
    pub async fn wait(&self, patience: Duration) -> Result<()> {
        let began = Instant::now();
        loop {
            let finished = self.run("true", Duration::from_secs(60)).await?;
            match finished.exit {
                Exit::Code(0) => return Ok(()),
                Exit::Code(NO_CONNECTION) | Exit::TimedOut if began.elapsed() < patience => {}
                Exit::Code(_) | Exit::Signal(_) | Exit::TimedOut | Exit::Cancelled => {
                    return Err(self.failed(finished));
                }
            }
            tokio::select! {
                () = tokio::time::sleep(AGAIN) => {}
                _ = self.cancel.beyond(crate::runner::cancel::Urgency::None) => {}
            }
        }
    }

    /// Everything on it, and where private keys may be.
    pub async fn survey(&self) -> Result<Survey> {
        let words = [
            "survey".to_owned(),
            // find counts blocks of 512 bytes.
            (private_key::LARGEST / 512 + 1).to_string(),
            private_key::MARKS.join("|"),
            private_key::PLACES.join(" "),
            private_key::NOT_IN.join(" "),
        ];
        wire::survey(&self.collect(&words, SURVEY).await?)
    }

    /// The contents of these files. One that is absent is left out.
    pub async fn read(&self, paths: &[PathBuf]) -> Result<BTreeMap<PathBuf, Content>> {
        let mut contents = BTreeMap::new();
        let mut rest = paths;
        while !rest.is_empty() {
            let mut words = vec!["contents".to_owned(), LARGEST.to_string()];
            let mut length = 0;
            let mut count = 0;
            for path in rest {
                let word = STANDARD.encode(path.as_os_str().as_bytes());
                length += word.len() + 3;
                if length > MOST_ARGUMENTS && count > 0 {
                    break;
                }
                words.push(word);
                count += 1;
            }
            let (now, later) = rest.split_at(count);
            wire::contents(&self.collect(&words, CONTENTS).await?, now, &mut contents)?;
            rest = later;
        }
        Ok(contents)
    }

    /// Runs the collector as root. Nothing of it touches the disk there.
    async fn collect(&self, words: &[String], timeout: Duration) -> Result<String> {
        let script = STANDARD.encode(COLLECTOR);
        // No word has a quote: they are constants, numbers and base64.
        let words = words
            .iter()
            .map(|word| format!("\"{word}\""))
            .collect::<Vec<_>>()
            .join(" ");
        let command = format!(
            "/bin/sh -c 's=$(printf %s {script} | base64 -d) || exit 90; \
             if [ \"$(id -u)\" = 0 ]; then exec /bin/sh -c \"$s\" sindri {words}; fi; \
             exec sudo -n /bin/sh -c \"$s\" sindri {words}'"
        );
        let finished = self.run(&command, timeout).await?;
        match finished.exit {
            Exit::Code(0) => Ok(finished.stdout),
            Exit::Code(_) | Exit::Signal(_) | Exit::TimedOut | Exit::Cancelled => Err(self.failed(finished)),
        }
    }

    async fn run(&self, command: &str, timeout: Duration) -> Result<Finished> {
        let known = if self.accept_new { "accept-new" } else { "yes" };
        let mut args: Vec<OsString> = vec!["-F".into(), "none".into(), "-T".into(), "-n".into()];
        let mut option = |text: String| args.extend(["-o".into(), text.into()]);
        for text in [
            "BatchMode=yes",
            "IdentitiesOnly=yes",
            "IdentityAgent=none",
            "PreferredAuthentications=publickey",
            "ForwardAgent=no",
            "ForwardX11=no",
            "ClearAllForwardings=yes",
            "ControlPath=none",
            "UpdateHostKeys=no",
            "Compression=yes",
            "ConnectTimeout=20",
            "ServerAliveInterval=15",
            "ServerAliveCountMax=8",
            "LogLevel=ERROR",
            "GlobalKnownHostsFile=none",
        ] {
            option(text.to_owned());
        }
        option(format!("StrictHostKeyChecking={known}"));
        option(format!("UserKnownHostsFile=\"{}\"", self.known_hosts.display()));
        args.extend(["-i".into(), self.key.clone().into()]);
        args.extend(["-p".into(), self.port.to_string().into()]);
        args.extend(["-l".into(), self.user.clone().into()]);
        args.extend(["--".into(), self.address.clone().into(), command.into()]);
        let invocation = Invocation {
            program: self.program.clone(),
            args,
            env: self.equipment.env.clone(),
            cwd: self.directory.clone(),
            timeout,
            output_cap: MOST_OUTPUT,
            overflow: Overflow::Kill,
            grace: Duration::from_secs(2),
            ending: Ending::Abandon,
            log: self.log.for_secret_output(true),
            sandbox: self.equipment.sandbox.clone(),
        };
        process::run(&invocation, self.cancel, None).await
    }

    /// The last line of `ssh`, or of the machine, says why.
    fn failed(&self, finished: Finished) -> Error {
        let said = finished.stderr.lines().rev().find(|line| !line.trim().is_empty());
        let said = said.map(|line| neutralise_line(line).chars().take(300).collect::<String>());
        let no_connection = finished.exit == Exit::Code(NO_CONNECTION);
        let Err(error) = finished.success("ssh") else {
            return Error::new(Code::Internal, "a success was taken for a failure");
        };
        let error = match said {
            Some(said) => error.detail(said),
            None => error,
        };
        error.remedy(if no_connection {
            "check address, port, user, key and the host's key"
        } else {
            "the user must be root, or have sudo without a password"
        })
    }
}
