//! Parts of a config that have a name of their own: `@id`.

use std::collections::HashMap;

use serde_json::Value;

/// The member that names the object it is in.
const ID: &str = "@id";

/// The steps to each part that has a name; the error says what is wrong with a name.
pub(super) fn ids(config: &Value) -> Result<HashMap<String, Vec<String>>, String> {
    let mut found = HashMap::new();
    collect(config, &mut Vec::new(), &mut found)?;
    Ok(found)
}

fn collect(
    value: &Value,
    steps: &mut Vec<String>,
    found: &mut HashMap<String, Vec<String>>,
) -> Result<(), String> {
    match value {
        Value::Object(members) => {
            if let Some(id) = members.get(ID) {
                let id = name(id, steps)?;
                if let Some(other) = found.insert(id.clone(), steps.clone()) {
                    let (other, here) = (shown(&other), shown(steps));
                    return Err(format!(
                        "`{other}` and `{here}` have the same `{ID}`: `{id}`"
                    ));
                }
            }
            for (key, value) in members {
                steps.push(key.clone());
                collect(value, steps, found)?;
                steps.pop();
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                steps.push(index.to_string());
                collect(value, steps, found)?;
                steps.pop();
            }
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {}
    }
    Ok(())
}

fn name(id: &Value, steps: &[String]) -> Result<String, String> {
    match id {
        Value::String(id) => Ok(id.clone()),
        // Go reads numbers as floats: 1e2 and 100.0 are 100.
        Value::Number(id) => Ok(id.as_f64().map_or(id.to_string(), |id| id.to_string())),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => {
            let here = shown(steps);
            Err(format!(
                "the `{ID}` of `{here}` is `{id}`; write a text or a number"
            ))
        }
    }
}

fn shown(steps: &[String]) -> String {
    format!("/config/{}", steps.join("/"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::ids;

    #[test]
    fn names_are_found_wherever_they_are() {
        let found = ids(
            &json!({ "a": [{ "@id": "one" }, { "b": { "@id": 2, "@ids": "x" } }], "c": { "@id": 1e2 } }),
        );
        let found = found.unwrap();
        assert_eq!(found["one"], ["a", "0"]);
        assert_eq!(found["2"], ["a", "1", "b"]);
        assert_eq!(found["100"], ["c"]);
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn a_name_that_two_parts_have_is_refused_and_so_is_one_that_is_no_name() {
        let twice = ids(&json!({ "a": { "@id": "x" }, "b": { "@id": "x" } })).unwrap_err();
        assert!(
            twice.contains("/config/a") && twice.contains("/config/b"),
            "{twice}"
        );
        for id in [json!(null), json!(true), json!({}), json!([])] {
            assert!(ids(&json!({ "a": { "@id": id } })).is_err());
        }
    }
}
