//! Commands that any plugin for a cloud may run when somebody reviews command lines: they read what images, sizes and
//! places there are, and nothing that says who the user is beyond the account itself.

use crate::contract::{CommandRequest, Effect};

/// Program, words, flags.
type Row = (&'static str, &'static str, &'static [&'static str]);

const ROWS: &[Row] = &[
    ("aws", "sts get-caller-identity", &["query"]),
    (
        "aws",
        "ec2 describe-images",
        &[
            "executable-users",
            "filters",
            "image-ids",
            "include-deprecated",
            "include-disabled",
            "max-items",
            "max-results",
            "no-include-deprecated",
            "no-include-disabled",
            "no-paginate",
            "owners",
            "page-size",
            "query",
        ],
    ),
    (
        "aws",
        "ec2 describe-instance-types",
        &[
            "filters",
            "instance-types",
            "max-items",
            "max-results",
            "no-paginate",
            "page-size",
            "query",
        ],
    ),
    (
        "aws",
        "ec2 describe-regions",
        &[
            "all-regions",
            "filters",
            "no-all-regions",
            "query",
            "region-names",
        ],
    ),
    (
        "aws",
        "ec2 describe-subnets",
        &[
            "filters",
            "max-items",
            "max-results",
            "no-paginate",
            "page-size",
            "query",
            "subnet-ids",
        ],
    ),
    ("az", "account show", &["query"]),
    ("az", "image list", &["query", "resource-group"]),
    ("az", "image show", &["expand", "name", "query", "resource-group"]),
    ("az", "vm list-sizes", &["location", "query"]),
    (
        "gcloud",
        "compute images list",
        &[
            "filter",
            "limit",
            "no-standard-images",
            "page-size",
            "show-deprecated",
            "sort-by",
            "standard-images",
        ],
    ),
    ("gcloud", "compute images describe", &[]),
    (
        "gcloud",
        "compute zones list",
        &["filter", "limit", "page-size", "sort-by"],
    ),
    (
        "oci",
        "compute image list",
        &[
            "all",
            "compartment-id",
            "display-name",
            "lifecycle-state",
            "limit",
            "operating-system",
            "operating-system-version",
            "page",
            "page-size",
            "query",
            "shape",
            "sort-by",
            "sort-order",
        ],
    ),
    ("oci", "compute image get", &["image-id", "query"]),
    ("oci", "iam region list", &["all", "query"]),
    (
        "aliyun",
        "ecs DescribeImages",
        &[
            "Architecture",
            "Filter.N.Key",
            "Filter.N.Value",
            "ImageFamily",
            "ImageId",
            "ImageName",
            "ImageOwnerAlias",
            "ImageOwnerId",
            "InstanceType",
            "IsPublic",
            "IsSupportCloudinit",
            "IsSupportIoOptimized",
            "OSType",
            "PageNumber",
            "PageSize",
            "ResourceGroupId",
            "ShowExpired",
            "SnapshotId",
            "Status",
            "Tag.N.Key",
            "Tag.N.Value",
            "Usage",
        ],
    ),
    (
        "aliyun",
        "ecs DescribeRegions",
        &["AcceptLanguage", "InstanceChargeType", "ResourceType"],
    ),
];

/// Flags without a value, whatever the command.
const SWITCHES: &[&str] = &[
    "all",
    "all-regions",
    "force",
    "include-deprecated",
    "include-disabled",
    "show-deprecated",
    "standard-images",
    "yes",
];

/// Whether a value has the form that its flag wants. Those of other flags are any words.
pub fn fits(flag: &str, value: &str) -> bool {
    let plain = |more: &'static str| {
        move |text: &str| {
            let allowed = |c: char| c.is_ascii_alphanumeric() || more.contains(c);
            text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(allowed)
        }
    };
    let id = |start: &str| value.starts_with(start) && plain("-._")(value);
    match flag {
        "owners" => {
            matches!(value, "self" | "amazon" | "aws-marketplace" | "aws-backup-vault")
                || (value.len() == 12 && value.bytes().all(|byte| byte.is_ascii_digit()))
        }
        "image-ids" => id("ami-"),
        "subnet-ids" => id("subnet-"),
        "compartment-id" | "image-id" => id("ocid1."),
        "region-names" | "location" => plain("-")(value),
        "instance-types" => plain("-.*")(value),
        "resource-group" | "name" => plain("-._()")(value),
        "limit" | "page-size" | "max-items" | "max-results" | "PageSize" | "PageNumber" => {
            value.len() < 6 && value.bytes().all(|byte| byte.is_ascii_digit())
        }
        _ => true,
    }
}

/// Whether a flag never has a value: a word behind it is an argument of the command.
pub fn is_switch(flag: &str) -> bool {
    flag.starts_with("no-") || SWITCHES.contains(&flag)
}

/// Those of a program.
pub fn harmless(program: &str) -> impl Iterator<Item = CommandRequest> {
    let program = program.to_owned();
    ROWS.iter()
        .filter(move |(tool, _, _)| *tool == program)
        .map(|(tool, verb, flags)| CommandRequest {
            tool: (*tool).to_owned(),
            verb: verb.split(' ').map(str::to_owned).collect(),
            flags: flags.iter().map(|flag| (*flag).to_owned()).collect(),
            effect: Effect::Read,
        })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::argv::check_request;
    use crate::policy::tools::profile;

    /// Else the review would allow what no grant can give.
    #[test]
    fn every_row_is_within_its_tools_ceiling() {
        for program in ["aws", "az", "gcloud", "oci", "aliyun"] {
            let profile = profile(program).unwrap();
            let rows: Vec<_> = harmless(program).collect();
            assert!(!rows.is_empty(), "{program}");
            for row in rows {
                check_request(&row, &profile).unwrap_or_else(|error| panic!("{row:?}: {error}"));
            }
        }
        assert_eq!(harmless("hcloud").count(), 0);
    }
}
