//! Lengths of time: how Go writes and reads them.

use std::fmt::Write;

use jiff::SignedDuration;

use crate::object::no_arguments;
use crate::{Error, Object, Result, Value};

/// A length of time as a value.
pub(crate) struct Span(pub(crate) SignedDuration);

impl Object for Span {
    fn type_name(&self) -> &'static str {
        "time.Duration"
    }

    fn kind(&self) -> &'static str {
        "int64"
    }

    fn member(&self, name: &str, args: &[Value]) -> Option<Result<Value>> {
        let seconds = self.0.as_secs_f64();
        let value = match name {
            "Hours" => Value::Float(seconds / 3600.0),
            "Minutes" => Value::Float(seconds / 60.0),
            "Seconds" => Value::Float(seconds),
            "Milliseconds" => Value::Int64(i64::try_from(self.0.as_millis()).unwrap_or(i64::MAX)),
            "String" => self.printed().into(),
            _ => return None,
        };
        Some(no_arguments(name, args).map(|()| value))
    }

    fn printed(&self) -> String {
        written(self.0)
    }

    fn number(&self) -> Option<i64> {
        i64::try_from(self.0.as_nanos()).ok()
    }
}

/// A length as Go writes it: `1h0m5s`, `1.5ms`.
pub(crate) fn written(length: SignedDuration) -> String {
    let nanoseconds = length.as_nanos().unsigned_abs();
    let sign = if length.is_negative() { "-" } else { "" };
    let below = |unit: u128, name: &str| {
        let text = format!(
            "{}.{:09}",
            nanoseconds / unit,
            nanoseconds % unit * (1_000_000_000 / unit)
        );
        let text = text.trim_end_matches('0').trim_end_matches('.');
        format!("{sign}{text}{name}")
    };
    match nanoseconds {
        0 => "0s".into(),
        1..1_000 => format!("{sign}{nanoseconds}ns"),
        1_000..1_000_000 => below(1_000, "µs"),
        1_000_000..1_000_000_000 => below(1_000_000, "ms"),
        _ => {
            let seconds = nanoseconds / 1_000_000_000;
            let mut out = String::from(sign);
            let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
            if hours > 0 {
                let _ = write!(out, "{hours}h");
            }
            if hours > 0 || minutes > 0 {
                let _ = write!(out, "{minutes}m");
            }
            let rest = nanoseconds % 1_000_000_000;
            let text = format!("{}.{rest:09}", seconds % 60);
            out.push_str(text.trim_end_matches('0').trim_end_matches('.'));
            out.push('s');
            out
        }
    }
}

/// Reads a length such as `1h30m` or `-1.5s`.
pub(crate) fn parse(text: &str) -> Result<SignedDuration> {
    let cannot = || Error::new(format!("time: invalid duration \"{text}\""));
    let is_negative = text.starts_with('-');
    let mut rest = text.strip_prefix(['-', '+']).unwrap_or(text);
    if rest == "0" {
        return Ok(SignedDuration::ZERO);
    }
    if rest.is_empty() {
        return Err(cannot());
    }
    let mut seconds = 0.0;
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.');
        let (number, after) = rest.split_at(digits.ok_or_else(cannot)?);
        let length = after.find(|letter: char| letter.is_ascii_digit() || letter == '.');
        let (unit, after) = after.split_at(length.unwrap_or(after.len()));
        let unit = match unit {
            "ns" => 1e-9,
            "us" | "µs" | "μs" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return Err(cannot()),
        };
        seconds += number.parse::<f64>().map_err(|_| cannot())? * unit;
        rest = after;
    }
    let seconds = if is_negative { -seconds } else { seconds };
    SignedDuration::try_from_secs_f64(seconds).map_err(|_| cannot())
}
