//! Each script alone, and twice in a row.

use std::collections::BTreeMap;

use sindri::provision::{Upload, UploadSource, UserFile, provision};

use crate::stage::{after_init, content, ordinary, provisioned, release, run, upload};

#[test]
fn init_brings_a_container_engine_users_limits_and_the_time_zone() {
    let machine = after_init();
    assert_eq!(
        machine.ask("id -nG ubuntu | tr ' ' '\\n' | grep -x docker"),
        "docker\n"
    );
    assert_eq!(
        machine.ask("stat -c '%U:%G %a' /home/ubuntu/.sindri/state"),
        "ubuntu:ubuntu 755\n"
    );
    assert_eq!(machine.ask("cat /etc/timezone; date +%Z"), "Etc/UTC\nUTC\n");
    assert_eq!(
        machine.ask("HOME=/root bash -lc 'echo $SINDRI_HOME; type -p docker'"),
        "/root/.sindri\n/usr/bin/docker\n"
    );
    // What a real login gets, through PAM.
    assert_eq!(
        machine.ask("su - ubuntu -c 'ulimit -n; echo $SINDRI_STATE_DIR'"),
        "65535\n/home/ubuntu/.sindri/state\n"
    );
    assert_eq!(
        machine.ask("systemctl is-enabled docker.service unattended-upgrades.service"),
        "enabled\nenabled\n"
    );
    let journal = machine.ask("cat /etc/systemd/journald.conf.d/*.conf");
    assert!(journal.contains("SystemMaxUse=500M"), "{journal}");
    let periodic = machine.ask("apt-config dump APT::Periodic");
    assert!(
        periodic.contains("APT::Periodic::Unattended-Upgrade \"1\""),
        "{periodic}"
    );
}

#[test]
fn hardening_leaves_key_logins_sudo_containers_and_snaps_alone() {
    let machine = provisioned();
    let sshd = machine.ask("mkdir -p /run/sshd; sshd -T -C user=ubuntu,host=x,addr=127.0.0.1");
    for line in [
        "permitrootlogin no",
        "passwordauthentication no",
        "pubkeyauthentication yes",
        "maxauthtries 4",
        "x11forwarding no",
        "usepam yes",
    ] {
        assert!(sshd.lines().any(|found| found == line), "{line}: {sshd}");
    }
    assert_eq!(
        machine.ask("echo 'ubuntu ALL=(ALL) NOPASSWD:ALL' >/etc/sudoers.d/90-cloud; su - ubuntu -c 'sudo -n id -u'; rm /etc/sudoers.d/90-cloud"),
        "0\n"
    );
    let modules = machine.ask("cat /etc/modprobe.d/50-sindri-cis.conf");
    for needed in ["squashfs", "overlay", "br_netfilter", "nf_conntrack", "veth"] {
        assert!(!modules.contains(needed), "{needed}");
    }
    let sysctl = machine.ask("cat /etc/sysctl.d/90-sindri-cis.conf");
    assert!(!sysctl.contains("ip_forward"), "containers need it");
    assert_eq!(
        machine
            .ask("grep -h ENABLED /etc/ufw/ufw.conf; grep -A1 -h 'dport 22' /etc/ufw/user.rules | head -n 1"),
        "ENABLED=yes\n-A ufw-user-input -p tcp --dport 22 -j ACCEPT\n"
    );
    assert_eq!(
        machine.ask("systemctl is-enabled apparmor auditd fail2ban ufw"),
        "enabled\nenabled\nenabled\nenabled\n"
    );
    // A password login fails five times, then even the right password is refused.
    let preauth = machine.ask("grep -n faillock /etc/pam.d/common-auth /etc/pam.d/common-account");
    assert_eq!(preauth.lines().count(), 3, "{preauth}");
    machine.ask("fail2ban-client -d >/dev/null && auditctl -h >/dev/null; visudo -cq");
}

/// A second run must neither fail nor pile lines up in files.
#[test]
fn every_script_twice_changes_nothing_the_second_time() {
    let machine = provisioned().fork();
    let ordinary = ordinary();
    let before = machine.content();
    assert!(
        before.len() > 20_000,
        "the listing itself works: {}",
        before.len()
    );
    for name in ["10-init", "20-install-sindri", "40-harden"] {
        upload(&machine, &ordinary);
        run(&machine, &ordinary, name).succeeded();
        // The program of the release notes each time that it was asked.
        machine.ask("rm -f /home/ubuntu/sindri-was-asked");
        let after = machine.content();
        let changed: Vec<_> = after
            .iter()
            .filter(|line| before.binary_search(line).is_err())
            .filter(|line| !line.contains("/var/lib/apt/") && !line.contains("sindri-was-asked"))
            .collect();
        assert!(changed.is_empty(), "{name}: {changed:#?}");
    }
    run(&machine, &ordinary, "90-clean").succeeded();
    let cleaned = machine.content();
    run(&machine, &ordinary, "90-clean").succeeded();
    let again = machine.content();
    let changed: Vec<_> = again
        .iter()
        .filter(|line| cleaned.binary_search(line).is_err())
        .collect();
    assert!(changed.is_empty(), "90-clean: {changed:#?}");
}

#[test]
fn uploads_arrive_byte_for_byte_with_the_mode_that_their_kind_needs() {
    let machine = after_init().fork();
    let bytes: Vec<u8> = (0..=255).cycle().take(100_000).collect();
    let file = |name: &str, content: &[u8]| UserFile {
        name: name.to_owned(),
        content: content.to_vec(),
    };
    let program = b"\x7fELF\x00\xff\xfe";
    let uploads = [
        Upload {
            source: UploadSource::File(file("data.bin", &bytes)),
            destination: "/opt/it's $HOME/data.bin".to_owned(),
        },
        Upload {
            source: UploadSource::Directory(vec![
                file("run", b"#!/bin/sh\ntrue\n"),
                file("deep/tool", program),
                file("deep/empty", b""),
            ]),
            destination: "/opt/tools".to_owned(),
        },
    ];
    let (environment, archives) = (BTreeMap::new(), release());
    let provisioned = provision(&sindri::provision::ImageContent {
        uploads: &uploads,
        ..content(&environment, &archives)
    })
    .unwrap();
    upload(&machine, &provisioned);
    run(&machine, &provisioned, "15-files").succeeded();
    assert_eq!(
        machine.ask("cd /opt; stat -c '%a %U %s %n' tools/run tools/deep/tool tools/deep/empty \"it's \\$HOME/data.bin\""),
        "755 root 15 tools/run\n755 root 7 tools/deep/tool\n644 root 0 tools/deep/empty\n644 root 100000 it's $HOME/data.bin\n"
    );
    let digest = sindri::digest::sha256(&bytes);
    assert!(
        machine
            .ask("sha256sum \"/opt/it's \\$HOME/data.bin\"")
            .contains(&digest)
    );
    assert_eq!(machine.ask("ls /tmp | grep sindri-files || true"), "");
}
