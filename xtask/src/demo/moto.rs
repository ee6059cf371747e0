//! A local EC2 for the time of the demo.

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

use crate::process::{on_path, tail};

/// Starting it takes one second, the first time some more.
const START: Duration = Duration::from_secs(60);

/// A running `moto_server`, stopped on drop.
pub(crate) struct Moto {
    child: Child,
    endpoint: String,
}

impl Moto {
    /// Starts it on a free port of the loopback interface, with the given base images and no others.
    pub(crate) fn start(program: &Path, images: &Path, scratch: &Path) -> Result<Self> {
        let log = scratch.join("moto.log");
        // Between the choice of a port and its use another program may take it.
        for _ in 0..5 {
            let port = free_port()?;
            let mut moto = Self::spawn(program, images, &log, port)?;
            if moto.becomes_ready(port)? {
                println!("\nEC2 (moto) listens on {}", moto.endpoint);
                return Ok(moto);
            }
        }
        bail!("moto_server did not start:\n{}", tail(&log, 15))
    }

    /// For example `http://127.0.0.1:4000`.
    pub(crate) fn endpoint(&self) -> &str {
        &self.endpoint
    }

    fn spawn(program: &Path, images: &Path, log: &Path, port: u16) -> Result<Self> {
        let output = File::create(log).context("creating moto's log")?;
        let errors = output.try_clone().context("sharing moto's log")?;
        let mut command = dies_with_us(program);
        command
            .args(["-H", "127.0.0.1", "-p", &port.to_string()])
            .env("MOTO_AMIS_PATH", images);
        let child = command.stdin(Stdio::null()).stdout(output).stderr(errors).spawn();
        let child = child.with_context(|| format!("starting {}", program.display()))?;
        Ok(Self {
            child,
            endpoint: format!("http://127.0.0.1:{port}"),
        })
    }

    /// Whether it answers; not if it ended, which it does when the port is taken.
    fn becomes_ready(&mut self, port: u16) -> Result<bool> {
        let deadline = Instant::now() + START;
        while Instant::now() < deadline {
            if self.child.try_wait().context("watching moto_server")?.is_some() {
                return Ok(false);
            }
            if answers(port) {
                return Ok(true);
            }
            thread::sleep(Duration::from_millis(50));
        }
        Ok(false)
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// When this program is itself killed, nobody runs `drop`; the kernel then ends the server.
fn dies_with_us(program: &Path) -> Command {
    match on_path("setpriv").first() {
        Some(setpriv) => {
            let mut command = Command::new(setpriv);
            command.args(["--pdeathsig", "KILL"]).arg(program);
            command
        }
        None => Command::new(program),
    }
}

fn free_port() -> Result<u16> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).context("looking for a free port")?;
    Ok(listener.local_addr().context("looking for a free port")?.port())
}

/// An open port is not enough: the answer must be moto's own.
fn answers(port: u16) -> bool {
    let ask = || -> std::io::Result<String> {
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, port))?;
        stream.set_read_timeout(Some(Duration::from_secs(10)))?;
        stream.write_all(b"GET /moto-api/data.json HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n")?;
        let mut head = [0; 12];
        stream.read_exact(&mut head)?;
        Ok(String::from_utf8_lossy(&head).into_owned())
    };
    ask().is_ok_and(|head| head.ends_with(" 200"))
}
