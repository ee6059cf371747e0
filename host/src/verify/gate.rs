//! Who may publish an image.

use super::report::Report;
use crate::error::{Code, Error, Result};
use crate::journal::{Event, Run};

/// What is known of an image when somebody wants to give it to others.
#[derive(Clone, Copy, Debug)]
pub enum Verification<'a> {
    /// It was checked.
    Checked(&'a Report),
    /// Nobody checked it.
    Missing,
}

impl Verification<'_> {
    /// Why the image may not leave; none if it may.
    fn objection(self) -> Option<Error> {
        match self {
            Self::Checked(report) if report.holds() => None,
            Self::Checked(report) => Some(unverified(report)),
            Self::Missing => Some(Error::new(Code::ImageUnverified, "the image was not verified")),
        }
    }
}

/// The error for an image that does not hold what it should, with the points that failed.
pub fn unverified(report: &Report) -> Error {
    let failed: Vec<_> = report.failed().map(|point| point.id).collect();
    let mut error = if failed.is_empty() {
        Error::new(
            Code::ImageUnverified,
            "the verification of the image proved nothing",
        )
    } else {
        let message = format!("the image failed its verification: {}", failed.join(", "));
        Error::new(Code::ImageUnverified, message)
    };
    for point in report.failed() {
        for evidence in &point.evidence {
            error = error.detail(format!("{}: {evidence}", point.id));
        }
        if point.omitted > 0 {
            error = error.detail(format!("{}: and {} more", point.id, point.omitted));
        }
    }
    error
}

/// Lets an image through that holds what it should, or that somebody takes responsibility for: `--allow-unverified
/// REASON`. The reason goes to the run's journal, with what it excuses, before anything is published.
pub fn gate(
    run: &Run,
    image: &str,
    verification: Verification<'_>,
    allow_unverified: Option<&str>,
) -> Result<()> {
    let Some(objection) = verification.objection() else {
        return Ok(());
    };
    let Some(reason) = allow_unverified.map(str::trim) else {
        return Err(objection.remedy(
            "mend the image; or take responsibility with --allow-unverified REASON, which is recorded",
        ));
    };
    if reason.is_empty() {
        return Err(Error::new(
            Code::UsageArgument,
            "--allow-unverified needs a reason",
        ));
    }
    run.record(Event::UnverifiedAllowed {
        image: image.to_owned(),
        objection: objection.message().to_owned(),
        reason: reason.to_owned(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::environment::Environment;
    use crate::files;
    use crate::policy::redact::Redactor;
    use crate::verify::report::{Evidence, Judgement, Point};

    fn run(state: &std::path::Path) -> Run {
        let environment = Environment::of("/", [("SINDRI_STATE_DIR", state)]);
        Run::create(&environment, Redactor::default()).unwrap()
    }

    fn report(judgement: Judgement) -> Report {
        Report {
            points: vec![Point::new("git-credentials", "t", "p", judgement)],
        }
    }

    #[test]
    fn only_a_proven_image_or_a_recorded_reason_gets_through() {
        let state = tempfile::tempdir().unwrap();
        let run = run(state.path());
        let good = report(Judgement::Judged(Vec::new()));
        let bad = report(Judgement::Judged(vec![Evidence::at(
            "/root/.netrc".as_ref(),
            "a login",
        )]));
        let empty = Report::default();
        gate(&run, "ami-1", Verification::Checked(&good), None).unwrap();
        for verification in [
            Verification::Checked(&bad),
            Verification::Checked(&empty),
            Verification::Missing,
        ] {
            let error = gate(&run, "ami-1", verification, None).unwrap_err();
            assert_eq!(error.code(), Code::ImageUnverified);
            assert!(
                gate(&run, "ami-1", verification, Some("  ")).is_err(),
                "no reason is none"
            );
        }
        let error = gate(&run, "ami-1", Verification::Checked(&bad), None).unwrap_err();
        assert!(error.message().contains("git-credentials") && error.details()[0].contains("/root/.netrc"));

        let journal = || files::read_text(&run.directory().join("journal.jsonl"), 1 << 20).unwrap();
        assert_eq!(journal(), "", "nothing was allowed yet");
        gate(&run, "ami-1", Verification::Checked(&bad), Some("a demo for Ada")).unwrap();
        let journal = journal();
        assert!(
            journal.contains("a demo for Ada") && journal.contains("git-credentials"),
            "{journal}"
        );
    }
}
