use super::*;
use crate::policy::tools::{self, aws};

mod danger;
mod keys;
mod places;

struct Lab {
    root: tempfile::TempDir,
    user: Environment,
}

impl Lab {
    fn path(&self, below: &str) -> PathBuf {
        files::canonical(self.root.path()).unwrap().join(below)
    }

    fn private(&self) -> PrivateDirs {
        PrivateDirs::create(&self.path("run"), &self.user, &aws::PROFILE.surroundings).unwrap()
    }

    fn names_and_values(&self, child: Child<'_>, choices: &Choices) -> Vec<(String, String)> {
        let private = self.private();
        let root = self.path("").to_string_lossy().trim_end_matches('/').to_owned();
        let environment = environment(child, &self.user, &private, choices).unwrap();
        let text = |text: OsString| text.into_string().unwrap().replace(&root, "ROOT");
        environment
            .into_iter()
            .map(|(name, value)| (text(name), text(value)))
            .collect()
    }
}

fn lab<'a>(variables: impl IntoIterator<Item = (&'a str, &'a str)>) -> Lab {
    let root = tempfile::Builder::new().prefix("t").tempdir().unwrap();
    let home = files::canonical(root.path()).unwrap().join("home");
    files::create_directory(&home.join(".aws/sso/cache")).unwrap();
    files::create_directory(&home.join(".aws/cli/cache")).unwrap();
    files::create_directory(&home.join("project/bin")).unwrap();
    for file in [".aws/config", ".aws/credentials", ".aws/cli/alias"] {
        files::write_for_user(&home.join(file), b"", false).unwrap();
    }
    let mut all: Vec<(String, String)> = variables
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .collect();
    all.push(("HOME".into(), home.to_str().unwrap().into()));
    let user = Environment::of(home.join("project"), all);
    Lab { root, user }
}

/// A variable of everything that has ever been a way in, with its own name as value.
const CANARIES: &str = "\
    ACTIONS_ID_TOKEN_REQUEST_TOKEN ANSIBLE_CONFIG ARM_CLIENT_SECRET AWS_ACCESS_KEY_ID AWS_CA_BUNDLE \
    AWS_CLI_FILE_ENCODING AWS_CONFIG_FILE AWS_CONTAINER_AUTHORIZATION_TOKEN \
    AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE AWS_CONTAINER_CREDENTIALS_FULL_URI \
    AWS_CONTAINER_CREDENTIALS_RELATIVE_URI AWS_DATA_PATH AWS_DEFAULT_OUTPUT AWS_DEFAULT_PROFILE \
    AWS_DEFAULT_REGION AWS_EC2_METADATA_DISABLED AWS_ENDPOINT_URL AWS_ENDPOINT_URL_EC2 AWS_PAGER \
    AWS_POLL_DELAY_SECONDS AWS_PROFILE AWS_REGION AWS_ROLE_ARN AWS_ROLE_SESSION_NAME \
    AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN AWS_SHARED_CREDENTIALS_FILE AWS_WEB_IDENTITY_TOKEN_FILE \
    AZURE_CLIENT_SECRET BASH_ENV BASH_FUNC_x%% BROWSER CI CONSUL_HTTP_TOKEN DOCKER_HOST \
    DYLD_INSERT_LIBRARIES EDITOR ENV GIT_SSH_COMMAND GITHUB_TOKEN GODEBUG GOOGLE_APPLICATION_CREDENTIALS \
    HCP_CLIENT_SECRET HTTPS_PROXY HTTP_PROXY KUBECONFIG LC_ALL LD_LIBRARY_PATH LD_PRELOAD LESSOPEN \
    NODE_OPTIONS NO_PROXY OCI_CLI_KEY_CONTENT PACKER_CONFIG PACKER_GITHUB_API_TOKEN PACKER_LOG \
    PACKER_LOG_PATH PAGER PKR_VAR_region PYTHONHOME PYTHONPATH PYTHONSTARTUP PYTHONUSERBASE \
    REQUESTS_CA_BUNDLE SSH_AUTH_SOCK SSL_CERT_FILE SUDO_ASKPASS SYSTEM_ACCESSTOKEN TERM TF_VAR_x TMPDIR \
    VAULT_ADDR VAULT_TOKEN XDG_CONFIG_HOME https_proxy";

fn canary_lab() -> Lab {
    lab(CANARIES
        .split_whitespace()
        .map(|name| (name, name))
        .chain([("PATH", "bin:/usr/bin:/opt/tools/bin")]))
}

fn shown(pairs: &[(String, String)]) -> Vec<String> {
    pairs
        .iter()
        .map(|(name, value)| format!("{name}={value}"))
        .collect()
}

