//! As much of Hetzner Cloud's API on loopback as Packer's builder and the `hcloud` command use. It makes nothing: a
//! server is an entry in a list, and the throw-away VM of the lab answers in its place.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use serde_json::{Value, json};
use sindri_tests::lab::Keys;

/// The token that the API takes.
pub(crate) const TOKEN: &str = "h3tzner-t0ken-that-nobody-else-knows";
const CREATED: &str = "2026-11-22T09:31:00+00:00";

/// The API; gone with the test.
pub(crate) struct Hetzner {
    port: u16,
    project: Arc<Mutex<Project>>,
}

/// What a token leads to.
#[derive(Default)]
struct Project {
    last_id: u64,
    servers: Vec<Value>,
    keys: Vec<Value>,
    images: Vec<Value>,
    calls: Vec<String>,
    refused: usize,
}

impl Hetzner {
    pub(crate) fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let project = Arc::new(Mutex::new(Project::default()));
        let shared = Arc::clone(&project);
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let shared = Arc::clone(&shared);
                std::thread::spawn(move || serve(stream, &shared));
            }
        });
        Self { port, project }
    }

    pub(crate) fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}/v1", self.port)
    }

    /// Method and path of every call with the right token.
    pub(crate) fn calls(&self) -> Vec<String> {
        lock(&self.project).calls.clone()
    }

    /// Calls without it.
    pub(crate) fn refused(&self) -> usize {
        lock(&self.project).refused
    }

    /// Servers and keys that are still there.
    pub(crate) fn leftovers(&self) -> usize {
        let project = lock(&self.project);
        project.servers.len() + project.keys.len()
    }

    pub(crate) fn images(&self) -> Vec<Value> {
        lock(&self.project).images.clone()
    }
}

impl Keys for Hetzner {
    fn program(&self) -> String {
        format!(
            "#!/bin/bash\nexec 3<>/dev/tcp/127.0.0.1/{} || exit 0\nprintf 'GET /keys HTTP/1.0\\r\\n\\r\\n' >&3\nsed -n '/^ssh-/p; /^ecdsa-/p' <&3\n",
            self.port
        )
    }
}

fn lock(project: &Mutex<Project>) -> MutexGuard<'_, Project> {
    project.lock().unwrap_or_else(PoisonError::into_inner)
}

/// One request for each connection.
fn serve(stream: TcpStream, project: &Mutex<Project>) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let mut line = String::new();
    let (mut length, mut authorised) = (0, false);
    if reader.read_line(&mut line).unwrap_or(0) == 0 {
        return;
    }
    let mut words = line.split_whitespace().map(str::to_owned);
    let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    loop {
        let mut header = String::new();
        if reader.read_line(&mut header).unwrap_or(0) == 0 || header.trim().is_empty() {
            break;
        }
        let (name, value) = header.split_once(':').unwrap_or_default();
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().unwrap_or(0),
            "authorization" => authorised = value.trim() == format!("Bearer {TOKEN}"),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let mut project = lock(project);
    let (status, answer) = if path == "/keys" {
        let keys = project.keys.iter().filter_map(|key| key["public_key"].as_str());
        (
            200,
            keys.fold(String::new(), |all, key| format!("{all}{}\n", key.trim())),
        )
    } else if authorised {
        let path = path.trim_start_matches("/v1");
        project
            .calls
            .push(format!("{method} {}", path.split('?').next().unwrap_or_default()));
        let (status, answer) =
            project.answer(&method, path, &serde_json::from_slice(&body).unwrap_or_default());
        (status, answer.to_string())
    } else {
        project.refused += 1;
        let error = json!({ "error": { "code": "unauthorized", "message": "unable to authenticate" } });
        (401, error.to_string())
    };
    drop(project);
    let head = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        answer.len()
    );
    let mut stream = stream;
    let _ = stream.write_all(format!("{head}{answer}").as_bytes());
}

