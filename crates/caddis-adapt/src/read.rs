//! Words as values: status codes, sizes, durations, header names and kinds of keys, as Caddy reads them.

use caddis_ir::{Duration, Ratio, StatusCode};
use caddis_source::Code;

use crate::{Result, Token};

pub(crate) const NOT_A_STATUS: Code = Code("args/not-a-status");
pub(crate) const NOT_A_DURATION: Code = Code("args/not-a-duration");
pub(crate) const NOT_A_SIZE: Code = Code("args/not-a-size");
pub(crate) const NOT_A_PART: Code = Code("args/not-a-part");
pub(crate) const NOT_A_KEY_TYPE: Code = Code("tls/not-a-key-type");

const KEY_TYPES: [&str; 5] = ["ed25519", "p256", "p384", "rsa2048", "rsa4096"];

/// A status code, or text with a placeholder that becomes one.
pub(crate) fn status(token: &Token) -> Result<StatusCode> {
    let text = token.text();
    if text.contains('{') {
        return Ok(StatusCode::Placeholder(text.into()));
    }
    match text.parse() {
        Ok(code @ 100..=999) => Ok(StatusCode::Fixed(code)),
        _ => Err(token
            .error(NOT_A_STATUS, format!("`{text}` is not a status code"))
            .label("expected a number from 100 to 999")),
    }
}

/// True for what Caddy takes for a status where a text could stand as well: a number of three digits.
pub(crate) fn looks_like_status(token: &Token) -> bool {
    let text = token.text();
    text.len() == 3 && text.parse::<i16>().is_ok_and(|code| code > 0)
}

/// A kind of key; a placeholder is filled when the config is loaded.
pub(crate) fn key_type(token: &Token) -> Result<String> {
    let text = token.text();
    if KEY_TYPES.contains(&text) || text.contains('{') {
        return Ok(text.into());
    }
    Err(token
        .error(NOT_A_KEY_TYPE, format!("`{text}` is not a type of key"))
        .label("expected ed25519, p256, p384, rsa2048 or rsa4096"))
}

/// A part of a whole, neither nothing nor all of it.
pub(crate) fn part(token: &Token) -> Result<Ratio> {
    match token.text().parse() {
        Ok(part) if part > 0.0 && part < 1.0 => Ok(Ratio(part)),
        _ => {
            let message = format!("`{}` is not a part of a lifetime", token.text());
            Err(token
                .error(NOT_A_PART, message)
                .label("expected a number between 0 and 1")
                .help("write `0.3333` for a third"))
        }
    }
}

/// A duration such as `1m30s`, with `d` for days.
pub(crate) fn duration(token: &Token) -> Result<Duration> {
    let text = token.text();
    Duration::parse(text).ok_or_else(|| {
        let error = token
            .error(NOT_A_DURATION, format!("`{text}` is not a duration"))
            .label("expected a number with a unit");
        if text.parse::<f64>().is_ok() {
            error.help(format!("write `{text}s` for seconds"))
        } else {
            error.help("write a duration such as `500ms`, `10s`, `1m30s` or `2h`")
        }
    })
}

/// A duration in a place where Caddy does not know days.
pub(crate) fn duration_without_days(token: &Token) -> Result<Duration> {
    if token.text().contains('d') {
        let message = format!("`{}` is not a duration here", token.text());
        return Err(token
            .error(NOT_A_DURATION, message)
            .label("days are not known in this place")
            .help("write hours: `24h` for a day"));
    }
    duration(token)
}

/// A number of bytes: `10MB` is 10 000 000, `10MiB` is 10 485 760.
pub(crate) fn size(token: &Token) -> Result<u64> {
    let text = token.text();
    bytes(text).ok_or_else(|| {
        token
            .error(NOT_A_SIZE, format!("`{text}` is not a size"))
            .label("expected a number of bytes, with a unit")
            .help("write a size such as `512KB`, `10MB` or `1GiB`")
    })
}

/// The units are those of <https://pkg.go.dev/github.com/dustin/go-humanize#ParseBytes>.
fn bytes(text: &str) -> Option<u64> {
    let is_number = |c: char| c.is_ascii_digit() || c == '.' || c == ',';
    let end = text.find(|c| !is_number(c)).unwrap_or(text.len());
    let (number, unit) = text.split_at(end);
    let number: f64 = number.replace(',', "").parse().ok()?;
    let total = number * factor(&unit.trim().to_lowercase())?;
    whole(total)
}

fn factor(unit: &str) -> Option<f64> {
    let step = |letter: &str| "kmgtpe".find(letter).map(|at| at + 1);
    let power = |base: f64, steps: usize| i32::try_from(steps).ok().map(|steps| base.powi(steps));
    match unit {
        "" | "b" => Some(1.0),
        "k" | "m" | "g" | "t" | "p" | "e" => power(1000.0, step(unit)?),
        _ => match unit.strip_suffix('b').unwrap_or(unit).split_at_checked(1)? {
            (letter, "i") => power(1024.0, step(letter)?),
            (letter, "") => power(1000.0, step(letter)?),
            _ => None,
        },
    }
}

/// Cut to a whole number, if it fits.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    clippy::cast_precision_loss,
    reason = "the fraction is to be cut, and the range is checked before"
)]
fn whole(number: f64) -> Option<u64> {
    (number >= 0.0 && number < i64::MAX as f64).then_some(number as u64)
}

/// A header name as Go writes it: `x-real-ip` becomes `X-Real-Ip`; what is no header name stays.
pub(crate) fn canonical_header(name: &str) -> String {
    if name.is_empty() || !name.bytes().all(is_token_byte) {
        return name.into();
    }
    let mut upper = true;
    let letter = |c: char| {
        let letter = if upper {
            c.to_ascii_uppercase()
        } else {
            c.to_ascii_lowercase()
        };
        upper = c == '-';
        letter
    };
    name.chars().map(letter).collect()
}

fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::{bytes, canonical_header};

    #[test]
    fn sizes_are_decimal_unless_the_unit_has_an_i() {
        let cases = [
            ("0", 0),
            ("42", 42),
            ("42b", 42),
            ("10MB", 10_000_000),
            ("10mb", 10_000_000),
            ("1MiB", 1_048_576),
            ("4k", 4000),
            ("4Ki", 4096),
            ("1.5 GB", 1_500_000_000),
            ("1,000,000", 1_000_000),
            ("1eb", 1_000_000_000_000_000_000),
        ];
        for (text, size) in cases {
            assert_eq!(bytes(text), Some(size), "{text}");
        }
        for text in [
            "", "MB", "-1", "10XB", "1.2.3MB", "100EB", "1 0MB", "1bb", "1i", "1kbb",
        ] {
            assert_eq!(bytes(text), None, "{text}");
        }
    }

    #[test]
    fn header_names_are_canonical_unless_they_are_no_header_names() {
        let cases = [
            ("x-real-IP", "X-Real-Ip"),
            ("ETag", "Etag"),
            ("x a", "x a"),
            ("{http.vars.name}", "{http.vars.name}"),
            ("x-a:", "x-a:"),
            ("", ""),
        ];
        for (written, canonical) in cases {
            assert_eq!(canonical_header(written), canonical);
        }
    }
}
