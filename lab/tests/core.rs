//! The proxy: what it serves, what it refuses, and that it never opens a connection.
#![allow(
    clippy::expect_used,
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing
)]

mod client;

use std::io;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use serde_json::json;
use sindri_lab::clouds::Cloud;
use sindri_lab::schema::{Shape, check, required};
use sindri_lab::{Fault, Lab, Options, Owner, Reply, Request, Resource, Rule, World};

/// One host, one kind of resource.
#[derive(Default)]
struct Toy {
    made: u32,
}

static BODY: Shape = Shape::Object(&[required("key", Shape::Text)]);

impl Cloud for Toy {
    fn name(&self) -> &'static str {
        "toy"
    }

    fn serves(&self, host: &str) -> bool {
        host == "api.toy.example"
    }

    fn answer(&mut self, request: &Request, world: &mut World) -> Reply {
        if let Err(flaws) = world.refuse_flaws(&check(&BODY, &request.json().unwrap())) {
            return self.error(400, "invalid", &flaws);
        }
        self.made += 1;
        Reply::text(200, format!("{} {}", request.host, request.segments().join("|")))
    }

    fn error(&self, status: u16, code: &str, message: &str) -> Reply {
        Reply::json(status, &json!({"code": code, "message": message}))
    }

    fn equip(&mut self, directory: &Path) -> io::Result<Vec<(&'static str, String)>> {
        Ok(vec![("TOY_HOME", directory.display().to_string())])
    }

    fn resources(&self) -> Vec<Resource> {
        (0..self.made)
            .map(|number| Resource {
                cloud: "toy",
                kind: "thing".to_owned(),
                id: number.to_string(),
                name: number.to_string(),
                owner: Owner::Client,
                tags: Default::default(),
                changes: 0,
            })
            .collect()
    }

    fn plant_decoys(&mut self, _count: usize, _world: &mut World) {}
}

struct Setup {
    lab: Lab,
    directory: PathBuf,
}

impl Setup {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let name = format!("core-{}", NEXT.fetch_add(1, Ordering::Relaxed));
        let directory = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let lab = Lab::with_clouds(Options::new(&directory), vec![Box::new(Toy::default())]).unwrap();
        Self { lab, directory }
    }

    fn raw(&self, request: &str) -> client::Got {
        client::raw(self.lab.address(), request)
    }

    fn post(&self, body: &str) -> client::Got {
        let request = format!(
            "POST /a/b%2Fc HTTP/1.1\r\nHost: api.toy.example\r\nConnection: close\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        );
        client::https(
            self.lab.address(),
            &self.directory.join("ca.pem"),
            "api.toy.example",
            &request,
        )
    }

    fn rules(&self) -> Vec<Rule> {
        self.lab
            .violations()
            .iter()
            .map(|violation| violation.rule)
            .collect()
    }
}

/// Attack: a builder whose endpoint was changed sends credentials to the world.
#[test]
fn nothing_is_ever_sent_to_a_host_that_no_cloud_serves() {
    let setup = Setup::new();
    let elsewhere = TcpListener::bind("127.0.0.1:0").unwrap();
    elsewhere.set_nonblocking(true).unwrap();
    let target = elsewhere.local_addr().unwrap();
    for target in [
        format!("CONNECT {target}"),
        "CONNECT evil.example:443".to_owned(),
        "CONNECT api.toy.example.evil.example:443".to_owned(),
        format!("GET http://{target}/"),
        "GET /".to_owned(),
    ] {
        let request = format!("{target} HTTP/1.1\r\nHost: evil.example\r\nConnection: close\r\n\r\n");
        let (status, text) = setup.raw(&request).unwrap();
        assert_eq!(status, 403, "{request}");
        assert!(text.starts_with("sindri-lab: "), "{text}");
    }
    assert_eq!(elsewhere.accept().unwrap_err().kind(), io::ErrorKind::WouldBlock);
    assert_eq!(setup.rules(), [Rule::UnknownHost; 5]);
    assert!(setup.lab.violations()[1].to_string().contains("evil.example"));
    assert_eq!(setup.lab.log().len(), 5);
    assert_eq!(setup.lab.leftovers(), []);
}

#[test]
fn a_known_host_on_another_port_is_refused() {
    let setup = Setup::new();
    let request = "CONNECT api.toy.example:22 HTTP/1.1\r\nHost: api.toy.example\r\nConnection: close\r\n\r\n";
    assert_eq!(setup.raw(request).unwrap().0, 403);
    assert_eq!(setup.rules(), [Rule::UnknownHost]);
}

