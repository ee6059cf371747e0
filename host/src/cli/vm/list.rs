//! `sindri vm list`

use clap::Args;
use serde_json::{Value, json};

use super::App;
use super::arguments::{PlaceArguments, PlanArgument};
use super::clouds::{self, Chosen, CloudsArgument};
use crate::contract::Image;
use crate::error::{Exit, Result};
use crate::operation::{Preview, Session, list};
use crate::report::{Document, table};
use crate::runner::cancel::Cancel;

/// Arguments of `sindri vm list`.
#[derive(Debug, Args)]
pub struct List {
    #[command(flatten)]
    clouds: CloudsArgument,
    #[command(flatten)]
    place: PlaceArguments,
    #[command(flatten)]
    plan: PlanArgument,
    /// Only images of your account whose name begins like this, also those that sindri did not make
    /// [default: every image that sindri made]
    #[arg(short, long, value_name = "PREFIX")]
    name: Option<String>,
}

impl List {
    pub(super) async fn run(self, app: &App, cancel: Cancel) -> Result<Document> {
        let flags = self.place.flags(app)?;
        let prefix = self.name.as_deref();
        if self.plan.plan {
            return clouds::on_each_in_turn(app, &self.clouds, &flags, |app, cloud, flags| {
                let session = Session::open(app, cloud, flags)?;
                let mut preview = Preview::default();
                preview.operation(&session, session.preview_context(), list::operation(prefix))?;
                Ok(preview.into_document())
            });
        }
        match self.clouds.choose(app)? {
            Chosen::One(cloud) => {
                let session = Session::open(app, cloud.as_deref(), &flags)?;
                let images = list::list(&session, prefix, cancel).await?;
                if images.is_empty() {
                    app.console.notice("no images here");
                    return Ok(Document::new("", Vec::<Value>::new()));
                }
                let rows: Vec<_> = images.iter().map(row).collect();
                Ok(Document::new(table(HEAD, &rows), in_json(&images)))
            }
            Chosen::Several(ids) => {
                let targets = clouds::targets(app, &ids, &flags)?;
                let outcomes = clouds::each(&targets, async |target| {
                    let session = Session::open(&target.app, Some(&target.id), &target.flags)?;
                    list::list(&session, prefix, cancel.clone()).await
                })
                .await;
                let of_cloud = |(cloud, images): (&str, &Vec<Image>)| -> Vec<Vec<String>> {
                    let with_cloud = |image| [vec![cloud.to_owned()], row(image)].concat();
                    images.iter().map(with_cloud).collect()
                };
                let rows: Vec<_> = outcomes.successes().flat_map(of_cloud).collect();
                let text = if rows.is_empty() {
                    String::new()
                } else {
                    table(&[&["CLOUD"], HEAD].concat(), &rows)
                };
                Ok(outcomes.into_document(text, |images| (in_json(images), Exit::Success)))
            }
        }
    }
}

const HEAD: &[&str] = &["ID", "NAME", "STATE", "CREATED", "SINDRI", "MANAGED"];

fn in_json(images: &[Image]) -> Value {
    images.iter().map(to_json).collect()
}

fn row(image: &Image) -> Vec<String> {
    vec![
        image.id.clone(),
        image.name.clone(),
        state(image),
        image.created_at.clone().unwrap_or_else(|| "-".into()),
        image.labels.sindri_version.clone().unwrap_or_else(|| "-".into()),
        if image.labels.managed {
            "yes".into()
        } else {
            "no".into()
        },
    ]
}

fn state(image: &Image) -> String {
    serde_json::to_value(image.state)
        .ok()
        .and_then(|state| state.as_str().map(Into::into))
        .unwrap_or_default()
}

fn to_json(image: &Image) -> Value {
    json!({
        "id": image.id,
        "name": image.name,
        "description": image.description,
        "state": image.state,
        "created_at": image.created_at,
        "size_gib": image.size_gib,
        "architecture": image.architecture,
        "region": image.location,
        "public": image.public,
        "managed": image.labels.managed,
        "sindri_version": image.labels.sindri_version,
        "profile": image.labels.profile,
        "cache_key": image.labels.cache_key,
        "run_id": image.labels.run_id,
        "tags": image.tags.iter().map(|tag| (tag.key.clone(), Value::from(tag.value.clone()))).collect::<serde_json::Map<_, _>>(),
    })
}
