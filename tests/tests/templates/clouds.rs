//! What to try on each cloud. Identifiers are well-formed and nobody's.

use serde_json::{Map, json};

use super::keys::Cloud;

/// AWS.
pub(crate) const AWS: Cloud = Cloud {
    id: "aws",
    schema: sindri_plugin_aws::CONFIG_SCHEMA,
    examples: &[
        ("region", &["\"eu-central-1\""]),
        ("instance_type", &["\"m7g.large\"", "\"m7i.xlarge\""]),
        ("volume_size", &["500"]),
        ("volume_iops", &["3000"]),
        ("volume_throughput", &["500"]),
        ("kms_key_id", &["\"alias/images\""]),
        ("source_ami", &["\"ami-0123456789abcdef0\""]),
        ("vpc_id", &["\"vpc-0123abcd\""]),
        ("subnet_id", &["\"subnet-0123abcd\""]),
        ("security_group_id", &["\"sg-0123abcd\""]),
        ("iam_instance_profile", &["\"builder\""]),
        ("ami_regions", &["[\"eu-west-1\", \"eu-central-1\"]"]),
        ("ami_users", &["[\"123456789012\"]"]),
        ("ami_groups", &["[\"all\"]"]),
    ],
    // They say where the CLI and Packer find the account and the service.
    irrelevant: &["profile", "endpoint_url"],
    not_with_debian: &[],
    log_in: |sindri| {
        sindri
            .set("AWS_ACCESS_KEY_ID", "test")
            .set("AWS_SECRET_ACCESS_KEY", "test");
        Map::new()
    },
};

/// Azure.
pub(crate) const AZURE: Cloud = Cloud {
    id: "azure",
    schema: sindri_plugin_azure::CONFIG_SCHEMA,
    examples: &[
        ("subscription_id", &["\"00000000-0000-0000-0000-000000000001\""]),
        ("resource_group", &["\"images\""]),
        ("location", &["\"westeurope\""]),
        ("vm_size", &["\"Standard_D4ps_v5\"", "\"Standard_D2s_v5\""]),
        ("os_disk_size_gb", &["128"]),
        (
            "gallery",
            &[
                r#"{"gallery_name": "golden", "image_name": "sindri", "replication_regions": []}"#,
                r#"{"gallery_name": "golden", "image_name": "sindri", "image_version": "1.2.3",
                    "replication_regions": ["northeurope", "eastus"]}"#,
            ],
        ),
        ("virtual_network_name", &["\"net\""]),
        ("virtual_network_subnet_name", &["\"build\""]),
        ("virtual_network_resource_group_name", &["\"network\""]),
        (
            "spot",
            &[
                r#"{"eviction_policy": "Delete"}"#,
                r#"{"eviction_policy": "Deallocate", "max_price": "0.05"}"#,
            ],
        ),
    ],
    irrelevant: &[],
    // Its builder knows neither Trusted Launch nor spot machines, arm64 and StandardSSD, and wants replicas.
    not_with_debian: &[
        r#"architecture="arm64""#,
        r#"gallery={"gallery_name":"golden","image_name":"sindri","replication_regions":[]}"#,
        "secure_boot_enabled=true",
        r#"security_type="TrustedLaunch""#,
        r#"spot={"eviction_policy":"Deallocate","max_price":"0.05"}"#,
        r#"spot={"eviction_policy":"Delete"}"#,
        r#"vm_size="Standard_D4ps_v5""#,
        r#"storage_account_type="StandardSSD_LRS""#,
        "vtpm_enabled=true",
    ],
    log_in: |sindri| {
        sindri
            .set("ARM_CLIENT_ID", "00000000-0000-0000-0000-000000000002")
            .set("ARM_CLIENT_SECRET", "test")
            .set("ARM_TENANT_ID", "00000000-0000-0000-0000-000000000003");
        Map::new()
    },
};

