use super::*;
use crate::contract::{Command, CommandRequest, Flag, Tolerance, Value};
use crate::policy::argv::{Placement, check_request, render};
use crate::{Code, Result};

fn words(text: &str) -> Vec<String> {
    text.split(' ').map(str::to_owned).collect()
}

/// The command line for a plugin that was granted exactly this.
fn line(verb: &str, flags: &[(&str, &str)], positionals: &[&str], effect: Effect) -> Result<String> {
    let granted = [CommandRequest {
        tool: "gcloud".into(),
        verb: words(verb),
        flags: flags.iter().map(|(name, _)| (*name).to_owned()).collect(),
        effect,
    }];
    let flags = flags.iter().map(|(name, value)| Flag {
        name: (*name).to_owned(),
        values: vec![Value::Text((*value).to_owned())],
    });
    let command = Command {
        tool: "gcloud".into(),
        verb: words(verb),
        flags: flags.collect(),
        positionals: positionals.iter().map(|word| (*word).to_owned()).collect(),
        location: None,
        effect,
        timeout_seconds: 60,
        tolerates: Tolerance::Nothing,
        secret_output: false,
    };
    let place = Placement {
        default: "us-west1-a",
        allowed: &[],
    };
    Ok(render(&command, &granted, &PROFILE, &place)?.display())
}

#[track_caller]
fn refused(verb: &str, flags: &[(&str, &str)], positionals: &[&str], effect: Effect, code: Code) {
    let error = line(verb, flags, positionals, effect).unwrap_err();
    assert_eq!(error.code(), code, "{verb} {flags:?} {positionals:?}: {error}");
}

#[test]
fn ordinary_commands_pass_with_the_hosts_own_arguments_last() {
    let list = line(
        "compute images list",
        &[("filter", "labels.managed-by=sindri AND name~^sindri-")],
        &[],
        Effect::Read,
    );
    assert_eq!(
        list.unwrap(),
        "gcloud compute images list --filter 'labels.managed-by=sindri AND name~^sindri-' --format json --quiet"
    );
    let image = line("compute images delete", &[], &["sindri-vm"], Effect::Destroy);
    assert_eq!(
        image.unwrap(),
        "gcloud compute images delete sindri-vm --format json --quiet"
    );
    for (flag, value) in [
        (
            "metadata",
            "enable-oslogin=FALSE,ssh-keys=ubuntu:ssh-ed25519 AAAA+/= sindri",
        ),
        (
            "subnet",
            "projects/shared-project/regions/us-west1/subnetworks/build",
        ),
        (
            "boot-disk-kms-key",
            "projects/p/locations/eu/keyRings/r/cryptoKeys/k",
        ),
        ("image-project", "other-project"),
    ] {
        let made = line(
            "compute instances create",
            &[(flag, value)],
            &["vm"],
            Effect::Create,
        );
        assert!(made.is_ok(), "{flag}");
    }
}

#[test]
fn no_plugin_gets_tokens_programs_files_or_another_identity() {
    for verb in [
        "auth print-access-token",
        "auth application-default print-access-token",
        "auth activate-service-account",
        "config set",
        "compute ssh",
        "compute scp",
        "compute instances get-serial-port-output",
        "compute project-info describe",
        "components install",
        "secrets versions access",
        "storage cp",
        "builds submit",
        "iam service-accounts keys create",
        "projects add-iam-policy-binding",
        "alpha compute images list",
        "compute",
    ] {
        for effect in [Effect::Read, Effect::Create, Effect::Destroy, Effect::Publish] {
            refused(verb, &[], &[], effect, Code::ArgvVerb);
        }
    }
    for flag in [
        "flags-file",
        "configuration",
        "billing-project",
        "project",
        "zone",
        "account",
        "impersonate-service-account",
        "access-token-file",
        "metadata-from-file",
        "log-http",
        "format",
    ] {
        refused(
            "compute instances create",
            &[(flag, "x")],
            &["vm"],
            Effect::Create,
            Code::ArgvFlag,
        );
    }
    refused(
        "compute images delete",
        &[],
        &["img"],
        Effect::Read,
        Code::ArgvVerb,
    );
    let underscores = CommandRequest {
        tool: "gcloud".into(),
        verb: words("compute images list"),
        flags: vec!["flags_file".into()],
        effect: Effect::Read,
    };
    assert!(
        check_request(&underscores, &PROFILE).is_ok(),
        "gcloud itself refuses the underscore"
    );
}

