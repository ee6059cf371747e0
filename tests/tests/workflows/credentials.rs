//! What is missing is said first, by name, all at once.

use std::process::Command;

use crate::{CLOUDS, root};

fn check(cloud: &str, set: &[&str]) -> (bool, String) {
    let mut command = Command::new(root().join(".github/actions/packer/login/check.sh"));
    command
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("CLOUD", cloud);
    for name in set {
        command.env(name, "value-of-a-secret");
    }
    let output = command.output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(!text.contains("value-of-a-secret"), "{text}");
    (output.status.success(), text)
}

#[test]
fn each_missing_secret_is_named_and_nothing_else_is_asked_for() {
    let needed: [(&str, &[&str]); 6] = [
        ("aws", &["AWS_ROLE_ARN"]),
        (
            "azure",
            &[
                "AZURE_CLIENT_ID",
                "AZURE_TENANT_ID",
                "AZURE_SUBSCRIPTION_ID",
                "AZURE_RESOURCE_GROUP",
            ],
        ),
        (
            "gcp",
            &[
                "GCP_WORKLOAD_IDENTITY_PROVIDER",
                "GCP_SERVICE_ACCOUNT",
                "GCP_PROJECT_ID",
            ],
        ),
        (
            "oci",
            &[
                "OCI_USER_OCID",
                "OCI_TENANCY_OCID",
                "OCI_FINGERPRINT",
                "OCI_PRIVATE_KEY",
                "OCI_REGION",
                "OCI_COMPARTMENT_OCID",
                "OCI_SUBNET_OCID",
                "OCI_AVAILABILITY_DOMAIN",
            ],
        ),
        ("alibaba", &["ALIBABA_ROLE_ARN", "ALIBABA_OIDC_PROVIDER_ARN"]),
        ("alibaba", &["ALIBABA_ACCESS_KEY", "ALIBABA_SECRET_KEY"]),
    ];
    for (cloud, names) in needed {
        assert!(check(cloud, names).0, "{cloud}");
        for left_out in names {
            let set: Vec<_> = names.iter().filter(|name| *name != left_out).copied().collect();
            let (succeeded, text) = check(cloud, &set);
            let is_role = cloud == "alibaba" && set == ["ALIBABA_SECRET_KEY"];
            assert!(!succeeded, "{cloud} without {left_out}");
            assert!(text.contains(left_out) || is_role, "{text}");
        }
    }
    for cloud in CLOUDS {
        let (succeeded, text) = check(cloud, &[]);
        assert!(
            !succeeded && text.starts_with("::error title="),
            "{cloud}: {text}"
        );
    }
    assert!(!check("nimbus", &[]).0);
}

/// The key is written for its owner alone, and both forms of the secret are taken.
#[test]
fn the_key_of_oracle_cloud_becomes_a_private_file() {
    use std::os::unix::fs::PermissionsExt;

    let pem = "-----BEGIN PRIVATE KEY-----\nMIIBVgIBADANBg\n-----END PRIVATE KEY-----";
    let encoded =
        "LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0tCk1JSUJWZ0lCQURBTkJnCi0tLS0tRU5EIFBSSVZBVEUgS0VZLS0tLS0=";
    for secret in [pem, encoded] {
        let folder = tempfile::TempDir::new().unwrap();
        let environment = folder.path().join("env");
        let output = Command::new(root().join(".github/actions/packer/login/oci.sh"))
            .env_clear()
            .env("PATH", "/usr/bin:/bin")
            .env("RUNNER_TEMP", folder.path())
            .env("GITHUB_ENV", &environment)
            .envs([
                ("OCI_USER_OCID", "ocid1.user.oc1..u"),
                ("OCI_TENANCY_OCID", "ocid1.tenancy.oc1..t"),
                ("OCI_FINGERPRINT", "aa:bb"),
                ("OCI_REGION", "us-phoenix-1"),
                ("OCI_PRIVATE_KEY", secret),
            ])
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        let key = folder.path().join("oci/key.pem");
        assert_eq!(std::fs::read_to_string(&key).unwrap().trim_end(), pem);
        assert_eq!(key.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let config = std::fs::read_to_string(folder.path().join("oci/config")).unwrap();
        assert!(
            config.contains(&format!("key_file={}\n", key.display())),
            "{config}"
        );
        let handed_on = std::fs::read_to_string(environment).unwrap();
        assert!(handed_on.starts_with("OCI_CLI_CONFIG_FILE="), "{handed_on}");
    }
}
