use super::*;
use crate::runner::sandbox::Sandbox;

fn install(directory: &Path, name: &str, script: &str) -> PathBuf {
    files::create_directory(directory).unwrap();
    let path = directory.join(name);
    files::write_for_user(&path, script.as_bytes(), true).unwrap();
    files::make_executable(&path).unwrap();
    path
}

fn user(cwd: &Path, home: &Path, path: &[&Path]) -> Environment {
    let path = std::env::join_paths(path).unwrap();
    Environment::of(
        cwd,
        [
            ("PATH".into(), path),
            (OsString::from("HOME"), home.as_os_str().to_owned()),
        ],
    )
}

#[test]
fn a_repository_cannot_bring_its_own_tool() {
    let root = tempfile::tempdir().unwrap();
    let root = files::canonical(root.path()).unwrap();
    let (repository, elsewhere) = (root.join("repository"), root.join("usr/bin"));
    install(&repository, "aws", "");
    install(&repository.join("node_modules/.bin"), "aws", "");
    let real = install(&elsewhere, "aws", "");
    // A link from outside into the repository is inside, too.
    let link = root.join("link");
    files::link(&repository, &link).unwrap();
    let linked = root.join("linked");
    files::create_directory(&linked).unwrap();
    files::link(&repository.join("aws"), &linked.join("aws")).unwrap();
    for path in [
        Path::new(""),
        Path::new("."),
        Path::new("node_modules/.bin"),
        &repository,
        &repository.join("node_modules/.bin"),
        &repository.join("node_modules/../."),
        &link,
        &linked,
    ] {
        let user = user(&repository, &root.join("home"), &[path, &elsewhere]);
        assert_eq!(
            locate("aws", "https://example.org", &user).unwrap(),
            real,
            "{}",
            path.display()
        );
    }
    let only_inside = user(&repository, &root.join("home"), &[&repository]);
    let error = locate("aws", "https://example.org", &only_inside).unwrap_err();
    assert_eq!(error.code(), Code::ToolMissing);
    assert!(error.details()[0].contains("was ignored"), "{error}");
}

#[test]
fn tools_below_the_home_directory_work_when_started_from_home_or_above() {
    let root = tempfile::tempdir().unwrap();
    let home = files::canonical(root.path()).unwrap().join("home");
    let bin = home.join(".local/bin");
    let real = install(&bin, "aws", "");
    for cwd in [home.as_path(), home.parent().unwrap(), Path::new("/")] {
        assert_eq!(locate("aws", "", &user(cwd, &home, &[&bin])).unwrap(), real);
    }
}

#[test]
fn a_shim_keeps_the_name_it_is_started_by() {
    let root = tempfile::tempdir().unwrap();
    let root = files::canonical(root.path()).unwrap();
    let manager = install(&root.join("lib"), "manager", "");
    let shims = root.join("shims");
    files::create_directory(&shims).unwrap();
    files::link(&manager, &shims.join("aws")).unwrap();
    let user = user(Path::new("/nowhere"), &root, &[&shims]);
    assert_eq!(locate("aws", "", &user).unwrap(), shims.join("aws"));
}

#[test]
fn a_path_is_not_a_program_name() {
    let user = user(Path::new("/nowhere"), Path::new("/root"), &[Path::new("/bin")]);
    for name in ["/bin/sh", "../sh", "", "a b", "-sh", ".hidden", "aws\0", "aws\n"] {
        assert_eq!(
            locate(name, "", &user).unwrap_err().code(),
            Code::ArgvTool,
            "{name:?}"
        );
    }
    assert!(locate("sh", "", &user).is_ok());
}

