//! Packages of the image. All are signed by the distribution or by Docker: no script from the web.

use super::Docker;

const BASE: &[&str] = &[
    "apt-transport-https",
    "build-essential",
    "ca-certificates",
    "curl",
    "git",
    "gnupg",
    "jq",
    "libssl-dev",
    "lsb-release",
    "pkg-config",
    "sudo",
    "unattended-upgrades",
    "unzip",
    "wget",
];
const DOCKER: &[&str] = &[
    "containerd.io",
    "docker-buildx-plugin",
    "docker-ce",
    "docker-ce-cli",
    "docker-compose-plugin",
];
const DISTRIBUTIONS_DOCKER: &[&str] = &["docker.io"];
const ANSIBLE: &[&str] = &["ansible-core"];
/// What the hardening script configures.
pub(super) const HARDENING: &[&str] = &[
    "apparmor",
    "auditd",
    "fail2ban",
    "libpam-pwquality",
    "openssh-server",
    "python3-systemd",
    "sudo",
    "ufw",
];

/// Everything that an image of this kind needs, for one transaction of the package manager.
pub(super) fn of(docker: Docker<'_>, ansible: bool, hardening: bool) -> Vec<&'static str> {
    let docker = match docker {
        Docker::Repository { .. } => DOCKER,
        Docker::Distribution => DISTRIBUTIONS_DOCKER,
    };
    let mut packages = [BASE, docker].concat();
    if ansible {
        packages.extend(ANSIBLE);
    }
    if hardening {
        packages.extend(HARDENING);
    }
    packages.sort_unstable();
    packages.dedup();
    packages
}
