//! Lists: filters, order and pages.
//!
//! Of the filter language the lab knows what clients here send: terms that all have to hold,
//! `FIELD (eq|ne|=|!=|:) VALUE`, each possibly in parentheses. Anything else is refused rather than ignored: an ignored
//! filter would show a client more than it asked for.

use serde_json::{Value, json};

use super::failure::Failure;
use super::store::Item;
use crate::{Request, Rule, World};

/// Of the API: more in one page are not returned.
const MOST: usize = 500;

/// The parameters of every list call.
pub(super) const PARAMETERS: [&str; 7] = [
    "filter",
    "maxResults",
    "orderBy",
    "pageToken",
    "returnPartialSuccess",
    "includeAllScopes",
    "serviceProjectNumber",
];

/// The items to show, and the token of the next page.
type Page<'a, T> = (Vec<(T, &'a Item)>, Option<String>);

/// A page of items.
pub(super) fn page<'a, T>(
    items: impl Iterator<Item = (T, &'a Item)>,
    request: &Request,
    world: &mut World,
) -> Result<Page<'a, T>, Failure> {
    let terms = parse(request.parameter("filter").unwrap_or_default()).ok_or_else(|| {
        world.violation(Rule::WrongValue, "filter: not a form that the lab knows");
        Failure::new(400, "invalid", "Invalid value for field 'filter'")
    })?;
    let mut shown: Vec<_> = items
        .filter(|(_, item)| terms.iter().all(|term| term.holds(item)))
        .collect();
    match request.parameter("orderBy").unwrap_or_default() {
        "" | "name" => {}
        "creationTimestamp desc" => shown.sort_by_key(|(_, item)| std::cmp::Reverse(item.order)),
        other => {
            return Err(Failure::invalid(
                world,
                "orderBy",
                &format!("{other:?} is no order"),
            ));
        }
    }
    let number = |name: &str| request.parameter(name).map(str::parse::<usize>).transpose();
    let (Ok(size), Ok(start)) = (number("maxResults"), number("pageToken")) else {
        return Err(Failure::invalid(
            world,
            "maxResults",
            "not a number, or no token of a page",
        ));
    };
    let size = size.unwrap_or(MOST);
    if size > MOST {
        return Err(Failure::invalid(world, "maxResults", "more than 500"));
    }
    let start = start.unwrap_or(0);
    let end = start.saturating_add(size.max(1));
    let next = (end < shown.len()).then(|| end.to_string());
    Ok((shown.into_iter().skip(start).take(size.max(1)).collect(), next))
}

/// The document of a page.
pub(super) fn document(kind: &str, items: Value, next: Option<String>) -> Value {
    let mut document = json!({"kind": kind, "id": kind, "items": items});
    if let (Some(next), Some(fields)) = (next, document.as_object_mut()) {
        fields.insert("nextPageToken".to_owned(), next.into());
    }
    document
}

#[derive(Debug, PartialEq, Eq)]
struct Term {
    field: String,
    negated: bool,
    /// With `:` a part is enough; else it is an expression for the whole value.
    part: bool,
    value: String,
}

impl Term {
    fn holds(&self, item: &Item) -> bool {
        let mut value = Some(&Value::Object(item.body.clone())).cloned();
        for name in self.field.split('.') {
            value = value.and_then(|value| value.get(name).cloned());
        }
        let found = match &value {
            Some(Value::String(text)) => self.fits(text),
            Some(Value::Number(number)) => self.fits(&number.to_string()),
            Some(Value::Bool(flag)) => self.fits(&flag.to_string()),
            _ => false,
        };
        found != self.negated
    }

    fn fits(&self, text: &str) -> bool {
        if self.part {
            return self.value == "*" || text.contains(self.value.trim_end_matches('*'));
        }
        let inner = self.value.strip_prefix(".*").unwrap_or(&self.value);
        let (before, inner) = (inner.len() < self.value.len(), inner);
        let shorter = inner.strip_suffix(".*").unwrap_or(inner);
        let (after, inner) = (shorter.len() < inner.len(), shorter);
        // `gcloud` makes `.*(^a).*` of its own `~^a`: what is anchored inside is anchored.
        let inner = inner
            .strip_prefix('(')
            .and_then(|inner| inner.strip_suffix(')'))
            .unwrap_or(inner);
        let (start, inner) = (inner.starts_with('^') || !before, inner.trim_start_matches('^'));
        let (end, inner) = (inner.ends_with('$') || !after, inner.trim_end_matches('$'));
        match (start, end) {
            (true, true) => text == inner,
            (false, true) => text.ends_with(inner),
            (true, false) => text.starts_with(inner),
            (false, false) => text.contains(inner),
        }
    }

