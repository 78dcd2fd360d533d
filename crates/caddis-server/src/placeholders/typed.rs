//! Values with their types, as variables, `map` and expressions have them, and how Go prints them.

use std::io::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use serde_json::Value as Json;

/// The value of a variable or a placeholder.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// Nothing: a placeholder that nobody has set, or `null`.
    Null,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Any number that came out of JSON.
    Float(f64),
    /// A text; it may have come from the client, in any encoding.
    Text(Bytes),
    /// A list or an object.
    Json(Arc<Json>),
}

impl Value {
    /// The value that a JSON value is; every number is a float, as Go reads them.
    pub(crate) fn of_json(json: &Json) -> Self {
        match json {
            Json::Null => Self::Null,
            Json::Bool(value) => Self::Bool(*value),
            Json::Number(number) => Self::Float(number.as_f64().unwrap_or_default()),
            Json::String(text) => Self::Text(Bytes::copy_from_slice(text.as_bytes())),
            Json::Array(_) | Json::Object(_) => Self::Json(Arc::new(json.clone())),
        }
    }

    /// The value as JSON; a text that is not UTF-8 is mended.
    pub(crate) fn to_json(&self) -> Json {
        match self {
            Self::Null => Json::Null,
            Self::Bool(value) => (*value).into(),
            Self::Int(value) => (*value).into(),
            Self::Float(value) => whole(*value).map_or_else(|| (*value).into(), Json::from),
            Self::Text(text) => String::from_utf8_lossy(text).into(),
            Self::Json(json) => Json::clone(json),
        }
    }

    /// Writes the value as Caddy does where a text is needed.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Null => {}
            Self::Bool(value) => print(out, value),
            Self::Int(value) => print(out, value),
            Self::Float(value) => print(out, value),
            Self::Text(text) => out.extend_from_slice(text),
            Self::Json(json) => write_json(json, out),
        }
    }
}

impl<T: Into<String>> From<T> for Value {
    fn from(text: T) -> Self {
        Self::Text(Bytes::from(text.into()))
    }
}

/// The whole number that a float is: Go writes `7.0` as `7`.
#[expect(
    clippy::cast_possible_truncation,
    reason = "below 2^53 every whole number is itself"
)]
fn whole(value: f64) -> Option<i64> {
    const LIMIT: f64 = 9_007_199_254_740_992.0;
    (value.fract() == 0.0 && value.abs() < LIMIT).then_some(value as i64)
}

/// Writing to memory does not fail.
fn print(out: &mut Vec<u8>, value: impl std::fmt::Display) {
    let _ = write!(out, "{value}");
}

/// A list or an object as Go prints its maps and slices: `[1 a <nil> map[k:v]]`.
fn write_json(json: &Json, out: &mut Vec<u8>) {
    match json {
        Json::Null => out.extend_from_slice(b"<nil>"),
        Json::Bool(value) => print(out, value),
        Json::Number(number) => write_number(number.as_f64().unwrap_or_default(), out),
        Json::String(text) => out.extend_from_slice(text.as_bytes()),
        Json::Array(items) => {
            out.push(b'[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    out.push(b' ');
                }
                write_json(item, out);
            }
            out.push(b']');
        }
        Json::Object(members) => {
            let mut members: Vec<_> = members.iter().collect();
            members.sort_by_key(|(name, _)| *name);
            out.extend_from_slice(b"map[");
            for (index, (name, member)) in members.into_iter().enumerate() {
                if index > 0 {
                    out.push(b' ');
                }
                out.extend_from_slice(name.as_bytes());
                out.push(b':');
                write_json(member, out);
            }
            out.push(b']');
        }
    }
}

/// Go writes numbers within lists with an exponent if they are very large or very small.
fn write_number(number: f64, out: &mut Vec<u8>) {
    const PLAIN: std::ops::Range<f64> = 1e-4..1e21;
    if number == 0.0 || PLAIN.contains(&number.abs()) {
        return print(out, number);
    }
    let text = format!("{number:e}");
    let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
    let (sign, digits) = match exponent.strip_prefix('-') {
        Some(digits) => ('-', digits),
        None => ('+', exponent),
    };
    print(out, format_args!("{mantissa}e{sign}{digits:0>2}"));
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::Value;

    fn printed(json: &serde_json::Value) -> String {
        let mut out = Vec::new();
        Value::of_json(json).write(&mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn values_are_printed_as_go_prints_them() {
        let cases = [
            (json!(5), "5"),
            (json!(1.5), "1.5"),
            (json!(-3), "-3"),
            (json!(1e21), "1000000000000000000000"),
            (json!(1e-7), "0.0000001"),
            (json!(9_007_199_254_740_993_u64), "9007199254740992"),
            (json!(true), "true"),
            (json!(null), ""),
            (json!("a"), "a"),
            (
                json!([1, "a", null, {"x": 1.5}, 1e21, 1e-7]),
                "[1 a <nil> map[x:1.5] 1e+21 1e-07]",
            ),
            (json!({"k": "v", "a": {"z": []}}), "map[a:map[z:[]] k:v]"),
        ];
        for (value, expected) in cases {
            assert_eq!(printed(&value), expected, "{value}");
        }
    }
}
