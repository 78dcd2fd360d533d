//! Writes the config as Caddy does.

use serde::Serialize;
use serde_json::ser::Formatter;
use serde_json::{Map, Number, Value};

use crate::numbers::{Compact, Pretty};
use crate::{Config, direct, numbers};

/// How many bytes U+2028 and U+2029 have.
const SEPARATOR_LENGTH: usize = 3;

/// The config on one line, byte for byte as `caddy adapt` prints it.
pub fn compact(config: &Config) -> String {
    direct::compact(config).unwrap_or_else(|| compact_value(&value(config)))
}

/// The config indented with tabs, byte for byte as `caddy adapt --pretty` prints it.
pub fn pretty(config: &Config) -> String {
    pretty_value(&value(config))
}

/// The same for a config that is a JSON value already.
pub fn compact_value(value: &Value) -> String {
    written(value, Compact)
}

/// The same for a config that is a JSON value already.
pub fn pretty_value(value: &Value) -> String {
    written(value, Pretty::new())
}

fn written(value: &Value, formatter: impl Formatter) -> String {
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, formatter);
    // A JSON value can always be written to memory; nothing is lost by not asking.
    let _ = value.serialize(&mut serializer);
    escaped(&String::from_utf8_lossy(&bytes))
}

/// The config as a JSON value, with its keys in the order in which Caddy writes them.
pub fn value(config: &Config) -> Value {
    // The IR has string keys and finite numbers only, so this always is a value.
    let mut value = serde_json::to_value(config).unwrap_or_default();
    sort_modules(&mut value);
    value
}

/// Sorts the keys within every module, all the way down: Caddy passes them through a Go map, and numbers through a float.
pub(crate) fn sort_modules(value: &mut Value) {
    match value {
        Value::Object(map) if is_module(map) => sort(value),
        Value::Object(map) => map.values_mut().for_each(sort_modules),
        Value::Array(items) => items.iter_mut().for_each(sort_modules),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The key that names a module differs from place to place.
pub(crate) fn is_module(map: &Map<String, Value>) -> bool {
    let is_text = |key: &str| map.get(key).is_some_and(Value::is_string);
    // The format of a pair of files is a setting, the one of a log is a module.
    let is_pair = || is_text("certificate") || is_text("private_key");
    MODULE_KEYS.iter().any(|key| is_text(key)) || (is_text("format") && !is_pair())
}

/// The keys that name a module, beside `format`.
pub(crate) const MODULE_KEYS: [&str; 10] = [
    "handler", "module", "output", "source", "provider", "via", "verifier", "loader", "from",
    "wrapper",
];

pub(crate) fn sort(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.sort_keys();
            map.values_mut().for_each(sort);
        }
        Value::Array(items) => items.iter_mut().for_each(sort),
        Value::Number(number) => {
            if let Some(rounded) = as_float(number) {
                *value = rounded;
            }
        }
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}

/// What a float makes of a whole number that it cannot hold: `9007199254740993` becomes `9007199254740992`.
fn as_float(number: &Number) -> Option<Value> {
    const EXACT: u64 = 1 << f64::MANTISSA_DIGITS;
    let exact = number.as_i64().map(i64::unsigned_abs);
    let is_exact = exact.or(number.as_u64())? <= EXACT;
    if is_exact {
        return None;
    }
    numbers::number(number.as_f64()?)
}

/// Go's encoder escapes what could end a script element, and two line separators.
pub fn escaped(json: &str) -> String {
    let mut text = Vec::with_capacity(json.len());
    push_escaped(&mut text, json);
    // Bytes are put for bytes that are whole characters, so this always is UTF-8.
    String::from_utf8(text).unwrap_or_default()
}

/// Adds a text with these escapes.
pub(crate) fn push_escaped(text: &mut Vec<u8>, json: &str) {
    let mut written = 0;
    for (at, byte) in json.bytes().enumerate() {
        // Bytes and not characters: a config has millions of them, and next to none is escaped.
        let escape = match byte {
            b'<' => "\\u003c",
            b'>' => "\\u003e",
            b'&' => "\\u0026",
            0xE2 if json[at..].starts_with('\u{2028}') => "\\u2028",
            0xE2 if json[at..].starts_with('\u{2029}') => "\\u2029",
            _ => continue,
        };
        text.extend_from_slice(&json.as_bytes()[written..at]);
        text.extend_from_slice(escape.as_bytes());
        written = at + if byte == 0xE2 { SEPARATOR_LENGTH } else { 1 };
    }
    text.extend_from_slice(&json.as_bytes()[written..]);
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{escaped, sort_modules};

    #[test]
    fn whole_numbers_of_modules_pass_through_a_float() {
        let mut value = json!({"a": 9_007_199_254_740_993_u64, "m": {"handler": "x", "a": [9_007_199_254_740_993_u64], "b": i64::MAX}});
        sort_modules(&mut value);
        let expected = json!({"a": 9_007_199_254_740_993_u64, "m": {"handler": "x", "a": [9_007_199_254_740_992_u64], "b": 9_223_372_036_854_776_000_u64}});
        assert_eq!(value, expected);
    }

    #[test]
    fn what_could_end_a_script_and_line_separators_are_escaped() {
        let text = "<a>&\u{2028}é…\u{2029}\u{7f}";
        let expected = "\\u003ca\\u003e\\u0026\\u2028é…\\u2029\u{7f}";
        assert_eq!(escaped(text), expected);
        assert_eq!(escaped("plain"), "plain");
    }
}