/// Google Cloud.
pub(crate) const GCP: Cloud = Cloud {
    id: "gcp",
    schema: sindri_plugin_gcp::CONFIG_SCHEMA,
    examples: &[
        ("project_id", &["\"my-project\""]),
        ("zone", &["\"europe-west1-b\""]),
        ("machine_type", &["\"t2a-standard-4\"", "\"c3-standard-4\""]),
        ("disk_size", &["200"]),
        ("source_image", &["\"ubuntu-2404-noble-amd64-v20261101\""]),
        (
            "source_image_project_id",
            &["[\"ubuntu-os-cloud\", \"my-images\"]"],
        ),
        ("image_family", &["\"golden\""]),
        ("image_storage_locations", &["[\"eu\"]"]),
        (
            "kms_key_name",
            &["\"projects/my-keys/locations/eu/keyRings/images/cryptoKeys/golden\""],
        ),
        ("network", &["\"build\""]),
        ("subnetwork", &["\"build\""]),
        ("network_project_id", &["\"my-network\""]),
        ("network_tags", &["[\"build\", \"ssh\"]"]),
        (
            "service_account_email",
            &["\"builder@my-project.iam.gserviceaccount.com\""],
        ),
    ],
    irrelevant: &["profile", "endpoint_url"],
    not_with_debian: &[],
    log_in: |sindri| {
        let file = sindri.home().join("account.json");
        // The key is read, and used only when somebody is asked for a token.
        let account = json!({
            "type": "service_account", "project_id": "my-project", "private_key_id": "1",
            "private_key": super::rsa_key(), "client_id": "1",
            "client_email": "builder@my-project.iam.gserviceaccount.com",
            "token_uri": "https://oauth2.googleapis.com/token",
        });
        super::write_private(&file, &account.to_string());
        sindri.set("GOOGLE_APPLICATION_CREDENTIALS", file);
        Map::new()
    },
};

/// Oracle Cloud.
pub(crate) const OCI: Cloud = Cloud {
    id: "oci",
    schema: sindri_plugin_oci::CONFIG_SCHEMA,
    examples: &[
        ("region", &["\"eu-frankfurt-1\""]),
        ("compartment_ocid", &["\"ocid1.compartment.oc1..aaaatest\""]),
        ("availability_domain", &["\"Uocm:EU-FRANKFURT-1-AD-1\""]),
        ("subnet_ocid", &["\"ocid1.subnet.oc1.eu-frankfurt-1.aaaatest\""]),
        ("shape", &["\"VM.Standard2.2\"", "\"VM.Standard.A1.Flex\""]),
        ("shape_config", &[r#"{"ocpus": 4, "memory_in_gbs": 64}"#]),
        ("boot_volume_size_gb", &["200"]),
        (
            "base_image_ocid",
            &["\"ocid1.image.oc1.eu-frankfurt-1.aaaatest\""],
        ),
        (
            "nsg_ocids",
            &["[\"ocid1.networksecuritygroup.oc1.eu-frankfurt-1.aaaatest\"]"],
        ),
        ("ssh_username", &["\"opc\""]),
    ],
    // They say where copies may be, and who is logged in.
    irrelevant: &[
        "copy_regions",
        "copy_bucket",
        "auth",
        "profile",
        "config_file",
        "tenancy_ocid",
        "user_ocid",
        "fingerprint",
        "key_file",
    ],
    // Its builder does not know flexible shapes, and all arm64 shapes are.
    not_with_debian: &[
        r#"architecture="arm64""#,
        r#"shape="VM.Standard.A1.Flex""#,
        "shape=(not set)",
        r#"shape_config={"ocpus":4,"memory_in_gbs":64}"#,
    ],
    log_in: |sindri| {
        let key = sindri.home().join(".oci/key.pem");
        super::write_private(&key, &super::rsa_key());
        let fingerprint = ["00"; 16].join(":");
        let settings = format!(
            "[DEFAULT]\nuser=ocid1.user.oc1..aaaatest\ntenancy=ocid1.tenancy.oc1..aaaatest\n\
             region=eu-frankfurt-1\nfingerprint={fingerprint}\nkey_file={}\n",
            key.display()
        );
        let file = sindri.home().join(".oci/config");
        super::write_private(&file, &settings);
        // By itself the builder looks in the home that the list of accounts names, whatever HOME says.
        Map::from_iter([("config_file".to_owned(), json!(file))])
    },
};

/// Alibaba Cloud.
pub(crate) const ALIBABA: Cloud = Cloud {
    id: "alibaba",
    schema: sindri_plugin_alibaba::CONFIG_SCHEMA,
    examples: &[
        ("region", &["\"eu-central-1\""]),
        ("zone_id", &["\"eu-central-1a\""]),
        ("instance_type", &["\"ecs.g8y.xlarge\"", "\"ecs.c7.large\""]),
        ("system_disk_size_gb", &["200", "500", "1500"]),
        ("source_image", &["\"m-0123456789abcdef\""]),
        ("vpc_id", &["\"vpc-0123456789abcdef\""]),
        ("vswitch_id", &["\"vsw-0123456789abcdef\""]),
        ("security_group_id", &["\"sg-0123456789abcdef\""]),
        ("internet_max_bandwidth_out", &["100"]),
        ("spot_price_limit", &["0.25"]),
        ("image_copy_regions", &["[\"eu-west-1\", \"cn-beijing\"]"]),
        ("image_share_accounts", &["[\"1234567890123456\"]"]),
    ],
    irrelevant: &["profile"],
    not_with_debian: &[],
    log_in: |sindri| {
        sindri
            .set("ALIBABA_CLOUD_ACCESS_KEY_ID", "test")
            .set("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "test");
        Map::new()
    },
};
