//! Every attack once, and a row for each.

use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;

use super::App;
use super::attack::{Attack, Lab, Verdict};
use super::attacks::{bundles, children, commands, descriptions, output, plans, resources, templates};
use crate::error::{Code, Error, Exit, Result};
use crate::report::{Document, table};
use crate::runner::sandbox::{Support, support};

/// What one attack came to.
struct Row {
    name: &'static str,
    tries: &'static str,
    verdict: Verdict,
    duration: Duration,
}

pub(super) fn run(app: &App) -> Result<Document> {
    app.console
        .step("Running hostile plugins on this machine; some only end when their time is over");
    if let Support::Missing(reason) = support() {
        app.console.notice(&format!(
            "the kernel keeps programs from no files here ({reason}): attacks of that kind were left out"
        ));
    }
    let lab = Lab::new()?;
    // Children are started here, by the thread that lives as long as the process.
    let rows = thread::scope(|scope| {
        let slow: Vec<_> = resources::slow()
            .into_iter()
            .map(|attack| scope.spawn(|| judge(attack, &lab)))
            .collect();
        let mut rows: Vec<Row> = quick().into_iter().map(|attack| judge(attack, &lab)).collect();
        for thread in slow {
            let row = thread
                .join()
                .map_err(|_| Error::new(Code::Internal, "an attack ended the thread it ran in"))?;
            rows.push(row);
        }
        Ok(rows)
    })?;
    Ok(document(&rows))
}

fn quick() -> Vec<Attack> {
    [
        descriptions::attacks(),
        resources::attacks(),
        templates::attacks(),
        bundles::attacks(),
        commands::attacks(),
        plans::attacks(),
        output::attacks(),
        children::attacks(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn judge(attack: Attack, lab: &Lab) -> Row {
    let begun = Instant::now();
    Row {
        name: attack.name,
        tries: attack.tries,
        verdict: (attack.run)(lab),
        duration: begun.elapsed(),
    }
}

fn document(rows: &[Row]) -> Document {
    let mut lines = Vec::new();
    let mut attacks = Vec::new();
    let mut through = 0_usize;
    for row in rows {
        let (blocked, by, said) = match &row.verdict {
            Verdict::Blocked { by, how } => (true, by.as_str(), how),
            Verdict::NotBlocked { what } => (false, "nothing", what),
        };
        through += usize::from(!blocked);
        lines.push(vec![
            row.name.to_owned(),
            row.tries.to_owned(),
            by.to_owned(),
            if blocked {
                "ok".to_owned()
            } else {
                format!("NOT BLOCKED: {said}")
            },
        ]);
        attacks.push(json!({
            "name": row.name,
            "tries": row.tries,
            "blocked": blocked,
            "by": blocked.then_some(by),
            "detail": said,
            "milliseconds": u64::try_from(row.duration.as_millis()).unwrap_or(u64::MAX),
        }));
    }
    let mut text = table(&["ATTACK", "TRIES", "BLOCKED BY", "RESULT"], &lines);
    text.push_str(&match through {
        0 => format!("all {} attacks were blocked", rows.len()),
        some => format!("{some} of {} attacks were NOT BLOCKED", rows.len()),
    });
    let json = json!({"success": through == 0, "attacks": attacks});
    Document::new(text, json).exit(if through == 0 {
        Exit::Success
    } else {
        Exit::Failure
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_attack_that_gets_through_is_a_failure_and_is_named() {
        let row = |name, verdict| Row {
            name,
            tries: "to harm",
            verdict,
            duration: Duration::ZERO,
        };
        let blocked = || Verdict::Blocked {
            by: "plugin/trap".to_owned(),
            how: "it crashed".to_owned(),
        };
        let all = document(&[row("a", blocked())]);
        assert_eq!(all.status(), Exit::Success);
        assert_eq!(all.json()["success"], true);
        let through = Verdict::NotBlocked {
            what: "the host took it".to_owned(),
        };
        let some = document(&[row("a", blocked()), row("b", through)]);
        assert_eq!(some.status(), Exit::Failure);
        assert_eq!(some.json()["attacks"][1]["blocked"], false);
        assert!(
            some.text().contains("b       to harm  nothing"),
            "{}",
            some.text()
        );
        assert!(some.text().contains("1 of 2 attacks were NOT BLOCKED"));
    }

    /// Else an attack might be blocked for want of something that has nothing to do with it.
    #[test]
    fn what_the_attacks_are_added_to_is_taken() {
        let lab = Lab::new().unwrap();
        let template = super::super::attacks::hex(&templates::source("", ""));
        let file = super::super::attacks::hex("x/run.sh");
        let config = json!({"attack": "template", "template": template, "path": file});
        assert_eq!(lab.compile(&config).unwrap().bundle_files().len(), 1);
        let error = lab.drive("echo", "ami-0123456789abcdef0").unwrap_err();
        assert!(
            error.message().contains("stands twice"),
            "its second step is taken: {error}"
        );
        assert_eq!(lab.with("").unwrap().ask().unwrap().id, "hostile");
    }

    #[test]
    fn another_failure_than_the_wall_is_no_success() {
        let other: Result<()> = Err(Error::new(Code::Internal, "out of order"));
        assert!(matches!(
            Verdict::of_refusal(other, &[Code::PluginTrap]),
            Verdict::NotBlocked { .. }
        ));
        assert!(matches!(
            Verdict::of_refusal(Ok(()), &[Code::PluginTrap]),
            Verdict::NotBlocked { .. }
        ));
    }

    #[test]
    fn attacks_have_names_of_their_own() {
        let mut names: Vec<_> = quick()
            .iter()
            .chain(&resources::slow())
            .map(|attack| attack.name)
            .collect();
        names.sort_unstable();
        let all = names.len();
        names.dedup();
        assert_eq!(names.len(), all);
        assert!(all > 60, "{all}");
    }
}
