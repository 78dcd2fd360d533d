//! What Go's decoder passes over: `null` where something was not given, and the point of a whole number in a module.

use serde_json::{Map, Number, Value};

use crate::json::is_module;

/// From here on not every whole number has a floating-point number of its own.
const EXACT: f64 = 9_007_199_254_740_992.0;

/// The matchers that Caddy itself writes as `null`, for lists that were never filled.
const NULL_MATCHERS: [&str; 3] = ["host", "method", "path"];

/// The matchers that are lists by name, in which `null` is an empty list or a field that must be absent.
const LISTS_BY_NAME: [&str; 3] = ["header", "query", "vars"];

/// Takes `null` out where Go reads it as "not given", and keeps it where it is a value or where Caddy refuses it.
pub(crate) fn take_nulls(json: &mut Value) {
    match json {
        Value::Object(members) if has(members, "handler", "vars") => {}
        Value::Object(members) => {
            members.retain(|_, member| !member.is_null());
            let headers_are_rules =
                has(members, "handler", "reverse_proxy") || has(members, "handler", "push");
            let is_append = has(members, "format", "append");
            for (name, member) in members.iter_mut() {
                match name.as_str() {
                    "match" | "not" | "retry_match" => take_nulls_of_matchers(member),
                    "routes" | "handle_response" => take_nulls_of_items(member),
                    "header" | "logger_names" | "outputs" => {}
                    "headers" if !headers_are_rules => {}
                    "fields" if is_append => {}
                    "add" | "set" if member.is_object() => {}
                    _ => take_nulls(member),
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(take_nulls),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

/// Go reads a `null` in a list of structures as an empty one.
fn take_nulls_of_items(items: &mut Value) {
    for item in items.as_array_mut().into_iter().flatten() {
        if item.is_null() {
            *item = Value::Object(Map::new());
        }
        take_nulls(item);
    }
}

/// A matcher that is `null` is refused by Caddy: without it, a route would take more than it says.
fn take_nulls_of_matchers(matchers: &mut Value) {
    match matchers {
        Value::Array(sets) => sets.iter_mut().for_each(take_nulls_of_set),
        // Of a response, or of TLS connections.
        Value::Object(members) => {
            let of_response = |name: &str| matches!(name, "headers" | "status_code");
            members.retain(|name, member| !(member.is_null() && of_response(name)));
            let others = members.iter_mut().filter(|(name, _)| *name != "headers");
            others.for_each(|(_, member)| take_nulls(member));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn take_nulls_of_set(set: &mut Value) {
    if set.is_null() {
        *set = Value::Object(Map::new());
    }
    for (name, matcher) in set.as_object_mut().into_iter().flatten() {
        match name.as_str() {
            "not" => take_nulls_of_matchers(matcher),
            name if LISTS_BY_NAME.contains(&name) || NULL_MATCHERS.contains(&name) => {}
            _ => take_nulls(matcher),
        }
    }
}

fn has(members: &Map<String, Value>, key: &str, name: &str) -> bool {
    members.get(key).and_then(Value::as_str) == Some(name)
}

/// Caddy takes modules that name themselves through floating-point numbers: in them, `1.0` and `1e3` are whole.
pub(crate) fn take_points(json: &mut Value) {
    match json {
        Value::Object(members) if is_module(members) => {
            members.values_mut().for_each(take_points_of_module);
        }
        Value::Object(members) => members.values_mut().for_each(take_points),
        Value::Array(items) => items.iter_mut().for_each(take_points),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}

fn take_points_of_module(json: &mut Value) {
    match json {
        Value::Object(members) => members.values_mut().for_each(take_points_of_module),
        Value::Array(items) => items.iter_mut().for_each(take_points_of_module),
        Value::Number(number) => {
            let whole = number
                .as_f64()
                .filter(|value| !number.is_i64() && value.fract() == 0.0 && value.abs() < EXACT);
            // Below that bound the digits are those of the number.
            let whole = whole.and_then(|value| format!("{value:.0}").parse::<i64>().ok());
            if let Some(whole) = whole {
                *json = Value::Number(Number::from(whole));
            }
        }
        Value::Null | Value::Bool(_) | Value::String(_) => {}
    }
}
