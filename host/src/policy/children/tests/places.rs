//! Files and directories: the user's own where they are meant, private ones everywhere else.

use super::*;

#[test]
fn profiles_and_sso_work_with_a_private_home_and_aliases_do_not() {
    let lab = lab([("PATH", "/usr/bin")]);
    let aws = tools::profile("aws").unwrap();
    let child = Child::Tool {
        program: Path::new("/usr/bin/aws"),
        profile: &aws,
    };
    let pairs = lab.names_and_values(child, &Choices::default());
    assert_eq!(value(&pairs, "AWS_CONFIG_FILE"), Some("ROOT/home/.aws/config"));
    assert_eq!(
        value(&pairs, "AWS_SHARED_CREDENTIALS_FILE"),
        Some("ROOT/home/.aws/credentials")
    );
    let private = lab.private();
    let home = private.home();
    assert_eq!(
        files::canonical(&home.join(".aws/sso")).unwrap(),
        lab.path("home/.aws/sso")
    );
    assert_eq!(
        files::canonical(&home.join(".aws/cli/cache")).unwrap(),
        lab.path("home/.aws/cli/cache")
    );
    assert!(!files::exists(&home.join(".aws/cli/alias")));
    assert!(!files::exists(&home.join(".aws/config")));
}

#[test]
fn files_are_named_as_the_user_means_them() {
    let lab = lab([
        ("AWS_CONFIG_FILE", "~/other"),
        ("AWS_WEB_IDENTITY_TOKEN_FILE", "to:ken"),
        ("SSL_CERT_DIR", "a:/b"),
    ]);
    let aws = tools::profile("aws").unwrap();
    let child = Child::Tool {
        program: Path::new("/usr/bin/aws"),
        profile: &aws,
    };
    let pairs = lab.names_and_values(child, &Choices::default());
    assert_eq!(value(&pairs, "AWS_CONFIG_FILE"), Some("ROOT/home/other"));
    assert_eq!(
        value(&pairs, "AWS_WEB_IDENTITY_TOKEN_FILE"),
        Some("ROOT/home/project/to:ken")
    );
    assert_eq!(value(&pairs, "SSL_CERT_DIR"), Some("ROOT/home/project/a:/b"));
}

#[test]
fn installed_packer_plugins_are_found() {
    let program = Path::new("/usr/bin/packer");
    let path = |lab: &Lab| {
        let pairs = lab.names_and_values(Child::PackerSetup { program }, &Choices::default());
        value(&pairs, "PACKER_PLUGIN_PATH").unwrap().to_owned()
    };
    assert_eq!(path(&lab([])), "ROOT/home/.config/packer/plugins");
    let old = lab([("XDG_CONFIG_HOME", "/xdg")]);
    assert_eq!(path(&old), "/xdg/packer/plugins");
    files::create_directory(&old.path("home/.packer.d")).unwrap();
    assert_eq!(path(&old), "ROOT/home/.packer.d/plugins");
    assert_eq!(
        path(&lab([("PACKER_CONFIG_DIR", "/own")])),
        "/own/.packer.d/plugins"
    );
    assert_eq!(
        path(&lab([
            ("PACKER_PLUGIN_PATH", "plugins"),
            ("PACKER_CONFIG_DIR", "/own")
        ])),
        "ROOT/home/project/plugins"
    );
}

#[test]
fn tools_installed_below_the_home_find_the_rest_of_themselves() {
    let lab = lab([("PYENV_VERSION", "3.11.2")]);
    let none = Choices::default();
    let pairs = |program: &str| {
        let program = lab.path(program);
        lab.names_and_values(
            Child::Version {
                program: &program,
                surroundings: &Surroundings::NONE,
            },
            &none,
        )
    };
    let pyenv = pairs("home/.pyenv/shims/aws");
    assert_eq!(value(&pyenv, "PYENV_ROOT"), Some("ROOT/home/.pyenv"));
    assert_eq!(value(&pyenv, "PYENV_VERSION"), Some("3.11.2"));
    assert!(
        value(&pyenv, "PATH")
            .unwrap()
            .ends_with(":/bin:ROOT/home/.pyenv/shims")
    );
    let user_site = pairs("home/.local/bin/aws");
    assert_eq!(value(&user_site, "PYTHONUSERBASE"), Some("ROOT/home/.local"));
    assert_eq!(value(&user_site, "PYENV_ROOT"), None);
    assert_eq!(value(&pairs("usr/bin/aws"), "PYTHONUSERBASE"), None);
}

#[test]
fn sockets_of_packer_plugins_fit_into_the_temporary_directory() {
    let lab = lab([]);
    let long = lab.path(&"runs/".repeat(20));
    let private = PrivateDirs::create(&long, &lab.user, &Surroundings::NONE).unwrap();
    let temporary = private.temporary().to_path_buf();
    assert!(!temporary.starts_with(&long));
    std::os::unix::net::UnixListener::bind(temporary.join("packer-plugin0123456789")).unwrap();
    drop(private);
    assert!(!files::exists(&temporary));
}

#[test]
fn directories_of_an_interrupted_run_are_taken_over() {
    let lab = canary_lab();
    assert_eq!(lab.private().home(), lab.private().home());
}
