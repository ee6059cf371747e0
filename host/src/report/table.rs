//! Plain tables: columns two spaces apart, no frames, so that `awk` and people both can read them.

use crate::policy::redact::neutralise_line;

/// Lays out a head and rows of the same number of cells. Nothing in a cell leaves it.
pub fn table(head: &[&str], rows: &[Vec<String>]) -> String {
    let mut lines = vec![head.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>()];
    lines.extend(
        rows.iter()
            .map(|row| row.iter().map(|cell| neutralise_line(cell)).collect()),
    );
    let mut widths = vec![0_usize; head.len()];
    for line in &lines {
        for (width, cell) in widths.iter_mut().zip(line) {
            *width = (*width).max(cell.chars().count());
        }
    }
    let mut text = String::new();
    for line in &lines {
        let mut row = String::new();
        for (width, cell) in widths.iter().zip(line) {
            row.push_str(&format!("{cell:<width$}  "));
        }
        text.push_str(row.trim_end());
        text.push('\n');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::table;

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = vec![
            vec!["ami-1".into(), "x".into()],
            vec!["ami-22".into(), "y".into()],
        ];
        assert_eq!(
            table(&["ID", "NAME"], &rows),
            "ID      NAME\nami-1   x\nami-22  y\n"
        );
    }

    #[test]
    fn a_name_cannot_move_the_cursor() {
        let rows = [vec!["\u{1b}[2Ja\nb\u{202e}".into()]];
        assert_eq!(table(&["N"], &rows), "N\na b\n");
    }
}
