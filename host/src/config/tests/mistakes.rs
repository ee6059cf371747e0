//! What is said about a wrong file.

use std::path::Path;

use super::*;

/// Every wrong line is reported with the file, its own line, its key and a way out.
#[test]
fn each_mistake_names_its_line_and_key() {
    use Code::{ConfigConflict, ConfigMissingKeys, ConfigSyntax, ConfigUnknownKey, ConfigValue};
    #[rustfmt::skip]
    let table: &[(&str, Code, usize, &str, &str)] = &[
        ("imge_name: x", ConfigUnknownKey, 3, "imge_name", "did you mean `image_name`?"),
        ("build:\n  sshTimeout: 5m", ConfigUnknownKey, 4, "build.sshTimeout", "did you mean `ssh_timeout`?"),
        ("region: eu-west-1", ConfigUnknownKey, 3, "region", "did you mean `providers.packer.aws.region`?"),
        ("aws:\n  regoin: x", ConfigUnknownKey, 4, "aws.regoin", "did you mean `region`?"),
        ("amazon:\n  region: x", ConfigUnknownKey, 3, "amazon", "the section is called `aws`"),
        ("gpc: {}", ConfigUnknownKey, 3, "gpc", ""),
        ("<<: {}", ConfigUnknownKey, 3, "[\"<<\"]", "no merge keys"),
        ("image_name: 1.10", ConfigValue, 3, "image_name", "put it in quotes: \"1.10\""),
        ("image_name: -x", ConfigValue, 3, "image_name", "a letter first"),
        ("image_name: \"a b\"", ConfigValue, 3, "image_name", "a letter first"),
        ("image_id: ami-1", ConfigValue, 3, "image_id", "sindri vm deploy IMAGE_ID"),
        ("tags: {a: 1}", ConfigValue, 3, "tags.a", "\"1\""),
        ("tags:\n  a:", ConfigValue, 4, "tags.a", ""),
        ("tags:\n  \"a\\u0007\": x", ConfigValue, 4, "tags[\"a\\u{7}\"]", ""),
        ("tags:\n  a: \"x\\e[2J\"", ConfigValue, 4, "tags.a", ""),
        ("build:\n  cache: no", ConfigValue, 4, "build.cache", "write `false`"),
        ("build:\n  cache: \"true\"", ConfigValue, 4, "build.cache", "without quotes"),
        ("build:\n  extensions: a", ConfigValue, 4, "build.extensions", "write a list"),
        ("build:\n  extensions:\n    - ok\n    - --force", ConfigValue, 6, "build.extensions[1]", ""),
        ("build:\n  profile: ../x", ConfigValue, 4, "build.profile", ""),
        ("build:\n  sindri_version: newest", ConfigValue, 4, "build.sindri_version", "`latest`"),
        ("build:\n  sindri_version: 3.0", ConfigValue, 4, "build.sindri_version", "\"3.0\""),
        ("build:\n  parallel_builds: 2", ConfigValue, 4, "build.parallel_builds", "--cloud a,b"),
        ("build:\n  parallel_builds: -1", ConfigValue, 4, "build.parallel_builds", ""),
        ("build:\n  ssh_timeout: 20", ConfigValue, 4, "build.ssh_timeout", "\"20\""),
        ("build:\n  timeout: 25h", ConfigValue, 4, "build.timeout", "24 hours"),
        ("build:\n  ssh_port: 65536", ConfigValue, 4, "build.ssh_port", ""),
        ("build:\n  ssh_port: 022", ConfigValue, 4, "build.ssh_port", "leading zeros"),
        ("build:\n  ssh_host: -oProxyCommand=x", ConfigValue, 4, "build.ssh_host", ""),
        ("build:\n  communicator: winrm", ConfigValue, 4, "build.communicator", ""),
        ("build:\n  on_error: ask", ConfigValue, 4, "build.on_error", ""),
        ("build:\n  ssh_source_cidrs: [10.0.0.1/8]", ConfigValue, 4, "build.ssh_source_cidrs[0]", "no bits set"),
        ("build:\n  release_base_url: http://mirror/x", ConfigValue, 4, "build.release_base_url", "https"),
        ("build:\n  environment: {A-B: x}", ConfigValue, 4, "build.environment.A-B", ""),
        ("build:\n  scripts: [~/x.sh]", ConfigValue, 4, "build.scripts[0]", "not expanded"),
        ("build:\n  file_uploads:\n    - source: a", ConfigMissingKeys, 5, "", ""),
        ("build:\n  file_uploads:\n    - {source: a, destination: b}", ConfigValue, 5, "build.file_uploads[0].destination", "absolute"),
        ("build:\n  security: {openscap_minimum_score: 101}", ConfigValue, 4, "build.security.openscap_minimum_score", ""),
        ("build:\n  communicator: none\n  scripts: [a.sh]", ConfigConflict, 5, "build.scripts", "remove"),
        ("deploy:\n  ssh_cidr: anywhere", ConfigValue, 4, "deploy.ssh_cidr", "203.0.113.7/32"),
        ("aws:\n  volume_size: 7", ConfigValue, 4, "aws.volume_size", ""),
        ("aws:\n  volume_size: 80.5", ConfigValue, 4, "aws.volume_size", ""),
        ("aws:\n  volume_type: gp4", ConfigValue, 4, "aws.volume_type", ""),
        ("aws:\n  ami_users: [123456789012]", ConfigValue, 4, "aws.ami_users[0]", "\"123456789012\""),
        ("aws:\n  ami_regions: [a, a]", ConfigValue, 4, "aws.ami_regions", ""),
        ("aws: eu-west-1", ConfigValue, 3, "aws", ""),
        ("aws: !include aws.yaml", ConfigValue, 3, "aws", ""),
        ("cloud: aws\ncloud: azure", ConfigSyntax, 4, "", "keep one"),
        ("cloud: aws\n\tx: y", ConfigSyntax, 4, "", "never with tabs"),
    ];
    for (lines, code, line, key, remedy) in table {
        let error = Case::of(&packer(lines)).error();
        let place = error.place();
        let shown = format!("{lines:?}: {error}");
        assert_eq!(error.code(), *code, "{shown}");
        assert_eq!(place.file.as_deref(), Some(Path::new("sindri.yaml")), "{shown}");
        assert_eq!(place.line, Some(*line), "{shown}");
        if !key.is_empty() {
            let separator = if key.starts_with('[') { "" } else { "." };
            assert_eq!(
                place.key.as_deref(),
                Some(format!("providers.packer{separator}{key}").as_str()),
                "{shown}"
            );
        }
        assert!(error.next().unwrap_or_default().contains(remedy), "{shown}");
    }
}

