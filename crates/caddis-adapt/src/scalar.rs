//! Words that Caddy takes for a number or for true and false, unless they are quoted.

use caddis_source::Code;
use caddis_syntax::Quote;
use serde_json::{Number, Value};

use crate::{Result, Token};

const NOT_IN_JSON: Code = Code("args/not-in-json");

/// The value that a word stands for.
pub(crate) fn read(token: &Token) -> Result<Value> {
    let text = token.text();
    if token.quote() != Quote::Bare {
        return Ok(text.into());
    }
    if let Ok(number) = text.parse::<i64>() {
        return Ok(number.into());
    }
    if let Some(number) = float(text) {
        return json_number(number).ok_or_else(|| {
            let message = format!("`{text}` is a number that JSON does not have");
            let quoted = format!("write \"{text}\" in quotes for the text");
            token.error(NOT_IN_JSON, message).help(quoted)
        });
    }
    Ok(match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => true.into(),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => false.into(),
        _ => text.into(),
    })
}

/// Go takes underscores between digits.
fn float(text: &str) -> Option<f64> {
    let digit = |at: Option<usize>| {
        at.and_then(|at| text.as_bytes().get(at))
            .is_some_and(u8::is_ascii_digit)
    };
    let mut underscores = text.match_indices('_').map(|(at, _)| at);
    if !underscores.all(|at| digit(at.checked_sub(1)) && digit(at.checked_add(1))) {
        return None;
    }
    text.replace('_', "").parse().ok()
}

/// Go writes a whole number without a fraction.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_precision_loss,
    reason = "the number is whole, and its range is checked"
)]
fn json_number(number: f64) -> Option<Value> {
    if number.fract() == 0.0 && number.abs() < i64::MAX as f64 {
        return Some((number as i64).into());
    }
    Number::from_f64(number).map(Value::Number)
}
