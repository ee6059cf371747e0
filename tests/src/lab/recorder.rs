//! Stands between a program and the local EC2 and keeps every request: the local EC2 forgets some of what it
//! is told, for example an image's description.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};

use super::{Moto, http};

/// A proxy on a port of its own. Its thread ends with the test program.
#[derive(Debug)]
pub struct Recorder {
    port: u16,
    connections: Connections,
}

/// What was sent on each connection so far.
type Connections = Arc<Mutex<Vec<Arc<Mutex<Vec<u8>>>>>>;

/// One call: parameters in the order in which they were sent.
pub type Call = Vec<(String, String)>;

impl Recorder {
    /// Starts one.
    ///
    /// # Panics
    /// When there is no free port.
    pub fn start(moto: &Moto) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("loopback has a free port");
        let port = listener.local_addr().unwrap().port();
        let connections = Arc::new(Mutex::new(Vec::new()));
        let kept = Arc::clone(&connections);
        let target = moto.port();
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let record = Arc::new(Mutex::new(Vec::new()));
                lock(&kept).push(Arc::clone(&record));
                std::thread::spawn(move || forward(client, target, &record));
            }
        });
        Self { port, connections }
    }

    /// For `endpoint_url`.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Every call of EC2's query API so far.
    pub fn calls(&self) -> Vec<Call> {
        let connections = lock(&self.connections);
        connections
            .iter()
            .flat_map(|connection| bodies(&lock(connection)))
            .map(|body| parameters(&body))
            .collect()
    }
}

fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

fn forward(client: TcpStream, target: u16, record: &Mutex<Vec<u8>>) {
    let Ok(server) = TcpStream::connect(("127.0.0.1", target)) else {
        return;
    };
    let (Ok(mut from_server), Ok(mut to_client)) = (server.try_clone(), client.try_clone()) else {
        return;
    };
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut from_server, &mut to_client);
        let _ = to_client.shutdown(Shutdown::Both);
    });
    let (mut client, mut server) = (client, server);
    let mut buffer = [0; 16 * 1024];
    while let Ok(count @ 1..) = client.read(&mut buffer) {
        lock(record).extend_from_slice(&buffer[..count]);
        if server.write_all(&buffer[..count]).is_err() {
            break;
        }
    }
    let _ = server.shutdown(Shutdown::Write);
}

/// The bodies of the requests of one connection. All of them have a length: EC2's query API is only POST.
fn bodies(bytes: &[u8]) -> Vec<String> {
    let mut found = Vec::new();
    let mut rest = bytes;
    while let Some(end) = rest.windows(4).position(|window| window == b"\r\n\r\n") {
        let head = String::from_utf8_lossy(&rest[..end]).to_ascii_lowercase();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"))
            .and_then(|length| length.trim().parse::<usize>().ok())
            .unwrap_or(0);
        let from = end + 4;
        let to = (from + length).min(rest.len());
        found.push(String::from_utf8_lossy(&rest[from..to]).into_owned());
        rest = &rest[to..];
    }
    found
}

fn parameters(body: &str) -> Call {
    body.split('&')
        .filter_map(|pair| pair.split_once('='))
        .map(|(name, value)| (http::percent_decode(name), http::percent_decode(value)))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn two_requests_of_one_connection_are_two_calls() {
        let bytes = b"POST / HTTP/1.1\r\nContent-Length: 12\r\n\r\nAction=A&x=+POST / HTTP/1.1\r\ncontent-length:8\r\n\r\nAction=B";
        let bodies = bodies(bytes);
        assert_eq!(bodies, ["Action=A&x=+", "Action=B"]);
        assert_eq!(parameters(&bodies[0])[1], ("x".to_owned(), " ".to_owned()));
    }
}