#[test]
fn all_mistakes_are_reported_at_once_in_the_order_of_the_file() {
    let error = Case::of(&packer(
        "aws:\n  volume_size: 1\nimage_name: \"\"\nbuild:\n  cache: maybe\n  prfile: x",
    ))
    .error();
    assert_eq!(error.place().line, Some(4));
    let details = error.details();
    assert_eq!(details.len(), 3, "{error}");
    assert!(
        details[0].starts_with("line 5: providers.packer.image_name: "),
        "{error}"
    );
    assert!(
        details[1].starts_with("line 7: providers.packer.build.cache: "),
        "{error}"
    );
    assert!(details[2].contains("did you mean `profile`?"), "{error}");
}

/// The documents of the earlier implementation used `packer:` at the top; it was never read.
#[test]
fn a_misplaced_section_is_not_ignored() {
    for (text, line) in [
        ("a: b\npacker:\n  cloud: aws\n", 2),
        ("provider:\n  packer: {}\n", 1),
        ("providers:\n  Packer: {}\n", 2),
        ("providers:\n  paker: {}\n", 2),
    ] {
        let error = Case::of(text).error();
        assert_eq!(
            (error.code(), error.place().line),
            (Code::ConfigUnknownKey, Some(line)),
            "{error}"
        );
        assert!(error.next().unwrap().contains("`providers:`"), "{error}");
    }
    for text in ["a\n", "- a\n", "providers: x\n", "providers: {packer: x}\n"] {
        assert!(Case::of(text).resolve_for(&aws()).is_err(), "{text}");
    }
}

#[test]
fn another_clouds_section_is_left_alone_until_the_whole_file_is_checked() {
    let case = Case::of(&packer("aws: {region: eu-west-1}\nazure: {locaton: x}"));
    assert_eq!(case.resolve().cloud_section["region"], "eu-west-1");
    let file = load(None, &case.environment()).unwrap();
    let error = file.check(&[aws(), azure()]).unwrap_err();
    assert_eq!(
        (error.code(), error.place().line, error.details().len()),
        (Code::ConfigUnknownKey, Some(4), 0)
    );
    // Missing keys may come from the environment.
    let case = Case::of(&packer("azure: {}"));
    load(None, &case.environment())
        .unwrap()
        .check(&[aws(), azure()])
        .unwrap();
}