#[test]
fn nothing_acts_in_another_project_or_on_two_things() {
    for name in [
        "projects/evil-project/global/images/x",
        "https://www.googleapis.com/compute/v1/projects/evil-project/global/images/x",
        "--project",
        "-q",
    ] {
        refused(
            "compute images delete",
            &[],
            &[name],
            Effect::Destroy,
            Code::ArgvValue,
        );
    }
    refused(
        "compute images delete",
        &[],
        &["a", "b"],
        Effect::Destroy,
        Code::ArgvValue,
    );
    refused("compute images list", &[], &["a"], Effect::Read, Code::ArgvValue);
    let labels = &[("labels", "^:^a=b:c=d")];
    refused(
        "compute instances create",
        labels,
        &["vm"],
        Effect::Create,
        Code::ArgvValue,
    );
}

#[test]
fn codes_are_read_from_what_gcloud_prints() {
    for (stderr, expected) in [
        (
            "ERROR: (gcloud.compute.images.describe) Could not fetch resource:\n - The resource 'projects/p/global/images/x' was not found\n",
            Some("notFound"),
        ),
        (
            "ERROR: (gcloud.compute.images.add-iam-policy-binding) HTTPError 404: The resource 'x' was not found.",
            Some("notFound"),
        ),
        (
            "ERROR: (gcloud.compute.instances.create) Could not fetch resource:\n - The resource 'projects/p/zones/z/instances/i' already exists\n",
            Some("alreadyExists"),
        ),
        (
            "ERROR: (gcloud.compute.disks.delete) Could not fetch resource:\n - The disk resource 'projects/p/zones/z/disks/d' is already being used by 'projects/p/global/images/i'\n",
            Some("resourceInUseByAnotherResource"),
        ),
        (
            "ERROR: (gcloud.compute.instances.create) You do not currently have an active account selected.\n",
            Some("noActiveAccount"),
        ),
        (
            "ERROR: (gcloud.compute.images.list) There was a problem refreshing your current auth tokens: invalid_grant",
            Some("tokenRefresh"),
        ),
        (
            "ERROR: (gcloud.compute.images.list) Some requests did not succeed:\n - Required 'compute.images.list' permission for 'projects/p'\n",
            Some("forbidden"),
        ),
        (
            "ERROR: Policy binding with the specified principal, role, and condition not found!\nERROR: (gcloud.compute.images.remove-iam-policy-binding) x",
            Some("bindingNotFound"),
        ),
        (
            " - Quota 'CPUS' exceeded.  Limit: 24.0 in region us-west1.",
            Some("quotaExceeded"),
        ),
        (
            "WARNING: The resource 'x' was not found\nERROR: (gcloud.compute.images.list) Invalid choice: 'lst'.",
            Some("UnknownCommand"),
        ),
        ("ERROR: gcloud crashed", None),
        ("", None),
    ] {
        assert_eq!(error_code(stderr).as_deref(), expected, "{stderr}");
    }
}

#[test]
fn no_secret_is_called_a_setting() {
    for variable in VARIABLES {
        let looks_secret = ["KEY", "TOKEN", "SECRET", "PASSWORD"]
            .iter()
            .any(|word| variable.name.contains(word));
        assert!(!looks_secret || variable.meaning != Setting, "{}", variable.name);
    }
}
