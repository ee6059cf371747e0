//! A lab: clouds behind one port of 127.0.0.1.

use std::net::{SocketAddr, TcpListener};
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;

use anyhow::Context;
use serde_json::json;
use tokio::sync::oneshot;

use crate::clouds::{self, Cloud};
use crate::server::{Authority, Server};
use crate::world::{Entry, Guest, Owner, Resource, Rule, Violation, World};
use crate::{Effect, Fault, Reply, Request, files};

/// How a lab is set up.
#[derive(Clone, Debug)]
pub struct Options {
    /// Where certificates and the credentials of the clouds are written. Made if it is not there.
    pub directory: PathBuf,
    /// On 127.0.0.1; 0 takes a free one.
    pub port: u16,
    /// The addresses of the VMs.
    pub guest: Guest,
    /// How often an operation is not yet done when a client asks for it. With 0 it is done when it is first asked
    /// for, but never in the reply that begins it: clients have to wait in any case.
    pub delay: u32,
    /// Takes what Packer 1.6.6 (2020) sends and the provider refuses today: a public address of the SKU Basic on
    /// Azure, the URL of a disk without `projects/` on Google Cloud.
    pub old_clients: bool,
}

impl Options {
    /// A free port, VMs at 127.0.0.1.
    pub fn new(directory: impl Into<PathBuf>) -> Self {
        Self {
            directory: directory.into(),
            port: 0,
            guest: Guest::default(),
            delay: 0,
            old_clients: false,
        }
    }
}

/// Running clouds; they end with this value.
#[derive(Debug)]
pub struct Lab {
    address: SocketAddr,
    environment: Vec<(String, String)>,
    state: Arc<State>,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Lab {
    /// Starts one with all clouds.
    ///
    /// # Errors
    /// When the directory cannot be written or the port is taken.
    pub fn start(options: Options) -> anyhow::Result<Self> {
        Self::with_clouds(options, clouds::all())
    }

    /// Starts one with these clouds.
    ///
    /// # Errors
    /// As above.
    pub fn with_clouds(options: Options, mut clouds: Vec<Box<dyn Cloud>>) -> anyhow::Result<Self> {
        let Options {
            directory,
            port,
            guest,
            delay,
            old_clients,
        } = options;
        let shown = directory.display().to_string();
        files::create_directory(&directory).with_context(|| format!("cannot make {shown}"))?;
        let directory = std::path::absolute(&directory)?;
        let listener = TcpListener::bind(("127.0.0.1", port))
            .with_context(|| format!("port {port} of 127.0.0.1 cannot be had"))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let authority = Authority::new()?;

        let bundle = directory.join("ca.pem");
        files::write(&bundle, authority.pem().as_bytes())?;
        // Go reads every file of the folder besides the bundle: this one stays empty.
        let empty = directory.join("ca.d");
        files::create_directory(&empty)?;
        let mut environment = proxy_environment(address, &bundle.to_string_lossy(), &empty.to_string_lossy());
        for cloud in &mut clouds {
            let own = directory.join(cloud.name());
            files::create_directory(&own)?;
            let variables = cloud
                .equip(&own)
                .with_context(|| format!("cannot write the credentials of {}", cloud.name()))?;
            environment.extend(
                variables
                    .into_iter()
                    .map(|(name, value)| (name.to_owned(), value)),
            );
        }

        let state = Arc::new(State::new(World::new(guest, delay, old_clients), clouds));
        let server = Server::new(Arc::clone(&state), authority)?;
        let (stop, stopped) = oneshot::channel();
        let thread = server.run(listener, stopped)?;
        Ok(Self {
            address,
            environment,
            state,
            stop: Some(stop),
            thread: Some(thread),
        })
    }

    /// Where the proxy listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// The variables that make a child process reach nothing but this lab, with the credentials of its clouds.
    /// Set them all, over what is there: each is read by some client.
    pub fn environment(&self) -> &[(String, String)] {
        &self.environment
    }

    /// Every request until now, oldest first.
    pub fn log(&self) -> Vec<Entry> {
        self.state.lock().world.log.clone()
    }

    /// Every broken rule until now, oldest first.
    pub fn violations(&self) -> Vec<Violation> {
        self.state.lock().world.violations.clone()
    }

    /// The public keys that clients sent, one a line: who may log in to the VMs. The lab answers the same to
    /// `GET /lab/keys` without a proxy, for an SSH server's `AuthorizedKeysCommand`.
    pub fn authorized_keys(&self) -> String {
        self.state.lock().world.keys.lines()
    }

    /// Everything that there is in all clouds.
    pub fn resources(&self) -> Vec<Resource> {
        self.state.lock().resources()
    }

    /// What clients made and nobody removed.
    pub fn leftovers(&self) -> Vec<Resource> {
        let mut resources = self.resources();
        resources.retain(|resource| resource.owner == Owner::Client);
        resources
    }

    /// Adds so many resources of somebody else to each cloud and returns them. They are untouched as long as
    /// [`Lab::strangers`] returns the same.
    pub fn plant_decoys(&self, count: usize) -> Vec<Resource> {
        {
            let mut state = self.state.lock();
            let Inner { world, clouds, .. } = &mut *state;
            for cloud in clouds {
                cloud.plant_decoys(count, world);
            }
        }
        self.strangers()
    }

    /// The resources of somebody else.
    pub fn strangers(&self) -> Vec<Resource> {
        let mut resources = self.resources();
        resources.retain(|resource| resource.owner == Owner::Stranger);
        resources
    }

    /// Makes requests fail from now on.
    pub fn inject(&self, fault: Fault) {
        self.state.lock().faults.push(fault);
    }

    /// How many of the faults are still to come: 0 says that each was met.
    pub fn faults_to_come(&self) -> usize {
        self.state
            .lock()
            .faults
            .iter()
            .filter(|fault| !fault.is_spent())
            .count()
    }

    /// Forgets the log, the violations and the faults, but no resource.
    pub fn clear_record(&self) {
        let mut state = self.state.lock();
        state.world.log.clear();
        state.world.violations.clear();
        state.faults.clear();
    }
}

impl Drop for Lab {
    fn drop(&mut self) {
        drop(self.stop.take());
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// Every client has a variable of its own for the same two things: the proxy and the authority.
fn proxy_environment(address: SocketAddr, bundle: &str, empty: &str) -> Vec<(String, String)> {
    let proxy = format!("http://{address}");
    let mut variables = Vec::new();
    let mut set = |name: &str, value: &str| variables.push((name.to_owned(), value.to_owned()));
    for name in ["HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"] {
        set(name, &proxy);
        set(&name.to_lowercase(), &proxy);
    }
    // Empty, not absent: a child may inherit one that leads past the proxy.
    set("NO_PROXY", "");
    set("no_proxy", "");
    set("SSL_CERT_FILE", bundle);
    set("SSL_CERT_DIR", empty);
    set("REQUESTS_CA_BUNDLE", bundle);
    set("CURL_CA_BUNDLE", bundle);
    set("AWS_CA_BUNDLE", bundle);
    set("NODE_EXTRA_CA_CERTS", bundle);
    set("CLOUDSDK_CORE_CUSTOM_CA_CERTS_FILE", bundle);
    set("CHECKPOINT_DISABLE", "1");
    variables
}

/// The state of a lab, behind one lock: requests are answered one after the other.
pub(crate) struct State(Mutex<Inner>);

struct Inner {
    world: World,
    clouds: Vec<Box<dyn Cloud>>,
    faults: Vec<Fault>,
}

/// What the server does with a request.
pub(crate) enum Answer {
    Reply(Reply),
    HangUp,
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").finish_non_exhaustive()
    }
}

impl State {
    fn new(world: World, clouds: Vec<Box<dyn Cloud>>) -> Self {
        Self(Mutex::new(Inner {
            world,
            clouds,
            faults: Vec::new(),
        }))
    }

