//! Which parts of the table of what is served some configs have, for the test that asks for a case of each.

use std::collections::HashSet;

use serde_json::Value;

use super::Runs;
use super::refuse::Fields;
use super::served::CONFIG;

/// Every part of the JSON that is served, by its path, and whether one of these configs has it.
pub fn shown(configs: &[Value]) -> Vec<(String, bool)> {
    let mut seen = HashSet::new();
    for config in configs {
        mark(config, &CONFIG, &mut seen);
    }
    let mut parts = Vec::new();
    list(&CONFIG, "", &seen, &mut HashSet::new(), &mut parts);
    parts
}

/// A field of the table: where its list is, and its place in there.
type Field = (usize, usize);

fn field(fields: Fields, index: usize) -> Field {
    (fields.as_ptr().addr(), index)
}

fn mark(value: &Value, runs: &Runs, seen: &mut HashSet<Field>) {
    match (runs, value) {
        (Runs::Each(inner), Value::Array(items)) => {
            for item in items {
                mark(item, inner, seen);
            }
        }
        (Runs::Each(inner), Value::Object(members)) => {
            members
                .values()
                .for_each(|member| mark(member, inner, seen));
        }
        (Runs::Fields(fields), Value::Object(_)) => {
            for (index, (name, inner)) in fields.iter().enumerate() {
                if let Some(member) = value.get(name) {
                    seen.insert(field(fields, index));
                    mark(member, inner, seen);
                }
            }
        }
        (Runs::Module(key, modules), Value::Object(_)) => {
            let name = value.get(*key).and_then(Value::as_str);
            for (index, (known, inner)) in modules.iter().enumerate() {
                if Some(*known) == name {
                    seen.insert(field(modules, index));
                    mark(value, inner, seen);
                }
            }
        }
        (Runs::Whole | Runs::Each(_) | Runs::Fields(_) | Runs::Module(..), _) => {}
    }
}

fn list(
    runs: &Runs,
    path: &str,
    seen: &HashSet<Field>,
    been: &mut HashSet<usize>,
    parts: &mut Vec<(String, bool)>,
) {
    let (fields, sign) = match runs {
        Runs::Whole => return,
        Runs::Each(inner) => return list(inner, path, seen, been, parts),
        Runs::Fields(fields) => (*fields, "/"),
        Runs::Module(_, modules) => (*modules, ":"),
    };
    // Routes stand in handlers, which stand in routes.
    if fields.is_empty() || !been.insert(fields.as_ptr().addr()) {
        return;
    }
    for (index, (name, inner)) in fields.iter().enumerate() {
        let path = format!("{path}{sign}{name}");
        list(inner, &path, seen, been, parts);
        parts.push((path, seen.contains(&field(fields, index))));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::shown;

    #[test]
    fn parts_that_a_config_has_are_told_from_those_that_none_has() {
        let config = json!({"apps": {"http": {"servers": {"a": {"routes": [{"handle": [
            {"handler": "static_response", "body": "hi"},
        ]}]}}}}});
        let parts = shown(&[config]);
        let of = |end: &str| {
            let found = parts.iter().find(|(path, _)| path.ends_with(end));
            found.map(|(_, shown)| *shown)
        };
        assert_eq!(of("/handle:static_response/body"), Some(true));
        assert_eq!(of("/handle:static_response/close"), Some(false));
        assert_eq!(of("/handle:none"), None);
    }
}
