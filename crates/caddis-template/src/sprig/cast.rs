//! Conversions that functions make of what they are given.

use crate::printed::printed;
use crate::{Value, printed};

/// The text of a value.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Text(text) => text.to_string(),
        Value::Float(number) => printed::float(*number),
        other => printed(other),
    }
}

/// The texts of a list without what is nil in it, or of a single value.
pub(super) fn texts(value: &Value) -> Vec<String> {
    match value {
        Value::Nil => Vec::new(),
        Value::List(list) => {
            let items = list.items().iter();
            let items = items.filter(|item| !matches!(item, Value::Nil));
            items.map(text).collect()
        }
        other => vec![text(other)],
    }
}

/// The integer that is closest in meaning; 0 if there is none.
pub(super) fn int(value: &Value) -> i64 {
    match value {
        Value::Int(number) | Value::Int64(number) => *number,
        Value::Byte(number) => (*number).into(),
        Value::Bool(is) => (*is).into(),
        Value::Float(number) => truncated(*number),
        Value::Text(text) => literal(text).unwrap_or_default(),
        Value::Object(object) => object.number().unwrap_or_default(),
        Value::Nil | Value::List(_) | Value::Dict(_) | Value::Time(_) => 0,
    }
}

#[expect(
    clippy::cast_possible_truncation,
    reason = "what does not fit becomes the nearest that does"
)]
fn truncated(number: f64) -> i64 {
    number as i64
}

/// A literal of Go: `12`, `-0x1f`, `0b1`, `017`, `1_000`.
fn literal(text: &str) -> Option<i64> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let digits = match digits.split_once('.') {
        Some((whole, zeros)) if zeros.bytes().all(|byte| byte == b'0') => whole,
        _ => digits,
    };
    let lower = digits.to_ascii_lowercase().replace('_', "");
    let (radix, digits) = match lower.get(..2) {
        Some("0x") => (16, &lower[2..]),
        Some("0b") => (2, &lower[2..]),
        Some("0o") => (8, &lower[2..]),
        Some(start) if start.starts_with('0') => (8, &lower[1..]),
        _ => (10, lower.as_str()),
    };
    Some(sign * i64::from_str_radix(digits, radix).ok()?)
}

/// The number that is closest in meaning; 0 if there is none.
#[expect(clippy::cast_precision_loss, reason = "as Go converts")]
pub(super) fn float(value: &Value) -> f64 {
    match value {
        Value::Float(number) => *number,
        Value::Text(text) => text.parse().unwrap_or_default(),
        other => int(other) as f64,
    }
}
