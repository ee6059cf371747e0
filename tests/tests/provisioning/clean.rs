//! The clean-up against every kind of secret of the checklist, for several accounts.

use std::collections::BTreeMap;

use sindri::provision::{ImageContent, provision};
use sindri_tests::lab::{Machine, Surroundings};

use crate::stage::{content, ordinary, provisioned, release, run, script};

/// Accounts with a home: the administrator, two logins, a service, and a home whose account is gone.
const HOMES: [&str; 5] = [
    "/root",
    "/home/ubuntu",
    "/home/second user",
    "/var/lib/service",
    "/home/gone",
];

/// Files below each home that hold nothing but secrets.
const FILES: &[&str] = &[
    ".aws/credentials",
    ".aws/config",
    ".aws/sso/cache/token.json",
    ".azure/msal_token_cache.json",
    ".azure/accessTokens.json",
    ".config/gcloud/credentials.db",
    ".config/gcloud/access_tokens.db",
    ".oci/config",
    ".oci/sessions/DEFAULT/token",
    ".oci/key.pem",
    ".aliyun/config.json",
    ".kube/config",
    ".docker/config.json",
    ".netrc",
    ".git-credentials",
    ".config/git/credentials",
    ".config/gh/hosts.yml",
    ".npmrc",
    ".yarnrc.yml",
    ".pypirc",
    ".cargo/credentials.toml",
    ".cargo/credentials",
    ".terraform.d/credentials.tfrc.json",
    ".terraformrc",
    ".vault-token",
    ".ansible/tmp/x",
    ".env",
    ".env.local",
    ".env.production",
    ".sindri/secrets/x",
    ".sindri/cache/x",
    ".cache/pip/x",
    ".gnupg/private-keys-v1.d/a.key",
    ".pgpass",
    ".my.cnf",
    ".m2/settings.xml",
    ".gradle/gradle.properties",
    ".config/rclone/rclone.conf",
    ".password-store/a.gpg",
    ".ssh/authorized_keys",
    ".ssh/id_ed25519",
    ".ssh/known_hosts",
    ".ssh/config",
    ".ssh/environment",
    ".bash_history",
    ".zsh_history",
    ".python_history",
    ".node_repl_history",
    ".psql_history",
    ".mysql_history",
    ".sqlite_history",
    ".lesshst",
    ".viminfo",
    ".wget-hsts",
    ".histfile",
    ".local/share/fish/fish_history",
    ".local/state/python_history",
    ".pam_environment",
    ".local/share/keyrings/login.keyring",
    ".claude.json",
    ".config/containers/auth.json",
];

/// Files of the system.
const SYSTEM: &[&str] = &[
    "/etc/apt/auth.conf",
    "/etc/apt/auth.conf.d/mirror.conf",
    "/etc/krb5.keytab",
    "/var/lib/cloud/instances/i-1/user-data.txt",
    "/var/lib/cloud/seed/nocloud/user-data",
    "/var/lib/cloud/data/status.json",
    "/var/log/cloud-init-output.log",
    "/var/log/cloud-init.log",
    "/var/log/syslog",
    "/var/log/auth.log.1",
    "/var/log/syslog.2.gz",
    "/var/log/messages-20260101",
    "/var/log/app/app.log",
    "/var/log/journal/0/system.journal",
    "/var/log/wtmp",
    "/var/log/btmp",
    "/var/log/sudo.log",
    "/tmp/key",
    "/var/tmp/key",
    "/tmp/.hidden/key",
    "/var/mail/root",
    "/var/crash/x.crash",
    "/var/lib/systemd/coredump/core.x",
    "/var/backups/shadow.bak",
    "/etc/shadow-",
    "/etc/gshadow-",
    "/var/lib/dhcp/dhclient.leases",
    "/var/lib/systemd/credential.secret",
    "/var/lib/systemd/random-seed",
    "/var/lib/ubuntu-advantage/private/machine-token.json",
    "/var/lib/apt/lists/partial/x",
    "/var/cache/apt/archives/x.deb",
    "/var/lib/sudo/lectured/ubuntu",
    "/etc/ssh/ssh_host_rsa_key",
    "/etc/ssh/ssh_host_dsa_key.pub",
    "/etc/docker/key.json",
    "/var/lib/dbus/machine-id",
    "/etc/machine-id",
];

/// Files that stay, with lines that must not.
const LINES: &[(&str, &str)] = &[
    (".bashrc", "export AWS_SECRET_ACCESS_KEY=CANARY"),
    (".profile", "GITHUB_TOKEN=CANARY; export GITHUB_TOKEN"),
    (".zshrc", "  export db_password='CANARY'"),
    (".config/environment.d/x.conf", "API_KEY=CANARY"),
    (".config/fish/config.fish", "set -gx OPENAI_API_KEY CANARY"),
];

