//! Docker from its own repository, of which a local one of the same layout stands for the real one.

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use sindri::provision::{DOCKER_KEY, Docker, ImageContent, Provisioned, provision};
use sindri_tests::lab::{Machine, serve};
use tempfile::TempDir;

use crate::stage::{content, release, run};

/// Packages of the names that Docker's have, signed like Docker's with a key of its own.
const REPOSITORY: &str = r#"
set -eu
arch=$(dpkg --print-architecture)
base=debian/dists/bookworm
mkdir -p pool "$base/stable/binary-$arch" home
chmod 700 home
for name in docker-ce docker-ce-cli containerd.io docker-buildx-plugin docker-compose-plugin; do
  mkdir -p "tree/$name/DEBIAN"
  printf 'Package: %s\nVersion: 99.0\nArchitecture: %s\nMaintainer: lab <lab@localhost>\nDescription: stands for the real one\n' \
    "$name" "$arch" >"tree/$name/DEBIAN/control"
  if [ "$name" = docker-ce ]; then
    mkdir -p "tree/$name/lib/systemd/system"
    printf '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n' >"tree/$name/lib/systemd/system/docker.service"
    printf '#!/bin/sh\ngroupadd --force docker\n' >"tree/$name/DEBIAN/postinst"
    chmod 755 "tree/$name/DEBIAN/postinst"
  fi
  dpkg-deb --root-owner-group -Znone --build "tree/$name" "debian/$name.deb" >/dev/null
  dpkg-deb --field "debian/$name.deb" >>"$base/stable/binary-$arch/Packages"
  printf 'Filename: %s.deb\nSize: %s\nSHA256: %s\n\n' "$name" "$(stat -c %s "debian/$name.deb")" \
    "$(sha256sum "debian/$name.deb" | cut -d ' ' -f 1)" >>"$base/stable/binary-$arch/Packages"
done
file="stable/binary-$arch/Packages"
printf 'Origin: lab\nSuite: bookworm\nCodename: bookworm\nComponents: stable\nArchitectures: %s\nDate: %s\nSHA256:\n %s %s %s\n' "$arch" \
  "$(date -Ru)" "$(sha256sum "$base/$file" | cut -d ' ' -f 1)" "$(stat -c %s "$base/$file")" "$file" >"$base/Release"
gpg="gpg --homedir $PWD/home --batch --quiet"
$gpg --passphrase '' --quick-generate-key lab@localhost rsa2048 sign never 2>/dev/null
$gpg --armor --export >key.asc
$gpg --clearsign --output "$base/InRelease" "$base/Release"
gpgconf --homedir "$PWD/home" --kill all
"#;

fn image(url: &str, key: &str) -> Provisioned {
    let (environment, archives) = (BTreeMap::new(), release());
    provision(&ImageContent {
        docker: Docker::Repository { url, key },
        cis_hardening: false,
        ..content(&environment, &archives)
    })
    .unwrap()
}

#[test]
fn docker_comes_from_its_repository_and_only_with_the_pinned_key() {
    let folder = TempDir::new().unwrap();
    let made = Command::new("bash")
        .args(["-c", REPOSITORY])
        .current_dir(folder.path())
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let key = fs::read_to_string(folder.path().join("key.asc")).unwrap();
    let url = format!("http://127.0.0.1:{}", serve(folder.path()));

    // The real Docker's key: whoever stands in for the repository cannot sign.
    let machine = Machine::debian();
    let ran = run(&machine, &image(&url, DOCKER_KEY), "10-init");
    assert!(ran.cause().contains("'lists of packages'"), "{}", ran.log);
    assert!(ran.log.contains("NO_PUBKEY"), "{}", ran.log);

    run(&machine, &image(&url, &key), "10-init").succeeded();
    machine.keep_archives();
    assert_eq!(
        machine.ask(
            "dpkg-query --show --showformat='${Version} ' docker-ce containerd.io docker-compose-plugin"
        ),
        "99.0 99.0 99.0 "
    );
    assert_eq!(
        machine.ask("id -nG ubuntu | tr ' ' '\\n' | grep -x docker"),
        "docker\n"
    );
    assert_eq!(
        machine.ask("grep -c 'BEGIN PGP' /etc/apt/keyrings/sindri-docker.asc; apt-key list 2>/dev/null | grep -c lab || true"),
        "1\n0\n",
        "trusted for Docker's packages and for no other"
    );
}

#[test]
fn the_key_that_comes_with_sindri_is_dockers() {
    let machine = Machine::debian();
    machine.put("/tmp/key.asc", 0o644, DOCKER_KEY.as_bytes());
    let keys = machine.ask(
        "gpg --homedir /tmp --show-keys --with-colons /tmp/key.asc 2>/dev/null | grep -A1 ^pub | tail -n 1",
    );
    assert_eq!(keys, "fpr:::::::::9DC858229FC7DD38854AE2D88D81803C0EBFCD88:\n");
}