    /// Whether an expression is one of those that `fits` knows: a plain text, possibly anchored, possibly with
    /// `.*` at its ends.
    fn is_known(&self) -> bool {
        let inner = self.value.strip_prefix(".*").unwrap_or(&self.value);
        let inner = inner.strip_suffix(".*").unwrap_or(inner);
        let inner = inner
            .strip_prefix('(')
            .and_then(|inner| inner.strip_suffix(')'))
            .unwrap_or(inner);
        let inner = inner.trim_start_matches('^').trim_end_matches('$');
        self.part || !inner.contains(['(', ')', '[', ']', '*', '+', '?', '|', '{', '^', '$', '\\'])
    }
}

fn parse(filter: &str) -> Option<Vec<Term>> {
    let mut terms = Vec::new();
    let words = words(filter)?;
    let mut rest = words.as_slice();
    while let [field, operator, value, after @ ..] = rest {
        let (negated, part) = match operator.as_str() {
            "eq" | "=" => (false, false),
            "ne" | "!=" => (true, false),
            ":" => (false, true),
            _ => return None,
        };
        terms.push(Term {
            field: field.clone(),
            negated,
            part,
            value: value.clone(),
        });
        rest = match after {
            [and, after @ ..] if and == "AND" => after,
            after => after,
        };
    }
    (rest.is_empty() && terms.iter().all(Term::is_known)).then_some(terms)
}

/// Fields, operators and values; quotes are taken off, parentheses around terms left out.
fn words(filter: &str) -> Option<Vec<String>> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut characters = filter.chars().peekable();
    let end = |word: &mut String, words: &mut Vec<String>| {
        if !word.is_empty() {
            words.push(std::mem::take(word));
        }
    };
    while let Some(character) = characters.next() {
        match character {
            ' ' | '(' | ')' => end(&mut word, &mut words),
            '=' | ':' => {
                end(&mut word, &mut words);
                words.push(character.to_string());
            }
            '!' if characters.next_if_eq(&'=').is_some() => {
                end(&mut word, &mut words);
                words.push("!=".to_owned());
            }
            quote @ ('"' | '\'') => {
                let mut closed = false;
                for character in characters.by_ref() {
                    closed = character == quote;
                    if closed {
                        break;
                    }
                    word.push(character);
                }
                if !closed {
                    return None;
                }
                words.push(std::mem::take(&mut word));
            }
            // Expressions, comparisons and alternatives are not known here.
            '|' | '<' | '>' | '~' | '[' | '\\' => return None,
            other => word.push(other),
        }
    }
    end(&mut word, &mut words);
    (!words.iter().any(|word| word == "OR" || word == "NOT")).then_some(words)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(filter: &str) -> Option<Vec<(String, bool, bool, String)>> {
        let terms = parse(filter)?;
        Some(
            terms
                .into_iter()
                .map(|term| (term.field, term.negated, term.part, term.value))
                .collect(),
        )
    }

    #[test]
    fn the_forms_that_clients_send_are_read() {
        let term =
            |field: &str, negated, part, value: &str| (field.to_owned(), negated, part, value.to_owned());
        assert_eq!(shown(""), Some(vec![]));
        assert_eq!(
            shown(r#"labels.k eq "v""#),
            Some(vec![term("labels.k", false, false, "v")])
        );
        assert_eq!(
            shown("(labels.a = 1) (name != \"x\")"),
            Some(vec![
                term("labels.a", false, false, "1"),
                term("name", true, false, "x")
            ])
        );
        assert_eq!(
            shown("labels.k:*"),
            Some(vec![term("labels.k", false, true, "*")])
        );
    }

    #[test]
    fn expressions_hold_for_whole_values() {
        let fits = |value: &str, text| {
            let filter = format!("name eq \"{value}\"");
            parse(&filter).unwrap().first().unwrap().fits(text)
        };
        assert!(fits("a-b", "a-b") && !fits("a-b", "a-bc"));
        assert!(fits(".*(^a).*", "ab") && !fits(".*(^a).*", "ba"));
        assert!(fits(".*(a$).*", "ba") && fits(".*b.*", "abc") && fits("a.*", "ab") && !fits("a.*", "ba"));
    }

    /// Defect: a filter that is ignored shows what belongs to others.
    #[test]
    fn what_is_not_understood_is_refused() {
        for filter in [
            "name",
            "a=b OR c=d",
            "name~^x",
            "size>3",
            "name=\"x",
            "name eq \"a|b\" x",
            "name eq \"a.*|b\"",
        ] {
            assert_eq!(shown(filter), None, "{filter}");
        }
    }
}
