//! Each kind of secret, one at a time, in a small root of its own.
#![allow(clippy::disallowed_methods)]

use std::path::Path;

use crate::verify::{Expectation, Report, Status, mounted};

const KEY: &str = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5vbmUAAAAEbm9uZQ\n";
const NETRC: &str = "machine git.example login u password hunter2\n";

struct Root(tempfile::TempDir);

impl Root {
    /// A root that passes.
    fn clean() -> Self {
        let root = Self(tempfile::tempdir().unwrap());
        root.write(
            "etc/passwd",
            "root:x:0:0::/root:/bin/bash\nu:x:1000:1000::/home/u:/bin/bash\n",
        );
        root.write("etc/shadow", "root:!:1::::::\nu:!:1::::::\ndaemon:*:1::::::\n");
        root.write("usr/bin/cloud-init", "#!/usr/bin/python3\n");
        root.write("etc/machine-id", "");
        root.write("home/u/.bashrc", "export EDITOR=vi\nTOKEN=$1\n");
        root.write("root/.profile", "umask 022\n");
        root.write("var/log/dpkg.log", "");
        root.write("var/log/auth.log", "session closed for user root\n");
        root.write("home/u/.docker/config.json", r#"{"credsStore": "pass"}"#);
        root.write("home/u/.ssh/authorized_keys", "");
        root.write("home/u/.npmrc", "registry=https://registry.npmjs.org/\n");
        root
    }

    fn write(&self, path: &str, text: &str) {
        let path = self.0.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }

    fn report(&self) -> Report {
        mounted(self.0.path(), Expectation::default()).unwrap()
    }
}

fn failed(report: &Report) -> Vec<&str> {
    report.failed().map(|point| point.id).collect()
}

#[test]
fn a_clean_root_passes_and_says_what_it_cannot_show() {
    let report = Root::clean().report();
    assert!(report.holds(), "{report:#?}");
    let status = |id: &str| report.points.iter().find(|point| point.id == id).unwrap().status;
    assert_eq!(status("hardening"), Status::NotApplicable);
    assert_eq!(status("vulnerability-scan"), Status::NotShown);
    assert_eq!(report.count(Status::Pass), report.points.len() - 2);
}

#[test]
fn each_secret_is_found_by_its_point_at_its_place_and_never_printed() {
    for (point, path, text) in [
        ("root-password", "etc/shadow-", "root:$y$j9T$hunter2:1::::::\n"),
        (
            "root-password",
            "var/backups/shadow.bak",
            "u:$y$j9T$hunter2:1::::::\n",
        ),
        (
            "root-password",
            "etc/passwd",
            "root:x:0:0::/root:/bin/bash\nu::1000:1000::/home/u:/bin/bash\n",
        ),
        ("registry-credentials", "etc/apt/auth.conf.d/mirror.conf", "x"),
        ("registry-credentials", "home/u/.pgpass", "x"),
        ("root-password", "etc/shadow", "root:$y$j9T$hunter2:1::::::\n"),
        ("root-password", "etc/shadow", "root:!:1::::::\nu::1::::::\n"),
        ("root-password", "etc/shadow", "u:!:1::::::\n"),
        (
            "authorized-keys",
            "root/.ssh/authorized_keys",
            "# k\nssh-ed25519 AAAA b\n",
        ),
        (
            "authorized-keys",
            "home/gone/.ssh/authorized_keys2",
            "ssh-rsa AAAA\n",
        ),
        ("authorized-keys", "etc/ssh/authorized_keys/u", "ssh-rsa AAAA\n"),
        ("cloud-credentials", "root/.aws/credentials", "hunter2"),
        ("cloud-credentials", "home/u/.aws/sso/cache/1.json", "{}"),
        ("cloud-credentials", "home/u/.azure/msal_token_cache.json", "{}"),
        ("cloud-credentials", "home/u/.config/gcloud/credentials.db", "x"),
        ("cloud-credentials", "home/u/.oci/config", "x"),
        ("cloud-credentials", "root/.aliyun/config.json", "x"),
        ("cloud-credentials", "home/u/.kube/config", "x"),
        ("shell-history", "root/.bash_history", "mysql -p hunter2\n"),
        ("shell-history", "home/u/.zsh_history", "x"),
        ("shell-history", "home/u/.local/share/fish/fish_history", "x"),
        ("logs", "var/log/dpkg.log", "install\n"),
        ("logs", "var/log/auth.log.1", "x"),
        ("logs", "var/log/syslog.2.gz", "x"),
        ("logs", "var/log/journal/0123/system.journal", "x"),
        ("logs", "var/log/cloud-init-output.log", "x"),
        ("logs", "var/log/app/app.log", "x"),
        (
            "logs",
            "var/log/auth.log",
            "COMMAND=curl https://u:hunter2@host/\n",
        ),
        (
            "git-credentials",
            "root/.git-credentials",
            "https://u:hunter2@git.example\n",
        ),
        ("git-credentials", "home/u/.netrc", NETRC),
        ("git-credentials", "home/u/.config/gh/hosts.yml", "x"),
        (
            "git-credentials",
            "opt/app/.git/config",
            "url = https://u:hunter2@git.example/a\n",
        ),
        (
            "git-credentials",
            "home/u/.gitconfig",
            "\textraheader = AUTHORIZATION: basic aHVudGVyMg==\n",
        ),
        (
            "docker-credentials",
            "root/.docker/config.json",
            r#"{"auths":{"r":{"auth":"aHVudGVyMg=="}}}"#,
        ),
        ("docker-credentials", "home/u/.docker/config.json", "not json"),
        (
            "docker-credentials",
            "home/u/.config/containers/auth.json",
            r#"{"auths":{"r":{"auth":"aHVudGVyMg=="}}}"#,
        ),
        ("private-keys", "root/.ssh/id_ed25519", KEY),
        ("private-keys", "home/u/project/deploy.pem", KEY),
        (
            "private-keys",
            "opt/app/settings.json",
            r#"{"private_key": "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkq\n"}"#,
        ),
        ("private-keys", "etc/ssl/private/server.key", KEY),
        ("private-keys", "var/lib/app/key", KEY),
        ("private-keys", "tmp/key", KEY),
        ("private-keys", "home/u/store.p12", "x"),
        ("private-keys", "home/u/.gnupg/private-keys-v1.d/AA.key", "x"),
        ("private-keys", "etc/ssh/ssh_host_ed25519_key", KEY),
        ("environment-secrets", "etc/environment", "DB_PASSWORD=hunter2\n"),
        (
            "environment-secrets",
            "etc/profile.d/build.sh",
            "export API_TOKEN=hunter2\n",
        ),
        (
            "environment-secrets",
            "home/u/.bashrc",
            "export AWS_SECRET_ACCESS_KEY='hunter2'\n",
        ),
        ("environment-secrets", "home/u/app/.env", "SECRET_KEY=hunter2\n"),
        (
            "environment-secrets",
            "etc/systemd/system/a.service.d/o.conf",
            "[Service]\nEnvironment=TOKEN=hunter2\n",
        ),
        (
            "environment-secrets",
            "etc/apt/apt.conf.d/99proxy",
            "Acquire::http::Proxy \"http://u:hunter2@p:1\";\n",
        ),
        ("first-boot", "var/lib/cloud/instances/i-1/user-data.txt", "x"),
        ("first-boot", "etc/cloud/cloud-init.disabled", ""),
        (
            "registry-credentials",
            "home/u/.npmrc",
            "//registry.npmjs.org/:_authToken=hunter2\n",
        ),
        ("registry-credentials", "root/.pypirc", "x"),
        ("registry-credentials", "home/u/.cargo/credentials.toml", "x"),
        (
            "machine-identity",
            "etc/machine-id",
            "0123456789abcdef0123456789abcdef\n",
        ),
        ("machine-identity", "var/lib/systemd/random-seed", "x"),
        ("machine-identity", "var/lib/dhcp/dhclient.leases", "x"),
    ] {
        let root = Root::clean();
        root.write(path, text);
        let report = root.report();
        assert_eq!(failed(&report), [point], "{path}: {report:#?}");
        let place = format!("/{path}");
        let evidence: Vec<_> = report.failed().flat_map(|point| &point.evidence).collect();
        assert!(
            evidence.iter().any(|evidence| evidence.path == place),
            "{path}: {evidence:?}"
        );
        let everything = serde_json::to_string(&report).unwrap();
        assert!(
            !everything.contains("hunter2") && !everything.contains("aHVudGVyMg"),
            "{everything}"
        );
    }
}

#[test]
fn what_is_missing_or_cannot_be_read_does_not_pass() {
    let root = Root::clean();
    std::fs::remove_file(root.0.path().join("etc/shadow")).unwrap();
    assert_eq!(failed(&root.report()), ["root-password"]);
    let root = Root::clean();
    std::fs::remove_file(root.0.path().join("usr/bin/cloud-init")).unwrap();
    assert_eq!(failed(&root.report()), ["first-boot"]);
    let root = Root::clean();
    root.write("home/u/.gitconfig", &"# x\n".repeat(1 << 19));
    assert_eq!(
        failed(&root.report()),
        ["git-credentials"],
        "too large to be read"
    );
    let empty = tempfile::tempdir().unwrap();
    assert!(!mounted(empty.path(), Expectation::default()).unwrap().holds());
    assert!(mounted(Path::new("/nonexistent"), Expectation::default()).is_err());
}

#[test]
fn a_home_behind_a_link_is_a_home() {
    let root = Root::clean();
    root.write("data/u/.aws/credentials", "x");
    std::fs::remove_dir_all(root.0.path().join("home")).unwrap();
    std::os::unix::fs::symlink("/data", root.0.path().join("home")).unwrap();
    assert_eq!(failed(&root.report()), ["cloud-credentials"]);
}

#[test]
fn a_scan_counts_that_has_judged_something() {
    let root = Root::clean();
    for (report, holds) in [
        ("<r><result>pass</result></r>", true),
        ("<r><result>notapplicable</result></r>", false),
        ("", false),
        ("<r><result>pass</result>cut of", false),
    ] {
        let expectation = Expectation {
            scan: Some(report.to_owned()),
            ..Expectation::default()
        };
        assert_eq!(
            mounted(root.0.path(), expectation).unwrap().holds(),
            holds,
            "{report}"
        );
    }
}

#[test]
fn promised_hardening_that_is_not_there_fails() {
    let expectation = Expectation {
        hardened: Some(true),
        ..Expectation::default()
    };
    let report = mounted(Root::clean().0.path(), expectation).unwrap();
    assert_eq!(failed(&report), ["hardening"]);
}
