//! Answers that come in pages.

use serde::de::DeserializeOwned;
use serde_json::Value as Json;
use sindri_plugin_sdk::contract::{Problem, Step};
use sindri_plugin_sdk::{Command, History};

use super::Progress;

/// More pages than an honest account has: 5,000 images.
const MOST_PAGES: u64 = 50;

/// Where a list stands in an answer, for example `Images` and `Image`, and how many entries a page may have.
#[derive(Clone, Copy)]
pub(super) struct Shape {
    outer: &'static str,
    inner: &'static str,
    page_size: u64,
}

const fn shape(outer: &'static str, inner: &'static str, page_size: u64) -> Shape {
    Shape {
        outer,
        inner,
        page_size,
    }
}

pub(super) const IMAGES: Shape = shape("Images", "Image", 100);
pub(super) const SNAPSHOTS: Shape = shape("Snapshots", "Snapshot", 100);
pub(super) const INSTANCES: Shape = shape("Instances", "Instance", 100);
pub(super) const KEY_PAIRS: Shape = shape("KeyPairs", "KeyPair", 50);
pub(super) const SECURITY_GROUPS: Shape = shape("SecurityGroups", "SecurityGroup", 50);
pub(super) const VPCS: Shape = shape("Vpcs", "Vpc", 50);
pub(super) const VSWITCHES: Shape = shape("VSwitches", "VSwitch", 50);
pub(super) const EIPS: Shape = shape("EipAddresses", "EipAddress", 50);
pub(super) const ZONES: Shape = shape("AvailableZones", "AvailableZone", 0);
pub(super) const ACCOUNTS: Shape = shape("Accounts", "Account", 0);

/// A search whose answer may have several pages.
pub(super) struct Search {
    pub(super) id: String,
    pub(super) purpose: String,
    pub(super) command: Command,
    pub(super) shape: Shape,
}

impl Search {
    pub(super) fn new(
        id: impl Into<String>,
        purpose: impl Into<String>,
        command: Command,
        shape: Shape,
    ) -> Self {
        Self {
            id: id.into(),
            purpose: purpose.into(),
            command,
            shape,
        }
    }

    fn page(&self, number: u64) -> (String, Step) {
        let id = if number == 1 {
            self.id.clone()
        } else {
            format!("{}-page-{number}", self.id)
        };
        let command = self
            .command
            .clone()
            .flag("PageSize", self.shape.page_size.to_string())
            .flag("PageNumber", number.to_string());
        (id.clone(), command.step(id, &self.purpose))
    }

    /// The steps whose results are still missing: the first page, then all others at once.
    pub(super) fn missing(&self, history: &History<'_>) -> Result<Vec<Step>, Problem> {
        let (first, step) = self.page(1);
        if !history.has(&first) {
            return Ok(vec![step]);
        }
        let others = 2..=self.pages(history)?;
        Ok(others
            .map(|number| self.page(number))
            .filter(|(id, _)| !history.has(id))
            .map(|(_, step)| step)
            .collect())
    }

    /// Everything found, once nothing is missing.
    pub(super) fn found<T: DeserializeOwned>(&self, history: &History<'_>) -> Result<Vec<T>, Problem> {
        let mut all = Vec::new();
        for number in 1..=self.pages(history)? {
            all.extend(items(history, &self.page(number).0, self.shape)?);
        }
        Ok(all)
    }

    fn pages(&self, history: &History<'_>) -> Result<u64, Problem> {
        let answer = history.json(&self.id)?;
        let total = answer.get("TotalCount").and_then(Json::as_u64).unwrap_or(0);
        let pages = total.div_ceil(self.shape.page_size.max(1)).max(1);
        if pages > MOST_PAGES {
            let message = format!("{total} results are more than can be read: {}", self.purpose);
            return Err(Problem::new("too-many-results", message));
        }
        Ok(pages)
    }
}

/// The steps of all searches whose results are still missing; independent of each other, hence one turn.
pub(super) fn search<'a>(
    history: &History<'_>,
    searches: impl IntoIterator<Item = &'a Search>,
) -> Result<Progress<()>, Problem> {
    let mut steps = Vec::new();
    for search in searches {
        steps.extend(search.missing(history)?);
    }
    Ok(if steps.is_empty() {
        Progress::Done(())
    } else {
        Progress::Ask(steps)
    })
}

/// The list in one answer.
pub(super) fn items<T: DeserializeOwned>(
    history: &History<'_>,
    step: &str,
    shape: Shape,
) -> Result<Vec<T>, Problem> {
    let mut answer = history.json(step)?;
    let list = answer
        .get_mut(shape.outer)
        .and_then(|outer| outer.get_mut(shape.inner))
        .map(Json::take);
    let Some(list) = list else {
        let message = format!(
            "the output of step `{step}` has no {}.{}",
            shape.outer, shape.inner
        );
        return Err(unreadable(message));
    };
    serde_json::from_value(list).map_err(|error| {
        unreadable(format!(
            "the output of step `{step}` is not what was expected: {error}"
        ))
    })
}

pub(super) fn unreadable(message: String) -> Problem {
    Problem::new("unreadable-output", message)
        .remedy("run the command shown by --plan by hand and look at what it prints")
}
