//! Variables of the user's environment that the user grants to a plugin of a cloud that the host does not know: its
//! tools and Packer get them besides what every child gets. The plugin has no say in it.

use super::Collected;
use crate::environment::Environment;
use crate::error::{Code, Error, Result};

/// Characters of a name.
const LONGEST: usize = 128;

/// Variables that nobody can grant, by what they do; `*` stands for anything.
const NEVER: &[(&str, &[&str])] = &[
    (
        "it makes programs load or run code",
        &[
            "BASH_*",
            "CLASSPATH",
            "DOTNET_*",
            "DYLD_*",
            "ENV",
            "ERL_*",
            "GCONV_PATH",
            "GEM_*",
            "GLIBC_*",
            "GOCOVERDIR",
            "GODEBUG",
            "IFS",
            "JAVA_*",
            "JDK_*",
            "LD_*",
            "LUA_*",
            "MALLOC_*",
            "NODE_*",
            "NPM_*",
            "OPENSSL_*",
            "PERL*",
            "PHP*",
            "PROMPT_COMMAND",
            "PS4",
            "PYTHON*",
            "RUBY*",
            "SHELL",
            "SHELLOPTS",
            "_JAVA_*",
        ],
    ),
    (
        "it names programs that others start",
        &[
            "*BROWSER",
            "*EDITOR",
            "*PAGER",
            "*_ASKPASS",
            "DISPLAY",
            "DBUS_*",
            "GIT_*",
            "GPG_*",
            "LESSCLOSE",
            "LESSOPEN",
            "SSH_*",
            "VISUAL",
            "WAYLAND_*",
        ],
    ),
    (
        "the host decides it for every program it starts",
        &[
            "*_PROXY",
            "HOME",
            "HOSTALIASES",
            "LANG",
            "LC_*",
            "LOCALDOMAIN",
            "LOCPATH",
            "NLSPATH",
            "PACKER_*",
            "PATH",
            "PKR_*",
            "RES_OPTIONS",
            "SINDRI_*",
            "*CA_BUNDLE",
            "SSL_*",
            "TEMP",
            "TMP",
            "TMPDIR",
            "XDG_*",
        ],
    ),
    (
        "it holds credentials that are none of this cloud's",
        &[
            "ACTIONS_*",
            "ALIBABA*",
            "ALICLOUD_*",
            "ARM_*",
            "AWS_*",
            "AZURE_*",
            "BITBUCKET_*",
            "CI",
            "CI_*",
            "CLOUDSDK_*",
            "CONSUL_*",
            "DOCKER_*",
            "GH_*",
            "GITHUB_*",
            "GITLAB_*",
            "GOOGLE_*",
            "HCP_*",
            "KUBE*",
            "NOMAD_*",
            "OCI_*",
            "SYSTEM_*",
            "VAULT_*",
        ],
    ),
];

/// Whether a variable can be granted at all.
///
/// # Errors
/// When it is no variable's name, or one that nobody can grant.
pub fn check(name: &str) -> Result<()> {
    let refuse = |why: &str| {
        Err(Error::new(
            Code::PluginGrant,
            format!("the variable {name:?} cannot be granted to a plugin: {why}"),
        )
        .remedy("grant only variables of the plugin's own cloud, for example its API token"))
    };
    let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    if name.is_empty()
        || name.len() > LONGEST
        || name.starts_with(|c: char| c.is_ascii_digit())
        || !name.chars().all(plain)
    {
        return refuse("a name has capital letters, digits and `_` only");
    }
    let is = |pattern: &&str| match (pattern.strip_prefix('*'), pattern.strip_suffix('*')) {
        (Some(ending), _) => name.ends_with(ending),
        (None, Some(beginning)) => name.starts_with(beginning),
        (None, None) => *pattern == name,
    };
    match NEVER.iter().find(|(_, patterns)| patterns.iter().any(&is)) {
        Some((because, _)) => refuse(because),
        None => Ok(()),
    }
}