/// What no clean-up of secrets may take.
const KEPT: &[(&str, &str)] = &[
    (".bashrc", "alias ll='ls -l' # kept"),
    (".gitconfig", "[user]\n\tname = kept\n"),
    (".config/app/settings.toml", "theme = \"kept\"\n"),
    ("project/main.rs", "fn main() {} // kept\n"),
];

/// Every canary is a text of its own, so that what survives says where it was.
struct Seeds {
    canaries: BTreeMap<String, String>,
    script: String,
}

impl Seeds {
    fn new() -> Self {
        let mut seeds = Self {
            canaries: BTreeMap::new(),
            script: "set -eu\nuseradd -m -d '/home/second user' -s /bin/zsh second\nuseradd -r -m -d /var/lib/service -s /usr/sbin/nologin \
                     service\nmkdir -p /home/gone\n"
                .to_owned(),
        };
        for home in HOMES {
            for file in FILES {
                seeds.file(&format!("{home}/{file}"));
            }
            for (file, line) in LINES {
                seeds.line(&format!("{home}/{file}"), line);
            }
            // By what it is, wherever it lies and whatever it is called.
            for (index, kind) in ["RSA PRIVATE", "OPENSSH PRIVATE", "EC PRIVATE", "PRIVATE"]
                .iter()
                .enumerate()
            {
                let path = format!("{home}/project/deep er/deploy-{index}.txt");
                let canary = seeds.canary(&path);
                seeds.write(
                    &path,
                    &format!("-----BEGIN {kind} KEY-----\n{canary}\n-----END {kind} KEY-----\n"),
                );
            }
            let path = format!("{home}/project/putty.ppk");
            let canary = seeds.canary(&path);
            seeds.write(&path, &format!("PuTTY-User-Key-File-3: ssh-ed25519\n{canary}\n"));
            let path = format!("{home}/.config/git/config");
            let canary = seeds.canary(&path);
            seeds.write(
                &path,
                &format!("[url \"https://user:{canary}@github.com/\"]\n\tinsteadOf = https://github.com/\n"),
            );
            for (file, text) in KEPT {
                seeds.append(&format!("{home}/{file}"), text);
            }
        }
        for file in SYSTEM {
            seeds.file(file);
        }
        for (file, line) in [
            ("/etc/environment", "SLACK_TOKEN=CANARY"),
            ("/etc/profile.d/build.sh", "export NPM_TOKEN=CANARY"),
            ("/etc/environment.d/50-build.conf", "VAULT_PASSWORD=CANARY"),
        ] {
            seeds.line(file, line);
        }
        let canary = seeds.canary("root's password");
        seeds
            .script
            .push_str(&format!("usermod --password '$6${canary}' root\n"));
        seeds
    }

    fn canary(&mut self, place: &str) -> String {
        let canary = format!("canary-{:04}-c0ffee", self.canaries.len());
        self.canaries.insert(canary.clone(), place.to_owned());
        canary
    }

    fn file(&mut self, path: &str) {
        let canary = self.canary(path);
        self.write(path, &canary);
    }

    fn line(&mut self, path: &str, line: &str) {
        let canary = self.canary(path);
        self.append(path, &line.replace("CANARY", &canary));
    }

    fn write(&mut self, path: &str, text: &str) {
        self.put(path, text, ">");
    }

    fn append(&mut self, path: &str, text: &str) {
        self.put(path, text, ">>");
    }

    fn put(&mut self, path: &str, text: &str, redirection: &str) {
        let (path, text) = (path.replace('\'', "'\\''"), text.replace('\'', "'\\''"));
        let line = format!(
            "path='{path}'; mkdir -p \"${{path%/*}}\"; printf '%s\\n' '{text}' {redirection}\"$path\"\n"
        );
        self.script.push_str(&line);
    }

    fn found(&self, machine: &Machine) -> Vec<String> {
        let texts: Vec<_> = self.canaries.keys().cloned().collect();
        machine.holding(&texts)
    }
}

#[test]
fn no_secret_of_any_kind_of_any_account_survives() {
    let machine = provisioned().fork();
    let seeds = Seeds::new();
    assert!(seeds.canaries.len() > 350, "{}", seeds.canaries.len());
    machine
        .run(
            &format!("#!/bin/bash\n{}", seeds.script),
            &Surroundings::default(),
        )
        .succeeded();
    let planted = seeds.found(&machine);
    assert!(
        planted.len() > 330,
        "the search finds what is there: {}",
        planted.len()
    );

    run(&machine, &ordinary(), "90-clean").succeeded();
    assert_eq!(seeds.found(&machine), [""; 0], "{:#?}", seeds.canaries);

    for home in HOMES {
        for (file, text) in KEPT {
            let found = machine.ask(&format!("cat '{home}/{file}'"));
            assert!(found.contains(text), "{home}/{file}: {found}");
        }
    }
    // The image can still be logged in to, with what the cloud brings at first boot.
    let shadow = machine.ask("getent shadow root ubuntu second");
    assert!(shadow.starts_with("root:!*:"), "{shadow}");
    assert_eq!(
        machine.ask("getent passwd ubuntu | cut -d: -f6,7"),
        "/home/ubuntu:/bin/bash\n"
    );
    assert_eq!(
        machine.ask("stat -c '%U %a' /home/ubuntu /tmp /var/tmp"),
        "ubuntu 700\nroot 1777\nroot 1777\n".replace("700", machine.ask("stat -c %a /home/ubuntu").trim())
    );
    assert_eq!(
        machine.ask("stat -c '%s' /etc/machine-id; readlink /var/lib/dbus/machine-id"),
        "0\n/etc/machine-id\n"
    );
    assert_eq!(
        machine.ask("ls /etc/ssh | grep host_ || true; ls -A /tmp /var/tmp | grep -v : | tr -d '\\n'"),
        ""
    );
    assert_eq!(machine.ask("find /var/log -type f -size +0 | head -n 3"), "");
    assert_eq!(
        machine.ask("systemctl is-enabled sindri-ssh-host-keys.service"),
        "enabled\n"
    );
}

