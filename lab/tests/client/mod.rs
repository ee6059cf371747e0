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
    exchange(&mut StreamOwned::new(session, stream), request)
}

fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    stream
}

fn exchange(stream: &mut (impl Read + Write), request: &str) -> Got {
    stream.write_all(request.as_bytes()).unwrap();
    let mut answer = Vec::new();
    // The end without a goodbye of TLS is an error, but what came before it counts.
    let _ = stream.read_to_end(&mut answer);
    let answer = String::from_utf8(answer).unwrap();
    let (head, body) = answer.split_once("\r\n\r\n")?;
    Some((head.split(' ').nth(1)?.parse().unwrap(), body.to_owned()))
}