#[test]
fn requests_reach_their_cloud_in_a_tunnel_through_the_proxy_and_directly() {
    let setup = Setup::new();
    let expected = Some((200, "api.toy.example a|b/c".to_owned()));
    assert_eq!(setup.post(r#"{"key": "v"}"#), expected);
    for target in ["http://API.toy.example/a/b%2Fc", "/a/b%2Fc"] {
        let request = format!(
            "POST {target} HTTP/1.1\r\nHost: api.toy.example:80\r\nConnection: close\r\nContent-Length: 11\r\n\r\n{}",
            r#"{"key":"v"}"#
        );
        assert_eq!(setup.raw(&request), expected);
    }
    assert_eq!(setup.rules(), []);
    assert_eq!(setup.lab.leftovers().len(), 3);
    let log = setup.lab.log();
    assert_eq!(log[0].to_string(), "200 POST api.toy.example/a/b%2Fc");
    assert_eq!(log[0].sent.as_deref(), Some(r#"{"key": "v"}"#));
}

/// Attack: a tunnel to a served host carries a request for another one.
#[test]
fn a_tunnel_serves_only_its_own_host() {
    let setup = Setup::new();
    let bundle = setup.directory.join("ca.pem");
    let address = setup.lab.address();
    let request = |host: &str| format!("GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    let served = "api.toy.example";
    let fronted = client::https(address, &bundle, served, &request("evil.example")).unwrap();
    assert_eq!(fronted.0, 421);
    let renamed = client::https_as(address, &bundle, served, "evil.example", &request(served)).unwrap();
    assert_eq!(renamed.0, 421);
    assert_eq!(setup.rules(), [Rule::Malformed; 2]);
}

#[test]
fn what_a_cloud_does_not_know_is_refused_and_remembered() {
    let setup = Setup::new();
    let (status, text) = setup.post(r#"{"key": "v", "other": 1}"#).unwrap();
    assert_eq!(
        (status, text.contains("other: unknown field")),
        (400, true),
        "{text}"
    );
    assert_eq!(setup.rules(), [Rule::UnknownField]);
    setup.lab.clear_record();
    assert_eq!(setup.lab.violations(), []);
}

#[test]
fn faults_strike_where_they_are_meant_to() {
    let setup = Setup::new();
    let body = r#"{"key": "v"}"#;
    setup.lab.inject(Fault::refuse(503, "busy").cloud("toy").nth(2));
    setup.lab.inject(Fault::lose(500, "lost").nth(2));
    setup
        .lab
        .inject(Fault::hang_up().method("POST").path("/b").nth(3));
    let statuses: Vec<_> = (0..5)
        .map(|_| setup.post(body).map(|(status, _)| status))
        .collect();
    assert_eq!(statuses, [Some(200), Some(503), Some(500), None, Some(200)]);
    assert_eq!(setup.lab.leftovers().len(), 3, "the lost reply was carried out");
    assert_eq!(setup.lab.faults_to_come(), 0);
}

#[test]
fn keys_in_requests_let_their_holders_in() {
    let setup = Setup::new();
    let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJdD7y3aLq454yWBdwLWbieU1ebz9/cu7/QEXn9OIeZJ";
    setup
        .post(&json!({"key": format!("ubuntu:{key} me")}).to_string())
        .unwrap();
    assert_eq!(setup.lab.authorized_keys(), format!("{key}\n"));
    let told = setup.raw("GET /lab/keys HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n");
    assert_eq!(told, Some((200, format!("{key}\n"))));
}

#[test]
fn the_environment_leads_every_client_here() {
    let setup = Setup::new();
    let variables = setup.lab.environment();
    let value = |wanted: &str| {
        let found = variables.iter().find(|(name, _)| name == wanted);
        found
            .map(|(_, value)| value.as_str())
            .unwrap_or_else(|| panic!("{wanted} is not set"))
    };
    let proxy = format!("http://{}", setup.lab.address());
    for name in ["HTTPS_PROXY", "HTTP_PROXY", "https_proxy", "http_proxy"] {
        assert_eq!(value(name), proxy);
    }
    assert_eq!(value("NO_PROXY"), "");
    assert!(Path::new(value("SSL_CERT_FILE")).is_file());
    assert!(Path::new(value("TOY_HOME")).is_dir());
}
