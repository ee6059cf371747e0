//! What each guide has to have.

use crate::page;

const VM: &[&str] = &[
    "Overview",
    "Quick Start",
    "Additional Guides",
    "Prerequisites",
    "Supported Clouds",
    "CLI Commands Reference",
    "Configuration",
    "Examples",
    "Template System",
    "GitHub Actions",
    "Troubleshooting",
    "Security",
    "Cost Estimates",
    "Hardcoded Defaults",
    "Related",
];

#[test]
fn every_guide_has_the_sections_that_its_readers_look_for() {
    let guides: [(&str, &[&str]); 6] = [
        ("VM", VM),
        (
            "AWS",
            &[
                "Overview",
                "Prerequisites",
                "IAM Permissions",
                "Authentication Methods",
                "Region Selection",
                "Configuration Examples",
                "Quick Start",
                "AMI Management",
                "VPC and Subnet",
                "Cost Optimization",
                "Troubleshooting",
                "CI/CD",
                "Related",
            ],
        ),
        (
            "AZURE",
            &[
                "Overview",
                "Prerequisites",
                "RBAC Roles and Permissions",
                "Authentication",
                "Resource Group Setup",
                "Configuration Examples",
                "Azure Compute Gallery",
                "Networking",
                "Cost Optimization",
                "GitHub Actions",
                "Troubleshooting",
                "Related",
            ],
        ),
        (
            "GCP",
            &[
                "Overview",
                "Prerequisites",
                "IAM Roles",
                "Authentication",
                "Project Configuration",
                "Configuration Examples",
                "Image Families",
                "Cross-Project Sharing",
                "Networking",
                "GitHub Actions",
                "Troubleshooting",
                "Quick Reference",
                "Related",
            ],
        ),
        (
            "OCI",
            &[
                "Overview",
                "Prerequisites",
                "Authentication",
                "Required Config Values",
                "IAM Policies",
                "Quick Start",
                "Configuration Examples",
                "Compartment Organization",
                "Availability Domains",
                "Shape Selection",
                "Image Distribution",
                "CLI Commands",
                "GitHub Actions",
                "Troubleshooting",
                "Cost",
                "Related",
            ],
        ),
        (
            "ALIBABA",
            &[
                "Overview",
                "Prerequisites",
                "RAM Permissions",
                "Authentication",
                "Region Selection",
                "Configuration Examples",
                "VPC and VSwitch",
                "Security Groups",
                "EIP Allocation",
                "Image Distribution",
                "CLI Commands",
                "GitHub Actions",
                "Troubleshooting",
                "Related",
            ],
        ),
    ];
    for (name, headings) in guides {
        let text = page(&format!("docs/providers/{name}.md"));
        for heading in headings {
            let line = format!("## {heading}");
            assert!(text.lines().any(|found| found == line), "{name}: no `{line}`");
        }
    }
}

#[test]
fn the_overview_has_the_promised_length() {
    let lines = page("docs/providers/VM.md").lines().count();
    assert!((400..=500).contains(&lines), "{lines} lines");
}
