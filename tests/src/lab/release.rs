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
        put(&releases, version);
        // A mirror's answer to `latest`, in place of a redirection.
        fs::write(folder.path().join("latest"), format!("v{version}\n")).unwrap();
        let port = serve(folder.path());
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

/// Serves the files of a folder on loopback, for as long as the test program runs. The port.
///
/// # Panics
/// When there is none.
pub fn serve(folder: &Path) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
    let port = listener.local_addr().unwrap().port();
    let root = folder.to_path_buf();
    std::thread::spawn(move || {
        for client in listener.incoming().flatten() {
            let _ = answer(client, &root);
        }
    });
    port
}

/// Puts the archive of a version and its checksum into a folder, as the release page has them.
///
/// # Panics
/// When they cannot be made.
pub fn put(folder: &Path, version: &str) {
    fs::create_dir_all(folder).unwrap();
    let program = folder.join("sindri");
    fs::write(&program, PROGRAM.replace("VERSION", version)).unwrap();
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).unwrap();
    let archive = name(version);
    shell(
        folder,
        &format!("tar -czf {archive} sindri && sha256sum {archive} >{archive}.sha256"),
    );
}

/// The archive alone.
///
/// # Panics
/// When it cannot be made.
pub fn archive(version: &str) -> Vec<u8> {
    let folder = TempDir::new().unwrap();
    put(folder.path(), version);
    fs::read(folder.path().join(name(version))).unwrap()
}

fn name(version: &str) -> String {
    format!("sindri-v{version}-linux-{}.tar.gz", std::env::consts::ARCH)
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
