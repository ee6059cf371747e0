//! Every configuration of the documentation makes a template.

use std::fs;

use sindri_tests::lab::Sindri;

use crate::{blocks, page, pages};

const CLOUDS: [&str; 5] = ["aws", "azure", "gcp", "oci", "alibaba"];

/// The clouds of a configuration: those that have a section, else the one it names.
fn clouds(yaml: &str) -> Vec<&'static str> {
    let has = |cloud: &str| {
        yaml.lines()
            .any(|line| line.starts_with(&format!("    {cloud}:")))
    };
    let named = |cloud: &str| {
        yaml.lines()
            .filter_map(|line| line.trim().strip_prefix("cloud: "))
            .any(|names| names.split(',').any(|name| name.trim() == cloud))
    };
    CLOUDS
        .into_iter()
        .filter(|cloud| has(cloud) || named(cloud))
        .collect()
}

#[test]
fn every_configuration_of_the_guides_makes_a_template() {
    let mut rendered = 0;
    for (name, text) in pages() {
        for yaml in blocks(&text, &["yaml"])
            .iter()
            .filter(|yaml| yaml.contains("providers:"))
        {
            let mut sindri = Sindri::new();
            // Files that examples name.
            fs::create_dir(sindri.work().join("files")).unwrap();
            for file in ["setup.sh", "site.yml", "files/motd"] {
                fs::write(sindri.work().join(file), "# an example\n").unwrap();
            }
            sindri.set("NPM_TOKEN", "an example").configure(yaml);
            let mut clouds = clouds(yaml);
            // Only what all have in common.
            if clouds.is_empty() {
                clouds.push("aws");
            }
            for cloud in clouds {
                let run = sindri.run(&["vm", "build", "--cloud", cloud, "--dry-run", "--json"]);
                assert_eq!(run.code(), Some(0), "{name}:\n{yaml}\n{run}");
                rendered += 1;
            }
        }
    }
    assert!(rendered > 25, "only {rendered} examples were found");
}

#[test]
fn each_cloud_has_as_many_examples_as_its_guide_promises() {
    for (cloud, count) in [("AWS", 4), ("AZURE", 4), ("GCP", 3), ("OCI", 5), ("ALIBABA", 4)] {
        let text = page(&format!("docs/providers/{cloud}.md"));
        let (_, section) = text.split_once("## Configuration Examples").expect("the section");
        let section = section.split("\n## ").next().unwrap();
        assert!(blocks(section, &["yaml"]).len() >= count, "{cloud}");
    }
}
