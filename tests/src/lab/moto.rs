//! A local EC2: `moto_server` with two base images.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

use super::process::Group;
use super::{free_port, http, tool};

/// Everything lives in one region unless a test asks for more.
const REGION: &str = "us-west-2";
/// Where leftovers are looked for: copies go to other regions.
const REGIONS: &[&str] = &[REGION, "us-east-1", "eu-central-1"];
/// A cold start of a large Python program on a busy machine.
const START: Duration = Duration::from_secs(60);

/// A local EC2; stopped on drop.
#[derive(Debug)]
pub struct Moto {
    port: u16,
    /// What there was before any test did anything: the base images' snapshots.
    initial: BTreeSet<String>,
    log: PathBuf,
    _server: Group,
    _directory: TempDir,
}

impl Moto {
    /// Starts one and waits until it answers.
    ///
    /// # Panics
    /// When it does not.
    pub fn start() -> Self {
        let program = tool("SINDRI_TEST_MOTO");
        // The port is free when it is chosen, not when it is bound: another test may be faster.
        for _ in 0..5 {
            if let Some(moto) = Self::try_start(&program) {
                return moto;
            }
        }
        panic!("moto_server ended five times before it answered");
    }

    fn try_start(program: &Path) -> Option<Self> {
        let port = free_port();
        let directory = TempDir::new().unwrap();
        let log = directory.path().join("moto.log");
        let output = std::fs::File::create(&log).unwrap();
        let images = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/amis.json");
        let mut server = Group::start(
            Command::new(program)
                .args(["-H", "127.0.0.1", "-p", &port.to_string()])
                .env("MOTO_AMIS_PATH", images)
                .env(
                    "PYTHONPATH",
                    Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/moto"),
                )
                .current_dir(directory.path())
                .stdin(Stdio::null())
                .stdout(output.try_clone().unwrap())
                .stderr(output),
        );
        let deadline = Instant::now() + START;
        loop {
            if server.has_ended() {
                eprintln!("{}", std::fs::read_to_string(&log).unwrap_or_default());
                return None;
            }
            if ask(port, EC2, REGION, "DescribeRegions", &[]).is_ok_and(|(status, _)| status == 200) {
                break;
            }
            assert!(Instant::now() < deadline, "moto_server does not answer");
            std::thread::sleep(Duration::from_millis(50));
        }
        let mut moto = Self {
            port,
            initial: BTreeSet::new(),
            log,
            _server: server,
            _directory: directory,
        };
        moto.initial = moto.everything();
        Some(moto)
    }

    /// Port on 127.0.0.1.
    pub fn port(&self) -> u16 {
        self.port
    }

    /// For `endpoint_url`.
    pub fn endpoint(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// The region that the lab uses.
    pub fn region(&self) -> &'static str {
        REGION
    }

