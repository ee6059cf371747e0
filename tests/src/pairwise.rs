//! Few combinations that contain every pair of values: most mistakes in a template need two options to meet.

use std::collections::{BTreeMap, BTreeSet};

/// A key and what it may be.
#[derive(Clone, Debug)]
pub struct Choice<V> {
    /// The key.
    pub key: String,
    /// At least one value; the first is the usual one.
    pub values: Vec<V>,
}

/// Which value of each choice, by position.
pub type Row = Vec<usize>;

/// Rows that contain every pair of values that can stand together. `sound` says whether the values of a row can; it
/// has to accept the first value of all choices, or little will be found.
///
/// The same choices give the same rows.
pub fn rows<V>(choices: &[Choice<V>], sound: impl Fn(&Row) -> bool) -> Vec<Row> {
    let setting = |choice: usize| (0..choices[choice].values.len()).map(move |value| (choice, value));
    let all: Vec<Setting> = (0..choices.len()).flat_map(setting).collect();
    let company: BTreeMap<Setting, Vec<Setting>> = all
        .iter()
        .filter_map(|one| Some((*one, company(&all, choices.len(), *one, &sound)?)))
        .collect();
    let mut wanted: BTreeSet<Pair> = BTreeSet::new();
    for one in company.keys() {
        let partners = company.keys().filter(|other| one.0 < other.0 || one == *other);
        wanted.extend(partners.map(|other| Pair([*one, *other])));
    }
    let mut rows: Vec<Row> = Vec::new();
    while let Some(pair) = wanted.pop_first() {
        let Some(mut row) = with(&all, choices.len(), pair, &company, &sound) else {
            continue;
        };
        fill(choices, &mut row, pair, &wanted, &sound);
        wanted.retain(|pair| !pair.is_in(&row));
        rows.push(row);
    }
    rows
}

/// A choice and one of its values.
type Setting = (usize, usize);

/// Two settings; the same twice stands for it alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Pair([Setting; 2]);

impl Pair {
    fn is_in(self, row: &Row) -> bool {
        self.0.iter().all(|(choice, value)| row[*choice] == *value)
    }

    fn has(self, choice: usize) -> bool {
        self.0.iter().any(|(own, _)| *own == choice)
    }
}

/// The usual values with these settings, the later winning.
fn usual(choices: usize, settings: &[Setting]) -> Row {
    let mut row = vec![0; choices];
    for (choice, value) in settings {
        row[*choice] = *value;
    }
    row
}

/// The fewest other settings, none to two, with which this one can stand: a subnet may need its network, and that
/// its resource group. Nothing when it cannot stand at all.
fn company(
    all: &[Setting],
    choices: usize,
    one: Setting,
    sound: &impl Fn(&Row) -> bool,
) -> Option<Vec<Setting>> {
    let holds = |company: &[Setting]| {
        let settings = [company, &[one]].concat();
        sound(&usual(choices, &settings)).then(|| company.to_vec())
    };
    let others: Vec<Setting> = all
        .iter()
        .copied()
        .filter(|other| other.0 != one.0 && other.1 != 0)
        .collect();
    holds(&[])
        .or_else(|| others.iter().find_map(|other| holds(&[*other])))
        .or_else(|| {
            let mut two = others.iter().flat_map(|a| others.iter().map(move |b| [*a, *b]));
            two.find_map(|two| holds(&two))
        })
}

/// A sound row with this pair: both with their company, or with one setting more.
fn with(
    all: &[Setting],
    choices: usize,
    pair: Pair,
    company: &BTreeMap<Setting, Vec<Setting>>,
    sound: &impl Fn(&Row) -> bool,
) -> Option<Row> {
    let mut base: Vec<Setting> = Vec::new();
    for setting in pair.0 {
        base.extend(company.get(&setting)?);
    }
    let holds = |extra: &[Setting]| {
        let row = usual(choices, &[&base, extra, &pair.0].concat());
        sound(&row).then_some(row)
    };
    holds(&[]).or_else(|| all.iter().find_map(|extra| holds(&[*extra])))
}

/// Gives every other choice the value with which the row contains most of what is still wanted.
fn fill<V>(
    choices: &[Choice<V>],
    row: &mut Row,
    fixed: Pair,
    wanted: &BTreeSet<Pair>,
    sound: &impl Fn(&Row) -> bool,
) {
    let gain = |row: &Row| wanted.iter().filter(|pair| pair.is_in(row)).count();
    let mut most = gain(row);
    for (choice, options) in choices.iter().enumerate() {
        if fixed.has(choice) {
            continue;
        }
        for value in 0..options.values.len() {
            let before = std::mem::replace(&mut row[choice], value);
            let now = gain(row);
            if now > most && sound(row) {
                most = now;
            } else {
                row[choice] = before;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn choices(sizes: &[usize]) -> Vec<Choice<usize>> {
        let choice = |(index, size): (usize, &usize)| Choice {
            key: index.to_string(),
            values: (0..*size).collect(),
        };
        sizes.iter().enumerate().map(choice).collect()
    }

    #[test]
    fn every_pair_is_in_a_row_and_the_rows_are_few() {
        let choices = choices(&[3, 2, 4, 2, 2, 3, 2, 2, 2, 3]);
        let rows = rows(&choices, |_| true);
        for (a, one) in choices.iter().enumerate() {
            for (b, other) in choices.iter().enumerate().filter(|(b, _)| *b != a) {
                for (x, y) in one
                    .values
                    .iter()
                    .flat_map(|x| other.values.iter().map(move |y| (*x, *y)))
                {
                    assert!(
                        rows.iter().any(|row| row[a] == x && row[b] == y),
                        "{a}={x} {b}={y}"
                    );
                }
            }
        }
        assert!(rows.len() <= 20, "{} rows of 6912 combinations", rows.len());
    }

    #[test]
    fn what_cannot_stand_together_does_not_keep_the_rest_out() {
        let choices = choices(&[2, 2, 2, 3]);
        // 1 needs 0 and 2, and 3 is only ever its second or third value with 2.
        let sound = |row: &Row| (row[1] == 0 || (row[0] == 1 && row[2] == 1)) && (row[3] == 0 || row[2] == 1);
        let rows = rows(&choices, sound);
        assert!(rows.iter().all(sound));
        for value in 0..3 {
            assert!(rows.iter().any(|row| row[3] == value), "{value}");
        }
        assert!(rows.iter().any(|row| row[1] == 1 && row[3] == 2));
    }

    #[test]
    fn the_same_choices_give_the_same_rows() {
        let choices = choices(&[3, 3, 3, 3]);
        assert_eq!(rows(&choices, |_| true), rows(&choices, |_| true));
    }
}
