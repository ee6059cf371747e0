use super::*;
use crate::policy::tools;

/// A home, with what a test puts there.
struct Lab {
    root: tempfile::TempDir,
}

impl Lab {
    fn new(entries: &[(&str, &str)]) -> Self {
        let lab = Self {
            root: tempfile::tempdir().unwrap(),
        };
        for (path, content) in entries {
            lab.put(path, content);
        }
        lab
    }

    fn path(&self, below: &str) -> PathBuf {
        files::canonical(self.root.path()).unwrap().join(below)
    }

    /// A file; `-> TARGET` makes a link, `/` at the end a directory, `#!` a program.
    fn put(&self, path: &str, content: &str) {
        let content = content.replace("ROOT", self.path("").to_str().unwrap().trim_end_matches('/'));
        let path = self.path(path);
        files::create_directory(path.parent().unwrap()).unwrap();
        if let Some(target) = content.strip_prefix("-> ") {
            files::link(Path::new(target), &path).unwrap();
        } else if path.as_os_str().as_encoded_bytes().ends_with(b"/") {
            files::create_directory(&path).unwrap();
        } else {
            files::write_for_user(&path, content.as_bytes(), true).unwrap();
            if content.starts_with("#!") || content == "ELF" {
                files::make_executable(&path).unwrap();
            }
        }
    }

    /// What the tool may touch besides the system, `ROOT` for the lab: `r`, `x` or `w`.
    fn rules(&self, tool: &str, program: &str, variables: &[(&str, &str)]) -> Vec<String> {
        let profile = tools::profile(tool).unwrap();
        let program = self.path(program);
        let child = Child::Tool {
            program: &program,
            profile: &profile,
        };
        self.rules_of(child, &profile.surroundings, variables)
    }

    fn rules_of(
        &self,
        child: Child<'_>,
        surroundings: &Surroundings,
        variables: &[(&str, &str)],
    ) -> Vec<String> {
        let root = self.path("").to_str().unwrap().trim_end_matches('/').to_owned();
        let mut all: Vec<(String, String)> = variables
            .iter()
            .map(|(name, value)| ((*name).to_owned(), value.replace("ROOT", &root)))
            .collect();
        all.push(("HOME".into(), format!("{root}/home")));
        let user = Environment::of(self.path("project"), all);
        let private = PrivateDirs::create(&self.path("run"), &user, surroundings).unwrap();
        let equipment =
            super::super::equip(child, &self.path("run/cwd"), &user, &private, &Choices::default()).unwrap();
        let Sandbox::Confined(rules) = equipment.sandbox else {
            panic!("no sandbox")
        };
        let system = Rules::system();
        rules
            .paths()
            .filter(|(path, _)| system.get(path).is_none() && !path.starts_with(self.path("run")))
            .map(|(path, access)| {
                let letter = match access {
                    Access::Read => 'r',
                    Access::Execute => 'x',
                    Access::Write => 'w',
                    Access::WriteAndExecute | Access::Device => '!',
                };
                format!("{letter} {}", path.to_str().unwrap().replace(&root, "ROOT"))
            })
            .collect()
    }
}

#[track_caller]
fn same(found: &[String], expected: &[&str]) {
    assert_eq!(found, expected, "{found:#?}");
}

#[test]
fn an_installation_is_its_own_directory_and_no_more() {
    // A program in the home itself, in Downloads, and in ~/.local/bin beside everything that ~/.local has.
    let lab = Lab::new(&[
        ("home/aws", "ELF"),
        ("home/Downloads/aws/aws", "ELF"),
        ("home/.local/bin/aws", "#!/usr/bin/python3\n"),
        ("home/.local/share/keyrings/login", ""),
        ("home/bin/aws", "ELF"),
    ]);
    same(&lab.rules("aws", "home/aws", &[]), &["x ROOT/home/aws"]);
    same(
        &lab.rules("aws", "home/Downloads/aws/aws", &[]),
        &["x ROOT/home/Downloads/aws", "x ROOT/home/Downloads/aws/aws"],
    );
    same(
        &lab.rules("aws", "home/.local/bin/aws", &[]),
        &[
            "x ROOT/home/.local/bin",
            "x ROOT/home/.local/bin/aws",
            "x ROOT/home/.local/lib",
            "x ROOT/home/.local/lib32",
            "x ROOT/home/.local/lib64",
            "x ROOT/home/.local/libexec",
        ],
    );
}

