use super::*;
use crate::Code;
use crate::contract::{Command, CommandRequest, Flag, Tolerance, Value};
use crate::policy::argv::{Argv, Placement, render};

const FLAGS: &[&str] = &[
    "compartment-id",
    "query",
    "metadata",
    "freeform-tags",
    "display-name",
    "all",
];

fn request(verb: &str, flags: &[&str], effect: Effect) -> CommandRequest {
    CommandRequest {
        tool: "oci".into(),
        verb: verb.split(' ').map(Into::into).collect(),
        flags: flags.iter().map(|flag| (*flag).into()).collect(),
        effect,
    }
}

fn command(verb: &str, flags: &[(&str, &str)], effect: Effect) -> Command {
    Command {
        tool: "oci".into(),
        verb: verb.split(' ').map(Into::into).collect(),
        flags: flags
            .iter()
            .map(|(name, value)| Flag {
                name: (*name).into(),
                values: vec![Value::Text((*value).into())],
            })
            .collect(),
        positionals: Vec::new(),
        location: None,
        effect,
        timeout_seconds: 60,
        tolerates: Tolerance::Nothing,
        secret_output: false,
    }
}

fn rendered(command: &Command, region: &str) -> crate::Result<Argv> {
    let verb = command.verb.join(" ");
    let granted = [request(&verb, FLAGS, command.effect)];
    let allowed = ["eu-frankfurt-1".to_owned(), "evil.example".to_owned()];
    let place = Placement {
        default: region,
        allowed: &allowed,
    };
    render(command, &granted, &PROFILE, &place)
}

fn words(command: &Command, region: &str) -> String {
    rendered(command, region).unwrap().words().join(" ")
}

#[test]
fn the_region_is_the_users_and_without_one_that_of_the_profile() {
    let list = command(
        "compute image list",
        &[("compartment-id", "ocid1.compartment.oc1..a")],
        Effect::Read,
    );
    let fixed = "--output json --cli-rc-file /dev/null";
    assert_eq!(
        words(&list, "us-ashburn-1"),
        format!(
            "oci compute image list --compartment-id ocid1.compartment.oc1..a --region us-ashburn-1 {fixed}"
        )
    );
    assert_eq!(
        words(&list, ""),
        format!("oci compute image list --compartment-id ocid1.compartment.oc1..a {fixed}")
    );
    let at = |region: &str| Command {
        location: Some(region.to_owned()),
        ..list.clone()
    };
    assert!(words(&at("eu-frankfurt-1"), "").contains("--region eu-frankfurt-1"));
    for bad in ["evil.example", "evil.example/x", "", "ap-tokyo-1"] {
        let error = rendered(&at(bad), "us-ashburn-1").unwrap_err();
        assert_eq!(
            error.code(),
            Code::ArgvLocation,
            "{bad:?}: it becomes part of a host name"
        );
        assert_eq!(
            rendered(&at(bad), "").err().map(|error| error.code()),
            (!bad.is_empty()).then_some(Code::ArgvLocation),
            "{bad:?}"
        );
    }
}

#[test]
fn queries_and_json_are_data_and_files_are_not_read() {
    let list = |name, value| command("compute image list", &[(name, value)], Effect::Read);
    for (name, value) in [
        ("query", "data[?\"freeform-tags\".\"ManagedBy\"=='sindri']"),
        ("display-name", "a name: with ~ and $HOME and @file"),
        ("freeform-tags", "{\"note\": \"file:///etc/passwd\"}"),
    ] {
        assert!(rendered(&list(name, value), "").is_ok(), "{value}");
    }
    for (name, value) in [
        ("metadata", "file:///root/x.json"),
        ("metadata", " FILE://~/.oci/oci_api_key.pem"),
        ("query", "query://everything"),
        ("display-name", "https://evil.example/"),
        ("display-name", "-d"),
        ("freeform-tags", "{\"a\": file:///x}"),
    ] {
        let error = rendered(&list(name, value), "").unwrap_err();
        assert_eq!(error.code(), Code::ArgvValue, "{value}");
    }
}