/// Adds those that the user has set. What cannot be granted is left out, whoever let it pass.
pub(super) fn give(env: &mut Collected, granted: &[String], user: &Environment) {
    for name in granted.iter().filter(|name| check(name).is_ok()) {
        env.copy(name, user);
    }
}

/// Their values, which are secrets all: nobody here knows which of them are not.
pub fn secrets(granted: &[String], user: &Environment) -> Vec<String> {
    granted
        .iter()
        .filter_map(|name| user.get_os(name))
        .map(|value| value.to_string_lossy().into_owned())
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_that_load_code_redirect_or_belong_to_others_cannot_be_granted() {
        for name in [
            "LD_PRELOAD",
            "LD_LIBRARY_PATH",
            "DYLD_INSERT_LIBRARIES",
            "PYTHONPATH",
            "PYTHONSTARTUP",
            "NODE_OPTIONS",
            "BASH_ENV",
            "ENV",
            "PERL5OPT",
            "RUBYOPT",
            "JAVA_TOOL_OPTIONS",
            "GIT_SSH_COMMAND",
            "GIT_CONFIG_COUNT",
            "SSH_AUTH_SOCK",
            "SSH_ASKPASS",
            "EDITOR",
            "PAGER",
            "AWS_PAGER",
            "BROWSER",
            "HTTPS_PROXY",
            "HCLOUD_PROXY",
            "NO_PROXY",
            "PATH",
            "HOME",
            "TMPDIR",
            "SSL_CERT_FILE",
            "REQUESTS_CA_BUNDLE",
            "PACKER_PLUGIN_PATH",
            "PKR_VAR_x",
            "PKR_VAR_X",
            "SINDRI_STATE_DIR",
            "AWS_SECRET_ACCESS_KEY",
            "GOOGLE_APPLICATION_CREDENTIALS",
            "ARM_CLIENT_SECRET",
            "OCI_CLI_KEY_CONTENT",
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
            "GITHUB_TOKEN",
            "ACTIONS_ID_TOKEN_REQUEST_TOKEN",
            "VAULT_TOKEN",
            "KUBECONFIG",
            "DOCKER_CONFIG",
            "XDG_CONFIG_HOME",
            // Not names.
            "",
            "*",
            "hcloud_token",
            "HCLOUD TOKEN",
            "HCLOUD=TOKEN",
            "HCLOUD_TOKEN\n",
            "1TOKEN",
            "ＨCLOUD_TOKEN",
            "ld_preload",
        ] {
            let code = check(name).err().map(|error| error.code());
            assert_eq!(code, Some(Code::PluginGrant), "{name}");
        }
        for name in [
            "HCLOUD_TOKEN",
            "HCLOUD_ENDPOINT",
            "DIGITALOCEAN_ACCESS_TOKEN",
            "SCW_SECRET_KEY",
            "VULTR_API_KEY",
            "OS_AUTH_URL",
        ] {
            check(name).unwrap_or_else(|error| panic!("{error}"));
        }
    }

    #[test]
    fn only_what_is_granted_and_can_be_granted_reaches_a_child() {
        let user = Environment::of(
            "/work",
            [
                ("HCLOUD_TOKEN", "t0ken"),
                ("OTHER", "x"),
                ("LD_PRELOAD", "/x.so"),
                ("HOME", "/home/u"),
            ],
        );
        let granted: Vec<String> = ["HCLOUD_TOKEN", "LD_PRELOAD", "HOME", "UNSET"]
            .map(str::to_owned)
            .into();
        let mut env = Collected::default();
        give(&mut env, &granted, &user);
        let given: Vec<_> = env
            .0
            .iter()
            .map(|(name, value)| (name.to_str(), value.to_str()))
            .collect();
        assert_eq!(given, [(Some("HCLOUD_TOKEN"), Some("t0ken"))]);
    }
}
