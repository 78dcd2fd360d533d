//! Words as typed values: `true`, `3`, `2.5`, or a text; what stands in quotes is a text.

use caddis_source::Code;
use caddis_syntax::Quote;
use serde_json::Value;

use crate::{Result, Token};

const NOT_IN_JSON: Code = Code("args/not-a-number");

/// The value of a word, as Caddy types it.
pub(crate) fn scalar(token: &Token) -> Result<Value> {
    let text = token.text();
    if token.quote() != Quote::Bare {
        return Ok(text.into());
    }
    if let Some(number) = number(text) {
        return caddis_ir::number(number).ok_or_else(|| {
            let message = format!("`{text}` is read as a number that JSON does not have");
            let error = token.error(NOT_IN_JSON, message);
            error.help(format!("write `\"{text}\"` for a text"))
        });
    }
    Ok(match text {
        "t" | "T" | "TRUE" | "true" | "True" => true.into(),
        "f" | "F" | "FALSE" | "false" | "False" => false.into(),
        _ => text.into(),
    })
}

/// A number in Go's form; all of them are floating point in the end, as Caddy's JSON passes through Go's maps.
fn number(text: &str) -> Option<f64> {
    if !underscores_part_digits(text) {
        return None;
    }
    let text = text.replace('_', "");
    let unsigned = text.trim_start_matches(['+', '-']);
    if text.len() - unsigned.len() > 1 {
        return None;
    }
    let is_negative = text.starts_with('-');
    let lower = unsigned.to_ascii_lowercase();
    if let Some(hexadecimal) = lower.strip_prefix("0x") {
        let size = hexadecimal_number(hexadecimal)?;
        return Some(if is_negative { -size } else { size });
    }
    if lower == "nan" && unsigned.len() < text.len() {
        return None;
    }
    let number: f64 = text.parse().ok()?;
    let says_infinite = lower.starts_with("inf");
    // What is too large for a number is a text.
    if number.is_infinite() && !says_infinite {
        return None;
    }
    // As a whole number, `-0` has no sign.
    let is_whole = lower.bytes().all(|byte| byte.is_ascii_digit());
    Some(if is_whole && number == 0.0 {
        0.0
    } else {
        number
    })
}

/// An underscore stands between digits, or behind the `0x` of a number.
fn underscores_part_digits(text: &str) -> bool {
    let text = text.strip_prefix(['+', '-']).unwrap_or(text);
    let lower = text.to_ascii_lowercase();
    let is_hexadecimal = lower.starts_with("0x");
    let has_base = is_hexadecimal || lower.starts_with("0b") || lower.starts_with("0o");
    let mut last = if has_base { '0' } else { '^' };
    for c in lower.chars().skip(if has_base { 2 } else { 0 }) {
        let is_digit = c.is_ascii_digit() || (is_hexadecimal && c.is_ascii_hexdigit());
        if (c == '_' && last != '0') || (!is_digit && c != '_' && last == '_') {
            return false;
        }
        last = match c {
            '_' => '_',
            _ if is_digit => '0',
            _ => '!',
        };
    }
    last != '_'
}

/// `1.8p3`: hexadecimal digits, times two to the power of an exponent, which is a must.
fn hexadecimal_number(text: &str) -> Option<f64> {
    let (digits, exponent) = text.split_once('p')?;
    let mut exponent: i32 = exponent.parse().ok()?;
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let mut size = 0.0;
    for digit in whole.chars().chain(fraction.chars()) {
        size = size * 16.0 + f64::from(digit.to_digit(16)?);
    }
    exponent = exponent.checked_sub(i32::try_from(fraction.len()).ok()?.checked_mul(4)?)?;
    // In two steps, because the power alone can be too small for a number.
    let half = exponent / 2;
    let number = size * 2_f64.powi(half) * 2_f64.powi(exponent - half);
    number.is_finite().then_some(number)
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_are_read_in_gos_forms() {
        let cases = [
            ("1_000", Some(1000.0)),
            ("5.", Some(5.0)),
            (".5", Some(0.5)),
            ("+1", Some(1.0)),
            ("007", Some(7.0)),
            ("1E2", Some(100.0)),
            ("1.e1", Some(10.0)),
            ("1_0.5", Some(10.5)),
            ("0x1p-2", Some(0.25)),
            ("0x_1p0", Some(1.0)),
            ("0x.8p0", Some(0.5)),
            ("-0x1p-1074", Some(-5e-324)),
            ("1e-400", Some(0.0)),
            ("1e400", None),
            ("0x10", None),
            ("0b1", None),
            ("1__0", None),
            ("_1", None),
            ("--1", None),
            (".", None),
            ("1e", None),
            ("0xp1", None),
            ("", None),
            ("-nan", None),
            ("infinit", None),
        ];
        for (text, expected) in cases {
            assert_eq!(number(text), expected, "{text}");
        }
        assert_eq!(number("-Infinity"), Some(f64::NEG_INFINITY));
        assert!(number("nan").is_some_and(f64::is_nan));
    }
}
