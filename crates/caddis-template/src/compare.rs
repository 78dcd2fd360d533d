//! `eq`, `lt` and the others: what can be compared with what, as in Go.

use std::cmp::Ordering;

use crate::{Error, Result, Value};

/// A value as comparisons see it.
enum Basic<'a> {
    Bool(bool),
    Int(i64),
    Float(f64),
    Text(&'a str),
    Other,
}

fn basic(value: &Value) -> Basic<'_> {
    match value {
        Value::Bool(is) => Basic::Bool(*is),
        Value::Int(number) | Value::Int64(number) => Basic::Int(*number),
        Value::Byte(number) => Basic::Int(i64::from(*number)),
        Value::Float(number) => Basic::Float(*number),
        Value::Text(text) => Basic::Text(text),
        Value::Object(object) => object.number().map_or(Basic::Other, Basic::Int),
        Value::Nil | Value::List(_) | Value::Dict(_) | Value::Time(_) => Basic::Other,
    }
}

/// Whether two values are equal.
#[expect(clippy::float_cmp, reason = "that is what was asked")]
pub(crate) fn equal(left: &Value, right: &Value) -> Result<bool> {
    Ok(match (basic(left), basic(right)) {
        (Basic::Bool(left), Basic::Bool(right)) => left == right,
        (Basic::Int(left), Basic::Int(right)) => left == right,
        (Basic::Float(left), Basic::Float(right)) => left == right,
        (Basic::Text(left), Basic::Text(right)) => left == right,
        (Basic::Other, Basic::Other) => return equal_others(left, right),
        _ if matches!(left, Value::Nil) || matches!(right, Value::Nil) => false,
        _ => return Err(incompatible(left, right)),
    })
}

fn equal_others(left: &Value, right: &Value) -> Result<bool> {
    match (left, right) {
        (Value::Nil, Value::Nil) => Ok(true),
        (Value::Time(left), Value::Time(right)) => Ok(left == right),
        (Value::Nil, _) | (_, Value::Nil) => Ok(false),
        _ => Err(Error::new(format!(
            "non-comparable type {}",
            left.type_name()
        ))),
    }
}

/// Whether one value is less than another, or as large.
pub(crate) fn order(left: &Value, right: &Value) -> Result<Option<Ordering>> {
    match (basic(left), basic(right)) {
        (Basic::Int(left), Basic::Int(right)) => Ok(Some(left.cmp(&right))),
        (Basic::Float(left), Basic::Float(right)) => Ok(left.partial_cmp(&right)),
        (Basic::Text(left), Basic::Text(right)) => Ok(Some(left.cmp(right))),
        (Basic::Bool(_), Basic::Bool(_)) | (Basic::Other, _) | (_, Basic::Other) => {
            Err(Error::new("invalid type for comparison"))
        }
        _ => Err(incompatible(left, right)),
    }
}

fn incompatible(left: &Value, right: &Value) -> Error {
    Error::new(format!(
        "incompatible types for comparison: {} and {}",
        left.type_name(),
        right.type_name()
    ))
}

/// Go's `reflect.DeepEqual`.
pub(crate) fn deeply_equal(left: &Value, right: &Value, depth: usize) -> Result<bool> {
    let Some(depth) = depth.checked_sub(1) else {
        return Err(Error::new("the values are nested too deeply"));
    };
    if left.type_name() != right.type_name() {
        return Ok(false);
    }
    match (left, right) {
        (Value::List(left), Value::List(right)) => {
            if left.items().len() != right.items().len() {
                return Ok(false);
            }
            for (left, right) in left.items().iter().zip(right.items()) {
                if !deeply_equal(left, right, depth)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Value::Dict(left), Value::Dict(right)) => {
            let (left, right) = (left.entries(), right.entries());
            if left.len() != right.len() {
                return Ok(false);
            }
            for ((left_key, left), (right_key, right)) in left.iter().zip(&right) {
                if left_key != right_key || !deeply_equal(left, right, depth)? {
                    return Ok(false);
                }
            }
            Ok(true)
        }
        (Value::Object(left), Value::Object(right)) => Ok(left.printed() == right.printed()),
        _ => equal(left, right),
    }
}
