//! Variables by which a tool is made to run, load, read or contact something else. A CI job's environment is written by
//! many; what is set there must not reach a child by accident.

use super::*;

/// Of the dynamic linker, the C library, interpreters, shells and the Go runtime.
const ANY_PROGRAM: &str = "\
    BASH_ENV BASH_FUNC_x%% BROWSER EDITOR ENV GCONV_PATH GETCONF_DIR GIT_SSH_COMMAND GODEBUG GRPC_PROXY_EXP \
    HOSTALIASES IFS LD_AUDIT LD_LIBRARY_PATH LD_PRELOAD LESSOPEN LOCALDOMAIN LOCPATH MALLOC_TRACE NIS_PATH NLSPATH \
    NODE_OPTIONS OPENSSL_CONF OPENSSL_ENGINES PAGER PERL5OPT PROMPT_COMMAND PS4 PYTHONBREAKPOINT PYTHONHOME \
    PYTHONHTTPSVERIFY PYTHONINSPECT PYTHONPATH PYTHONSTARTUP PYTHONUSERBASE PYTHONWARNINGS RESOLV_HOST_CONF \
    RES_OPTIONS RUBYOPT SHELLOPTS SSLKEYLOGFILE SSH_AUTH_SOCK SUDO_ASKPASS TZDIR XDG_CONFIG_HOME";

/// Of one tool: redirections, code, other commands, logs of requests with their tokens.
const ONE_TOOL: &str = "\
    ALIBABA_CLOUD_ECS_METADATA ALIBABA_CLOUD_ENDPOINT ALIBABA_CLOUD_EXEC_PATH ALIBABA_CLOUD_STS_ENDPOINT \
    ARM_METADATA_HOSTNAME ARM_METADATA_URL AWS_CLI_HISTORY_FILE AWS_DATA_PATH AWS_ENDPOINT_URL AWS_ENDPOINT_URL_STS \
    AZURE_CORE_LOGIN_EXPERIENCE_V2 AZURE_DEFAULTS_GROUP AZURE_EXTENSION_INDEX_URL AZURE_LOGGING_LOG_DIR \
    CLOUDSDK_API_ENDPOINT_OVERRIDES_IAM CLOUDSDK_API_ENDPOINT_OVERRIDES_SQL CLOUDSDK_CORE_TRACE_EMAIL \
    CLOUDSDK_CORE_TRACE_LOG CLOUDSDK_PYTHON_ARGS CLOUDSDK_ROOT_DIR DEBUG GIT_SSH HCP_CLIENT_SECRET OCI_CLI_ENDPOINT \
    OCI_CLI_FEDERATION_ENDPOINT OCI_CLI_PKCS11_MODULE_PATH OCI_CLI_RC_FILE PACKER_RUN_UUID PKR_VAR_x VAULT_TOKEN";

/// Set by the user to something, and by the host to something else.
const OVERRIDDEN: &[(&str, &str, &str)] = &[
    ("az", "AZURE_EXTENSION_DIR", "/nonexistent"),
    ("az", "AZURE_EXTENSION_USE_DYNAMIC_INSTALL", "no"),
    ("az", "AZURE_LOGGING_ENABLE_LOG_FILE", "no"),
    ("az", "PYTHONSAFEPATH", "1"),
    ("aws", "AWS_PAGER", ""),
    ("gcloud", "CLOUDSDK_CORE_LOG_HTTP", "false"),
    ("gcloud", "CLOUDSDK_CORE_DISABLE_PROMPTS", "1"),
    ("aliyun", "ALIBABA_CLOUD_CLI_PLUGIN_AUTO_INSTALL", "false"),
];

const TOOLS: &[&str] = &["aliyun", "aws", "az", "gcloud", "hcloud", "oci"];

fn everything() -> Lab {
    let names = ANY_PROGRAM.split_whitespace().chain(ONE_TOOL.split_whitespace());
    let overridden = OVERRIDDEN.iter().map(|(_, name, _)| *name);
    lab(names
        .chain(overridden)
        .map(|name| (name, "planted"))
        .chain([("PATH", "/usr/bin")]))
}