#[test]
fn a_link_a_virtual_environment_and_its_python_belong_together() {
    let lab = Lab::new(&[
        ("home/.local/bin/aws", "-> ../share/venvs/aws/bin/aws"),
        (
            "home/.local/share/venvs/aws/bin/aws",
            "#!ROOT/home/.local/share/venvs/aws/bin/python\n",
        ),
        (
            "home/.local/share/venvs/aws/bin/python",
            "-> ROOT/pythons/3.12/bin/python3",
        ),
        (
            "home/.local/share/venvs/aws/pyvenv.cfg",
            "home = ROOT/pythons/3.12/bin\nversion = 3\n",
        ),
        ("pythons/3.12/bin/python3", "ELF"),
    ]);
    let found = lab.rules("aws", "home/.local/bin/aws", &[]);
    for expected in [
        "x ROOT/home/.local/share/venvs/aws",
        "x ROOT/pythons/3.12/bin",
        "x ROOT/pythons/3.12/lib",
    ] {
        assert!(
            found.iter().any(|line| line == expected),
            "{expected}: {found:#?}"
        );
    }
    let others = |line: &&String| line.contains("keyrings") || line.ends_with("ROOT/home/.local/share");
    assert_eq!(found.iter().find(others), None);
}

#[test]
fn shims_homebrew_and_the_google_sdk_are_known() {
    let lab = Lab::new(&[
        ("home/.pyenv/shims/aws", "#!/usr/bin/env bash\n"),
        ("brew/bin/aws", "-> ../Cellar/awscli/2/bin/aws"),
        ("brew/Cellar/awscli/2/bin/aws", "ELF"),
        ("sdk/google-cloud-sdk/bin/gcloud", "#!/bin/sh\n"),
        ("sdk/google-cloud-sdk/lib/gcloud.py", ""),
    ]);
    let shim = lab.rules("aws", "home/.pyenv/shims/aws", &[]);
    assert!(shim.contains(&"x ROOT/home/.pyenv".to_owned()), "{shim:#?}");
    let brew = lab.rules("aws", "brew/bin/aws", &[]);
    assert!(brew.contains(&"x ROOT/brew".to_owned()), "{brew:#?}");
    same(
        &lab.rules("gcloud", "sdk/google-cloud-sdk/bin/gcloud", &[]),
        &[
            "x ROOT/sdk/google-cloud-sdk",
            "x ROOT/sdk/google-cloud-sdk/bin/gcloud",
        ],
    );
}

#[test]
fn each_way_of_logging_in_brings_its_files() {
    let lab = Lab::new(&[
        ("opt/x/aws", "ELF"),
        (
            "home/.aws/config",
            "[profile a]\nweb_identity_token_file=ROOT/token\ncredential_process = \"ROOT/helper/x/login\" --key ROOT/key.pem --out=relative\n",
        ),
        ("home/.aws/credentials", "[a]\n"),
        ("home/.aws/sso/cache/token.json", "{}"),
        ("home/.aws/cli/alias", ""),
        ("home/.ssh/id", ""),
        ("helper/x/login", "ELF"),
        ("key.pem", ""),
    ]);
    same(
        &lab.rules(
            "aws",
            "opt/x/aws",
            &[("AWS_CA_BUNDLE", "ca.pem"), ("SSL_CERT_FILE", "ROOT/trust.pem")],
        ),
        &[
            "x ROOT/helper/x",
            "x ROOT/helper/x/login",
            "r ROOT/home/.aws/config",
            "r ROOT/home/.aws/credentials",
            "w ROOT/home/.aws/sso",
            "r ROOT/key.pem",
            "x ROOT/opt/x",
            "x ROOT/opt/x/aws",
            "r ROOT/project/ca.pem",
            "r ROOT/token",
            "r ROOT/trust.pem",
        ],
    );
}

