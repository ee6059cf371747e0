//! Points in time as text. A guest has no clock: `now` comes in with the request.

use crate::contract::Problem;

/// `20261122093005` of `2026-11-22T09:30:05Z`, the usual suffix that makes a name unique. `None` when
/// the text is not RFC 3339 in UTC with whole seconds.
pub fn compact(moment: &str) -> Option<String> {
    parts(moment)?;
    Some(moment.chars().filter(char::is_ascii_digit).collect())
}

/// The same of the request's `now`, or the problem with it.
pub fn stamp(now: &str) -> Result<String, Problem> {
    compact(now).ok_or_else(|| unusable(now))
}

/// The problem with a text that is no time.
pub fn unusable(moment: &str) -> Problem {
    let message = format!("`{moment}` is not a time in UTC with whole seconds");
    Problem::new("unusable-time", message)
}

/// `moment` and so many minutes, in the same form.
pub fn plus_minutes(moment: &str, minutes: u32) -> Option<String> {
    let (date, seconds) = parts(moment)?;
    Some(written(date, seconds + i64::from(minutes) * 60))
}

/// Days since 1970-01-01 and seconds, which may be more than a day or less than none.
fn written(date: i64, seconds: i64) -> String {
    let (year, month, day) = civil(date + seconds.div_euclid(86_400));
    let rest = seconds.rem_euclid(86_400);
    format!(
        "{year:04}-{month:02}-{day:02}T{:02}:{:02}:{:02}Z",
        rest / 3600,
        rest / 60 % 60,
        rest % 60
    )
}

/// Any time of RFC 3339 in UTC with whole seconds, so that times compare as text: clouds add fractions of
/// a second and write the time of their own zone, `2026-11-22T01:30:05.123-08:00`.
pub fn utc(moment: &str) -> Option<String> {
    let (local, rest) = moment.split_at_checked(19)?;
    let zone = rest.strip_prefix('.').map_or(rest, |fraction| {
        fraction.trim_start_matches(|digit: char| digit.is_ascii_digit())
    });
    let (date, seconds) = parts(&format!("{local}Z"))?;
    let offset = match zone.split_at_checked(1)? {
        ("Z", "") => 0,
        (sign @ ("+" | "-"), hours) => {
            let minutes = hours_and_minutes(hours)?;
            if sign == "-" { minutes } else { -minutes }
        }
        _ => return None,
    };
    Some(written(date, seconds + offset * 60))
}

/// `08:30` in minutes.
fn hours_and_minutes(text: &str) -> Option<i64> {
    let (hours, minutes) = text.split_once(':')?;
    let number = |text: &str| {
        let lawful = text.len() == 2 && text.bytes().all(|byte| byte.is_ascii_digit());
        lawful.then(|| text.parse::<i64>().ok())?
    };
    let (hours, minutes) = (number(hours)?, number(minutes)?);
    (hours < 24 && minutes < 60).then_some(hours * 60 + minutes)
}

/// Whether `moment` is at or before `now`. Fractions of a second, which clouds add, do not count.
pub fn is_past(moment: &str, now: &str) -> bool {
    match (moment.get(..19), now.get(..19)) {
        (Some(moment), Some(now)) => moment <= now,
        _ => false,
    }
}

/// Days since 1970-01-01 and seconds of the day.
fn parts(moment: &str) -> Option<(i64, i64)> {
    let number = |range: std::ops::Range<usize>| -> Option<i64> {
        let text = moment.get(range)?;
        text.bytes()
            .all(|byte| byte.is_ascii_digit())
            .then(|| text.parse().ok())?
    };
    let separators = [(4, '-'), (7, '-'), (10, 'T'), (13, ':'), (16, ':'), (19, 'Z')];
    let shaped = moment.len() == 20
        && separators
            .iter()
            .all(|(at, expected)| moment.get(*at..).is_some_and(|rest| rest.starts_with(*expected)));
    if !shaped {
        return None;
    }
    let (year, month, day) = (number(0..4)?, number(5..7)?, number(8..10)?);
    let (hour, minute, second) = (number(11..13)?, number(14..16)?, number(17..19)?);
    let real =
        (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second < 61;
    real.then(|| (days(year, month, day), hour * 3600 + minute * 60 + second))
}

/// Days since 1970-01-01 in the Gregorian calendar, counted in eras of 400 years that start in March.
fn days(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let of_era = year.rem_euclid(400);
    let of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + of_year - 719_468
}

/// The date of a day since 1970-01-01.
fn civil(days: i64) -> (i64, i64, i64) {
    let shifted = days + 719_468;
    let era = shifted.div_euclid(146_097);
    let of_era = shifted.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let month_from_march = (5 * of_year + 2) / 153;
    let day = of_year - (153 * month_from_march + 2) / 5 + 1;
    let month = if month_from_march < 10 {
        month_from_march + 3
    } else {
        month_from_march - 9
    };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn compact_keeps_the_digits_and_refuses_other_shapes() {
        assert_eq!(compact("2026-11-22T09:30:05Z").as_deref(), Some("20261122093005"));
        for bad in [
            "2026-11-22",
            "2026-11-22T09:30:05.5Z",
            "2026-13-22T09:30:05Z",
            "2026-11-22T09:30:05+1Z",
            "ä",
        ] {
            assert_eq!(compact(bad), None, "{bad}");
        }
    }

    #[test]
    fn minutes_carry_into_leap_days_and_years() {
        assert_eq!(
            plus_minutes("2024-02-28T23:58:00Z", 5).as_deref(),
            Some("2024-02-29T00:03:00Z")
        );
        assert_eq!(
            plus_minutes("2023-02-28T23:58:00Z", 5).as_deref(),
            Some("2023-03-01T00:03:00Z")
        );
        assert_eq!(
            plus_minutes("2026-12-31T23:59:30Z", 1).as_deref(),
            Some("2027-01-01T00:00:30Z")
        );
        assert_eq!(
            plus_minutes("1970-01-01T00:00:00Z", 0).as_deref(),
            Some("1970-01-01T00:00:00Z")
        );
    }

    #[test]
    fn other_zones_become_utc_and_anything_else_is_no_time() {
        for (moment, expected) in [
            ("2026-11-22T01:30:05.123-08:00", "2026-11-22T09:30:05Z"),
            ("2026-12-31T20:00:00-07:30", "2027-01-01T03:30:00Z"),
            ("2024-03-01T00:15:00+05:30", "2024-02-29T18:45:00Z"),
            ("2026-11-22T09:30:05Z", "2026-11-22T09:30:05Z"),
        ] {
            assert_eq!(utc(moment).as_deref(), Some(expected));
        }
        for bad in [
            "",
            "2026-11-22T09:30:05",
            "2026-11-22T09:30:05+8:00",
            "2026-11-22T09:30:05+25:00",
            "2026-11-22T09:30:05.1",
            "2026-11-22T09:30:0\u{e4}Z",
        ] {
            assert_eq!(utc(bad), None, "{bad}");
        }
    }

    #[test]
    fn fractions_do_not_decide() {
        assert!(is_past("2026-11-22T09:30:05.000Z", "2026-11-22T09:30:05Z"));
        assert!(!is_past("2026-11-22T09:30:06.000Z", "2026-11-22T09:30:05Z"));
        assert!(!is_past("", "2026-11-22T09:30:05Z"));
    }
}