#[test]
fn no_variable_that_runs_loads_or_redirects_reaches_any_child() {
    let lab = everything();
    let program = Path::new("/usr/bin/x");
    for tool in TOOLS {
        let profile = tools::profile(tool).unwrap();
        let profile = &profile;
        let surroundings = &profile.surroundings;
        for child in [
            Child::Version {
                program,
                surroundings,
            },
            Child::Tool { program, profile },
            Child::PackerSetup { program },
            Child::Packer { program, profile },
        ] {
            let pairs = lab.names_and_values(child, &Choices::default());
            let planted: Vec<_> = pairs.iter().filter(|(_, value)| value == "planted").collect();
            assert!(planted.is_empty(), "{child:?}: {planted:?}");
        }
        let child = Child::Tool { program, profile };
        let pairs = lab.names_and_values(child, &Choices::default());
        for (_, name, expected) in OVERRIDDEN.iter().filter(|(of, ..)| of == tool) {
            assert_eq!(value(&pairs, name), Some(*expected), "{tool}: {name}");
        }
    }
}

/// Each cloud's credentials go to that cloud's children only.
#[test]
fn no_child_gets_another_clouds_secrets() {
    let secrets_of = |tool: &str| -> Vec<&'static str> {
        let surroundings = tools::profile(tool).unwrap().surroundings;
        let both = surroundings.variables.iter().chain(surroundings.packer_variables);
        let named = both
            .filter(|variable| variable.meaning != Meaning::Setting)
            .map(|variable| variable.name);
        let keys = surroundings
            .keys
            .map(|keys| keys.spellings.as_flattened())
            .unwrap_or_default();
        named.chain(keys.iter().copied()).collect()
    };
    let all: Vec<&str> = TOOLS.iter().flat_map(|tool| secrets_of(tool)).collect();
    let lab = lab(all.iter().map(|name| (*name, "/planted")));
    let program = Path::new("/usr/bin/x");
    for tool in TOOLS {
        let profile = tools::profile(tool).unwrap();
        let own = secrets_of(tool);
        for child in [
            Child::Tool {
                program,
                profile: &profile,
            },
            Child::Packer {
                program,
                profile: &profile,
            },
        ] {
            let pairs = lab.names_and_values(child, &Choices::default());
            let strange: Vec<_> = pairs
                .iter()
                .filter(|(name, value)| value == "/planted" && !own.contains(&name.as_str()))
                .collect();
            assert!(strange.is_empty(), "{tool}: {strange:?}");
        }
    }
}

/// A directory that everybody can write to has programs of everybody.
#[test]
#[allow(clippy::disallowed_methods)]
fn the_path_of_a_child_has_no_directory_that_others_can_write_to() {
    use std::os::unix::fs::PermissionsExt;
    let root = tempfile::tempdir().unwrap();
    let root = files::canonical(root.path()).unwrap();
    let (open, closed) = (root.join("open"), root.join("closed"));
    for directory in [&open, &closed] {
        files::create_directory(directory).unwrap();
    }
    std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o1777)).unwrap();
    let path = std::env::join_paths([&open, &closed, Path::new("/tmp"), Path::new("relative")]).unwrap();
    let user = Environment::of("/nowhere", [("PATH", path)]);
    let private = PrivateDirs::create(&root.join("run"), &user, &Surroundings::NONE).unwrap();
    let child = Child::PackerSetup {
        program: Path::new("/usr/bin/packer"),
    };
    let pairs = environment(child, &user, &private, &Choices::default()).unwrap();
    let (_, path) = pairs.iter().find(|(name, _)| name == "PATH").unwrap();
    let beyond: Vec<_> = std::env::split_paths(path).skip(SYSTEM_PATH.len()).collect();
    assert_eq!(beyond, [closed]);
}
