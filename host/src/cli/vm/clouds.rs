//! One command on several clouds: `--cloud aws,gcp`, `--cloud all`.
//!
//! Each cloud gets its own flags, its own line of progress and its own runs; what becomes of one is
//! nothing to the others. Ctrl-C reaches all of them, because they share the token.

use clap::Args;
use serde_json::{Value, json};

use super::App;
use crate::config::{self, Flags};
use crate::error::{Error, Exit, Result};
use crate::operation::together;
use crate::plugin::Catalog;
use crate::report::Document;

/// Stands for every cloud that has a plugin.
const ALL: &str = "all";

/// Which clouds.
#[derive(Clone, Debug, Args)]
pub(super) struct CloudsArgument {
    /// Clouds to work on, separated by commas, or `all` [default: `providers.packer.cloud` of the
    /// configuration; `doctor` looks at all]
    #[arg(long = "cloud", value_name = "CLOUD", value_delimiter = ',')]
    names: Vec<String>,
}

/// What was chosen. The form of the result depends on it, never on how many plugins there are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Chosen {
    /// One, by any of its names; none when nothing names any.
    One(Option<String>),
    /// Several, or `all`: ids, each once.
    Several(Vec<String>),
}

impl CloudsArgument {
    /// What the flag says, else the configuration.
    pub(super) fn choose(&self, app: &App) -> Result<Chosen> {
        if !self.names.is_empty() {
            return chosen(app, &self.names);
        }
        let file = config::load(app.config.as_deref(), &app.environment)?;
        match file.cloud(&Flags::default(), &app.environment)? {
            Some(names) => chosen(app, &names.split(',').map(str::to_owned).collect::<Vec<_>>()),
            None => Ok(Chosen::One(None)),
        }
    }

    /// What the flag says, else all.
    pub(super) fn ids_or_all(&self, app: &App) -> Result<Vec<String>> {
        if self.names.is_empty() {
            return Ok(all(&catalog(app)?));
        }
        match chosen(app, &self.names)? {
            Chosen::One(name) => name.iter().map(|name| id(&catalog(app)?, name)).collect(),
            Chosen::Several(ids) => Ok(ids),
        }
    }
}

fn catalog(app: &App) -> Result<Catalog> {
    Catalog::open(&app.environment, app.config.as_deref())
}

fn all(catalog: &Catalog) -> Vec<String> {
    catalog.usable_ids().into_iter().map(Into::into).collect()
}

fn id(catalog: &Catalog, name: &str) -> Result<String> {
    Ok(catalog.find(name.trim())?.identity().id.clone())
}

fn chosen(app: &App, names: &[String]) -> Result<Chosen> {
    // Looked up when the session is opened.
    if let [name] = names
        && !name.trim().eq_ignore_ascii_case(ALL)
    {
        return Ok(Chosen::One(Some(name.trim().to_owned())));
    }
    let catalog = catalog(app)?;
    let mut ids: Vec<String> = Vec::new();
    let mut every = false;
    for name in names {
        if name.trim().eq_ignore_ascii_case(ALL) {
            every = true;
            continue;
        }
        let id = id(&catalog, name)?;
        if !ids.contains(&id) {
            ids.push(id);
        }
    }
    Ok(match ids.as_slice() {
        _ if every => Chosen::Several(all(&catalog)),
        [id] => Chosen::One(Some(id.clone())),
        _ => Chosen::Several(ids),
    })
}

/// One of several clouds, with what is its own.
pub(super) struct Target {
    pub(super) id: String,
    pub(super) app: App,
    pub(super) flags: Flags,
}

/// The clouds with their flags, which are refused here when they could mean more than one.
pub(super) fn targets(app: &App, ids: &[String], flags: &Flags) -> Result<Vec<Target>> {
    let catalog = catalog(app)?;
    let infos = ids
        .iter()
        .map(|id| catalog.find(id)?.describe())
        .collect::<Result<Vec<_>>>()?;
    let infos: Vec<_> = infos.iter().map(AsRef::as_ref).collect();
    let flags = flags.assign(&infos)?;
    Ok(ids
        .iter()
        .zip(app.console.share(ids))
        .zip(flags)
        .map(|((id, console), flags)| Target {
            id: id.clone(),
            app: app.with_console(console),
            flags,
        })
        .collect())
}

/// Does the same on every chosen cloud at the same time.
pub(super) async fn on_each(
    app: &App,
    clouds: &CloudsArgument,
    flags: &Flags,
    work: impl AsyncFn(&App, Option<&str>, &Flags) -> Result<Document>,
) -> Result<Document> {
    match clouds.choose(app)? {
        Chosen::One(cloud) => work(app, cloud.as_deref(), flags).await,
        Chosen::Several(ids) => {
            let targets = targets(app, &ids, flags)?;
            let outcomes = each(&targets, async |target| {
                work(&target.app, Some(&target.id), &target.flags).await
            })
            .await;
            Ok(outcomes.into_sections())
        }
    }
}

/// The same for what takes no time, one after the other.
pub(super) fn on_each_in_turn(
    app: &App,
    clouds: &CloudsArgument,
    flags: &Flags,
    work: impl Fn(&App, Option<&str>, &Flags) -> Result<Document>,
) -> Result<Document> {
    match clouds.choose(app)? {
        Chosen::One(cloud) => work(app, cloud.as_deref(), flags),
        Chosen::Several(ids) => {
            let targets = targets(app, &ids, flags)?;
            let outcome = |target: &Target| {
                let result = work(&target.app, Some(&target.id), &target.flags);
                (target.id.clone(), told(target, result))
            };
            let outcomes = Outcomes(targets.iter().map(outcome).collect());
            targets.iter().for_each(|target| target.app.console.finish());
            Ok(outcomes.into_sections())
        }
    }
}

