//! Combinations of a cloud's keys, each validated by a real Packer with the real builder, through the program.
#![allow(dead_code, reason = "each Packer's tests use a part")]

mod clouds;
mod keys;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::OnceLock;

use serde_json::{Map, Value, json};
use sindri_plugin_sdk::Provider;
use sindri_plugin_sdk::contract::{Architecture, BuildRequest, ImageSpec, Tag};
use sindri_plugin_sdk::testing::{context, host_tags, section};
use sindri_tests::lab::{Sindri, free_port, tool};
use sindri_tests::pairwise::{Row, rows};

pub(crate) use clouds::*;
pub(crate) use keys::Cloud;
use keys::Keys;

/// A Packer to validate with.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Packer {
    Debian,
    Current,
}

impl Packer {
    /// The version that plugins are told.
    const fn version(self) -> &'static str {
        match self {
            Self::Debian => "1.6.6",
            Self::Current => "1.16.0",
        }
    }

    fn put_on(self, sindri: &mut Sindri) {
        let program = tool(match self {
            Self::Debian => "SINDRI_TEST_PACKER_DEBIAN",
            Self::Current => "SINDRI_TEST_PACKER_CURRENT",
        });
        sindri.path(program.parent().unwrap(), false);
        if matches!(self, Self::Current) {
            sindri.set("PACKER_PLUGIN_PATH", tool("SINDRI_TEST_PACKER_PLUGINS"));
        }
    }
}

/// Validates every combination that the plugin takes.
///
/// # Panics
/// When Packer takes one for wrong, or when a value of a key is in none.
pub(crate) fn pass<P: Provider>(cloud: &Cloud, packer: Packer) {
    let keys = Keys::of(cloud);
    let known: RefCell<BTreeMap<Row, bool>> = RefCell::default();
    let sound = |row: &Row| {
        let mut known = known.borrow_mut();
        *known
            .entry(row.clone())
            .or_insert_with(|| P::render(&request(cloud, packer, &keys.settings(row))).is_ok())
    };
    let rows = rows(&keys.choices, sound);
    let missing = keys.values_in_none_of(&rows);
    let expected: BTreeSet<String> = match packer {
        Packer::Current => BTreeSet::new(),
        Packer::Debian => cloud
            .not_with_debian
            .iter()
            .map(|text| (*text).to_owned())
            .collect(),
    };
    assert_eq!(missing, expected, "values that {packer:?} gets in no combination");
    eprintln!("{} combinations of {} keys", rows.len(), keys.choices.len());

    let mut wrong = Vec::new();
    let (sindri, login) = prepared(cloud, packer);
    for row in &rows {
        let mut settings = keys.settings(row);
        settings.extend(login.clone());
        let configuration = json!({ "providers": { "packer": configuration(cloud, settings.clone()) } });
        // JSON is YAML.
        fs::write(sindri.work().join("sindri.yaml"), configuration.to_string()).unwrap();
        let run = sindri.run(&["vm", "validate", "--json"]);
        if !run.status.success() {
            wrong.push(format!("{}\n{run}", Value::Object(settings)));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} combinations are wrong:\n\n{}",
        wrong.len(),
        rows.len(),
        wrong.join("\n\n")
    );
}

/// The program with credentials that nobody would accept, and no way to anybody who could.
fn prepared(cloud: &Cloud, packer: Packer) -> (Sindri, Map<String, Value>) {
    let mut sindri = Sindri::new();
    packer.put_on(&mut sindri);
    let nowhere = format!("http://127.0.0.1:{}", free_port());
    for name in ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"] {
        sindri.set(name, &nowhere);
    }
    let login = (cloud.log_in)(&mut sindri);
    (sindri, login)
}

/// Keys of the section that is not the cloud's own: `build.architecture` and the like.
const SHARED: [&str; 3] = ["description", "tags", "architecture"];

/// Everything below `providers.packer`.
fn configuration(cloud: &Cloud, mut settings: Map<String, Value>) -> Value {
    let mut packer = Map::new();
    let mut build = json!({ "ssh_source_cidrs": ["203.0.113.7/32"] });
    for name in SHARED {
        match (name, settings.remove(name)) {
            (_, None) => {}
            ("architecture", Some(value)) => build["architecture"] = value,
            (_, Some(value)) => drop(packer.insert(name.to_owned(), value)),
        }
    }
    packer.insert("cloud".to_owned(), json!(cloud.id));
    packer.insert("build".to_owned(), build);
    packer.insert(cloud.id.to_owned(), Value::Object(settings));
    Value::Object(packer)
}

/// What the host would ask the plugin for.
fn request(cloud: &Cloud, packer: Packer, settings: &Map<String, Value>) -> BuildRequest {
    let mut own = settings.clone();
    let [description, tags, architecture] = SHARED.map(|name| own.remove(name));
    let mut all = host_tags();
    let users = tags.as_ref().and_then(Value::as_object).into_iter().flatten();
    all.extend(users.map(|(key, value)| Tag {
        key: key.clone(),
        value: value.as_str().unwrap().to_owned(),
    }));
    BuildRequest {
        context: sindri_plugin_sdk::contract::Context {
            packer_version: Some(packer.version().to_owned()),
            ..context()
        },
        image: ImageSpec {
            name: "sindri-dev".to_owned(),
            description: description.map_or("Sindri".to_owned(), |text| text.as_str().unwrap().to_owned()),
            architecture: architecture.map(|name| match name.as_str() {
                Some("arm64") => Architecture::Arm64,
                _ => Architecture::X8664,
            }),
            run_tags: host_tags(),
            tags: all,
        },
        config: section(cloud.schema, &Value::Object(own)).unwrap(),
    }
}

/// Writes a file that only its owner reads.
pub(crate) fn write_private(path: &Path, content: &str) {
    use std::os::unix::fs::PermissionsExt as _;
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, content).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// A key that nobody trusts, made for this process: in the form that Packer 1.6's OCI builder reads, PKCS#1.
pub(crate) fn rsa_key() -> String {
    static KEY: OnceLock<String> = OnceLock::new();
    KEY.get_or_init(|| {
        let made = Command::new("openssl")
            .args(["genrsa", "-traditional", "2048"])
            .output()
            .expect("openssl starts");
        assert!(made.status.success(), "{made:?}");
        String::from_utf8(made.stdout).unwrap()
    })
    .clone()
}
