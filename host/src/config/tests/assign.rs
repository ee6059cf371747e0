//! Flags when several clouds are named.

use super::*;

/// Like `azure`, with keys of its own that have the flags of `aws`.
fn other() -> ProviderInfo {
    let own = json!({
        "type": "object", "additionalProperties": false,
        "properties": {
            "zone": { "type": "string", "x-sindri": { "flag": "region" } },
            "disk_size": { "type": "integer", "x-sindri": { "flag": "disk-size" } },
            "project_id": { "type": "string" }, "vpc_id": { "type": "string" }
        }
    });
    plugin("other", &own)
}

fn flags(named: &[(&'static str, &str)], variables: &[&str]) -> Flags {
    let mut flags = Flags::default();
    for (name, value) in named {
        flags.set(name, *value);
    }
    for variable in variables {
        flags.set_variable(variable).unwrap();
    }
    flags
}

#[test]
fn a_shared_flag_and_a_size_go_to_every_cloud() {
    let both = flags(&[("name", "web"), ("disk-size", "40")], &[])
        .assign(&[&aws(), &other()])
        .unwrap();
    for flags in &both {
        assert_eq!(
            (flags.get("name"), flags.get("disk-size")),
            (Some("web"), Some("40"))
        );
    }
}

/// A region of one cloud would have been given to the other.
#[test]
fn a_place_that_could_be_of_either_cloud_is_refused() {
    for (given, key) in [
        (flags(&[("region", "eu-west-1")], &[]), "--region"),
        (flags(&[], &["vpc_id=vpc-01234567"]), "--var vpc_id"),
    ] {
        let error = given.assign(&[&aws(), &other()]).unwrap_err();
        assert_eq!(error.code(), Code::UsageArgument);
        assert!(error.message().contains(key), "{error}");
        assert!(error.message().contains("aws, other"), "{error}");
        assert!(given.assign(&[&aws()]).is_ok(), "one cloud is unambiguous");
    }
}

#[test]
fn a_flag_that_only_one_cloud_takes_is_that_clouds() {
    let given = flags(&[("instance-type", "m7i.large")], &["project_id=x"]);
    let assigned = given.assign(&[&aws(), &other()]).unwrap();
    assert_eq!(assigned[0].get("instance-type"), Some("m7i.large"));
    assert_eq!(assigned[1].get("instance-type"), None);
    let resolve = |plugin: &ProviderInfo, flags: &Flags| {
        let file = File::empty(&Environment::default());
        file.resolve(plugin, &["aws", "other"], flags, &Environment::default())
            .unwrap()
    };
    assert_eq!(resolve(&other(), &assigned[1]).cloud_section["project_id"], "x");
    assert!(
        !resolve(&aws(), &assigned[0])
            .cloud_section
            .contains_key("project_id")
    );
}

#[test]
fn a_flag_that_no_cloud_takes_is_refused_at_once() {
    for given in [flags(&[("subscription", "s")], &[]), flags(&[], &["nonsense=1"])] {
        let error = given.assign(&[&aws(), &other()]).unwrap_err();
        assert_eq!(error.code(), Code::UsageArgument, "{error}");
    }
}

/// A size that only some of them take would be ignored on the others.
#[test]
fn a_size_must_mean_something_to_all_or_to_one() {
    let given = flags(&[("disk-size", "40")], &[]);
    assert!(given.assign(&[&aws(), &azure(), &other()]).is_err());
    let assigned = given.assign(&[&aws(), &azure()]).unwrap();
    assert_eq!(
        (assigned[0].get("disk-size"), assigned[1].get("disk-size")),
        (Some("40"), None)
    );
}

#[test]
fn required_keys_may_be_missing_where_nothing_is_made() {
    let file = File::empty(&Environment::default());
    let (settings, gaps) = file
        .resolve_with_gaps(&azure(), KNOWN, &Flags::default(), &Environment::default())
        .unwrap();
    assert!(settings.cloud_section.is_empty());
    assert_eq!(gaps.unwrap().code(), Code::ConfigMissingKeys);
}
