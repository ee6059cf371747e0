//! A release of Sindri that does next to nothing, on a local web server.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

/// What the released program does: it notes who asked it for what.
const PROGRAM: &str = r#"#!/bin/bash
case $* in
  --version) echo "sindri VERSION" ;;
  'profile status '*) echo '{"total_extensions": 2, "not_installed_count": 0}' ;;
  *) printf '%s in %s: %s\n' "$(id -un)" "$PWD" "$*" >>"$HOME/sindri-was-asked" ;;
esac
"#;

/// The server; its thread ends with the test program.
#[derive(Debug)]
pub struct Release {
    port: u16,
    _folder: TempDir,
}

impl Release {
    /// Serves one version.
    ///
    /// # Panics
    /// When the archive cannot be made.
    pub fn start(version: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let releases = folder.path().join("download").join(format!("v{version}"));
        fs::create_dir_all(&releases).unwrap();
        let program = releases.join("sindri");
        fs::write(&program, PROGRAM.replace("VERSION", version)).unwrap();
        fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
        let archive = format!("sindri-v{version}-linux-{}.tar.gz", std::env::consts::ARCH);
        shell(
            &releases,
            &format!("tar -czf {archive} sindri && sha256sum {archive} >{archive}.sha256"),
        );
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let port = listener.local_addr().unwrap().port();
        let root = folder.path().to_path_buf();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let _ = answer(client, &root);
            }
        });
        Self {
            port,
            _folder: folder,
        }
    }

    /// For `release_base_url`.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/download", self.port)
    }
}

fn shell(folder: &Path, script: &str) {
    let status = Command::new("sh")
        .args(["-c", script])
        .current_dir(folder)
        .status();
    assert!(status.expect("sh starts").success(), "{script}");
}

fn answer(client: TcpStream, root: &Path) -> std::io::Result<()> {
    let mut reader = BufReader::new(client);
    let mut request = String::new();
    reader.read_line(&mut request)?;
    let mut line = String::new();
    while reader.read_line(&mut line)? > 2 {
        line.clear();
    }
    let path: PathBuf = root.join(request.split(' ').nth(1).unwrap_or("/").trim_start_matches('/'));
    let (status, body) = match fs::read(&path) {
        Ok(body) => ("200 OK", body),
        Err(_) => ("404 Not Found", Vec::new()),
    };
    let mut client = reader.into_inner();
    write!(
        client,
        "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )?;
    client.write_all(&body)
}