    /// What the server logged: one line for each request.
    pub fn log(&self) -> String {
        std::fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// The XML that answers a call of EC2's query API.
    ///
    /// # Panics
    /// When the server refuses it.
    pub fn call(&self, action: &str, parameters: &[(&str, &str)]) -> String {
        self.call_in(REGION, action, parameters)
    }

    /// The same in another region.
    ///
    /// # Panics
    /// When the server refuses it.
    pub fn call_in(&self, region: &str, action: &str, parameters: &[(&str, &str)]) -> String {
        self.call_service(EC2, region, action, parameters)
    }

    fn call_service(
        &self,
        service: Service,
        region: &str,
        action: &str,
        parameters: &[(&str, &str)],
    ) -> String {
        let (status, body) =
            ask(self.port, service, region, action, parameters).expect("moto_server answers");
        assert_eq!(status, 200, "{action}: {body}");
        body
    }

    /// The texts of the elements of one name in the answer to a call.
    pub fn query(&self, action: &str, parameters: &[(&str, &str)], element: &str) -> Vec<String> {
        http::elements(&self.call(action, parameters), element)
    }

    /// A new user who may do what this policy allows: id and secret of an access key.
    pub fn user(&self, name: &str, policy: &str) -> [String; 2] {
        let user = ("UserName", name);
        self.call_service(IAM, REGION, "CreateUser", &[user]);
        self.allow(name, policy);
        let key = self.call_service(IAM, REGION, "CreateAccessKey", &[user]);
        ["AccessKeyId", "SecretAccessKey"].map(|element| http::elements(&key, element).remove(0))
    }

    /// From here on the user may do what this policy allows.
    pub fn allow(&self, user: &str, policy: &str) {
        let parameters = [
            ("UserName", user),
            ("PolicyName", "sindri"),
            ("PolicyDocument", policy),
        ];
        self.call_service(IAM, REGION, "PutUserPolicy", &parameters);
    }

    /// Whether users have to be who they say and may do only what they are allowed. While it is so, nothing else of
    /// this type can ask.
    ///
    /// # Panics
    /// When the server refuses it.
    pub fn guard(&self, guarded: bool) {
        let requests_before = if guarded { "0" } else { "inf" };
        let asked = http::post_to(self.port, "/moto-api/reset-auth", &[], requests_before);
        assert_eq!(asked.expect("moto_server answers").0, 200);
    }

    /// The tags of one resource.
    ///
    /// # Panics
    /// When one of them has no value: the two lists would not belong together.
    pub fn tags(&self, id: &str) -> BTreeMap<String, String> {
        let answer = self.call(
            "DescribeTags",
            &[("Filter.1.Name", "resource-id"), ("Filter.1.Value.1", id)],
        );
        let (keys, values) = (http::elements(&answer, "key"), http::elements(&answer, "value"));
        assert_eq!(keys.len(), values.len(), "{answer}");
        keys.into_iter().zip(values).collect()
    }

    /// Who may start instances of an image: accounts, and `all` for everybody.
    pub fn permitted(&self, region: &str, image: &str) -> Vec<String> {
        let parameters = [("ImageId", image), ("Attribute", "launchPermission")];
        let answer = self.call_in(region, "DescribeImageAttribute", &parameters);
        [
            http::elements(&answer, "userId"),
            http::elements(&answer, "group"),
        ]
        .concat()
    }

    /// Every instance there ever was: moto keeps terminated ones.
    pub fn instances(&self) -> Vec<String> {
        self.query("DescribeInstances", &[], "instanceId")
    }

    /// Everything that tests made and nobody removed, for example `us-west-2 image ami-…`.
    pub fn leftovers(&self) -> Vec<String> {
        self.everything().difference(&self.initial).cloned().collect()
    }

    fn everything(&self) -> BTreeSet<String> {
        REGIONS
            .iter()
            .flat_map(|region| self.everything_in(region))
            .collect()
    }

    fn everything_in(&self, region: &str) -> BTreeSet<String> {
        // A terminated instance stays listed for an hour, in moto for ever.
        let alive = [
            ("Filter.1.Name", "instance-state-name"),
            ("Filter.1.Value.1", "pending"),
            ("Filter.1.Value.2", "running"),
            ("Filter.1.Value.3", "shutting-down"),
            ("Filter.1.Value.4", "stopping"),
            ("Filter.1.Value.5", "stopped"),
        ];
        let own = [("Owner.1", "self")];
        // moto does not filter snapshots by owner; those of the base images are in `initial`.
        [
            ("instance", "DescribeInstances", &alive[..], "instanceId"),
            ("key pair", "DescribeKeyPairs", &[], "keyName"),
            ("security group", "DescribeSecurityGroups", &[], "groupName"),
            ("image", "DescribeImages", &own[..], "imageId"),
            ("snapshot", "DescribeSnapshots", &[], "snapshotId"),
            ("volume", "DescribeVolumes", &[], "volumeId"),
            ("address", "DescribeAddresses", &[], "allocationId"),
        ]
        .into_iter()
        .flat_map(|(kind, action, parameters, element)| {
            let answer = self.call_in(region, action, parameters);
            let found = http::elements(&answer, element).into_iter();
            found
                .map(move |id| format!("{region} {kind} {id}"))
                .collect::<Vec<_>>()
        })
        .filter(|thing| !thing.ends_with(" security group default"))
        .collect()
    }
}

/// Name and version of an API.
type Service = (&'static str, &'static str);
const EC2: Service = ("ec2", "2016-11-15");
const IAM: Service = ("iam", "2010-05-08");

/// moto reads service and region from the signature's scope and checks nothing else of it, unless it is guarded.
fn ask(
    port: u16,
    (service, version): Service,
    region: &str,
    action: &str,
    parameters: &[(&str, &str)],
) -> std::io::Result<(u16, String)> {
    let mut body = format!("Action={action}&Version={version}");
    for (name, value) in parameters {
        body.push_str(&format!("&{name}={}", http::percent_encode(value)));
    }
    let authorization = format!(
        "AWS4-HMAC-SHA256 Credential=test/20260101/{region}/{service}/aws4_request, SignedHeaders=host, Signature=0"
    );
    let headers = [
        ("Authorization", authorization.as_str()),
        ("Content-Type", "application/x-www-form-urlencoded"),
    ];
    http::post(port, &headers, &body)
}