/// Does the work on all of them at the same time.
pub(super) async fn each<T>(targets: &[Target], work: impl AsyncFn(&Target) -> Result<T>) -> Outcomes<T> {
    let one = async |target: &Target| {
        let result = told(target, work(target).await);
        target
            .app
            .console
            .ended(if result.is_ok() { "done" } else { "failed" });
        (target.id.clone(), result)
    };
    let outcomes = together(targets.iter().map(&one)).await;
    targets.iter().for_each(|target| target.app.console.finish());
    Outcomes(outcomes)
}

/// An error is shown as soon as it is there, under its cloud's name.
fn told<T>(target: &Target, result: Result<T>) -> Result<T> {
    result.inspect_err(|error| target.app.console.error(error))
}

/// What became of each cloud.
pub(super) struct Outcomes<T>(Vec<(String, Result<T>)>);

impl<T> Outcomes<T> {
    /// The clouds on which it went well.
    pub(super) fn successes(&self) -> impl Iterator<Item = (&str, &T)> {
        self.0
            .iter()
            .filter_map(|(cloud, result)| Some((cloud.as_str(), result.as_ref().ok()?)))
    }

    /// One document for all: `result` is what the command alone would print, and how it went.
    pub(super) fn into_document(
        self,
        text: impl Into<String>,
        result: impl Fn(&T) -> (Value, Exit),
    ) -> Document {
        let mut exits = Vec::new();
        let mut clouds = Vec::new();
        for (cloud, outcome) in &self.0 {
            let (exit, key, value) = match outcome {
                Ok(value) => {
                    let (json, exit) = result(value);
                    (exit, "result", json)
                }
                Err(error) => (error.code().exit(), "error", Error::to_json(error)),
            };
            clouds.push(json!({"cloud": cloud, "success": exit == Exit::Success, key: value}));
            exits.push(exit);
        }
        let exit = Exit::of_several(&exits);
        let json = json!({"success": exit == Exit::Success, "clouds": clouds});
        Document::new(text, json).exit(exit)
    }
}

impl Outcomes<Document> {
    /// What is one line stands behind the cloud's name, what is more under it. `#` begins a comment in all
    /// that is printed to be used: HCL and commands.
    fn into_sections(self) -> Document {
        let mut text = String::new();
        for (cloud, document) in self.successes() {
            let own = document.text().trim_end();
            match own.lines().count() {
                0 => {}
                1 => text.push_str(&format!("{cloud}: {own}\n")),
                _ => text.push_str(&format!("# {cloud}\n{own}\n\n")),
            }
        }
        self.into_document(text, |document| (document.json().clone(), document.status()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn bundled() -> Chosen {
        let ids = crate::plugin::Plugin::bundled_ids();
        Chosen::Several(ids.into_iter().map(Into::into).collect())
    }

    #[test]
    fn the_same_cloud_twice_is_one_and_all_is_several_however_many_there_are() {
        let app = App::for_tests();
        assert_eq!(
            chosen(&app, &names(&["aws", "amazon", " AWS "])).unwrap(),
            Chosen::One(Some("aws".to_owned()))
        );
        assert_eq!(chosen(&app, &names(&["all"])).unwrap(), bundled());
        assert_eq!(chosen(&app, &names(&["aws", "ALL"])).unwrap(), bundled());
    }

    #[test]
    fn one_wrong_name_stops_all_before_anything_begins() {
        for list in [&["aws", "nimbus"][..], &["all", "nimbus"], &["aws", ""]] {
            assert_eq!(
                chosen(&App::for_tests(), &names(list)).unwrap_err().code(),
                Code::UsageUnknownCloud,
                "{list:?}"
            );
        }
    }

    #[test]
    fn one_document_says_what_became_of_each() {
        let outcomes = Outcomes(vec![
            (
                "aws".to_owned(),
                Ok(Document::new("ami-1 web", json!({"image_id": "ami-1"}))),
            ),
            ("gcp".to_owned(), Err(Error::new(Code::ToolMissing, "no gcloud"))),
            ("oci".to_owned(), Ok(Document::new("a\nb", json!({})))),
        ]);
        let document = outcomes.into_sections();
        assert_eq!(document.status(), Exit::Partial);
        assert_eq!(document.text(), "aws: ami-1 web\n# oci\na\nb\n\n");
        let json = document.json();
        assert_eq!(json["success"], false);
        assert_eq!(
            json["clouds"][0],
            json!({"cloud": "aws", "success": true, "result": {"image_id": "ami-1"}})
        );
        assert_eq!(json["clouds"][1]["error"]["code"], "tool/missing");
        assert_eq!(json["clouds"][1]["success"], false);
    }

    /// Ctrl-C is one token: whoever waits for it on one cloud waits on all.
    #[tokio::test]
    async fn all_begin_at_once_and_one_failure_stops_nobody() {
        let app = App::for_tests();
        let targets: Vec<_> = ["a", "b", "c"]
            .iter()
            .zip(app.console.share(&names(&["a", "b", "c"])))
            .map(|(id, console)| Target {
                id: (*id).to_owned(),
                app: app.with_console(console),
                flags: Flags::default(),
            })
            .collect();
        let barrier = tokio::sync::Barrier::new(3);
        let outcomes = each(&targets, async |target| {
            barrier.wait().await;
            match target.id.as_str() {
                "b" => Err(Error::new(Code::ToolFailed, "b")),
                id => Ok(Document::new(id, Value::Null)),
            }
        })
        .await;
        let well: Vec<_> = outcomes.successes().map(|(cloud, _)| cloud).collect();
        assert_eq!(well, ["a", "c"]);
    }
}
