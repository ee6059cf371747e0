//! Permissions in the form that the cloud takes.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Task;

/// A policy, ready for the cloud's own tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Form {
    /// What the document is called there.
    pub kind: &'static str,
    /// The document as data; a list of statements where the cloud has text.
    pub policy: Value,
    /// The document as it is handed over.
    pub text: String,
}

/// The document for the cloud that this tool belongs to.
pub fn document(tool: &str, permissions: &BTreeSet<String>, tasks: &[Task]) -> Option<Form> {
    let permissions = &without_covered(permissions);
    Some(match tool {
        "aws" => of_json("aws-iam-policy", aws(permissions, tasks)),
        "aliyun" => of_json(
            "alibaba-ram-policy",
            json!({"Version": "1", "Statement": [{"Effect": "Allow", "Action": permissions, "Resource": "*"}]}),
        ),
        "az" => of_json(
            "azure-custom-role",
            json!({
                "Name": "Sindri",
                "IsCustom": true,
                "Description": "What sindri needs",
                "Actions": permissions,
                "NotActions": [],
                "AssignableScopes": ["/subscriptions/SUBSCRIPTION"],
            }),
        ),
        "gcloud" => {
            let mut text =
                "title: Sindri\ndescription: What sindri needs\nstage: GA\nincludedPermissions:\n".to_owned();
            for permission in permissions {
                text.push_str(&format!("- {permission}\n"));
            }
            Form {
                kind: "gcp-custom-role",
                policy: json!({
                    "title": "Sindri",
                    "description": "What sindri needs",
                    "stage": "GA",
                    "includedPermissions": permissions,
                }),
                text,
            }
        }
        "oci" => {
            let statements: Vec<String> = permissions
                .iter()
                .map(|permission| {
                    // Schemas of capabilities belong to the tenancy, and so do the names of its domains.
                    let wide = ["compute-image-capability-schema", "compartments"];
                    let place = if wide.iter().any(|resource| permission.ends_with(resource)) {
                        "tenancy"
                    } else {
                        "compartment COMPARTMENT"
                    };
                    format!("Allow group GROUP to {permission} in {place}")
                })
                .collect();
            Form {
                kind: "oci-statements",
                text: statements.join("\n") + "\n",
                policy: json!(statements),
            }
        }
        _ => return None,
    })
}

/// Without those that another one brings along: readers look at every line.
fn without_covered(permissions: &BTreeSet<String>) -> BTreeSet<String> {
    let is_covered = |one: &String| permissions.iter().any(|other| covers(other, one));
    permissions
        .iter()
        .filter(|one| !is_covered(one))
        .cloned()
        .collect()
}

/// `…/disks/*` covers `…/disks/write`, and to manage something on OCI covers to read it.
fn covers(more: &str, less: &str) -> bool {
    if let Some(kind) = more.strip_suffix('*') {
        return more != less && less.starts_with(kind);
    }
    let rank = |verb: &str| {
        ["inspect", "read", "use", "manage"]
            .iter()
            .position(|one| *one == verb)
    };
    match (more.split_once(' '), less.split_once(' ')) {
        (Some((more, resource)), Some((less, same))) => resource == same && rank(more) > rank(less),
        _ => false,
    }
}

fn of_json(kind: &'static str, policy: Value) -> Form {
    Form {
        kind,
        text: format!("{policy:#}\n"),
        policy,
    }
}

/// What can be bound to sindri's own tag is: both Packer and `vm deploy` tag instances while they start them.
/// Packer's key pairs and groups carry no tag with every version of it, so they are bound only without builds and what clears up after them.
fn aws(permissions: &BTreeSet<String>, tasks: &[Task]) -> Value {
    let builds = tasks.contains(&Task::Build) || tasks.contains(&Task::Gc);
    let is_bound = |action: &str| match action {
        "ec2:TerminateInstances" => true,
        "ec2:DeleteKeyPair" | "ec2:DeleteSecurityGroup" => !builds,
        _ => false,
    };
    let (bound, free): (Vec<_>, Vec<_>) = permissions.iter().partition(|action| is_bound(action));
    let mut statements = vec![json!({"Effect": "Allow", "Action": free, "Resource": "*"})];
    if !bound.is_empty() {
        statements.push(json!({
            "Effect": "Allow",
            "Action": bound,
            "Resource": "*",
            "Condition": {"StringEquals": {"aws:ResourceTag/ManagedBy": "sindri"}},
        }));
    }
    json!({"Version": "2012-10-17", "Statement": statements})
}