/// Anybody on the machine could put another program there, and it would get the cloud's credentials.
#[test]
#[allow(clippy::disallowed_methods)]
fn a_program_that_others_could_replace_is_refused() {
    use std::os::unix::fs::PermissionsExt;
    let root = tempfile::tempdir().unwrap();
    let root = files::canonical(root.path()).unwrap();
    let (open, closed) = (root.join("open"), root.join("closed"));
    install(&open, "aws", "");
    std::fs::set_permissions(&open, std::fs::Permissions::from_mode(0o777)).unwrap();
    let only_open = user(Path::new("/nowhere"), &root, &[&open]);
    let error = locate("aws", "", &only_open).unwrap_err();
    assert_eq!(error.code(), Code::ToolUnsafe);
    assert!(error.message().contains("everybody may write there"), "{error}");
    assert!(search_path(&only_open).is_empty());
    // A second one is as good as if the first were not there.
    let real = install(&closed, "aws", "");
    let both = user(Path::new("/nowhere"), &root, &[&open, &closed]);
    assert_eq!(locate("aws", "", &both).unwrap(), real);
    std::fs::set_permissions(&real, std::fs::Permissions::from_mode(0o777)).unwrap();
    assert_eq!(locate("aws", "", &both).unwrap_err().code(), Code::ToolUnsafe);
}

#[test]
fn what_cannot_be_executed_is_not_a_program() {
    let root = tempfile::tempdir().unwrap();
    let (first, second) = (root.path().join("1"), root.path().join("2"));
    files::create_directory(&first.join("aws")).unwrap();
    files::create_directory(&second).unwrap();
    files::write_for_user(&second.join("aws"), b"", false).unwrap();
    let user = user(Path::new("/nowhere"), Path::new("/root"), &[&first, &second]);
    assert_eq!(
        locate("aws", "https://a", &user).unwrap_err().next(),
        Some("install it: https://a")
    );
}

#[test]
fn versions_are_found_in_what_the_tools_print() {
    for (text, expected) in [
        ("1.6.6\n", Some((1, 6, 6))),
        (
            "Packer v1.11.2\n\nYour version of Packer is out of date! The latest is 1.16.0.",
            Some((1, 11, 2)),
        ),
        ("Packer v1.12.0-dev (deadbeef)", Some((1, 12, 0))),
        (
            "aws-cli/2.15.30 Python/3.11.6 Linux/6.1.0-13-amd64 exe/x86_64.debian.12",
            Some((2, 15, 30)),
        ),
        (
            "aws-cli/1.45.11 Python/3.11.2 Linux/4.4.0 botocore/1.43.11",
            Some((1, 45, 11)),
        ),
        ("Google Cloud SDK 528.0.0\nbeta 2025.06.20\n", Some((528, 0, 0))),
        ("azure-cli                         2.76.0\n", Some((2, 76, 0))),
        ("0 0\n", None),
        ("1.6", None),
        ("..1.2.3", None),
        ("99999999999999999999999.1.2", None),
        ("", None),
    ] {
        let expected = expected.map(|(major, minor, patch)| Version::new(major, minor, patch));
        assert_eq!(first_version(text), expected, "{text}");
    }
}

async fn probe(script: &str) -> Result<Version> {
    let minimum = Version::new(2, 0, 0);
    let args = ["-c".to_owned(), script.to_owned()];
    let wanted = Wanted {
        name: "aws",
        install_url: "u",
        version_args: &args,
        minimum: Some(&minimum),
        log: &Log::default(),
    };
    version(
        Path::new("/bin/sh"),
        wanted,
        Equipment {
            env: Vec::new(),
            sandbox: Sandbox::Off,
        },
        Path::new("/"),
        &Cancel::new(),
    )
    .await
}

#[tokio::test]
async fn an_old_a_wrong_and_a_broken_program_are_told_apart() {
    assert_eq!(probe("echo aws-cli/2.1.0").await.unwrap(), Version::new(2, 1, 0));
    assert_eq!(
        probe("echo aws-cli/2.1.0 >&2").await.unwrap(),
        Version::new(2, 1, 0)
    );
    assert_eq!(probe("echo 1.99.0").await.unwrap_err().code(), Code::ToolVersion);
    assert_eq!(probe("echo hello").await.unwrap_err().code(), Code::ToolVersion);
    assert_eq!(
        probe("echo 2.1.0; exit 1").await.unwrap_err().code(),
        Code::ToolFailed
    );
}
