//! Every kind of secret of the checklist, where builds leave it.

/// In everything that is a secret, so that no report may have it.
pub(crate) const SECRET: &str = "wJalrXUtnFEMIK7MDENGbPxRfiCY";

/// Homes that a build may have used: of root, of the login user, of a service, and of a user who is gone.
pub(crate) const HOMES: [&str; 4] = ["/root", "/home/ubuntu", "/srv/service", "/home/gone"];

/// Below a home: point, path, content with the secret for `@`.
pub(crate) const IN_HOMES: [(&str, &str, &str); 20] = [
    (
        "authorized-keys",
        ".ssh/authorized_keys",
        "ssh-ed25519 AAAA@ builder\n",
    ),
    (
        "cloud-credentials",
        ".aws/credentials",
        "[default]\naws_secret_access_key = @\n",
    ),
    (
        "cloud-credentials",
        ".azure/msal_token_cache.json",
        "{\"secret\": \"@\"}",
    ),
    (
        "cloud-credentials",
        ".config/gcloud/application_default_credentials.json",
        "{\"refresh_token\": \"@\"}",
    ),
    ("cloud-credentials", ".oci/config", "[DEFAULT]\npass_phrase=@\n"),
    (
        "cloud-credentials",
        ".aliyun/config.json",
        "{\"access_key_secret\": \"@\"}",
    ),
    ("shell-history", ".bash_history", "mysql -p@\n"),
    ("shell-history", ".zsh_history", ": 1:0;login @\n"),
    ("shell-history", ".python_history", "key = '@'\n"),
    ("git-credentials", ".git-credentials", "https://u:@@git.example\n"),
    (
        "git-credentials",
        ".netrc",
        "machine git.example login u password @\n",
    ),
    (
        "git-credentials",
        ".gitconfig",
        "[url \"https://u:@@git.example/\"]\n\tinsteadOf = https://git.example/\n",
    ),
    (
        "docker-credentials",
        ".docker/config.json",
        "{\"auths\": {\"registry.example\": {\"auth\": \"@\"}}}",
    ),
    (
        "private-keys",
        ".ssh/id_ed25519",
        "-----BEGIN OPENSSH PRIVATE KEY-----\n@AAAAAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
    ),
    (
        "private-keys",
        "deploy/server.pem",
        "-----BEGIN RSA PRIVATE KEY-----\n@AAAAAAAA\n-----END RSA PRIVATE KEY-----\n",
    ),
    ("environment-secrets", ".bashrc", "export API_TOKEN=@\n"),
    (
        "environment-secrets",
        ".profile",
        "AWS_SECRET_ACCESS_KEY='@'; export AWS_SECRET_ACCESS_KEY\n",
    ),
    ("environment-secrets", ".env", "DATABASE_PASSWORD=@\n"),
    (
        "registry-credentials",
        ".npmrc",
        "//registry.npmjs.org/:_authToken=@\n",
    ),
    ("registry-credentials", ".pypirc", "[pypi]\npassword = @\n"),
];

/// Anywhere: the same.
pub(crate) const ANYWHERE: [(&str, &str, &str); 13] = [
    ("logs", "/var/log/dpkg.log", "status installed @\n"),
    ("logs", "/var/log/auth.log.1", "sudo: COMMAND=login @\n"),
    ("logs", "/var/log/syslog.2.gz", "@"),
    (
        "logs",
        "/var/log/journal/0123456789abcdef0123456789abcdef/system.journal",
        "@",
    ),
    ("logs", "/var/log/cloud-init-output.log", "@\n"),
    ("environment-secrets", "/etc/environment", "BUILD_TOKEN=@\n"),
    (
        "environment-secrets",
        "/etc/profile.d/build.sh",
        "export GITHUB_TOKEN=@\n",
    ),
    (
        "first-boot",
        "/var/lib/cloud/instances/i-0123/user-data.txt",
        "password: @\n",
    ),
    (
        "machine-identity",
        "/etc/machine-id",
        "0123456789abcdef0123456789abcdef\n",
    ),
    ("machine-identity", "/var/lib/systemd/random-seed", "@"),
    (
        "private-keys",
        "/etc/ssh/ssh_host_ed25519_key",
        "-----BEGIN OPENSSH PRIVATE KEY-----\n@AAAAAAAA\n-----END OPENSSH PRIVATE KEY-----\n",
    ),
    (
        "private-keys",
        "/tmp/key",
        "-----BEGIN PRIVATE KEY-----\n@AAAAAAAA\n-----END PRIVATE KEY-----\n",
    ),
    (
        "root-password",
        "/var/backups/shadow.bak",
        "root:$6$@:19000::::::\n",
    ),
];

/// What the clean-up cannot know: in a place of the user's own choice.
pub(crate) const FOREIGN: [(&str, &str, &str); 2] = [
    (
        "private-keys",
        "/opt/app/key.pem",
        "-----BEGIN PRIVATE KEY-----\n@AAAAAAAA\n-----END PRIVATE KEY-----\n",
    ),
    (
        "environment-secrets",
        "/etc/systemd/system/app.service.d/secret.conf",
        "[Service]\nEnvironment=APP_SECRET=@\n",
    ),
];

/// The content of a seed.
pub(crate) fn content(text: &str) -> String {
    // An address has a second one, before the host.
    text.replacen('@', SECRET, 1)
}

/// All of them: point, absolute path, content with the secret for `@`.
pub(crate) fn all() -> impl Iterator<Item = (&'static str, String, &'static str)> {
    let in_homes = HOMES.iter().flat_map(|home| {
        IN_HOMES
            .iter()
            .map(move |(point, path, text)| (*point, format!("{home}/{path}"), *text))
    });
    let anywhere = ANYWHERE
        .iter()
        .chain(&FOREIGN)
        .map(|(point, path, text)| (*point, (*path).to_owned(), *text));
    in_homes.chain(anywhere)
}
