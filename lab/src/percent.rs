//! Percent-encoding, as far as requests use it.

/// `a%20b` as `a b`. What is not an escape stays as it is.
pub(crate) fn decode_path(text: &str) -> String {
    decode(text, false)
}

/// `a=b+c&d` as `[("a", "b c"), ("d", "")]`.
pub(crate) fn decode_form(text: &str) -> Vec<(String, String)> {
    text.split('&')
        .filter(|pair| !pair.is_empty())
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            (decode(name, true), decode(value, true))
        })
        .collect()
}

fn decode(text: &str, form: bool) -> String {
    let mut decoded = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((&first, mut tail)) = rest.split_first() {
        let mut byte = first;
        if first == b'+' && form {
            byte = b' ';
        } else if first == b'%'
            && let [high, low, after @ ..] = tail
            && let (Some(high), Some(low)) = (hex(*high), hex(*low))
        {
            byte = high << 4 | low;
            tail = after;
        }
        decoded.push(byte);
        rest = tail;
    }
    String::from_utf8_lossy(&decoded).into_owned()
}

fn hex(digit: u8) -> Option<u8> {
    char::from(digit)
        .to_digit(16)
        .and_then(|value| value.try_into().ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_broken_escape_is_text() {
        assert_eq!(decode_path("a%2Fb+c%zz%4"), "a/b+c%zz%4");
    }

    #[test]
    fn a_form_keeps_the_order_and_names_without_value() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            decode_form("a=b+c&&d&e=%26"),
            [pair("a", "b c"), pair("d", ""), pair("e", "&")]
        );
    }
}