/// After an hour the token is another file, and a build goes on.
#[test]
fn a_token_that_kubernetes_renews_stays_readable() {
    let lab = Lab::new(&[
        ("t/x/aws", "ELF"),
        ("var/account/token", "-> ..data/token"),
        ("var/account/..data", "-> ..2026_11_23"),
        ("var/account/..2026_11_23/token", "jwt"),
    ]);
    let found = lab.rules(
        "aws",
        "t/x/aws",
        &[("AWS_WEB_IDENTITY_TOKEN_FILE", "ROOT/var/account/token")],
    );
    same(
        &found,
        &[
            "x ROOT/t/x",
            "x ROOT/t/x/aws",
            "r ROOT/var/account",
            "r ROOT/var/account/token",
        ],
    );
}

/// `unable to get token from azure cli: fork/exec …/az: permission denied`
#[test]
fn packer_may_start_the_tool_that_its_builder_asks_for_a_token() {
    let lab = Lab::new(&[
        ("t/packer/packer", "ELF"),
        ("venv/bin/az", "#!ROOT/venv/bin/python\n"),
        ("venv/pyvenv.cfg", ""),
        ("plugins/x", ""),
        ("home/.azure/config", ""),
    ]);
    let profile = tools::profile("az").unwrap();
    let program = lab.path("t/packer/packer");
    let child = Child::Packer {
        program: &program,
        profile: &profile,
    };
    let variables = [("PATH", "ROOT/venv/bin"), ("PACKER_PLUGIN_PATH", "ROOT/plugins")];
    same(
        &lab.rules_of(child, &profile.surroundings, &variables),
        &[
            "w ROOT/home/.azure",
            "x ROOT/plugins",
            "x ROOT/t/packer",
            "x ROOT/t/packer/packer",
            "x ROOT/venv",
            "x ROOT/venv/bin/az",
            "x ROOT/venv/bin/python",
        ],
    );
}

#[test]
fn no_tool_gets_another_clouds_login() {
    let lab = Lab::new(&[
        ("t/x/tool", "ELF"),
        ("home/.aws/config", ""),
        ("home/.aws/sso/x", ""),
        ("home/.azure/config", ""),
        ("home/.config/gcloud/credentials.db", ""),
        (
            "home/.config/gcloud/configurations/config_default",
            "[core]\ncustom_ca_certs_file = ROOT/google.pem\n",
        ),
        (
            "home/.config/gcloud/application_default_credentials.json",
            r#"{"credential_source": {"file": "ROOT/oidc"}}"#,
        ),
        ("home/.oci/config", "[DEFAULT]\nkey_file=ROOT/oci.pem\n"),
        (
            "home/.aliyun/config.json",
            r#"{"profiles": [{"oidc_token_file": "ROOT/ali-token"}]}"#,
        ),
        ("home/.ssh/id", ""),
        ("oci.pem", ""),
    ]);
    let own: [(&str, &[&str]); 6] = [
        ("aws", &["r ROOT/home/.aws/config", "w ROOT/home/.aws/sso"]),
        ("az", &["w ROOT/home/.azure"]),
        (
            "gcloud",
            &["r ROOT/google.pem", "w ROOT/home/.config/gcloud", "r ROOT/oidc"],
        ),
        (
            "oci",
            &["w ROOT/home/.oci", "r ROOT/home/.oci/config", "r ROOT/oci.pem"],
        ),
        ("aliyun", &["r ROOT/ali-token", "w ROOT/home/.aliyun/config.json"]),
        ("hcloud", &[]),
    ];
    for (tool, expected) in own {
        files::remove_tree(&lab.path("run")).unwrap();
        let found = lab.rules(tool, "t/x/tool", &[]);
        let program = ["x ROOT/t/x", "x ROOT/t/x/tool"];
        let mut expected: Vec<_> = expected.iter().chain(&program).copied().collect();
        expected.sort_by_key(|line| line.split(' ').nth(1).unwrap());
        same(&found, &expected);
    }
}

#[test]
fn the_user_may_add_paths_and_programs() {
    let lab = Lab::new(&[("t/x/aws", "ELF"), ("data/file", ""), ("real/bin/aws", "ELF")]);
    let found = lab.rules(
        "aws",
        "t/x/aws",
        &[("SINDRI_SANDBOX_READ", "ROOT/data,ROOT/real/bin/aws")],
    );
    for expected in ["x ROOT/data", "x ROOT/real/bin", "x ROOT/real/lib"] {
        assert!(
            found.iter().any(|line| line == expected),
            "{expected}: {found:#?}"
        );
    }
}
