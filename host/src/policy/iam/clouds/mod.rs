//! From the command lines of each cloud's tool and from Packer's builders to the permissions of its account.

mod alibaba;
mod aws;
mod azure;
mod gcp;
mod oci;

use crate::contract::CommandRequest;

/// Verb of a command, and what it needs.
type Row = (&'static str, &'static [&'static str]);

/// What a command needs; none when nobody has looked that up.
pub(super) fn of_command(request: &CommandRequest) -> Option<Vec<String>> {
    let verb = request.verb.join(" ");
    let table = match request.tool.as_str() {
        "aws" => aws::COMMANDS,
        "aliyun" => {
            let known = alibaba::COMMANDS.contains(&verb.as_str());
            return known.then(|| vec![request.verb.join(":")]);
        }
        "az" => azure::COMMANDS,
        "gcloud" => gcp::COMMANDS,
        "oci" => oci::COMMANDS,
        _ => return None,
    };
    let (_, needed) = table.iter().find(|(known, _)| *known == verb)?;
    let mut needed: Vec<String> = needed.iter().map(|one| (*one).to_owned()).collect();
    let tags = |flag: &String| aws::TAGGING_FLAGS.contains(&flag.as_str());
    if request.tool == "aws" && request.flags.iter().any(tags) {
        needed.push(aws::TAGGING.to_owned());
    }
    Some(needed)
}

/// What Packer itself does, from the page of each builder below <https://developer.hashicorp.com/packer/integrations>.
pub(super) fn of_builder(name: &str) -> Option<&'static [&'static str]> {
    Some(match name {
        "alicloud-ecs" => alibaba::BUILDER,
        "amazon-ebs" => aws::BUILDER,
        "azure-arm" => azure::BUILDER,
        "googlecompute" => gcp::BUILDER,
        "oracle-oci" => oci::BUILDER,
        _ => return None,
    })
}