    /// A cloud that panicked is a defect that its own reply (a closed connection) shows; the rest goes on.
    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Whether a cloud here serves the host.
    pub(crate) fn serves(&self, host: &str) -> bool {
        self.lock().clouds.iter().any(|cloud| cloud.serves(host))
    }

    /// Answers a request that came for a host.
    pub(crate) fn answer(&self, request: &Request) -> Answer {
        self.lock().answer(request)
    }

    /// Refuses a request before any cloud sees it.
    pub(crate) fn refuse(&self, request: &Request, rule: Rule, status: u16, detail: &str) -> Reply {
        let mut state = self.lock();
        state
            .world
            .begin(request.method.as_str(), &request.host, &request.path);
        state.world.violation(rule, detail);
        let reply = Reply::text(status, format!("sindri-lab: {detail}\n"));
        state.world.finish(None, request, &reply);
        reply
    }

    /// What the lab tells about itself to requests that are addressed to it directly.
    pub(crate) fn tell(&self, path: &str) -> Option<Reply> {
        let state = self.lock();
        let texts = |lines: Vec<String>| Reply::json(200, &json!(lines));
        let show = |items: &[Resource]| items.iter().map(ToString::to_string).collect::<Vec<_>>();
        Some(match path {
            "/lab/keys" => Reply::text(200, state.world.keys.lines()),
            "/lab/log" => texts(state.world.log.iter().map(ToString::to_string).collect()),
            "/lab/violations" => texts(state.world.violations.iter().map(ToString::to_string).collect()),
            "/lab/resources" => texts(show(&state.resources())),
            _ => return None,
        })
    }
}

impl Inner {
    fn resources(&self) -> Vec<Resource> {
        self.clouds.iter().flat_map(|cloud| cloud.resources()).collect()
    }

    fn answer(&mut self, request: &Request) -> Answer {
        let Self {
            world,
            clouds,
            faults,
        } = self;
        world.begin(request.method.as_str(), &request.host, &request.path);
        let Some(cloud) = clouds.iter_mut().find(|cloud| cloud.serves(&request.host)) else {
            let detail = unknown_host(&request.host);
            world.violation(Rule::UnknownHost, &detail);
            let reply = Reply::text(403, format!("sindri-lab: {detail}\n"));
            world.finish(None, request, &reply);
            return Answer::Reply(reply);
        };
        match request.json() {
            Ok(body) => world.keys.find_in_json(&body),
            Err(_) => {
                for (_, value) in request.form() {
                    world.keys.find_in_text(&value);
                }
            }
        }
        let query: Vec<_> = request
            .query
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let target = format!("{}?{}", request.path, query.join("&"));
        let mut effect = None;
        for fault in faults {
            let struck = fault.strike(cloud.name(), request.method.as_str(), &target, effect.is_some());
            effect = effect.or(struck);
        }
        const MESSAGE: &str = "a fault on purpose";
        let reply = match effect {
            None => cloud.answer(request, world),
            Some(Effect::Refuse { status, code }) => cloud.error(status, &code, MESSAGE),
            Some(Effect::Lose { status, code }) => {
                let _lost = cloud.answer(request, world);
                cloud.error(status, &code, MESSAGE)
            }
            Some(Effect::HangUp) => {
                world.finish(Some(cloud.name()), request, &Reply::empty(0));
                return Answer::HangUp;
            }
        };
        world.finish(Some(cloud.name()), request, &reply);
        Answer::Reply(reply)
    }
}

/// Why a host is refused.
pub(crate) fn unknown_host(host: &str) -> String {
    format!("no cloud of this lab serves the host {host:?}; nothing was sent to it")
}
