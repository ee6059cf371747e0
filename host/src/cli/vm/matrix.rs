//! `sindri vm matrix`

use clap::Args;
use serde::Serialize;
use serde_json::{Value, json};

use super::App;
use super::clouds::{Chosen, CloudsArgument};
use crate::config::Flags;
use crate::contract::Architecture;
use crate::error::{Code, Error, Result};
use crate::operation::{Session, architecture};
use crate::plugin::Catalog;
use crate::report::{Document, table};

/// What GitHub starts of one matrix.
const JOBS: usize = 256;

/// Arguments of `sindri vm matrix`.
#[derive(Debug, Args)]
pub struct Matrix {
    #[command(flatten)]
    clouds: CloudsArgument,
    /// Regions, locations or zones, separated by commas; of several clouds with the cloud's name:
    /// `aws=us-west-2,aws=eu-west-1` [default: the configured one of each cloud]
    #[arg(short, long, value_name = "[CLOUD=]REGION", value_delimiter = ',')]
    region: Vec<String>,
    /// Instance types, VM sizes, machine types or shapes, in the same form [default: the configured one]
    #[arg(long, value_name = "[CLOUD=]TYPE", value_delimiter = ',')]
    instance_type: Vec<String>,
}

/// One job.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Job {
    /// Unlike those of the other jobs, and fit for the name of an artifact.
    id: String,
    cloud: String,
    region: String,
    instance_type: String,
    arch: Architecture,
}

impl Matrix {
    pub(super) fn run(&self, app: &App) -> Result<Document> {
        let catalog = Catalog::open(&app.environment, app.config.as_deref())?;
        let ids = match self.clouds.choose(app)? {
            // Without a name the session says what is missing.
            Chosen::One(None) => vec![Session::open(app, None, &Flags::default())?.settings.cloud],
            Chosen::One(Some(name)) => vec![catalog.find(&name)?.identity().id.clone()],
            Chosen::Several(ids) => ids,
        };
        let regions = assigned("--region", &self.region, &ids, &catalog)?;
        let types = assigned("--instance-type", &self.instance_type, &ids, &catalog)?;
        let mut jobs: Vec<Job> = Vec::new();
        for id in &ids {
            for region in of_cloud(&regions, id) {
                for instance_type in of_cloud(&types, id) {
                    let found = jobs_of(app, id, region, instance_type)?;
                    jobs.extend(
                        found
                            .into_iter()
                            .filter(|job| !jobs.contains(job))
                            .collect::<Vec<_>>(),
                    );
                }
            }
        }
        if jobs.len() > JOBS {
            let message = format!(
                "these are {} jobs; GitHub starts {JOBS} of one matrix",
                jobs.len()
            );
            return Err(Error::new(Code::UsageArgument, message)
                .remedy("name fewer clouds, regions or types, and start the workflow several times"));
        }
        let rows: Vec<_> = jobs.iter().map(row).collect();
        let text = table(&["ID", "CLOUD", "REGION", "TYPE", "ARCH"], &rows);
        // GitHub takes the document as it is: every key beside `include` would be an axis.
        Ok(Document::new(text, json!({"include": jobs})))
    }
}

/// Values with the cloud that each is for.
type Assigned = Vec<(String, String)>;

/// Values without a cloud's name are for the only cloud there is.
fn assigned(flag: &str, values: &[String], ids: &[String], catalog: &Catalog) -> Result<Assigned> {
    let wrong = |message: String| Error::new(Code::UsageArgument, format!("{flag}: {message}"));
    let one = |text: &String| match (text.split_once('='), ids) {
        (Some((name, value)), _) => {
            let id = catalog.find(name)?.identity().id.clone();
            if ids.contains(&id) {
                Ok((id, value.to_owned()))
            } else {
                Err(wrong(format!("`{name}` is none of the chosen clouds"))
                    .remedy("name it with --cloud, or leave the value out"))
            }
        }
        (None, [id]) => Ok((id.clone(), text.clone())),
        (None, _) => {
            Err(wrong(format!("which cloud is `{text}` for?")).remedy(format!("write {flag} CLOUD={text}")))
        }
    };
    values.iter().map(one).collect()
}

