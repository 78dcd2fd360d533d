//! How values are printed: Go's `%v`.

use std::fmt::Write;

use crate::budget::Budget;
use crate::{Error, Limits, Result, Value, layout};

/// How deep values in values are printed.
const MAX_DEPTH: usize = 100;

/// A value in a message; what is too large for one is cut off.
pub(crate) fn printed(value: &Value) -> String {
    let mut out = String::new();
    let limits = Limits {
        text: 1000,
        ..Limits::default()
    };
    if print_into(&mut out, value, &mut Budget::new(limits)).is_err() {
        out.push('…');
    }
    out
}

/// Prints values as `print` does: with spaces between those of which none is a string.
pub(crate) fn print_all(values: &[Value], budget: &mut Budget) -> Result<String> {
    let mut out = String::new();
    let mut was_text = true;
    for value in values {
        let is_text = matches!(value, Value::Text(_));
        if !out.is_empty() && !is_text && !was_text {
            out.push(' ');
        }
        was_text = is_text;
        print_into(&mut out, value, budget)?;
    }
    Ok(out)
}

/// Prints a value.
pub(crate) fn print_into(out: &mut String, value: &Value, budget: &mut Budget) -> Result<()> {
    print_at(out, value, budget, MAX_DEPTH)
}

fn print_at(out: &mut String, value: &Value, budget: &mut Budget, depth: usize) -> Result<()> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(Error::new("the value is nested too deeply"));
    };
    budget.step()?;
    match value {
        Value::Nil => out.push_str("<nil>"),
        Value::Bool(is) => void(write!(out, "{is}")),
        Value::Int(number) | Value::Int64(number) => void(write!(out, "{number}")),
        Value::Byte(number) => void(write!(out, "{number}")),
        Value::Float(number) => out.push_str(&float(*number)),
        Value::Text(text) => out.push_str(text),
        Value::Time(time) => out.push_str(&layout::printed(time)),
        Value::Object(object) => out.push_str(&object.printed()),
        Value::List(list) => {
            out.push('[');
            for (index, item) in list.items().iter().enumerate() {
                if index > 0 {
                    out.push(' ');
                }
                print_at(out, item, budget, depth)?;
            }
            out.push(']');
        }
        Value::Dict(dict) => {
            out.push_str("map[");
            for (index, (key, item)) in dict.entries().into_iter().enumerate() {
                if index > 0 {
                    out.push(' ');
                }
                out.push_str(&key);
                out.push(':');
                print_at(out, &item, budget, depth)?;
            }
            out.push(']');
        }
    }
    budget.room(out.len())
}

/// Writing to memory does not fail.
fn void(_: std::fmt::Result) {}

/// A number as Go's `%v` has it: the shortest text that is read as the same, with an exponent from a million on.
pub(crate) fn float(number: f64) -> String {
    general(number, DIGITS)
}

/// The digits before a point beyond which there is an exponent.
pub(crate) const DIGITS: i32 = 6;

/// The shortest text that is read as the same, with an exponent where Go has one.
pub(crate) fn general(number: f64, digits: i32) -> String {
    if number.is_nan() {
        return "NaN".into();
    }
    if number.is_infinite() {
        return if number > 0.0 { "+Inf" } else { "-Inf" }.into();
    }
    let scientific = format!("{number:e}");
    let Some((mantissa, exponent)) = scientific.split_once('e') else {
        return scientific;
    };
    let exponent: i32 = exponent.parse().unwrap_or_default();
    if exponent < -4 || exponent >= digits {
        return with_exponent(mantissa, exponent);
    }
    format!("{number}")
}

/// A number with an exponent of at least two digits.
pub(crate) fn with_exponent(mantissa: &str, exponent: i32) -> String {
    let sign = if exponent < 0 { '-' } else { '+' };
    format!("{mantissa}e{sign}{:02}", exponent.abs())
}
