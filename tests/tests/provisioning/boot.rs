//! The cleaned root, booted twice with a real systemd: what no root without a boot can show.

use sindri_tests::lab::Machine;

use crate::stage::{ordinary, provisioned, run};

/// What a cloud does at first boot, and then the questions.
const REPORT: &str = r#"#!/bin/bash
exec >/var/tmp/report 2>&1
ask() {
  printf '%s: %s\n' "$1" "$("${@:2}" 2>&1 | tr '\n' ' ' | sed 's/ $//')"
}
ask machine-id cat /etc/machine-id
ask host-key ssh-keygen -lf /etc/ssh/ssh_host_ed25519_key.pub
for unit in ssh fail2ban ufw unattended-upgrades systemd-journald; do
  ask "$unit" systemctl is-active "$unit"
done
ask firewall bash -c "ufw status | head -n 1"
ask redirects sysctl -n net.ipv4.conf.all.accept_redirects
ask journal bash -c "systemd-analyze cat-config systemd/journald.conf | grep ^SystemMaxUse"
ssh-keygen -q -t ed25519 -N '' -f /run/key
install -d -m 0700 -o ubuntu -g ubuntu ~ubuntu/.ssh
install -m 0600 -o ubuntu -g ubuntu /run/key.pub ~ubuntu/.ssh/authorized_keys
install -d -m 0700 /root/.ssh
install -m 0600 /run/key.pub /root/.ssh/authorized_keys
log_in() {
  ssh -F none -i /run/key -o BatchMode=yes -o StrictHostKeyChecking=no -o UserKnownHostsFile=/dev/null -o LogLevel=ERROR \
    "$1@127.0.0.1" 'id -un; ulimit -n; echo "$SINDRI_HOME"; type -p sindri' 2>/dev/null
}
ask login log_in ubuntu
ask root-login log_in root
"#;
const UNIT: &str = "[Unit]\nAfter=multi-user.target\n[Service]\nType=idle\nTimeoutStartSec=90\nExecStart=/usr/local/sbin/lab-report\nExecStopPost=/usr/bin/systemctl --no-block \
                    poweroff\n[Install]\nWantedBy=multi-user.target\n";

fn boot(image: &Machine) -> String {
    let machine = image.fork();
    machine.put("/usr/local/sbin/lab-report", 0o755, REPORT.as_bytes());
    machine.put("/etc/systemd/system/lab-report.service", 0o644, UNIT.as_bytes());
    machine.ask("systemctl enable lab-report.service 2>/dev/null; rm -f /usr/sbin/policy-rc.d");
    let console = machine.boot();
    let report = machine.ask("cat /var/tmp/report || true");
    assert!(report.contains("root-login"), "{report}\n{console}");
    report
}

fn answer<'a>(report: &'a str, question: &str) -> &'a str {
    let prefix = format!("{question}: ");
    let found = report.lines().find_map(|line| line.strip_prefix(&prefix));
    found.unwrap_or_else(|| panic!("{question}: {report}"))
}

#[test]
fn two_machines_of_one_image_start_their_services_and_share_no_identity() {
    let image = provisioned().fork();
    run(&image, &ordinary(), "90-clean").succeeded();
    let (one, two) = (boot(&image), boot(&image));
    for question in ["machine-id", "host-key"] {
        assert_ne!(answer(&one, question), answer(&two, question));
        assert!(answer(&one, question).len() >= 32, "{one}");
    }
    for report in [&one, &two] {
        for unit in [
            "ssh",
            "fail2ban",
            "ufw",
            "unattended-upgrades",
            "systemd-journald",
        ] {
            assert_eq!(answer(report, unit), "active", "{unit}: {report}");
        }
        assert_eq!(answer(report, "firewall"), "Status: active");
        assert_eq!(answer(report, "redirects"), "0");
        assert_eq!(answer(report, "journal"), "SystemMaxUse=500M");
        // Through the hardened server, PAM and the image's own limits.
        assert!(answer(report, "login").starts_with("ubuntu 65535"), "{report}");
        assert_eq!(answer(report, "root-login"), "", "{report}");
    }
}