impl Project {
    fn answer(&mut self, method: &str, path: &str, body: &Value) -> (u16, Value) {
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        match (method, parts.as_slice()) {
            ("GET", ["actions", id]) => (200, json!({ "action": action(id.parse().unwrap_or(0)) })),
            ("GET", ["locations"]) => (200, json!({ "locations": [location()] })),
            ("GET", ["images"]) => {
                let selector = query
                    .split('&')
                    .find_map(|pair| pair.strip_prefix("label_selector="));
                let wanted = |image: &&Value| selector.is_none_or(|selector| matches(image, selector));
                let images: Vec<&Value> = self.images.iter().filter(wanted).collect();
                (200, json!({ "images": images }))
            }
            ("GET", ["images", id]) => found("image", &self.images, id),
            ("DELETE", ["images", id]) => removed(&mut self.images, id),
            ("POST", ["ssh_keys"]) => {
                let key = json!({ "id": self.id(), "name": body["name"], "fingerprint": "", "public_key": body["public_key"],
                    "labels": {}, "created": CREATED });
                self.keys.push(key.clone());
                (201, json!({ "ssh_key": key }))
            }
            ("DELETE", ["ssh_keys", id]) => removed(&mut self.keys, id),
            ("GET", ["servers"]) => (200, json!({ "servers": self.servers })),
            ("GET", ["servers", id]) => found("server", &self.servers, id),
            ("DELETE", ["servers", id]) => removed(&mut self.servers, id),
            ("POST", ["servers"]) => {
                let server = server(self.id(), body);
                self.servers.push(server.clone());
                (
                    201,
                    json!({ "server": server, "action": action(self.id()), "next_actions": [], "root_password": null }),
                )
            }
            ("POST", ["servers", id, "actions", "shutdown" | "poweroff"]) => {
                let wanted = id.parse::<u64>().ok();
                for server in self
                    .servers
                    .iter_mut()
                    .filter(|server| server["id"].as_u64() == wanted)
                {
                    server["status"] = json!("off");
                }
                (201, json!({ "action": action(self.id()) }))
            }
            ("POST", ["servers", _, "actions", "create_image"]) => {
                let image = json!({ "id": self.id(), "type": "snapshot", "status": "available", "name": null,
                    "description": body["description"], "image_size": 1.5, "disk_size": 40, "created": CREATED,
                    "created_from": null, "bound_to": null, "os_flavor": "ubuntu", "os_version": null, "rapid_deploy": false,
                    "protection": { "delete": false }, "deprecated": null, "labels": body["labels"] });
                self.images.push(image.clone());
                (201, json!({ "image": image, "action": action(self.id()) }))
            }
            _ => {
                let message = format!("{method} {path} is not part of this API");
                (
                    404,
                    json!({ "error": { "code": "not_found", "message": message } }),
                )
            }
        }
    }

    fn id(&mut self) -> u64 {
        self.last_id += 1;
        4_000_000 + self.last_id
    }
}

/// `a==b,c==d` as a query has it.
fn matches(image: &Value, selector: &str) -> bool {
    let plain = selector.replace("%3D", "=").replace("%2C", ",");
    plain.split(',').all(|pair| {
        let (key, value) = pair.split_once("==").unwrap_or_default();
        image["labels"][key] == value
    })
}

/// Ids are numbers, in a path as text.
fn has_id(entry: &Value, id: &str) -> bool {
    entry["id"].as_u64().is_some_and(|own| own.to_string() == id)
}

fn found(kind: &str, all: &[Value], id: &str) -> (u16, Value) {
    match all.iter().find(|entry| has_id(entry, id)) {
        Some(entry) => (200, json!({ (kind): entry })),
        None => (
            404,
            json!({ "error": { "code": "not_found", "message": format!("{kind} not found") } }),
        ),
    }
}

fn removed(all: &mut Vec<Value>, id: &str) -> (u16, Value) {
    let before = all.len();
    all.retain(|entry| !has_id(entry, id));
    let status = if all.len() < before { 200 } else { 404 };
    (status, json!({ "action": action(1) }))
}

fn action(id: u64) -> Value {
    json!({ "id": id, "command": "x", "status": "success", "progress": 100, "started": CREATED, "finished": CREATED,
        "resources": [], "error": null })
}

fn location() -> Value {
    json!({ "id": 1, "name": "fsn1", "description": "Falkenstein DC Park 1", "country": "DE", "city": "Falkenstein",
        "latitude": 50.47, "longitude": 12.37, "network_zone": "eu-central" })
}

fn server(id: u64, body: &Value) -> Value {
    let server_type = json!({ "id": 1, "name": body["server_type"], "description": "", "cores": 2, "memory": 4.0, "disk": 40,
        "prices": [], "storage_type": "local", "cpu_type": "shared" });
    json!({ "id": id, "name": body["name"], "status": "running", "created": CREATED, "labels": body["labels"],
        "public_net": { "ipv4": { "ip": "127.0.0.1", "blocked": false, "dns_ptr": "" },
            "ipv6": { "ip": "2001:db8::/64", "blocked": false, "dns_ptr": [] }, "floating_ips": [] },
        "private_net": [], "server_type": server_type, "datacenter": { "id": 1, "name": "fsn1-dc14", "description": "",
            "location": location(), "server_types": { "supported": [], "available": [] } },
        "image": null, "iso": null, "rescue_enabled": false, "locked": false, "backup_window": null, "outgoing_traffic": 0,
        "ingoing_traffic": 0, "included_traffic": 0, "protection": { "delete": false, "rebuild": false }, "volumes": [] })
}
