//! What of a config can be served: the rest of Caddy's JSON is read, adapted to, and refused here by name and place.

use std::collections::HashSet;

use caddis_ir::{Config, Path, Step};
use serde_json::Value;

use super::served::CONFIG;
use crate::BuildError;

/// What of a value can be served. Whatever is not listed cannot, so that a new part of the IR is refused until it works.
pub(crate) enum Runs {
    /// All of it.
    Whole,
    /// These fields.
    Fields(Fields),
    /// This, of every element or member.
    Each(&'static Runs),
    /// These modules, which a key names.
    Module(&'static str, Fields),
}

pub(super) type Fields = &'static [(&'static str, &'static Runs)];

/// What of a config is read and cannot be served yet, by name and place.
pub fn not_yet(config: &Config) -> Vec<BuildError> {
    not_yet_in(&caddis_ir::value(config))
}

/// The same for a config as JSON, as the IR writes it.
pub fn not_yet_in(config: &Value) -> Vec<BuildError> {
    let mut found = Vec::new();
    look(config, &CONFIG, &mut Path::root(), "the config", &mut found);
    found
}

/// What is wrong with a config that cannot be served as a whole, with what else building finds; `None` if it can.
pub(crate) fn refused<T>(
    config: &Config,
    build: impl Fn(&Config) -> Result<T, Vec<BuildError>>,
) -> Option<Vec<BuildError>> {
    let refused = not_yet(config);
    if refused.is_empty() {
        return None;
    }
    let mut errors = build(config).err().unwrap_or_default();
    let known: HashSet<Path> = errors.iter().map(|error| error.path.clone()).collect();
    errors.extend(
        refused
            .into_iter()
            .filter(|error| !known.contains(&error.path)),
    );
    Some(errors)
}

fn look(value: &Value, runs: &Runs, at: &mut Path, of: &str, found: &mut Vec<BuildError>) {
    match (runs, value) {
        (Runs::Each(inner), Value::Array(items)) => {
            for (index, item) in items.iter().enumerate() {
                at.0.push(Step::Index(index));
                look(item, inner, at, of, found);
                at.0.pop();
            }
        }
        (Runs::Each(inner), Value::Object(members)) => {
            for (name, member) in members {
                at.0.push(Step::Key(name.clone()));
                look(member, inner, at, of, found);
                at.0.pop();
            }
        }
        (Runs::Fields(fields), Value::Object(_)) => {
            let of = last_key(at).unwrap_or_else(|| of.to_owned());
            look_at_fields(value, fields, None, at, &of, found);
        }
        (Runs::Module(key, modules), Value::Object(members)) => {
            let name = members
                .get(*key)
                .and_then(Value::as_str)
                .unwrap_or_default();
            match modules.iter().find(|(known, _)| *known == name) {
                Some((_, Runs::Fields(fields))) => {
                    look_at_fields(value, fields, Some(key), at, name, found);
                }
                Some((_, runs)) => look(value, runs, at, name, found),
                None => found.push(error(at, &format!("`{name}`"))),
            }
        }
        (Runs::Whole, value) => look_at_placeholders(value, at, found),
        (Runs::Each(_) | Runs::Fields(_) | Runs::Module(..), _) => {}
    }
}

/// Texts name placeholders; those that are not filled would stand for nothing.
fn look_at_placeholders(value: &Value, at: &Path, found: &mut Vec<BuildError>) {
    match value {
        Value::String(text) => {
            let parts = text.split('{').skip(1);
            let names = parts.filter_map(|part| Some(part.split_once('}')?.0));
            let unfilled = names.filter(|name| !crate::fills(name));
            found.extend(unfilled.map(|name| BuildError {
                path: at.clone(),
                message: format!(
                    "caddis reads the placeholder `{{{name}}}` and cannot fill it yet"
                ),
                help: None,
            }));
        }
        Value::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                look_at_placeholders(item, &at.index(index), found);
            }
        }
        Value::Object(members) => {
            for (name, member) in members {
                look_at_placeholders(member, &at.key(name), found);
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn look_at_fields(
    value: &Value,
    fields: Fields,
    module_key: Option<&str>,
    at: &mut Path,
    of: &str,
    found: &mut Vec<BuildError>,
) {
    for (name, member) in value.as_object().into_iter().flatten() {
        if module_key == Some(name) {
            continue;
        }
        at.0.push(Step::Key(name.clone()));
        match fields.iter().find(|(known, _)| known == name) {
            Some((_, runs)) => look(member, runs, at, of, found),
            None => found.push(error(at, &format!("`{name}` of {}", quoted(of)))),
        }
        at.0.pop();
    }
}

/// The name of the value that is here, or of the list that it is in.
fn last_key(at: &Path) -> Option<String> {
    at.0.iter().rev().find_map(|step| match step {
        Step::Key(key) => Some(key.clone()),
        Step::Index(_) => None,
    })
}

fn quoted(of: &str) -> String {
    if of.contains(' ') {
        of.to_owned()
    } else {
        format!("`{of}`")
    }
}

fn error(at: &Path, what: &str) -> BuildError {
    BuildError {
        path: at.clone(),
        message: format!("caddis reads {what} and cannot serve it yet"),
        help: None,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::not_yet_in;

    fn found(config: &serde_json::Value) -> Vec<String> {
        let errors = not_yet_in(config);
        let line = |error: crate::BuildError| format!("{}: {}", error.path, error.message);
        errors.into_iter().map(line).collect()
    }

    #[test]
    fn what_is_not_listed_is_refused_by_name_and_place() {
        let config = json!({"apps": {"http": {"servers": {"a": {"routes": [{
            "match": [{"path": ["/"], "invented": {}}],
            "handle": [
                {"handler": "juggle"},
                {"handler": "reverse_proxy", "circuit_breaker": {}, "upstreams": [{"dial": "a"}]},
            ],
        }]}}}, "invented": {}}});
        let routes = "apps/http/servers/a/routes/0";
        assert_eq!(
            found(&config),
            [
                format!(
                    "{routes}/match/0/invented: caddis reads `invented` of `match` and cannot serve it yet"
                ),
                format!("{routes}/handle/0: caddis reads `juggle` and cannot serve it yet"),
                format!(
                    "{routes}/handle/1/circuit_breaker: caddis reads `circuit_breaker` of `reverse_proxy` and cannot serve it yet"
                ),
                "apps/invented: caddis reads `invented` of `apps` and cannot serve it yet".into(),
            ]
        );
    }

    #[test]
    fn placeholders_that_are_not_filled_are_refused_by_name() {
        let config = json!({"apps": {"http": {"servers": {"a": {"routes": [{"handle": [
            {"handler": "static_response", "body": "{http.request.host} {http.handlers.a}", "headers": {"X": ["{http.handlers.b}"]}},
        ]}]}}}}});
        let handler = "apps/http/servers/a/routes/0/handle/0";
        assert_eq!(
            found(&config),
            [
                format!(
                    "{handler}/body: caddis reads the placeholder `{{http.handlers.a}}` and cannot fill it yet"
                ),
                format!(
                    "{handler}/headers/X/0: caddis reads the placeholder `{{http.handlers.b}}` and cannot fill it yet"
                ),
            ]
        );
    }

    #[test]
    fn what_is_served_is_not_refused() {
        let config = json!({"apps": {"http": {"servers": {"a": {"listen": [":1"], "routes": [{
            "handle": [{"handler": "static_response", "body": "hi"}],
        }]}}}}});
        assert_eq!(found(&config), Vec::<String>::new());
    }
}
