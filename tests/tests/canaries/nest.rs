//! A place full of canaries, and the search for them.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;

use serde_json::{Value, json};
use sindri_tests::lab::{Run, Running, Sindri};

use crate::encodings;

/// The clouds.
pub(crate) const CLOUDS: [&str; 5] = ["alibaba", "aws", "azure", "gcp", "oci"];

/// Variables whose values are canaries, and the clouds whose children get them.
const VARIABLES: &[(&str, &str)] = &[
    ("ALIBABA_CLOUD_ACCESS_KEY_ID", "alibaba"),
    ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "alibaba"),
    ("ALIBABA_CLOUD_SECURITY_TOKEN", "alibaba"),
    ("ALIBABA_CLOUD_CREDENTIALS_URI", "alibaba"),
    ("AWS_ACCESS_KEY_ID", "aws"),
    ("AWS_SECRET_ACCESS_KEY", "aws"),
    ("AWS_SESSION_TOKEN", "aws"),
    ("AWS_SECURITY_TOKEN", "aws"),
    ("AWS_CONTAINER_AUTHORIZATION_TOKEN", "aws"),
    ("IDENTITY_HEADER", "azure"),
    ("MSI_SECRET", "azure"),
    ("CLOUDSDK_AUTH_ACCESS_TOKEN", "gcp"),
    ("CLOUDSDK_PROXY_PASSWORD", "gcp"),
    ("OCI_CLI_KEY_CONTENT", "oci"),
    ("OCI_CLI_PASSPHRASE", "oci"),
    ("OCI_RESOURCE_PRINCIPAL_RPST", "oci"),
    ("OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM", "oci"),
    ("OCI_RESOURCE_PRINCIPAL_PRIVATE_PEM_PASSPHRASE", "oci"),
    ("OCI_KUBERNETES_SERVICE_ACCOUNT_TOKEN_STRING", "oci"),
];

/// Variables that name a file: its form, and the clouds whose children get it.
const FILES: &[(&str, Form, &str)] = &[
    ("AWS_SHARED_CREDENTIALS_FILE", Form::Ini, "aws"),
    ("AWS_WEB_IDENTITY_TOKEN_FILE", Form::Token, "aws"),
    ("AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", Form::Token, "aws"),
    ("GOOGLE_APPLICATION_CREDENTIALS", Form::ServiceAccount, "gcp"),
    (
        "CLOUDSDK_AUTH_CREDENTIAL_FILE_OVERRIDE",
        Form::ServiceAccount,
        "gcp",
    ),
    ("CLOUDSDK_AUTH_ACCESS_TOKEN_FILE", Form::Token, "gcp"),
    ("OCI_CLI_KEY_FILE", Form::Pem, "oci"),
    ("OCI_CLI_SECURITY_TOKEN_FILE", Form::Token, "oci"),
    ("ALIBABA_CLOUD_OIDC_TOKEN_FILE", Form::Token, "alibaba"),
];

#[derive(Clone, Copy)]
enum Form {
    Ini,
    Token,
    ServiceAccount,
    Pem,
}

/// Values that only Packer's build gets.
const OF_THE_BUILD: [&str; 3] = ["BUILD_TOKEN", "BUILD_PASSWORD", "BUILD_OTHER"];

/// What a stand-in is told to do.
pub(crate) struct Orders(pub(crate) Value);

struct Canary {
    /// What is searched for; of a key the one line between its head and its foot.
    text: String,
    cloud: &'static str,
    of_the_build: bool,
}

/// The place.
pub(crate) struct Nest {
    sindri: Option<Sindri>,
    places: Vec<PathBuf>,
    audit: PathBuf,
    cloud: &'static str,
    canaries: Vec<Canary>,
    told: Arc<Mutex<Vec<u8>>>,
}

/// Characters that every encoding writes in another way, and letters that no other text has.
fn odd(number: usize) -> String {
    format!("CaNaRy{number:02}&<'\"+/=ä_$%\\q{number:02}Zx9")
}

/// What a request may name: a slash in a key would end it.
fn plain(number: usize) -> String {
    format!("CaNaRy{number:02}Kd83+hs{number:02}Zx9qLw")
}

fn pem(text: &str) -> String {
    format!("-----BEGIN PRIVATE KEY-----\n{text}\n-----END PRIVATE KEY-----\n")
}

fn id(cloud: &str) -> &'static str {
    CLOUDS.into_iter().find(|known| *known == cloud).unwrap()
}

