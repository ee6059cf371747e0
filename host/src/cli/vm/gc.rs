//! `sindri vm gc`

use std::time::Duration;

use clap::Args;
use serde_json::{Map, Value, json};

use super::App;
use super::arguments::{PlaceArguments, PlanArgument};
use super::clouds::{self, CloudsArgument};
use crate::config::Flags;
use crate::contract::{Operation, Resource, RunPurpose};
use crate::error::{Exit, Result};
use crate::operation::gc::{self, Found, Removals, Rules, Verdict};
use crate::operation::{Preview, Session};
use crate::report::{Document, table};
use crate::runner::cancel::Cancel;

/// Arguments of `sindri vm gc`.
#[derive(Debug, Args)]
pub struct Gc {
    #[command(flatten)]
    clouds: CloudsArgument,
    #[command(flatten)]
    place: PlaceArguments,
    #[command(flatten)]
    plan: PlanArgument,
    /// Only runs that began longer ago, for example `90m`, `24h` or `7d`; `0s` takes all.
    #[arg(long, value_name = "AGE", default_value = "24h", value_parser = age)]
    older_than: Duration,
    /// Also instances that were deployed and not destroyed.
    #[arg(long)]
    deployed: bool,
    /// Remove what is found, instead of listing it.
    #[arg(short, long)]
    yes: bool,
}

/// A whole number and `s`, `m`, `h` or `d`.
fn age(text: &str) -> std::result::Result<Duration, String> {
    let wrong = || "write a number and s, m, h or d, for example 24h".to_owned();
    let unit = match text.chars().next_back() {
        Some('s') => 1,
        Some('m') => 60,
        Some('h') => 3600,
        Some('d') => 86_400,
        _ => return Err(wrong()),
    };
    let digits = text.get(..text.len().saturating_sub(1)).unwrap_or_default();
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(wrong());
    }
    let count: u32 = digits.parse().map_err(|_| wrong())?;
    Ok(Duration::from_secs(u64::from(count).saturating_mul(unit)))
}

impl Gc {
    pub(super) async fn run(self, app: &App, cancel: Cancel) -> Result<Document> {
        let flags = self.place.flags(app)?;
        clouds::on_each(app, &self.clouds, &flags, async |app, cloud, flags| {
            self.collect(app, cloud, flags, &cancel).await
        })
        .await
    }

    async fn collect(
        &self,
        app: &App,
        cloud: Option<&str>,
        flags: &Flags,
        cancel: &Cancel,
    ) -> Result<Document> {
        let session = Session::open(app, cloud, flags)?;
        if self.plan.plan {
            let mut preview = Preview::default();
            preview.operation(&session, session.preview_context(), Operation::FindRuns)?;
            return Ok(preview.into_document());
        }
        let rules = Rules {
            older_than: self.older_than,
            deployed: self.deployed,
        };
        let found = gc::look(&session, rules, cancel).await?;
        let removals = if self.yes {
            gc::remove(&session, &found, cancel).await
        } else {
            Removals::new()
        };
        for (_, error) in gc::failures(&removals) {
            app.console.error(error);
        }
        if found.is_empty() {
            app.console.notice("nothing was left behind here");
        } else if !self.yes && gc::has_work(&found) {
            app.console
                .notice("nothing was removed; the same command with --yes does it");
        }
        Ok(self.document(&session, &found, &removals))
    }

    fn document(&self, session: &Session<'_>, found: &[Found], removals: &Removals) -> Document {
        let cloud = &session.plugin.identity().id;
        let exits: Vec<Exit> = removals
            .values()
            .map(|result| {
                result
                    .as_ref()
                    .map_or_else(|error| error.code().exit(), |_| Exit::Success)
            })
            .collect();
        let exit = Exit::of_several(&exits);
        let rows: Vec<_> = found.iter().map(|found| row(cloud, found, removals)).collect();
        let text = if rows.is_empty() {
            String::new()
        } else {
            table(HEAD, &rows)
        };
        let json = json!({
            "success": exit == Exit::Success,
            "cloud": cloud,
            "dry_run": !self.yes,
            "older_than_secs": self.older_than.as_secs(),
            "runs": found.iter().map(|found| to_json(found, removals)).collect::<Vec<_>>(),
        });
        Document::new(text, json).exit(exit)
    }
}

