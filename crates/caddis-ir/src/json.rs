//! Writes the config as Caddy does.

use serde::Serialize;
use serde_json::ser::Formatter;
use serde_json::{Map, Value};

use crate::Config;
use crate::numbers::{Compact, Pretty};

/// The config on one line, byte for byte as `caddy adapt` prints it.
pub fn compact(config: &Config) -> String {
    written(config, Compact)
}

/// The config indented with tabs, byte for byte as `caddy adapt --pretty` prints it.
pub fn pretty(config: &Config) -> String {
    written(config, Pretty::new())
}

fn written(config: &Config, formatter: impl Formatter) -> String {
    let mut bytes = Vec::new();
    let mut serializer = serde_json::Serializer::with_formatter(&mut bytes, formatter);
    // A JSON value can always be written to memory; nothing is lost by not asking.
    let _ = value(config).serialize(&mut serializer);
    escaped(&String::from_utf8_lossy(&bytes))
}

/// The config as a JSON value, with its keys in the order in which Caddy writes them.
pub fn value(config: &Config) -> Value {
    // The IR has string keys and finite numbers only, so this always is a value.
    let mut value = serde_json::to_value(config).unwrap_or_default();
    sort_modules(&mut value);
    value
}

/// Sorts the keys within every module, all the way down: Caddy passes them through a Go map.
fn sort_modules(value: &mut Value) {
    match value {
        Value::Object(map) if is_module(map) => sort(value),
        Value::Object(map) => map.values_mut().for_each(sort_modules),
        Value::Array(items) => items.iter_mut().for_each(sort_modules),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// The key that names a module differs from place to place.
fn is_module(map: &Map<String, Value>) -> bool {
    [
        "handler", "module", "output", "format", "source", "provider", "wrapper",
    ]
    .iter()
    .any(|key| map.get(*key).is_some_and(Value::is_string))
}

fn sort(value: &mut Value) {
    match value {
        Value::Object(map) => {
            map.sort_keys();
            map.values_mut().for_each(sort);
        }
        Value::Array(items) => items.iter_mut().for_each(sort),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Go's encoder escapes what could end a script element, and two line separators.
pub fn escaped(json: &str) -> String {
    let mut text = String::with_capacity(json.len());
    for c in json.chars() {
        match c {
            '<' => text.push_str("\\u003c"),
            '>' => text.push_str("\\u003e"),
            '&' => text.push_str("\\u0026"),
            '\u{2028}' => text.push_str("\\u2028"),
            '\u{2029}' => text.push_str("\\u2029"),
            '\u{7f}' => text.push('\u{7f}'),
            c => text.push(c),
        }
    }
    text
}
