//! The table that says where each demand is met.

use crate::{page, root};

#[test]
fn every_demand_has_a_row_and_what_it_names_is_there() {
    let text = page("docs/traceability.md");
    let rows: Vec<Vec<&str>> = text
        .lines()
        .filter(|line| line.starts_with("| R"))
        .map(|line| line.trim_matches('|').split('|').map(str::trim).collect())
        .collect();
    let ids: Vec<String> = rows.iter().map(|row| row[0].to_owned()).collect();
    let expected: Vec<String> = (1..=56).map(|number| format!("R{number}")).collect();
    assert_eq!(ids, expected);
    for row in &rows {
        assert_eq!(row.len(), 5, "{row:?}");
        assert!(["met", "part", "open"].contains(&row[4]), "{row:?}");
        let is_open = row[4] == "open";
        let named: Vec<&str> = row[3].split('`').skip(1).step_by(2).collect();
        assert!(is_open || !named.is_empty(), "{}: which test shows it?", row[0]);
        for path in named {
            let file = path.split("::").next().unwrap();
            assert!(root().join(file).exists(), "{}: {file}", row[0]);
            if let Some((_, test)) = path.split_once("::") {
                let text = sources(&root().join(file));
                assert!(text.contains(&format!("fn {test}")), "{}: {path}", row[0]);
            }
        }
    }
}

/// A file, or all files of a folder.
fn sources(path: &std::path::Path) -> String {
    if path.is_file() {
        return std::fs::read_to_string(path).unwrap();
    }
    let entries = std::fs::read_dir(path).unwrap();
    entries.map(|entry| sources(&entry.unwrap().path())).collect()
}

/// What the specification was written from, where its readers need it.
#[test]
fn the_sources_of_the_specification_are_cited() {
    let sources: [(&str, &[&str]); 6] = [
        (
            "AWS",
            &[
                "AWSEC2/latest/UserGuide/sharing-amis.html",
                "AWSEC2/latest/UserGuide/building-shared-amis.html",
                "AWSEC2/latest/UserGuide/sharingamis-intro.html",
                "marketplace/latest/userguide/best-practices-for-building-your-amis.html",
                "configuring-openid-connect-in-amazon-web-services",
            ],
        ),
        (
            "AZURE",
            &[
                "virtual-machines/azure-compute-gallery",
                "virtual-machines/share-gallery-community",
                "virtual-machines/share-gallery)",
                "configuring-openid-connect-in-azure",
            ],
        ),
        (
            "GCP",
            &[
                "images/managing-access-custom-images",
                "images/image-management-best-practices",
                "images/image-families-best-practices",
                "iam/docs/workload-identity-federation)",
                "iam/docs/best-practices-for-using-workload-identity-federation",
            ],
        ),
        (
            "OCI",
            &[
                "Compute/Tasks/managingcustomimages.htm",
                "Marketplace/Concepts/marketoverview.htm",
                "Marketplace/app-publisher-guidelines-images.htm",
            ],
        ),
        (
            "ALIBABA",
            &[
                "user-guide/image-overview",
                "user-guide/share-a-custom-image",
                "marketplace/publish-image-products",
            ],
        ),
        ("VM", &["actions/concepts/security/openid-connect"]),
    ];
    for (guide, addresses) in sources {
        let text = page(&format!("docs/providers/{guide}.md"));
        for address in addresses {
            assert!(text.contains(address), "{guide}: {address}");
        }
    }
}