#[test]
fn no_grant_reaches_beyond_images_and_instances() {
    use crate::policy::argv::check_request;
    for verb in [
        "raw-request",
        "setup keys",
        "setup config",
        "session authenticate",
        "session export",
        "os object put",
        "os object get",
        "os preauth-request create",
        "iam user api-key upload",
        "iam user list",
        "iam policy create",
        "iam customer-secret-key create",
        "compute instance get-windows-initial-creds",
        "compute instance action",
        "compute instance update",
        "compute instance-console-connection create",
        "compute image export to-object-uri",
        "compute image import from-object-uri",
        "secrets secret-bundle get",
        "iam",
        "",
    ] {
        for effect in [Effect::Read, Effect::Create, Effect::Destroy, Effect::Publish] {
            let error = check_request(&request(verb, &[], effect), &PROFILE).unwrap_err();
            assert_eq!(error.code(), Code::ArgvVerb, "{verb}");
        }
    }
    for (verb, effect, allowed) in [
        ("compute image list", Effect::Read, true),
        ("iam region list", Effect::Read, true),
        ("compute instance terminate", Effect::Destroy, true),
        ("compute instance terminate", Effect::Read, false),
        ("compute image delete", Effect::Create, false),
        ("compute image export to-object", Effect::Create, false),
        ("compute image export to-object", Effect::Publish, true),
    ] {
        assert_eq!(
            check_request(&request(verb, &[], effect), &PROFILE).is_ok(),
            allowed,
            "{verb}"
        );
    }
}

#[test]
fn what_redirects_logs_in_or_names_a_file_is_the_hosts() {
    use crate::policy::argv::check_request;
    for flag in [
        "endpoint",
        "region",
        "cli-rc-file",
        "defaults-file",
        "federation-endpoint",
        "cert-bundle",
        "auth",
        "config-file",
        "profile",
        "proxy",
        "debug",
        "d",
        "i",
        "from-json",
        "generate-full-command-json-input",
        "ssh-authorized-keys-file",
        "user-data-file",
        "output",
    ] {
        let error = check_request(
            &request("compute instance launch", &[flag], Effect::Create),
            &PROFILE,
        )
        .unwrap_err();
        assert_eq!(error.code(), Code::ArgvFlag, "{flag}");
    }
}

#[test]
fn codes_are_read_from_what_the_real_program_prints() {
    for (stderr, expected) in [
        (
            "ServiceError:\n{\n    \"client_version\": \"Oracle-PythonSDK/2.1, Oracle-PythonCLI/3.95.1\",\n    \"code\": \"NotAuthorizedOrNotFound\",\n    \"status\": 404\n}",
            Some("NotAuthorizedOrNotFound"),
        ),
        (
            "Action completed. Waiting until the resource has entered state: ('RUNNING',)\nServiceError:\n{\n    \"code\": \"NotAuthenticated\"\n}",
            Some("NotAuthenticated"),
        ),
        (
            "Failed to wait until the work request entered the specified state. Please retrieve the work request",
            Some("WaitTimeout"),
        ),
        (
            "RequestException:\n{\n    \"client_version\": \"Oracle-PythonCLI/3.95.1\",\n    \"message\": \"The connection",
            Some("RequestException"),
        ),
        (
            "ERROR: The config file at ~/.oci/config is invalid:\n\n+Config Errors+",
            Some("InvalidConfig"),
        ),
        (
            "ERROR: Profile 'x' not found in config file ~/.oci/config (HOME)",
            Some("ProfileNotFound"),
        ),
        (
            "Usage: oci compute image list [OPTIONS]\n\nError: No such option: --x",
            Some("UnknownOptions"),
        ),
        ("ServiceError:\n{\n \"code\": \"<script>\"", None),
        ("ServiceError:", None),
        ("", None),
    ] {
        assert_eq!(error_code(stderr).as_deref(), expected, "{stderr}");
    }
}

#[test]
fn no_secret_is_called_a_setting() {
    let settings = PROFILE.surroundings.settings.iter().map(|(_, variable)| variable);
    for variable in VARIABLES.iter().chain(settings) {
        let looks_secret = ["KEY", "TOKEN", "SECRET", "PASS", "PEM", "RPST"]
            .iter()
            .any(|word| variable.name.contains(word));
        assert!(!looks_secret || variable.meaning != Setting, "{}", variable.name);
    }
}
