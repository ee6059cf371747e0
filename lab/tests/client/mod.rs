//! As much of an HTTP client as tests of the proxy take.
#![allow(
    dead_code,
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::disallowed_methods
)]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::{CertificateDer, ServerName, pem::PemObject};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use tokio_rustls::rustls;

/// Status and body of what came back; none if the connection ended first.
pub(crate) type Got = Option<(u16, String)>;

/// Sends text to the port and reads until the end.
pub(crate) fn raw(address: SocketAddr, request: &str) -> Got {
    exchange(&mut connect(address), request)
}

/// A request in a tunnel, with TLS that trusts the lab's authority only.
pub(crate) fn https(address: SocketAddr, bundle: &Path, host: &str, request: &str) -> Got {
    https_as(address, bundle, host, host, request)
}

/// The same with another name in the handshake than in the tunnel.
pub(crate) fn https_as(address: SocketAddr, bundle: &Path, tunnel: &str, name: &str, request: &str) -> Got {
    exchange(&mut session(address, bundle, tunnel, name), request)
}

/// Headers and body of what came back.
pub(crate) fn https_whole(address: SocketAddr, bundle: &Path, host: &str, request: &str) -> String {
    whole(&mut session(address, bundle, host, host), request)
}

fn session(
    address: SocketAddr,
    bundle: &Path,
    tunnel: &str,
    name: &str,
) -> StreamOwned<ClientConnection, TcpStream> {
    let mut stream = connect(address);
    write!(
        stream,
        "CONNECT {tunnel}:443 HTTP/1.1\r\nHost: {tunnel}:443\r\n\r\n"
    )
    .unwrap();
    let mut head = Vec::new();
    let mut byte = [0];
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).unwrap();
        head.extend(byte);
    }
    assert!(
        head.starts_with(b"HTTP/1.1 200 "),
        "{}",
        String::from_utf8_lossy(&head)
    );
    let mut roots = RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(bundle).unwrap()).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let configuration = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name.to_owned()).unwrap();
    let session = ClientConnection::new(Arc::new(configuration), name).unwrap();
    StreamOwned::new(session, stream)
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

fn whole(stream: &mut (impl Read + Write), request: &str) -> String {
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    // The end without a goodbye of TLS is an error, but what came before it counts.
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8(answer).unwrap()
}

fn exchange(stream: &mut (impl Read + Write), request: &str) -> Got {
    let answer = whole(stream, request);
    let (status, _, body) = parts(&answer)?;
    Some((status, body.to_owned()))
}

/// Status, head and body.
pub(crate) fn parts(answer: &str) -> Option<(u16, &str, &str)> {
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().unwrap(), head, body))
}

/// A lab with all clouds, and the directory of its own.
pub(crate) fn lab(
    name: &str,
    change: impl FnOnce(&mut sindri_lab::Options),
) -> (sindri_lab::Lab, std::path::PathBuf) {
    let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let mut options = sindri_lab::Options::new(&directory);
    change(&mut options);
    (sindri_lab::Lab::start(options).unwrap(), directory)
}

/// A lab with all clouds in a directory of its own, asked as a client of one host.
pub(crate) struct Api {
    pub(crate) lab: sindri_lab::Lab,
    pub(crate) directory: std::path::PathBuf,
    host: &'static str,
    token: String,
}

impl Api {
    pub(crate) fn new(name: &str, host: &'static str, change: impl FnOnce(&mut sindri_lab::Options)) -> Self {
        let (lab, directory) = lab(name, change);
        Self {
            lab,
            directory,
            host,
            token: String::new(),
        }
    }

    pub(crate) fn with_token(mut self, token: String) -> Self {
        self.token = token;
        self
    }

    /// Status and JSON of a request with a JSON body.
    pub(crate) fn call(
        &self,
        method: &str,
        path: &str,
        body: Option<&serde_json::Value>,
    ) -> (u16, serde_json::Value) {
        let body = body.map(ToString::to_string).unwrap_or_default();
        self.send(self.host, method, path, "application/json", &body)
    }

    /// Status and JSON of a form.
    pub(crate) fn form(&self, host: &str, path: &str, body: &str) -> (u16, serde_json::Value) {
        self.send(host, "POST", path, "application/x-www-form-urlencoded", body)
    }

    fn send(&self, host: &str, method: &str, path: &str, kind: &str, body: &str) -> (u16, serde_json::Value) {
        let token = &self.token;
        let length = body.len();
        let request = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\nConnection: close\r\n\
             Content-Type: {kind}\r\nContent-Length: {length}\r\n\r\n{body}"
        );
        let (status, body) =
            https(self.lab.address(), &self.directory.join("ca.pem"), host, &request).unwrap();
        (status, serde_json::from_str(&body).unwrap_or_default())
    }

    /// The codes of the rules that were broken since the last time.
    pub(crate) fn broken(&self) -> Vec<&'static str> {
        let codes = self
            .lab
            .violations()
            .iter()
            .map(|violation| violation.rule.code())
            .collect();
        self.lab.clear_record();
        codes
    }

    /// Kinds and names of what was made and is still there.
    pub(crate) fn left(&self) -> Vec<String> {
        let left = self.lab.leftovers();
        left.iter()
            .map(|resource| format!("{} {}", resource.kind, resource.name))
            .collect()
    }
}
