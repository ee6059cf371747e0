//! What the checks have found.

use std::path::{Path, PathBuf};

use serde::Serialize;

/// Findings of one point that are kept; the rest is counted.
const MOST_EVIDENCE: usize = 20;

/// How a point ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// It holds.
    Pass,
    /// It does not hold, or what would show it could not be read.
    Fail,
    /// It does not concern this image.
    NotApplicable,
    /// This source cannot show it; another one can.
    NotShown,
}

impl Status {
    /// As users see it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Fail => "FAIL",
            Self::NotApplicable => "not applicable",
            Self::NotShown => "not shown",
        }
    }
}

/// Something found. Never a secret itself: where it is and what kind of thing it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Evidence {
    /// Path on the image; bytes that are not UTF-8 replaced.
    pub path: String,
    /// Line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// What is there.
    pub found: String,
}

impl Evidence {
    /// Something at a path.
    pub fn at(path: &Path, found: impl Into<String>) -> Self {
        Self {
            path: path.to_string_lossy().into_owned(),
            line: None,
            found: found.into(),
        }
    }

    /// Something in a line, from 1.
    pub fn in_line(path: &Path, line: usize, found: impl Into<String>) -> Self {
        Self {
            line: Some(line),
            ..Self::at(path, found)
        }
    }
}

impl std::fmt::Display for Evidence {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.line {
            Some(line) => write!(f, "{}:{line}: {}", self.path, self.found),
            None => write!(f, "{}: {}", self.path, self.found),
        }
    }
}

/// What a check says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Judgement {
    /// Findings against it; none means that it holds.
    Judged(Vec<Evidence>),
    /// It does not concern this image, and why.
    NotApplicable(String),
    /// This source cannot show it, and what can.
    NotShown(String),
}

/// One point of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Point {
    /// Stable name.
    pub id: &'static str,
    /// For people.
    pub title: &'static str,
    /// What it shows when it passes.
    pub proves: &'static str,
    /// How it ended.
    pub status: Status,
    /// Why it was not judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Findings against it.
    pub evidence: Vec<Evidence>,
    /// Further findings that are not listed.
    pub omitted: usize,
}

impl Point {
    /// A check's judgement as a point.
    pub fn new(id: &'static str, title: &'static str, proves: &'static str, judgement: Judgement) -> Self {
        let (status, reason, mut evidence) = match judgement {
            Judgement::Judged(evidence) if evidence.is_empty() => (Status::Pass, None, evidence),
            Judgement::Judged(evidence) => (Status::Fail, None, evidence),
            Judgement::NotApplicable(reason) => (Status::NotApplicable, Some(reason), Vec::new()),
            Judgement::NotShown(reason) => (Status::NotShown, Some(reason), Vec::new()),
        };
        let omitted = evidence.len().saturating_sub(MOST_EVIDENCE);
        evidence.truncate(MOST_EVIDENCE);
        Self {
            id,
            title,
            proves,
            status,
            reason,
            evidence,
            omitted,
        }
    }
}

/// All points.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// In the order of the checklist.
    pub points: Vec<Point>,
}

impl Report {
    /// How many ended so.
    pub fn count(&self, status: Status) -> usize {
        self.points.iter().filter(|point| point.status == status).count()
    }

    /// Whether the image is what it claims. A report in which nothing passed has proved nothing.
    pub fn holds(&self) -> bool {
        self.count(Status::Fail) == 0 && self.count(Status::Pass) > 0
    }

    /// The points that failed.
    pub fn failed(&self) -> impl Iterator<Item = &Point> {
        self.points.iter().filter(|point| point.status == Status::Fail)
    }

    /// In one line.
    pub fn summary(&self) -> String {
        format!(
            "{} passed, {} failed, {} not applicable, {} not shown",
            self.count(Status::Pass),
            self.count(Status::Fail),
            self.count(Status::NotApplicable),
            self.count(Status::NotShown)
        )
    }
}

/// Paths as evidence of the same thing.
pub fn each(paths: impl IntoIterator<Item = PathBuf>, found: &str) -> Vec<Evidence> {
    paths.into_iter().map(|path| Evidence::at(&path, found)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn point(judgement: Judgement) -> Point {
        Point::new("a", "b", "c", judgement)
    }

    #[test]
    fn a_run_without_a_single_proof_is_a_failure() {
        assert!(!Report::default().holds());
        let mut report = Report {
            points: vec![
                point(Judgement::NotShown("no boot".into())),
                point(Judgement::NotApplicable("not hardened".into())),
            ],
        };
        assert!(!report.holds());
        report.points.push(point(Judgement::Judged(Vec::new())));
        assert!(report.holds());
        report
            .points
            .push(point(Judgement::Judged(vec![Evidence::at(Path::new("/x"), "y")])));
        assert!(!report.holds());
    }

    #[test]
    fn a_flood_of_findings_is_counted_and_not_printed() {
        let many = each((0..1000).map(|n| PathBuf::from(format!("/{n}"))), "a key");
        let point = point(Judgement::Judged(many));
        assert_eq!((point.evidence.len(), point.omitted), (20, 980));
        assert_eq!(point.status, Status::Fail);
    }
}