/// The values for a cloud; none stands for the configured one.
fn of_cloud<'a>(assigned: &'a Assigned, id: &str) -> Vec<Option<&'a str>> {
    let mut values: Vec<_> = assigned
        .iter()
        .filter(|(cloud, _)| cloud == id)
        .map(|(_, value)| Some(value.as_str()))
        .collect();
    if values.is_empty() {
        values.push(None);
    }
    values
}

/// One job for each architecture that this cloud builds there on such a machine.
fn jobs_of(app: &App, id: &str, region: Option<&str>, instance_type: Option<&str>) -> Result<Vec<Job>> {
    let mut flags = Flags::default();
    flags
        .set_if("region", region)
        .set_if("instance-type", instance_type);
    // Where the jobs are chosen nobody is logged in, so required keys may be missing.
    let (mut session, _) = Session::open_with_gaps(app, Some(id), &flags)?;
    let setting = |flag: &str| set_by(flag, &session.info.config_schema, &session.settings.cloud_section);
    let (region, instance_type) = (setting("region"), setting("instance-type"));
    let job = |arch| Job {
        id: artifact_name(&[id, &region, &instance_type, name(arch)]),
        cloud: id.to_owned(),
        region: region.clone(),
        instance_type: instance_type.clone(),
        arch,
    };
    Ok(architecture::of_build(&mut session)?
        .into_iter()
        .map(job)
        .collect())
}

/// The value of the key that a flag sets; empty when nothing sets it.
fn set_by(flag: &str, schema: &str, section: &serde_json::Map<String, Value>) -> String {
    let schema: Value = serde_json::from_str(schema).unwrap_or_default();
    let properties = schema.get("properties").and_then(Value::as_object);
    properties
        .into_iter()
        .flatten()
        .find(|(_, property)| {
            property
                .pointer("/x-sindri/flag")
                .is_some_and(|name| name == flag)
        })
        .and_then(|(key, _)| section.get(key)?.as_str())
        .unwrap_or_default()
        .to_owned()
}

/// Names of artifacts take no `/`, `:`, `"` and the like.
fn artifact_name(parts: &[&str]) -> String {
    let harmless = |sign: char| match sign {
        'a'..='z' | 'A'..='Z' | '0'..='9' | '.' | '_' | '-' => sign,
        _ => '-',
    };
    let parts: Vec<String> = parts
        .iter()
        .filter(|part| !part.is_empty())
        .map(|part| part.chars().map(harmless).collect())
        .collect();
    parts.join("-")
}

fn name(architecture: Architecture) -> &'static str {
    match architecture {
        Architecture::X86_64 => "x86_64",
        Architecture::Arm64 => "arm64",
    }
}

fn row(job: &Job) -> Vec<String> {
    [&job.id, &job.cloud, &job.region, &job.instance_type]
        .map(Clone::clone)
        .into_iter()
        .chain([name(job.arch).to_owned()])
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_without_a_cloud_is_refused_when_it_could_mean_several() {
        let catalog = Catalog::open(&App::for_tests().environment, None).unwrap();
        let ids = ["aws".to_owned(), "gcp".to_owned()];
        let assign = |text: &str, ids: &[String]| assigned("--region", &[text.to_owned()], ids, &catalog);
        let aws = || vec![("aws".to_owned(), "eu-west-1".to_owned())];
        assert_eq!(assign("amazon=eu-west-1", &ids).unwrap(), aws());
        assert_eq!(assign("eu-west-1", &ids[..1]).unwrap(), aws());
        for wrong in ["eu-west-1", "azure=westus2", "nimbus=1"] {
            assert!(assign(wrong, &ids).is_err(), "{wrong}");
        }
    }

    #[test]
    fn the_name_of_an_artifact_has_nothing_that_github_refuses() {
        assert_eq!(
            artifact_name(&["oci", "", "VM.Standard.E4.Flex", "a:/\\\"<>|*?\r\n"]),
            "oci-VM.Standard.E4.Flex-a-----------"
        );
    }
}