impl Nest {
    /// One with stand-ins for everything.
    pub(crate) fn new(cloud: &str, orders: Orders) -> Self {
        let mut sindri = Sindri::new();
        let section = match cloud {
            "azure" => {
                "    azure: {subscription_id: 00000000-0000-0000-0000-000000000001, resource_group: images}\n"
            }
            "gcp" => "    gcp: {project_id: canary-project}\n",
            "oci" => {
                "    oci: {compartment_ocid: ocid1.compartment.oc1..aaaa, availability_domain: 'x:AD-1', \
                 subnet_ocid: ocid1.subnet.oc1..aaaa, shape: VM.Standard2.2}\n"
            }
            _ => "",
        };
        sindri.configure(&format!(
            "providers:\n  packer:\n    cloud: {cloud}\n    build:\n      cache: false\n      sindri_version: 3.1.0\n      \
             ssh_source_cidrs: [203.0.113.7/32]\n      environment:\n{}{section}",
            OF_THE_BUILD
                .map(|name| format!("        {name}: '${{env.{name}}}'\n"))
                .concat()
        ));
        let mut nest = Self::around(&mut sindri, cloud, odd);
        nest.lay_files(&mut sindri);
        nest.hire(&mut sindri, orders);
        nest.sindri = Some(sindri);
        nest
    }

    /// Canaries in the environment of a program that has real tools.
    pub(crate) fn beside_real_tools(sindri: &mut Sindri) -> Self {
        Self::around(sindri, "aws", plain)
    }

    fn around(sindri: &mut Sindri, cloud: &str, text: fn(usize) -> String) -> Self {
        let mut canaries = Vec::new();
        let of_clouds = VARIABLES.iter().map(|(name, of)| (*name, id(of), false));
        let of_build = OF_THE_BUILD.map(|name| (name, id(cloud), true));
        for (number, (name, cloud, of_the_build)) in of_clouds.chain(of_build).enumerate() {
            let text = text(number);
            let is_key = name.ends_with("PEM") || name.ends_with("CONTENT");
            sindri.set(name, if is_key { pem(&text) } else { text.clone() });
            canaries.push(Canary {
                text,
                cloud,
                of_the_build,
            });
        }
        let everything = sindri.state().parent().unwrap().to_path_buf();
        Self {
            sindri: None,
            places: ["state", "work", "tmp"].map(|name| everything.join(name)).into(),
            audit: sindri.work().join("audit.jsonl"),
            cloud: id(cloud),
            canaries,
            told: Arc::default(),
        }
    }

    /// Credential files in the home directory.
    fn lay_files(&mut self, sindri: &mut Sindri) {
        for (name, form, cloud) in FILES {
            let text = odd(self.canaries.len());
            let content = match form {
                Form::Ini => format!("[default]\naws_secret_access_key = {text}\n"),
                Form::Token => format!("{text}\n"),
                Form::Pem => pem(&text),
                Form::ServiceAccount => {
                    json!({"type": "service_account", "private_key": pem(&text)}).to_string()
                }
            };
            let path = sindri.home().join(name);
            fs::write(&path, content).unwrap();
            sindri.set(name, path);
            self.canaries.push(Canary {
                text,
                cloud: id(cloud),
                of_the_build: false,
            });
        }
    }

