//! Figures with their goals.

use std::fmt::Write as _;
use std::time::Duration;

/// All figures of a run.
#[derive(Default)]
pub(super) struct Report(Vec<Line>);

struct Line {
    what: String,
    measured: String,
    goal: String,
    met: Option<bool>,
}

impl Report {
    /// A figure that has a goal.
    pub(super) fn goal(&mut self, what: &str, measured: String, goal: &str, met: bool) {
        self.add(what, measured, goal, Some(met));
    }

    /// A figure without a goal.
    pub(super) fn note(&mut self, what: &str, measured: String) {
        self.add(what, measured, "", None);
    }

    /// A figure that could not be measured.
    pub(super) fn open(&mut self, what: &str, reason: &str) {
        self.add(what, format!("not measured: {reason}"), "", None);
    }

    fn add(&mut self, what: &str, measured: String, goal: &str, met: Option<bool>) {
        self.0.push(Line {
            what: what.to_owned(),
            measured,
            goal: goal.to_owned(),
            met,
        });
    }

    /// Prints the table as Markdown, ready for `docs/performance.md`.
    pub(super) fn print(&self) {
        println!("\n{}", self.table());
    }

    fn table(&self) -> String {
        let header = ["what", "measured", "goal", ""].map(str::to_owned);
        let mut rows = vec![header];
        rows.extend(self.0.iter().map(|line| {
            let met = match line.met {
                Some(true) => "met",
                Some(false) => "NOT MET",
                None => "",
            };
            [
                line.what.clone(),
                line.measured.clone(),
                line.goal.clone(),
                met.to_owned(),
            ]
        }));
        let widths = [0, 1, 2, 3].map(|column| {
            let width = |row: &[String; 4]| row.get(column).map_or(0, |cell| cell.chars().count());
            rows.iter().map(width).max().unwrap_or(0)
        });
        let mut table = String::new();
        for (number, row) in rows.iter().enumerate() {
            for (cell, width) in row.iter().zip(widths) {
                let _ = write!(table, "| {cell:width$} ");
            }
            table.push_str("|\n");
            if number == 0 {
                for width in widths {
                    let _ = write!(table, "|{}", "-".repeat(width + 2));
                }
                table.push_str("|\n");
            }
        }
        table
    }
}

/// `3.21 ms`
pub(super) fn milliseconds(duration: Duration) -> String {
    let milliseconds = duration.as_secs_f64() * 1e3;
    match milliseconds {
        0.0..0.1 => format!("{:.1} µs", milliseconds * 1e3),
        0.1..100.0 => format!("{milliseconds:.2} ms"),
        _ => format!("{milliseconds:.0} ms"),
    }
}

/// `12.3 MB`
#[allow(clippy::cast_precision_loss, reason = "one digit after the point is shown")]
pub(super) fn megabytes(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missed_goal_stands_out_and_columns_are_aligned() {
        let mut report = Report::default();
        report.goal(
            "dry run",
            milliseconds(Duration::from_micros(4210)),
            "2 ms",
            false,
        );
        report.note("program", megabytes(12_340_000));
        assert_eq!(
            report.table(),
            "\
| what    | measured | goal |         |
|---------|----------|------|---------|
| dry run | 4.21 ms  | 2 ms | NOT MET |
| program | 12.3 MB  |      |         |
"
        );
        assert_eq!(milliseconds(Duration::from_nanos(17_250)), "17.2 µs");
        assert_eq!(milliseconds(Duration::from_millis(1250)), "1250 ms");
    }
}
