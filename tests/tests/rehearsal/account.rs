//! An account in which things are killed: that of a cloud of the lab, or of the local EC2.

use std::collections::BTreeSet;

use sindri_lab::Resource;
use sindri_tests::lab::{Moto, Packer, Run, Sindri};

use crate::stage::Stage;

/// What a kill and its clean-up are judged by.
pub(crate) trait Account {
    /// Of the cloud.
    fn name(&self) -> &'static str;

    /// The program of the account's user.
    fn sindri(&self) -> &Sindri;

    /// Requests so far. What happened before may be forgotten.
    fn begin(&self) -> u64;

    /// Requests so far, for a loop that asks often.
    fn requests(&self) -> u64;

    /// Resources of ours.
    fn left(&self) -> Vec<String>;

    /// Resources of others.
    fn strangers(&self) -> Vec<String>;

    /// The user reads what `vm gc` could not remove, and removes it as it says. Whether there was such a thing.
    fn removes_what_is_told(&self, _collected: &Run) -> bool {
        false
    }

    /// What was asked for that the cloud's API does not describe.
    fn violations(&self) -> Vec<String>;
}

impl Account for Stage {
    fn name(&self) -> &'static str {
        self.cloud.name
    }

    fn sindri(&self) -> &Sindri {
        &self.sindri
    }

    fn begin(&self) -> u64 {
        self.lab.clear_record();
        0
    }

    fn requests(&self) -> u64 {
        self.lab.log().len() as u64
    }

    fn left(&self) -> Vec<String> {
        Self::left(self)
    }

    fn strangers(&self) -> Vec<String> {
        self.lab.strangers().iter().map(Resource::to_string).collect()
    }

    fn removes_what_is_told(&self, collected: &Run) -> bool {
        // `… if it is nobody else's: aliyun vpc ReleaseEipAddress --AllocationId eip-… --region …`
        let told: BTreeSet<&str> = collected
            .stdout
            .split('"')
            .filter_map(|text| Some(text.split_once(": aliyun vpc ReleaseEipAddress ")?.1))
            .collect();
        for words in &told {
            let words = words.split(' ');
            self.command_line(["vpc", "ReleaseEipAddress"].into_iter().chain(words));
        }
        eprintln!("{}: {} things were only told", self.cloud.name, told.len());
        !told.is_empty()
    }

    fn violations(&self) -> Vec<String> {
        let violations = self.lab.violations();
        violations
            .iter()
            .map(|violation| format!("{violation:?}"))
            .collect()
    }
}

/// The local EC2 with a user, and resources of others in the account.
pub(crate) struct Amazon {
    moto: Moto,
    sindri: Sindri,
    decoys: BTreeSet<String>,
}

impl Amazon {
    /// With so many resources of others, some of which look like ours.
    pub(crate) fn new(decoys: usize) -> Self {
        let moto = Moto::start();
        let sindri = Packer::Debian.sindri(&moto, &["communicator: none"]);
        for number in 0..decoys {
            plant(&moto, number);
        }
        let decoys: BTreeSet<String> = moto.leftovers().into_iter().collect();
        Self { moto, sindri, decoys }
    }
}

/// One of each kind in turn: shaped like what an interrupted run leaves, and not marked as ours.
fn plant(moto: &Moto, number: usize) {
    let name = [
        format!("packer_6560f1a2-7689-26cf-17db-{number:012x}"),
        format!("sindri-production{number}"),
    ];
    let name = name[number % name.len()].as_str();
    match number % 4 {
        0 => drop(moto.call("CreateKeyPair", &[("KeyName", name)])),
        1 => {
            let description = ("GroupDescription", "Temporary group for Packer");
            moto.call("CreateSecurityGroup", &[("GroupName", name), description]);
        }
        2 => {
            let place = ("AvailabilityZone", "us-west-2a");
            moto.call("CreateVolume", &[place, ("Size", "8")]);
        }
        _ => {
            let tags: [(&str, &str); 4] = match number % 3 {
                0 => [
                    ("ManagedBy", "terraform"),
                    ("SindriRunId", "abcdefghijkm"),
                    ("SindriPurpose", "build"),
                    ("Name", name),
                ],
                1 => [
                    ("managedby", "Sindri"),
                    ("SindriRunId", "abcdefghijkm"),
                    ("SindriPurpose", "deploy"),
                    ("Name", name),
                ],
                _ => [
                    ("ManagedBy", "sindri"),
                    ("Owner", "somebody"),
                    ("Purpose", "build"),
                    ("Name", "Packer Builder"),
                ],
            };
            let mut parameters = vec![
                ("ImageId".to_owned(), "ami-0aaaaaaaaaaaaaa01"),
                ("MinCount".to_owned(), "1"),
                ("MaxCount".to_owned(), "1"),
                ("TagSpecification.1.ResourceType".to_owned(), "instance"),
            ];
            for (place, (key, value)) in (1..).zip(tags) {
                let tag = format!("TagSpecification.1.Tag.{place}");
                parameters.push((format!("{tag}.Key"), key));
                parameters.push((format!("{tag}.Value"), value));
            }
            let parameters: Vec<_> = parameters
                .iter()
                .map(|(name, value)| (name.as_str(), *value))
                .collect();
            moto.call("RunInstances", &parameters);
        }
    }
}

impl Account for Amazon {
    fn name(&self) -> &'static str {
        "aws"
    }

    fn sindri(&self) -> &Sindri {
        &self.sindri
    }

    fn begin(&self) -> u64 {
        self.requests()
    }

    fn requests(&self) -> u64 {
        // A line of the server's log for each.
        self.moto.log().matches(" HTTP/1.1").count() as u64
    }

    fn left(&self) -> Vec<String> {
        let all = self.moto.leftovers();
        all.into_iter()
            .filter(|thing| !self.decoys.contains(thing))
            .collect()
    }

    fn strangers(&self) -> Vec<String> {
        let all = self.moto.leftovers();
        all.into_iter()
            .filter(|thing| self.decoys.contains(thing))
            .collect()
    }

    fn violations(&self) -> Vec<String> {
        Vec::new()
    }
}
