//! What is missing on the machine.

use super::*;

#[test]
fn missing_programs_are_a_prerequisite_error_with_their_address() {
    let (status, error) = error_of(&bare(), &["vm", "build", "--cloud", "aws", "--json"]);
    assert_eq!((status, error["code"].as_str().unwrap()), (4, "tool/missing"));
    assert!(
        error["remedy"]
            .as_str()
            .unwrap()
            .contains("https://developer.hashicorp.com/packer"),
        "{error}"
    );
    let (status, error) = error_of(&bare(), &["vm", "list", "--cloud", "aws", "--json"]);
    assert_eq!((status, error["code"].as_str().unwrap()), (4, "tool/missing"));
}

#[test]
fn doctor_on_an_empty_path_says_what_to_install() {
    let run = bare().run(&["vm", "doctor", "--cloud", "aws", "--json"]);
    assert_eq!(run.code(), Some(4), "{run}");
    let json = run.json();
    let report = &json[0];
    assert_eq!(report["packer_installed"], false);
    assert_eq!(report["cli_installed"], false);
    assert_eq!(report["satisfied"], false);
    let hints = report["hints"].to_string();
    assert!(hints.contains("developer.hashicorp.com/packer"), "{run}");
    assert!(hints.contains("aws.amazon.com/cli"), "{run}");
}

/// Without `--cloud` it looks at all of them: on a new machine nothing is configured yet.
#[test]
fn doctor_looks_at_all_clouds_at_once_and_says_where_to_get_everything() {
    let sindri = bare();
    let listed = sindri.run(&["plugin", "list", "--json"]).succeeded().json();
    let ids = |json: &Value, key: &str| -> Vec<String> {
        let items = json.as_array().unwrap().iter();
        items.map(|item| item[key].as_str().unwrap().to_owned()).collect()
    };
    let run = sindri.run(&["vm", "doctor", "--json"]);
    assert_eq!(run.code(), Some(4), "{run}");
    let reports = run.json();
    assert_eq!(ids(&reports, "cloud"), ids(&listed, "id"));
    for report in reports.as_array().unwrap() {
        let hints = report["hints"].to_string();
        assert!(
            hints.contains(report["install_url"].as_str().unwrap()),
            "{report}"
        );
        let login = serde_json::to_string(&report["login_hint"]).unwrap();
        assert!(hints.contains(login.trim_matches('"')), "{report}");
    }
    let text = sindri.run(&["vm", "doctor"]);
    let about_packer = |line: &&str| line.starts_with("packer: ");
    assert_eq!(text.stdout.lines().filter(about_packer).count(), 1, "{text}");
    assert!(!sindri.state().join("runs").exists() || sindri.journal().is_empty());
}

/// One after the other would be twice as long for one cloud and ten times for five.
#[test]
fn doctor_takes_as_long_as_its_slowest_program() {
    let mut sindri = bare();
    let listed = sindri.run(&["plugin", "list", "--json"]).succeeded().json();
    let mut programs = vec![("packer".to_owned(), "--version".to_owned())];
    for plugin in listed.as_array().unwrap() {
        let id = plugin["id"].as_str().unwrap();
        let inspected = sindri
            .run(&["plugin", "inspect", id, "--json"])
            .succeeded()
            .json();
        for tool in inspected["tools"].as_array().unwrap() {
            let words = tool["version_args"].as_array().unwrap().iter();
            let version: Vec<_> = words.map(|word| word.as_str().unwrap()).collect();
            programs.push((tool["program"].as_str().unwrap().to_owned(), version.join(" ")));
        }
    }
    for (program, version) in &programs {
        // Nobody is logged in, so no plugin has a second question.
        let script =
            format!("sleep 2; if [ \"$*\" = '{version}' ]; then echo version 1000.0.0; else exit 1; fi");
        sindri.fake(program, &script);
    }
    let began = std::time::Instant::now();
    let run = sindri.run(&["vm", "doctor", "--json"]);
    let took = began.elapsed();
    for report in run.json().as_array().unwrap() {
        assert_eq!(report["packer_version"], "1000.0.0", "{run}");
        assert_eq!(report["cli_version"], "1000.0.0", "{run}");
        assert_eq!(report["credentials_configured"], false, "{run}");
    }
    assert!(took >= std::time::Duration::from_secs(2), "{took:?}");
    assert!(took < std::time::Duration::from_millis(3500), "{took:?}: {run}");
}