const HEAD: &[&str] = &["RUN", "CLOUD", "FOR", "AGE", "WHAT", "RESOURCES", "WHY"];

fn row(cloud: &str, found: &Found, removals: &Removals) -> Vec<String> {
    let resources = match removals.get(&found.run_id) {
        Some(Ok(removal)) => &removal.removed,
        Some(Err(_)) | None => &found.resources,
    };
    let what = match (removals.get(&found.run_id), found.verdict) {
        (Some(Ok(_)), _) => "removed",
        (Some(Err(_)), _) => "failed",
        (None, Verdict::Remove(_)) => "remove",
        (None, Verdict::Keep(_)) => "keep",
    };
    vec![
        found.run_id.clone(),
        cloud.to_owned(),
        purpose(found.purpose).to_owned(),
        found.age.map_or_else(|| "-".to_owned(), in_words),
        what.to_owned(),
        list(resources),
        found.verdict.reason().to_owned(),
    ]
}

fn list(resources: &[Resource]) -> String {
    if resources.is_empty() {
        return "-".to_owned();
    }
    let names: Vec<_> = resources
        .iter()
        .map(|resource| format!("{} {}", resource.kind, resource.id))
        .collect();
    names.join(", ")
}

fn purpose(purpose: RunPurpose) -> &'static str {
    match purpose {
        RunPurpose::Build => "build",
        RunPurpose::Deploy => "deploy",
        RunPurpose::Unknown => "unknown",
    }
}

/// In the largest unit of which there are at least two, so that an hour and a half is no hour.
fn in_words(age: Duration) -> String {
    let seconds = age.as_secs();
    match seconds {
        0..120 => format!("{seconds}s"),
        120..7200 => format!("{}m", seconds / 60),
        7200..172_800 => format!("{}h", seconds / 3600),
        _ => format!("{}d", seconds / 86_400),
    }
}

fn to_json(found: &Found, removals: &Removals) -> Value {
    let mut object = Map::new();
    object.insert("run_id".into(), found.run_id.as_str().into());
    object.insert("purpose".into(), purpose(found.purpose).into());
    object.insert("started".into(), found.started.clone().into());
    object.insert("age_secs".into(), found.age.map(|age| age.as_secs()).into());
    object.insert(
        "journal".into(),
        json!(found.story.as_ref().map(|story| story.state)),
    );
    object.insert("resources".into(), json!(found.resources));
    if let Value::Object(verdict) = json!(found.verdict) {
        object.extend(verdict);
    }
    object.insert("reason".into(), found.verdict.reason().into());
    match removals.get(&found.run_id) {
        Some(Ok(removal)) => {
            object.insert("success".into(), true.into());
            object.insert("removed".into(), json!(removal.removed));
        }
        Some(Err(error)) => {
            object.insert("success".into(), false.into());
            object.insert("error".into(), error.to_json());
        }
        None => {}
    }
    Value::Object(object)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_numbers_with_a_unit() {
        assert_eq!(age("24h"), Ok(Duration::from_secs(86_400)));
        assert_eq!(age("7d"), Ok(Duration::from_secs(7 * 86_400)));
        assert_eq!(age("0s"), Ok(Duration::ZERO));
        for wrong in ["", "h", "24", "-1h", "1.5h", "24 h", "24H", "99999999999d", "1ü"] {
            assert!(age(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_age_is_shown_in_a_unit_that_does_not_hide_it() {
        for (seconds, words) in [
            (0, "0s"),
            (119, "119s"),
            (5400, "90m"),
            (7200, "2h"),
            (200_000, "2d"),
        ] {
            assert_eq!(in_words(Duration::from_secs(seconds)), words);
        }
    }
}
