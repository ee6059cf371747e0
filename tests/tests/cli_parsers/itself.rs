//! A command line that is one program: it runs as the host would run it, and the proxy through which alone it could
//! reach anybody notes whom it asks for and lets nobody through.

use std::ffi::OsString;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex, PoisonError};

use crate::command_line::{Answer, Verdict};

/// A proxy on a port of its own. Its thread ends with the test program.
pub(crate) struct Barrier {
    port: u16,
    hosts: Arc<Mutex<Vec<String>>>,
}

impl Barrier {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let port = listener.local_addr().unwrap().port();
        let hosts = Arc::new(Mutex::new(Vec::new()));
        let noted = Arc::clone(&hosts);
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                // Before the reply: whoever has read it finds the note.
                let host = asked_for(&client).unwrap_or_default();
                noted.lock().unwrap_or_else(PoisonError::into_inner).push(host);
                let mut client = client;
                let _ = client.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
            }
        });
        Self { port, hosts }
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Whom it was asked for since the last look.
    fn taken(&self) -> Vec<String> {
        std::mem::take(&mut *self.hosts.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// Alibaba Cloud's directory of endpoints: `aliyun` asks it before it has looked at the parameters.
fn is_directory(host: &str) -> bool {
    ["location.aliyuncs.com", "location-readonly.aliyuncs.com"].contains(&host)
}

/// The host of `CONNECT host:443 HTTP/1.1`, after the whole head was read.
fn asked_for(client: &TcpStream) -> Option<String> {
    let mut lines = BufReader::new(client).lines().map_while(Result::ok);
    let first = lines.next()?;
    for line in lines {
        if line.is_empty() {
            break;
        }
    }
    let target = first.strip_prefix("CONNECT ")?;
    Some(target.split(':').next()?.to_owned())
}

/// What the program says to each of these, each in a folder of its own.
pub(crate) fn ask(
    program: &Path,
    environment: &[(OsString, OsString)],
    barrier: &Barrier,
    questions: &[(Vec<OsString>, PathBuf)],
) -> Vec<Answer> {
    questions
        .iter()
        .map(|(arguments, cwd)| {
            barrier.taken();
            let output = Command::new(program)
                .args(arguments)
                .env_clear()
                .envs(environment.iter().cloned())
                .current_dir(cwd)
                .stdin(Stdio::null())
                .output()
                .expect("the command line starts");
            let host = barrier.taken().into_iter().find(|host| !is_directory(host));
            let verdict = match host {
                Some(_) => Verdict::Sent,
                None if output.status.success() => Verdict::Done,
                None => Verdict::Refused,
            };
            Answer {
                verdict,
                host: host.unwrap_or_default(),
                said: String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned(),
            }
        })
        .collect()
}
