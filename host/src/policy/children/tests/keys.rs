//! Keys: the same for a tool and for Packer, and never printed.

use super::*;

#[test]
fn credentials_and_proxy_passwords_are_known_to_the_redactor() {
    let lab = lab([
        ("AWS_SECRET_ACCESS_KEY", "abcdefgh"),
        ("AWS_SESSION_TOKEN", "token123"),
        ("AWS_PROFILE", "work"),
        ("https_proxy", "http://me:pass:w@rd@proxy.example:3128"),
        ("HTTP_PROXY", "http://proxy.example:3128"),
    ]);
    let aws = tools::profile("aws").unwrap();
    let mut found = secrets(&lab.user, &[&aws]);
    found.sort();
    assert_eq!(found, ["abcdefgh", "pass:w@rd", "token123"]);
}

/// Lines of the environment of `aliyun` and of Packer for it that begin with one of these.
fn keys_of(lab: &Lab, choices: &Choices) -> Vec<String> {
    let aliyun = tools::profile("aliyun").unwrap();
    let program = Path::new("/usr/bin/x");
    let profile = &aliyun;
    let tool = shown(&lab.names_and_values(Child::Tool { program, profile }, choices));
    let packer = shown(&lab.names_and_values(Child::Packer { program, profile }, choices));
    let is_key = |line: &&String| {
        ["ALI", "SECURITY_TOKEN"]
            .iter()
            .any(|start| line.starts_with(start))
            && !line.contains("PLUGIN_AUTO")
    };
    let of_tool: Vec<String> = tool.iter().filter(is_key).cloned().collect();
    let of_packer: Vec<String> = packer.iter().filter(is_key).cloned().collect();
    assert_eq!(of_tool, of_packer, "each would act for another account");
    of_tool
}

#[test]
fn aliyun_and_packer_get_the_same_keys_under_the_names_that_each_reads() {
    let all = keys_of(
        &lab([
            ("ALICLOUD_ACCESS_KEY", "k"),
            ("ALICLOUD_SECRET_KEY", "s"),
            ("SECURITY_TOKEN", "t"),
        ]),
        &Choices::default(),
    );
    for line in [
        "ALIBABA_CLOUD_ACCESS_KEY_ID=k",
        "ALIBABA_CLOUD_ACCESS_KEY_SECRET=s",
        "ALIBABA_CLOUD_SECURITY_TOKEN=t",
        "ALICLOUD_ACCESS_KEY=k",
        "ALICLOUD_SECRET_KEY=s",
        "SECURITY_TOKEN=t",
        "ALIBABA_CLOUD_IGNORE_PROFILE=TRUE",
    ] {
        assert!(all.iter().any(|found| found == line), "{line}: {all:?}");
    }
    let mixed = keys_of(
        &lab([
            ("ALIBABA_CLOUD_ACCESS_KEY_ID", "k"),
            ("ALIBABA_CLOUD_ACCESS_KEY_SECRET", "s"),
            ("ALICLOUD_ACCESS_KEY", "other"),
            ("ALICLOUD_SECRET_KEY", "other"),
            ("SECURITY_TOKEN", "other"),
        ]),
        &Choices::default(),
    );
    assert!(!mixed.iter().any(|line| line.ends_with("=other")), "{mixed:?}");
    let half = keys_of(&lab([("ALIBABA_CLOUD_ACCESS_KEY_ID", "k")]), &Choices::default());
    assert!(half.is_empty(), "{half:?}");
}

#[test]
fn who_chooses_a_profile_gets_its_keys_and_no_others() {
    let lab = lab([("ALICLOUD_ACCESS_KEY", "k"), ("ALICLOUD_SECRET_KEY", "s")]);
    let chosen = Choices {
        profile: Some("work".into()),
        ..Choices::default()
    };
    assert_eq!(keys_of(&lab, &chosen), ["ALICLOUD_PROFILE=work"]);
    let secrets = secrets(&lab.user, &[&tools::aliyun::PROFILE]);
    assert!(secrets.contains(&"k".to_owned()) && secrets.contains(&"s".to_owned()));
}