const BASE: &[&str] = &[
    "HOME=ROOT/run/home",
    "HTTPS_PROXY=HTTPS_PROXY",
    "HTTP_PROXY=HTTP_PROXY",
    "LANG=C.UTF-8",
    "NO_PROXY=NO_PROXY",
    "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "REQUESTS_CA_BUNDLE=ROOT/home/project/REQUESTS_CA_BUNDLE",
    "SSL_CERT_FILE=ROOT/home/project/SSL_CERT_FILE",
    "TMPDIR=ROOT/run/tmp",
    "https_proxy=https_proxy",
];

const AWS: &[&str] = &[
    "AWS_ACCESS_KEY_ID=AWS_ACCESS_KEY_ID",
    "AWS_CA_BUNDLE=ROOT/home/project/AWS_CA_BUNDLE",
    "AWS_CLI_AUTO_PROMPT=off",
    "AWS_CONFIG_FILE=ROOT/home/project/AWS_CONFIG_FILE",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN=AWS_CONTAINER_AUTHORIZATION_TOKEN",
    "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE=ROOT/home/project/AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE",
    "AWS_CONTAINER_CREDENTIALS_FULL_URI=AWS_CONTAINER_CREDENTIALS_FULL_URI",
    "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI=AWS_CONTAINER_CREDENTIALS_RELATIVE_URI",
    "AWS_DEFAULT_PROFILE=AWS_DEFAULT_PROFILE",
    "AWS_EC2_METADATA_DISABLED=AWS_EC2_METADATA_DISABLED",
    "AWS_PAGER=",
    "AWS_PROFILE=AWS_PROFILE",
    "AWS_ROLE_ARN=AWS_ROLE_ARN",
    "AWS_ROLE_SESSION_NAME=AWS_ROLE_SESSION_NAME",
    "AWS_SECRET_ACCESS_KEY=AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN=AWS_SESSION_TOKEN",
    "AWS_SHARED_CREDENTIALS_FILE=ROOT/home/project/AWS_SHARED_CREDENTIALS_FILE",
    "AWS_WEB_IDENTITY_TOKEN_FILE=ROOT/home/project/AWS_WEB_IDENTITY_TOKEN_FILE",
];

const PACKER: &[&str] = &[
    "CHECKPOINT_DISABLE=1",
    "PACKER_CACHE_DIR=ROOT/run/packer/cache",
    "PACKER_CONFIG=ROOT/run/packer/config.json",
    "PACKER_CONFIG_DIR=ROOT/run/packer",
    "PACKER_NO_COLOR=1",
    "PACKER_PLUGIN_PATH=ROOT/home/project/XDG_CONFIG_HOME/packer/plugins",
];

#[track_caller]
fn assert_exactly(actual: &[(String, String)], expected: &[&[&str]]) {
    let mut expected: Vec<_> = expected.concat();
    expected.sort_by_key(|line| line.split('=').next().map(str::to_owned));
    assert_eq!(shown(actual), expected);
}

#[test]
fn of_a_hostile_environment_exactly_this_passes() {
    let lab = canary_lab();
    let aws = tools::profile("aws").unwrap();
    let program = Path::new("/usr/bin/x");
    let none = Choices::default();
    let environment = |child| lab.names_and_values(child, &none);
    // Also a question for the version must not be reported to anybody.
    for (surroundings, fixed) in [
        (&Surroundings::NONE, &[][..]),
        (&Surroundings::PACKER, &["CHECKPOINT_DISABLE=1"]),
        (&aws.surroundings, &["AWS_CLI_AUTO_PROMPT=off", "AWS_PAGER="]),
    ] {
        let version = Child::Version {
            program,
            surroundings,
        };
        assert_exactly(&environment(version), &[BASE, fixed]);
    }
    assert_exactly(
        &environment(Child::Tool {
            program,
            profile: &aws,
        }),
        &[BASE, AWS],
    );
    let token = "PACKER_GITHUB_API_TOKEN=PACKER_GITHUB_API_TOKEN";
    assert_exactly(
        &environment(Child::PackerSetup { program }),
        &[BASE, PACKER, &[token]],
    );
    let delay = "AWS_POLL_DELAY_SECONDS=AWS_POLL_DELAY_SECONDS";
    assert_exactly(
        &environment(Child::Packer {
            program,
            profile: &aws,
        }),
        &[BASE, AWS, PACKER, &[delay]],
    );
    let unknown = tools::profile("hcloud").unwrap();
    assert_exactly(
        &environment(Child::Tool {
            program,
            profile: &unknown,
        }),
        &[BASE],
    );
}

