//! The laboratory itself: the other tests mean nothing where it does not hold.
#![allow(
    clippy::disallowed_methods,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used
)]

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use sindri_tests::lab::{Moto, Sshd};

/// A key pair of the local EC2, its private half in a file.
fn key_pair(moto: &Moto, name: &str, folder: &Path) -> PathBuf {
    let keys = moto.query(
        "CreateKeyPair",
        &[("KeyName", name), ("KeyType", "ed25519")],
        "keyMaterial",
    );
    let path = folder.join(name);
    fs::write(&path, &keys[0]).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    path
}

#[test]
fn a_fresh_ec2_has_base_images_for_both_architectures_and_no_leftovers() {
    let moto = Moto::start();
    assert_eq!(moto.leftovers(), [""; 0]);
    for (architecture, newest) in [
        ("x86_64", "ami-0aaaaaaaaaaaaaa01"),
        ("arm64", "ami-0bbbbbbbbbbbbbb01"),
    ] {
        let parameters = [
            ("Owner.1", "099720109477"),
            ("Filter.1.Name", "architecture"),
            ("Filter.1.Value.1", architecture),
            ("Filter.2.Name", "name"),
            (
                "Filter.2.Value.1",
                "ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-*-server-*",
            ),
        ];
        let images = moto.query("DescribeImages", &parameters, "imageId");
        assert!(
            images.len() == 2 && images.contains(&newest.to_owned()),
            "{architecture}: {images:?}"
        );
    }
}

#[test]
fn every_kind_of_leftover_is_seen_until_it_is_removed() {
    let moto = Moto::start();
    let region = moto.region();
    let one = |action: &str, parameters: &[(&str, &str)], element: &str| -> String {
        moto.query(action, parameters, element).remove(0)
    };
    let count = |kind: &str| {
        moto.leftovers()
            .iter()
            .filter(|line| line.starts_with(&format!("{region} {kind} ")))
            .count()
    };

    let image = ("ImageId", "ami-0aaaaaaaaaaaaaa01");
    let instance = one(
        "RunInstances",
        &[image, ("MinCount", "1"), ("MaxCount", "1")],
        "instanceId",
    );
    let group = [("GroupName", "a b&c"), ("GroupDescription", "d")];
    let group = one("CreateSecurityGroup", &group, "groupId");
    moto.call("CreateKeyPair", &[("KeyName", "k")]);
    let made = one(
        "CreateImage",
        &[("InstanceId", &instance), ("Name", "made")],
        "imageId",
    );
    moto.call_in("us-east-1", "CreateKeyPair", &[("KeyName", "elsewhere")]);
    for kind in [
        "instance",
        "security group",
        "key pair",
        "image",
        "snapshot",
        "volume",
    ] {
        assert_eq!(count(kind), 1, "{kind}: {:?}", moto.leftovers());
    }
    assert!(
        moto.leftovers()
            .contains(&format!("{region} security group a b&c"))
    );
    assert!(
        moto.leftovers()
            .contains(&"us-east-1 key pair elsewhere".to_owned())
    );

    let described = moto.call("DescribeImages", &[("ImageId.1", &made)]);
    let snapshot = described
        .split("<snapshotId>")
        .nth(1)
        .unwrap()
        .split('<')
        .next()
        .unwrap();
    moto.call("TerminateInstances", &[("InstanceId.1", &instance)]);
    moto.call("DeleteSecurityGroup", &[("GroupId", &group)]);
    moto.call("DeleteKeyPair", &[("KeyName", "k")]);
    moto.call_in("us-east-1", "DeleteKeyPair", &[("KeyName", "elsewhere")]);
    moto.call("DeregisterImage", &[("ImageId", &made)]);
    assert_eq!(moto.leftovers(), [format!("{region} snapshot {snapshot}")]);
    moto.call("DeleteSnapshot", &[("SnapshotId", snapshot)]);
    assert_eq!(moto.leftovers(), [""; 0]);
}

#[test]
fn the_throw_away_vm_takes_a_key_of_the_ec2_and_changes_nothing_outside() {
    let moto = Moto::start();
    let sshd = Sshd::start(&moto);
    let folder = tempfile::tempdir().unwrap();
    let key = key_pair(&moto, "known", folder.path());

    let output = sshd.ssh(&key, "sudo -n id -u && id -un && hostname");
    let text = String::from_utf8_lossy(&output.stdout);
    assert_eq!(
        text,
        "0\nubuntu\nsindri-lab\n",
        "{}{}",
        String::from_utf8_lossy(&output.stderr),
        sshd.log()
    );

    let mark = "/etc/sindri-lab-mark";
    let passwd = fs::read("/etc/passwd").unwrap();
    let script = format!(
        "sudo -n sh -c 'echo inside >{mark}; rm -f /etc/ssh/ssh_host_* /etc/debian_version; echo x >/tmp/y'"
    );
    assert!(sshd.ssh(&key, &script).status.success());
    assert_eq!(
        fs::read_to_string(sshd.changed(mark).unwrap()).unwrap(),
        "inside\n"
    );
    assert!(!Path::new(mark).exists());
    assert_eq!(
        fs::read("/etc/passwd").unwrap(),
        passwd,
        "the user was made outside"
    );
    assert!(!Path::new("/tmp/y").exists() && sshd.changed("/etc/motd").is_none());
    assert!(Path::new("/etc/debian_version").exists() && sshd.changed("/etc/debian_version").is_some());
    // Reconnecting works after the scripts removed the machine's own host keys.
    assert!(sshd.ssh(&key, "test ! -e /etc/debian_version").status.success());

    moto.call("DeleteKeyPair", &[("KeyName", "known")]);
    assert!(
        !sshd.ssh(&key, "true").status.success(),
        "a deleted key pair still opens the door"
    );
}

#[test]
fn a_dropped_vm_leaves_no_process_and_no_mount() {
    let moto = Moto::start();
    let sshd = Sshd::start(&moto);
    let port = sshd.port();
    let folder = sshd.changed("/etc").unwrap();
    drop(sshd);
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
    assert!(!folder.exists(), "the overlay's folders stay behind");
    let folder = folder.parent().unwrap().parent().unwrap().display().to_string();
    assert!(!fs::read_to_string("/proc/mounts").unwrap().contains(&folder));
}