    /// The stand-ins, and who listens to them.
    fn hire(&self, sindri: &mut Sindri, orders: Orders) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let folder = sindri.home().join("parrots");
        fs::create_dir(&folder).unwrap();
        fs::write(
            folder.join("port"),
            listener.local_addr().unwrap().port().to_string(),
        )
        .unwrap();
        let parrot = Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/parrot");
        for name in ["packer", "aws", "az", "gcloud", "oci", "aliyun"] {
            fs::copy(&parrot, folder.join(name)).unwrap();
            fs::set_permissions(folder.join(name), fs::Permissions::from_mode(0o755)).unwrap();
        }
        sindri.path(&folder, false);
        let told = Arc::clone(&self.told);
        let orders = orders.0.to_string();
        // Ends with the test's process.
        std::thread::spawn(move || {
            for connection in listener.incoming() {
                let Ok(mut connection) = connection else { return };
                let mut data = Vec::new();
                let _ = connection.read_to_end(&mut data);
                told.lock().unwrap().extend(data);
                let _ = connection.write_all(orders.as_bytes());
            }
        });
    }

    /// Starts the program with an audit log, and looks at the command lines of all processes meanwhile.
    pub(crate) fn start(&self, arguments: &[&str]) -> Watch {
        self.start_of(self.sindri.as_ref().unwrap(), arguments)
    }

    /// The same for a program that has real tools.
    pub(crate) fn start_of(&self, sindri: &Sindri, arguments: &[&str]) -> Watch {
        self.told.lock().unwrap().clear();
        let audit = self.audit.to_str().unwrap();
        let running = sindri.start(&[arguments, &["--audit-log", audit]].concat());
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let sampler = std::thread::spawn(move || {
            let mut seen = BTreeSet::new();
            while !stopped.load(Ordering::Relaxed) {
                sample(&mut seen);
                std::thread::sleep(std::time::Duration::from_millis(3));
            }
            seen
        });
        Watch {
            running,
            stop,
            sampler,
        }
    }

    /// Whether a stand-in that was started like this has said everything.
    pub(crate) fn was_told_by(&self, command: &str) -> bool {
        let [program, word] = command.split(' ').collect::<Vec<_>>()[..] else {
            panic!("a program and a word")
        };
        let told = self.told.lock().unwrap();
        String::from_utf8_lossy(&told)
            .lines()
            .any(|line| line.contains(&format!("/{program} {word}")))
    }

    /// A file of the one run.
    pub(crate) fn file_of_run(&self, name: &str) -> String {
        let runs = self.places[0].join("runs");
        let run = fs::read_dir(runs).unwrap().next().unwrap().unwrap();
        fs::read_to_string(run.path().join(name)).unwrap()
    }

    /// Bytes of Packer's log so far.
    pub(crate) fn log_of_packer(&self) -> u64 {
        let runs = fs::read_dir(self.places[0].join("runs"))
            .into_iter()
            .flatten()
            .flatten();
        runs.filter_map(|run| fs::metadata(run.path().join("packer.log")).ok())
            .map(|log| log.len())
            .sum()
    }

    /// What is found in a text: canary and encoding.
    fn search(&self, text: &[u8]) -> BTreeSet<(usize, &'static str)> {
        let text = String::from_utf8_lossy(text);
        let mut found = BTreeSet::new();
        for (number, canary) in self.canaries.iter().enumerate() {
            for (name, form) in encodings::of(&canary.text) {
                if text.contains(&form) {
                    found.insert((number, name));
                }
            }
        }
        found
    }

    /// The stand-ins have said every secret of this cloud in all eight encodings, so a search that finds
    /// nothing elsewhere means something.
    fn assert_told(&self) {
        let told = self.told.lock().unwrap().clone();
        let packer = String::from_utf8_lossy(&told).contains("/packer ");
        let found = self.search(&told);
        for (number, canary) in self.canaries.iter().enumerate() {
            if canary.cloud != self.cloud || (canary.of_the_build && !packer) {
                continue;
            }
            for name in encodings::NAMES {
                assert!(
                    found.contains(&(number, name)),
                    "{} as {name} was not said",
                    canary.text
                );
            }
        }
    }

    fn assert_clean(&self, place: &str, text: &[u8]) {
        let found = self.search(text);
        let named: Vec<_> = found
            .iter()
            .map(|(number, encoding)| format!("{} as {encoding}", self.canaries[*number].text))
            .collect();
        assert!(
            named.is_empty(),
            "{place}: {named:?}\n{}",
            String::from_utf8_lossy(text)
        );
    }
}

/// A run that is watched.
pub(crate) struct Watch {
    running: Running,
    stop: Arc<AtomicBool>,
    sampler: JoinHandle<BTreeSet<Vec<u8>>>,
}

impl Watch {
    pub(crate) fn wait_until(&mut self, ready: impl FnMut() -> bool) {
        self.running.wait_until(ready);
    }

    pub(crate) fn kill(&self) {
        self.running.kill();
    }

    pub(crate) fn interrupt(&self) {
        self.running.interrupt();
    }

    /// Waits for the end and searches everything that is left, after the stand-ins' own words.
    pub(crate) fn end_and_search(self, nest: &Nest) -> Run {
        let run = self.end_and_search_silent(nest);
        nest.assert_told();
        run
    }

    /// The same where nothing was to be said.
    pub(crate) fn end_and_search_silent(self, nest: &Nest) -> Run {
        let run = self.running.wait();
        self.stop.store(true, Ordering::Relaxed);
        let seen = self.sampler.join().unwrap();
        assert!(!seen.is_empty());
        for command_line in &seen {
            nest.assert_clean("a command line", command_line);
        }
        nest.assert_clean("standard output", run.stdout.as_bytes());
        nest.assert_clean("standard error", run.stderr.as_bytes());
        let mut files = Vec::new();
        nest.places.iter().for_each(|place| list(place, &mut files));
        assert!(
            files.contains(&nest.audit),
            "the audit log is among what is searched"
        );
        for file in files {
            nest.assert_clean(&file.display().to_string(), &fs::read(&file).unwrap());
        }
        run
    }
}

/// Command lines of all processes of the machine.
fn sample(seen: &mut BTreeSet<Vec<u8>>) {
    for process in fs::read_dir("/proc").unwrap().flatten() {
        if process
            .file_name()
            .to_string_lossy()
            .bytes()
            .all(|byte| byte.is_ascii_digit())
            && let Ok(line) = fs::read(process.path().join("cmdline"))
        {
            seen.insert(line);
        }
    }
}

/// All files below a folder; links are not followed: they lead to what the user keeps.
fn list(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap().flatten() {
        let kind = entry.file_type().unwrap();
        if kind.is_dir() {
            list(&entry.path(), files);
        } else if kind.is_file() {
            files.push(entry.path());
        }
    }
}