fn value<'a>(pairs: &'a [(String, String)], name: &str) -> Option<&'a str> {
    pairs
        .iter()
        .find(|(key, _)| key == name)
        .map(|(_, value)| value.as_str())
}

#[test]
fn gcloud_acts_in_the_configured_project_with_the_users_login() {
    let lab = lab([
        ("CLOUDSDK_CORE_PROJECT", "stray-project"),
        ("CLOUDSDK_COMPUTE_ZONE", "stray-zone"),
        ("CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE", "https://evil.example/"),
        ("CLOUDSDK_CORE_TRACE_LOG", "1"),
        ("CLOUDSDK_AUTH_ACCESS_TOKEN", "s3cret"),
        ("GOOGLE_APPLICATION_CREDENTIALS", "key.json"),
        ("AWS_SECRET_ACCESS_KEY", "s3cret"),
    ]);
    files::create_directory(&lab.path("home/.config/gcloud")).unwrap();
    let gcloud = tools::profile("gcloud").unwrap();
    let choices = Choices {
        location: Some("us-west1-a".into()),
        section: BTreeMap::from([("project_id".into(), "my-project".into())]),
        ..Choices::default()
    };
    let program = Path::new("/usr/bin/gcloud");
    let child = Child::Tool {
        program,
        profile: &gcloud,
    };
    let pairs = lab.names_and_values(child, &choices);
    for (name, expected) in [
        ("CLOUDSDK_CORE_PROJECT", Some("my-project")),
        ("CLOUDSDK_COMPUTE_ZONE", Some("us-west1-a")),
        ("CLOUDSDK_CORE_DISABLE_PROMPTS", Some("1")),
        ("CLOUDSDK_AUTH_ACCESS_TOKEN", Some("s3cret")),
        (
            "GOOGLE_APPLICATION_CREDENTIALS",
            Some("ROOT/home/project/key.json"),
        ),
        ("CLOUDSDK_API_ENDPOINT_OVERRIDES_COMPUTE", None),
        ("CLOUDSDK_CORE_TRACE_LOG", None),
        ("AWS_SECRET_ACCESS_KEY", None),
    ] {
        assert_eq!(value(&pairs, name), expected, "{name}");
    }
    assert_eq!(secrets(&lab.user, &[&gcloud]), ["s3cret"]);
    let private = PrivateDirs::create(&lab.path("other"), &lab.user, &gcloud.surroundings).unwrap();
    let linked = files::canonical(&private.home().join(".config/gcloud")).unwrap();
    assert_eq!(linked, lab.path("home/.config/gcloud"));
}

#[test]
fn what_the_configuration_chooses_goes_before_the_environment() {
    let lab = canary_lab();
    let aws = tools::profile("aws").unwrap();
    let choices = Choices {
        endpoint: Some("http://127.0.0.1:5000".into()),
        profile: Some("work".into()),
        location: Some("eu-central-1".into()),
        section: BTreeMap::from([("region".into(), "eu-west-1".into())]),
        variables: Vec::new(),
        packer_log: true,
        packer_variables: vec![("token".into(), "s3cret".into())],
        sandbox: SandboxChoice::default(),
    };
    let pairs = lab.names_and_values(
        Child::Packer {
            program: Path::new("/usr/bin/packer"),
            profile: &aws,
        },
        &choices,
    );
    for (name, expected) in [
        ("AWS_ENDPOINT_URL", "http://127.0.0.1:5000"),
        ("AWS_PROFILE", "work"),
        ("AWS_REGION", "eu-central-1"),
        ("AWS_DEFAULT_REGION", "eu-central-1"),
        ("PACKER_LOG", "1"),
        ("PKR_VAR_token", "s3cret"),
    ] {
        assert_eq!(value(&pairs, name), Some(expected), "{name}");
    }
    let pairs = lab.names_and_values(
        Child::Tool {
            program: Path::new("/usr/bin/aws"),
            profile: &aws,
        },
        &choices,
    );
    assert!(
        pairs
            .iter()
            .all(|(name, _)| !name.starts_with("PKR_VAR_") && !name.starts_with("PACKER_"))
    );
}

#[test]
fn a_template_variable_cannot_name_something_else() {
    let lab = lab([]);
    let choices = |name: &str| Choices {
        packer_variables: vec![(name.into(), "x".into())],
        ..Choices::default()
    };
    let aws = tools::profile("aws").unwrap();
    let child = Child::Packer {
        program: Path::new("/usr/bin/packer"),
        profile: &aws,
    };
    for name in ["", "a=b", "a b", "1a", "a-b", "ä"] {
        let error = environment(child, &lab.user, &lab.private(), &choices(name)).unwrap_err();
        assert_eq!(error.code(), Code::Internal, "{name}");
    }
}
