use super::*;

const STATUS: &str = "Package: libc6
Status: install ok installed
Maintainer: GNU Libc Maintainers <debian-glibc@lists.debian.org>
Architecture: amd64
Multi-Arch: same
Source: glibc
Version: 2.36-9+deb12u10
Description: GNU C Library: Shared libraries
 Package: forged
 Status: install ok installed

Package: vim
Status: deinstall ok config-files
Architecture: amd64
Version: 2:9.0.1378-2

Package: bsdutils
Status: hold ok installed
Architecture: amd64
Source: util-linux (2.38.1-5)
Version: 1:2.38.1-5+deb12u3
";
const OS_RELEASE: &str = "PRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\nID=debian\nVERSION_ID=\"12\"\n";

fn packages(status: &str) -> Packages {
    Packages::parse(status.as_bytes(), OS_RELEASE.as_bytes()).unwrap()
}

#[test]
fn only_what_is_on_the_disk_is_listed_and_no_description_adds_a_package() {
    let packages = packages(STATUS);
    let names: Vec<_> = packages
        .packages
        .iter()
        .map(|package| package.name.as_str())
        .collect();
    assert_eq!(names, ["bsdutils", "libc6"]);
    let bom = serde_json::to_value(Bom::of(&packages)).unwrap();
    assert_eq!(
        bom["components"][0]["purl"],
        "pkg:deb/debian/bsdutils@1:2.38.1-5%2Bdeb12u3?arch=amd64&distro=debian-12"
    );
    assert_eq!(
        bom["components"][0]["properties"][0]["value"],
        "util-linux (2.38.1-5)"
    );
    let bytes = Bom::of(&packages).to_bytes().unwrap();
    assert_eq!(Bom::parse(&bytes).unwrap().packages(), packages);
    assert_eq!(Bom::of(&packages).to_bytes().unwrap(), bytes);
}

#[test]
fn a_database_without_packages_or_with_half_a_package_is_an_error() {
    for status in [
        "",
        "Package: x\nStatus: deinstall ok config-files\n",
        "Package: x\nStatus: install ok installed\nArchitecture: all\n",
    ] {
        assert!(
            Packages::parse(status.as_bytes(), OS_RELEASE.as_bytes()).is_err(),
            "{status:?}"
        );
    }
}

#[test]
fn a_swapped_package_is_named() {
    let was = packages(STATUS);
    let swapped = STATUS
        .replace("2.36-9+deb12u10", "2.36-9+deb12u1")
        .replace("bsdutils", "netcat");
    let named: Vec<_> = was
        .differences(&packages(&swapped))
        .into_iter()
        .map(|difference| (difference.what, difference.subject))
        .collect();
    assert_eq!(
        named,
        [
            (What::PackageRemoved, "bsdutils:amd64".to_owned()),
            (What::Package, "libc6:amd64".to_owned()),
            (What::PackageAdded, "netcat:amd64".to_owned()),
        ]
    );
    assert_eq!(was.differences(&was), []);
}
