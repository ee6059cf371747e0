//! `formatdate`: the verbs of HCL's date formats.

use time::OffsetDateTime;

/// Formats a time. Letters outside of quotes are verbs; an unknown verb is an error, as in Packer.
pub(super) fn format(format: &str, date: OffsetDateTime) -> Result<String, String> {
    let mut text = String::new();
    let mut characters = format.chars().peekable();
    while let Some(first) = characters.next() {
        if first == '\'' {
            quoted(&mut characters, &mut text)?;
        } else if first.is_ascii_alphabetic() {
            let mut count = 1;
            while characters.next_if_eq(&first).is_some() {
                count += 1;
            }
            text.push_str(&verb(first, count, date)?);
        } else {
            text.push(first);
        }
    }
    Ok(text)
}

/// The rest of `'…'`, in which `''` is one quote.
fn quoted(
    characters: &mut std::iter::Peekable<std::str::Chars<'_>>,
    text: &mut String,
) -> Result<(), String> {
    while let Some(character) = characters.next() {
        if character != '\'' {
            text.push(character);
        } else if characters.next_if_eq(&'\'').is_some() {
            text.push('\'');
        } else {
            return Ok(());
        }
    }
    Err("a quote is not closed".to_owned())
}

fn verb(letter: char, count: usize, date: OffsetDateTime) -> Result<String, String> {
    let hour = date.hour();
    let half_day_hour = match hour % 12 {
        0 => 12,
        other => other,
    };
    let offset = date.offset();
    let (hours, minutes, _) = offset.as_hms();
    let sign = if offset.is_negative() { '-' } else { '+' };
    let offset_text = |separator: &str| {
        format!(
            "{sign}{:02}{separator}{:02}",
            hours.unsigned_abs(),
            minutes.unsigned_abs()
        )
    };
    Ok(match (letter, count) {
        ('Y', 4) => format!("{:04}", date.year()),
        ('Y', 2) => format!("{:02}", date.year().rem_euclid(100)),
        ('M', 4) => date.month().to_string(),
        ('M', 3) => date.month().to_string().chars().take(3).collect(),
        ('M', 2) => format!("{:02}", u8::from(date.month())),
        ('M', 1) => u8::from(date.month()).to_string(),
        ('D', 2) => format!("{:02}", date.day()),
        ('D', 1) => date.day().to_string(),
        ('E', 4) => date.weekday().to_string(),
        ('E', 3) => date.weekday().to_string().chars().take(3).collect(),
        ('h', 2) => format!("{hour:02}"),
        ('h', 1) => hour.to_string(),
        ('H', 2) => format!("{half_day_hour:02}"),
        ('H', 1) => half_day_hour.to_string(),
        ('A', 2) => if hour < 12 { "AM" } else { "PM" }.to_owned(),
        ('a', 2) => if hour < 12 { "am" } else { "pm" }.to_owned(),
        ('m', 2) => format!("{:02}", date.minute()),
        ('m', 1) => date.minute().to_string(),
        ('s', 2) => format!("{:02}", date.second()),
        ('s', 1) => date.second().to_string(),
        ('Z', 1) if offset.is_utc() => "Z".to_owned(),
        ('Z', 3) if offset.is_utc() => "UTC".to_owned(),
        ('Z', 3 | 4) => offset_text(""),
        ('Z', 1 | 5) => offset_text(":"),
        (letter, count) => {
            return Err(format!(
                "`{}` is not a known part of a date",
                letter.to_string().repeat(count.min(9))
            ));
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use time::macros::datetime;

    /// Expected values printed by Packer 1.6.6.
    #[test]
    fn dates_are_formatted_as_packer_does() {
        let date = datetime!(2026-01-02 15:04:05 UTC);
        for (template, expected) in [
            ("YYYYMMDDhhmmss", "20260102150405"),
            ("YY-M-D h:m:s", "26-1-2 15:4:5"),
            ("YYYY-MM-DD'T'hh:mm:ssZ", "2026-01-02T15:04:05Z"),
            ("EEEE EEE MMMM MMM", "Friday Fri January Jan"),
            ("HH H AA aa", "03 3 PM pm"),
            ("ZZZ ZZZZ ZZZZZ", "UTC +0000 +00:00"),
            ("'it''s' DD.MM.", "it's 02.01."),
        ] {
            assert_eq!(format(template, date).unwrap(), expected);
        }
        assert_eq!(
            format("hh:mm Z ZZZZ", datetime!(2026-01-02 00:04:05 -07:30)).unwrap(),
            "00:04 -07:30 -0730"
        );
        for bad in ["YYY", "Q", "'open", "hhh", "é'"] {
            assert!(format(bad, date).is_err(), "{bad}");
        }
    }
}
