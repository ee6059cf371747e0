//! What is taken away from plugins, and from every program.

use super::*;

/// A policy file named by the environment.
fn policy(sindri: &mut Sindri, text: &str) {
    let path = sindri.home().join("policy.toml");
    fs::write(&path, format!("version = 1\n{text}\n")).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o600)).unwrap();
    sindri.set("SINDRI_POLICY_FILE", &path);
}

#[test]
fn an_organisation_can_demand_the_sandbox_of_every_program() {
    let mut sindri = project();
    sindri.fake("aws", "echo '{\"Images\": []}'");
    sindri.set("SINDRI_SANDBOX", "off");
    let list = ["vm", "list", "--cloud", "aws", "--json"];
    sindri.run(&list).succeeded();
    policy(&mut sindri, "require_sandbox = true");
    refused(&sindri.run(&list), "sandbox/required");
}

#[test]
fn an_organisation_takes_away_and_says_by_which_rule() {
    let mut sindri = project();
    let installed: Value = install(&sindri, &["--grant-all"]).succeeded().json();
    let list = ["vm", "list", "--cloud", "nimbus", "--plan", "--json"];
    let bundled = ["vm", "list", "--cloud", "aws", "--plan", "--json"];
    let check = |sindri: &Sindri, arguments: &[&str], rule: &str| {
        let run = sindri.run(arguments);
        let error = refused(&run, "policy/denied");
        assert!(error.contains("policy.toml"), "{error}");
        assert_eq!(run.json()["error"]["key"], rule, "{run}");
    };
    policy(&mut sindri, "allow_third_party = false");
    check(&sindri, &list, "allow_third_party");
    sindri.run(&bundled).succeeded();
    let again = install(&sindri, &["--grant-all"]);
    refused(&again, "policy/denied");
    let all = sindri
        .run(&["vm", "build", "--cloud", "all", "--dry-run", "--json"])
        .json();
    assert_eq!(
        all["clouds"].as_array().unwrap().len(),
        5,
        "all means all that may be used"
    );

    policy(&mut sindri, "allow_clouds = [\"nimbus\"]");
    check(&sindri, &bundled, "allow_clouds");
    sindri.run(&list).succeeded();
    policy(&mut sindri, "allow_digests = []");
    check(&sindri, &list, "allow_digests");
    policy(&mut sindri, &format!("allow_digests = [{}]", installed["sha256"]));
    sindri.run(&list).succeeded();

    policy(&mut sindri, "deny_effects = [\"read\"]");
    check(&sindri, &list, "deny_effects");
    check(&sindri, &bundled, "deny_effects");
    policy(
        &mut sindri,
        "deny_commands = [{ tool = \"aws\", verb = [\"ec2\"] }]",
    );
    check(&sindri, &bundled, "deny_commands");
    policy(&mut sindri, "deny_builders = [\"amazon-ebs\"]");
    check(
        &sindri,
        &["vm", "build", "--cloud", "aws", "--dry-run", "--json"],
        "deny_builders",
    );
    sindri.run(&["vm", "build", "--cloud", "gcp", "--dry-run", "--plan"]);
    policy(&mut sindri, "deny_everything = true");
    refused(&sindri.run(&bundled), "policy/file");
}

#[test]
fn a_bundled_plugin_can_be_given_less() {
    let sindri = project();
    let list = ["vm", "list", "--cloud", "aws", "--plan", "--json"];
    sindri
        .run(&["plugin", "revoke", "amazon", "command aws ec2 describe-images"])
        .succeeded();
    assert!(
        lock(&sindri).contains("[bundled.aws.withheld]"),
        "{}",
        lock(&sindri)
    );
    let error = refused(&sindri.run(&list), "argv/verb");
    assert!(
        error.contains("sindri plugin grant aws 'command aws ec2 describe-images'"),
        "{error}"
    );
    sindri.run(&["plugin", "grant", "aws", "--all"]).succeeded();
    sindri.run(&list).succeeded();
    assert!(!lock(&sindri).contains("bundled."), "{}", lock(&sindri));
    let remove = sindri.run(&["plugin", "remove", "aws", "--json"]);
    assert_eq!(remove.json()["error"]["code"], "plugin/unknown");
}

#[test]
fn the_doctor_runs_no_program_that_a_plugin_was_not_granted() {
    let mut sindri = project();
    // The sandbox would keep the program from leaving a trace.
    sindri.set("SINDRI_SANDBOX", "off");
    let canary = sindri.home().join("canary");
    sindri.fake(
        "aws",
        &format!("echo ran >> {}; echo aws-cli/2.0.0", canary.display()),
    );
    install(&sindri, &[]).succeeded();
    sindri.run(&["vm", "doctor", "--cloud", "nimbus", "--json"]);
    assert!(!canary.exists(), "not even for its version");
    sindri
        .run(&["plugin", "grant", "nimbus", "command aws sts get-caller-identity"])
        .succeeded();
    sindri.run(&["vm", "doctor", "--cloud", "nimbus", "--json"]);
    assert!(canary.exists());
}
