//! Which placeholders a config fills itself, and whether it asks for bodies: found before anything is built.

use std::collections::HashSet;

use caddis_ir::Config;
use serde_json::Value;

use crate::handlers::{map, seen_answers};

/// What is to be known of the placeholders of a whole config.
#[derive(Debug, Default)]
pub(crate) struct Names {
    /// The names that a `map` fills.
    pub(crate) mapped: HashSet<String>,
    /// A placeholder for the body of the request is somewhere.
    pub(crate) reads_bodies: bool,
    /// A placeholder for the header of upstreams' answers is somewhere.
    pub(crate) reads_answers: bool,
}

impl Names {
    pub(crate) fn of(config: &Config) -> Self {
        let text = caddis_ir::compact(config);
        let mut mapped = HashSet::new();
        if text.contains(r#""handler":"map""#) {
            collect(&caddis_ir::value(config), &mut mapped);
        }
        Self {
            mapped,
            reads_bodies: text.contains(BODY),
            reads_answers: text.contains(&format!("{{{}", seen_answers::PROXIED)),
        }
    }
}

/// How the placeholders for the body of the request begin.
pub(crate) const BODY: &str = "{http.request.body";

fn collect(value: &Value, mapped: &mut HashSet<String>) {
    match value {
        Value::Object(members) => {
            if members.get("handler").and_then(Value::as_str) == Some("map") {
                let destinations = members.get("destinations").and_then(Value::as_array);
                let names = destinations.into_iter().flatten().filter_map(Value::as_str);
                mapped.extend(names.map(map::bare));
            }
            for member in members.values() {
                collect(member, mapped);
            }
        }
        Value::Array(items) => {
            for item in items {
                collect(item, mapped);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
}