/// The unit writes a new seed when it stops, at the latest when the machine does: all instances would begin with it.
#[test]
fn no_random_seed_is_written_after_the_clean_up() {
    let machine = provisioned().fork();
    let seed = "/var/lib/systemd/random-seed";
    let systemctl = format!(
        "#!/bin/bash\ncase \"$*\" in\n*'is-active systemd-random-seed.service') [ ! -e /var/lib/lab-stopped ] ;;\n\
         'stop systemd-random-seed.service') echo seed >{seed}; touch /var/lib/lab-stopped ;;\n*) exec /usr/bin/systemctl \"$@\" ;;\nesac\n"
    );
    machine.put("/usr/local/sbin/systemctl", 0o755, systemctl.as_bytes());
    run(&machine, &ordinary(), "90-clean").succeeded();
    // As at the machine's end.
    machine.ask("if systemctl --quiet is-active systemd-random-seed.service; then systemctl stop systemd-random-seed.service; fi");
    assert_eq!(
        machine.ask(&format!("ls {seed} /var/lib/lab-stopped 2>/dev/null || true")),
        "/var/lib/lab-stopped\n"
    );
}

#[test]
fn keys_and_credentials_stay_where_the_user_says_so() {
    let machine = provisioned().fork();
    machine.ask("mkdir -p /home/ubuntu/.ssh /home/ubuntu/.aws; echo k >/home/ubuntu/.ssh/authorized_keys; echo c >/home/ubuntu/.aws/config; echo '-----BEGIN OPENSSH PRIVATE KEY-----' >/home/ubuntu/.ssh/id");
    let (environment, archives) = (BTreeMap::new(), release());
    let lenient = |data, keys| {
        provision(&ImageContent {
            clean_sensitive_data: data,
            remove_ssh_keys: keys,
            ..content(&environment, &archives)
        })
        .unwrap()
    };
    run(&machine, &lenient(false, false), "90-clean").succeeded();
    assert_eq!(
        machine.ask("cat /home/ubuntu/.ssh/authorized_keys /home/ubuntu/.aws/config"),
        "k\nc\n"
    );
    run(&machine, &lenient(true, false), "90-clean").succeeded();
    assert_eq!(
        machine.ask("ls -A /home/ubuntu/.ssh; ls -d /home/ubuntu/.aws 2>/dev/null || true"),
        "authorized_keys\nid\n"
    );
    assert_ne!(machine.ask("ls /etc/ssh | grep host_"), "");
}

/// Values reach every script, through a file that is gone afterwards; the image must not have them. Base64 and hex are
/// what a provisioner might have written them as.
#[test]
fn values_of_the_environment_are_nowhere_in_the_image() {
    let secret = "correct-horse-battery-staple";
    let environment = BTreeMap::from([("TOKEN".to_owned(), secret.to_owned())]);
    let archives = release();
    let provisioned_content = provision(&content(&environment, &archives)).unwrap();
    let machine = crate::stage::after_init().fork();
    let with_secret = Surroundings {
        environment: &[("TOKEN", secret)],
        ..Surroundings::default()
    };
    crate::stage::upload(&machine, &provisioned_content);
    for name in ["20-install-sindri", "40-harden"] {
        machine
            .run(&script(&provisioned_content, name), &with_secret)
            .succeeded();
    }
    machine.ask(&format!("mkdir -p /opt/app; echo {secret} >/opt/app/token"));
    let ran = machine
        .run(&script(&provisioned_content, "90-clean"), &with_secret)
        .succeeded();
    assert!(
        ran.log
            .contains("NOTE: the value of TOKEN stands in /opt/app/token"),
        "{}",
        ran.log
    );
    assert!(!ran.log.contains(secret), "{}", ran.log);
    let hex: String = secret.bytes().map(|byte| format!("{byte:02x}")).collect();
    let forms = [
        secret.to_owned(),
        hex,
        "Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5LXN0YXBsZ".to_owned(),
    ];
    assert_eq!(machine.holding(&forms), ["./opt/app/token"]);
}
