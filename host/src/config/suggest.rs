//! "Did you mean": the key that someone probably wanted.

use serde_json::Value;

use super::origin;

/// The property of `schema` (the object in which `key` was found) or, failing that, the property of
/// exactly this name elsewhere below `root`.
pub(super) fn key(key: &str, schema: &Value, root: &Value) -> Option<String> {
    let wanted = normal(key);
    let near = properties(schema)
        .map(|(name, _)| (distance(&wanted, &normal(name)), name))
        .filter(|(distance, name)| *distance <= (name.len() / 3).clamp(1, 2))
        .min_by_key(|(distance, _)| *distance);
    match near {
        Some((_, name)) => Some(format!("did you mean `{name}`?")),
        None => elsewhere(&wanted, root, "")
            .map(|pointer| format!("did you mean `{}`?", origin::dotted(&pointer))),
    }
}

/// True for names that differ in case, separators or one letter.
pub(super) fn is_slip(written: &str, meant: &str) -> bool {
    distance(&normal(written), meant) <= 1
}

/// `imageName`, `image-name` and `Image_Name` are all `image_name`.
fn normal(key: &str) -> String {
    let mut text = String::with_capacity(key.len());
    let mut after_lower = false;
    for letter in key.chars().take(100) {
        if letter.is_uppercase() && after_lower {
            text.push('_');
        }
        after_lower = letter.is_lowercase();
        match letter {
            '-' | ' ' | '.' => text.push('_'),
            _ => text.extend(letter.to_lowercase()),
        }
    }
    text
}

fn properties(schema: &Value) -> impl Iterator<Item = (&String, &Value)> {
    schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
}

fn elsewhere(wanted: &str, schema: &Value, at: &str) -> Option<String> {
    properties(schema).find_map(|(name, inner)| {
        let pointer = origin::child(at, name);
        if name == wanted {
            Some(pointer)
        } else {
            elsewhere(wanted, inner, &pointer)
        }
    })
}

/// Levenshtein's distance.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        let mut next = vec![left];
        for (to, above) in b.iter().zip(row.iter().skip(1)) {
            left = (diagonal + usize::from(from != *to)).min(left + 1).min(above + 1);
            diagonal = *above;
            next.push(left);
        }
        row = next;
    }
    row.last().copied().unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slips_of_the_keyboard_and_of_style_are_recognised() {
        let schema = serde_json::json!({"properties": {
            "image_name": {}, "tags": {}, "build": {"properties": {"ssh_timeout": {}, "scripts": {}}}
        }});
        for (written, meant) in [
            ("imageName", "`image_name`"),
            ("image-name", "`image_name`"),
            ("imge_name", "`image_name`"),
            ("Tags", "`tags`"),
            ("tag", "`tags`"),
            ("ssh_timeout", "`providers.packer.build.ssh_timeout`"),
        ] {
            assert_eq!(
                key(written, &schema, &schema).unwrap(),
                format!("did you mean {meant}?")
            );
        }
        assert_eq!(key("volume", &schema, &schema), None);
    }

    #[test]
    fn distance_counts_changes() {
        for (a, b, expected) in [
            ("", "abc", 3),
            ("abc", "", 3),
            ("kitten", "sitting", 3),
            ("ab", "ab", 0),
        ] {
            assert_eq!(distance(a, b), expected);
        }
    }
}
