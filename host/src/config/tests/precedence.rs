//! Which place wins, and who is blamed.

use super::*;

#[test]
fn without_a_file_everything_has_its_documented_default() {
    let environment = Environment::of("/w", [("HOME", "/h")]);
    let settings = load(None, &Environment::of("/nonexistent-directory", [("A", "b")]))
        .unwrap()
        .resolve(&aws(), KNOWN, &Flags::default(), &environment)
        .unwrap();
    assert_eq!(settings.image_name, "sindri-dev");
    assert_eq!(settings.build, Build::default());
    assert_eq!(settings.build.ssh_timeout.to_string(), "20m");
    assert_eq!(settings.build.timeout.duration().as_secs(), 7200);
    assert!(settings.build.cache && settings.build.security.remove_ssh_keys);
    let expected = json!({
        "region": "us-west-2", "instance_type": "t3.large", "volume_size": 80, "volume_type": "gp3",
        "encrypt_boot": true, "ami_regions": [], "ami_users": [], "ami_groups": []
    });
    assert_eq!(Value::Object(settings.cloud_section.clone()), expected);
    assert_eq!(settings.origins.of("aws.region"), Origin::Default);
}

/// The earlier implementation never read the file and ignored the environment.
#[test]
fn the_strongest_place_wins_for_each_key() {
    let file = packer(
        "aws:\n  region: eu-west-1\n  volume_size: 100\nbuild:\n  profile: from-file\n  extensions: [a, b]",
    );
    let table: [(Case, &str, Origin); 4] = [
        (Case::of(""), "us-west-2", Origin::Default),
        (Case::of(&file), "eu-west-1", Origin::File { line: 4 }),
        (
            Case::of(&file)
                .variable("AWS_DEFAULT_REGION", "eu-west-3")
                .variable("AWS_REGION", "eu-west-2"),
            "eu-west-2",
            Origin::Environment {
                variable: "AWS_REGION".into(),
            },
        ),
        (
            Case::of(&file)
                .variable("AWS_REGION", "eu-west-2")
                .flag("region", "ap-south-1"),
            "ap-south-1",
            Origin::Flag {
                name: "region".into(),
            },
        ),
    ];
    for (case, region, origin) in table {
        let settings = case.resolve();
        assert_eq!(settings.cloud_section["region"], region);
        assert_eq!(settings.origins.of("aws.region"), origin);
    }
    let settings = Case::of(&file)
        .variable("SINDRI_PROFILE", "from-environment")
        .variable("AWS_DEFAULT_REGION", "eu-west-3")
        .flag("extensions", "x, y")
        .flag("cis-hardening", "true")
        .flag("disk-size", "64")
        .flag("timeout", "90s")
        .flag("arch", "arm64")
        .resolve();
    assert_eq!(settings.build.profile.as_deref(), Some("from-environment"));
    assert_eq!(settings.build.extensions, ["x", "y"]);
    assert!(settings.build.security.cis_hardening);
    assert_eq!(settings.cloud_section["volume_size"], 64);
    assert_eq!(settings.cloud_section["region"], "eu-west-3");
    assert_eq!(settings.build.timeout, TimeSpan::parse("90s").unwrap());
    assert_eq!(
        settings.build.architecture,
        Some(crate::contract::Architecture::Arm64)
    );
}

#[test]
fn the_cloud_is_found_before_any_plugin_is_loaded() {
    let file = packer("cloud: aws");
    for (case, expected) in [
        (Case::of(""), None),
        (Case::of(&packer("cloud:")), None),
        (Case::of(&file), Some("aws")),
        (Case::of(&file).variable("SINDRI_CLOUD", "azure"), Some("azure")),
        (
            Case::of(&file)
                .variable("SINDRI_CLOUD", "azure")
                .flag("cloud", "aws,azure"),
            Some("aws,azure"),
        ),
    ] {
        let file = load(None, &case.environment()).unwrap();
        assert_eq!(
            file.cloud(&case.flags, &case.environment()).unwrap().as_deref(),
            expected
        );
    }
    let case = Case::of(&packer("cloud: [aws]"));
    let error = load(None, &case.environment())
        .unwrap()
        .cloud(&case.flags, &case.environment())
        .unwrap_err();
    assert_eq!((error.code(), error.place().line), (Code::ConfigValue, Some(3)));
}

#[test]
fn a_wrong_flag_or_variable_is_blamed_and_not_the_file() {
    let error = Case::of(&packer("aws:\n  region: eu-west-1"))
        .flag("region", "Mars")
        .error();
    assert_eq!((error.code(), error.place().line), (Code::UsageArgument, None));
    assert!(error.message().contains("--region"), "{error}");
    let error = Case::of("").variable("AWS_REGION", "Mars").error();
    assert_eq!(error.code(), Code::ConfigValue);
    assert!(error.message().contains("AWS_REGION"), "{error}");
    for (flag, value) in [
        ("disk-size", "ten"),
        ("disk-size", "1"),
        ("cis-hardening", "yes"),
        ("extensions", "a,,b"),
        ("arch", "sparc"),
    ] {
        let error = Case::of("").flag(flag, value).error();
        assert_eq!(error.code(), Code::UsageArgument, "{error}");
    }
    // Accepted and ignored would be worse.
    let error = Case::of("").flag("subscription", "x").error();
    assert_eq!(error.code(), Code::UsageArgument);
    assert!(error.message().contains("--subscription"), "{error}");
}

#[test]
fn missing_keys_are_named_together_with_every_way_to_set_them() {
    let case = Case::of("");
    let error = case.resolve_for(&azure()).unwrap_err();
    assert_eq!(error.code(), Code::ConfigMissingKeys);
    let text = error.to_string();
    for part in [
        "providers.packer.azure.subscription_id",
        "providers.packer.azure.resource_group",
        "environment variable AZURE_SUBSCRIPTION_ID",
        "flag --subscription",
    ] {
        assert!(text.contains(part), "{text}");
    }
    let file = packer("azure:\n  resource_group: g\n  gallery: {gallery_name: n}");
    let settings = Case::of(&file)
        .variable("AZURE_SUBSCRIPTION_ID", "s")
        .resolve_for(&azure())
        .unwrap();
    let expected = json!({
        "resource_group": "g", "subscription_id": "s",
        "gallery": { "gallery_name": "n", "replication_regions": [] }
    });
    assert_eq!(Value::Object(settings.cloud_section), expected);
}

#[test]
fn the_shared_variables_are_these() {
    let variables: Vec<String> = shared_settings()
        .unwrap()
        .into_iter()
        .flat_map(|setting| setting.variables)
        .collect();
    let expected = [
        "SINDRI_CLOUD",
        "SINDRI_IMAGE_NAME",
        "SINDRI_EXTENSIONS",
        "SINDRI_PROFILE",
        "SINDRI_VERSION",
        "SINDRI_SSH_SOURCE_CIDRS",
        "SINDRI_TIMEOUT",
        "SINDRI_SSH_CIDR",
    ];
    assert_eq!(variables, expected);
}
