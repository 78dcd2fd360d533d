//! Reads and edits a part of a config, named by a path such as `/config/apps/http/servers/srv0/routes/0`.

use std::fmt;

use serde_json::{Map, Value};

/// The first step of every path.
const ROOT: &str = "config";
/// The last step of a path, which says that an array is added as its elements.
const SPREAD: &str = "...";

/// A part of a config.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Place {
    steps: Vec<String>,
    /// The elements of an array are meant, not the array.
    spread: bool,
}

/// What is done to a part.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Edit {
    /// It is set; an array gets one more element.
    Post(Value),
    /// It is made, and everything around it; an array gets one more element before this one.
    Put(Value),
    /// It is replaced.
    Patch(Value),
    /// It is taken out.
    Delete,
}

/// Why a part can be neither read nor edited.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum NotPossible {
    /// There is no such part.
    Missing(String),
    /// There is such a part already.
    Exists(String),
    /// The path leads nowhere, or the value does not fit.
    Wrong(String),
}

impl Place {
    /// Reads the path of a request, which begins with `/config`.
    pub(super) fn read(path: &str) -> Self {
        let steps = path.trim_matches('/').split('/');
        let mut steps: Vec<_> = steps.map(str::to_owned).collect();
        let spread = steps.len() > 1 && steps.last().is_some_and(|last| last == SPREAD);
        if spread {
            steps.pop();
        }
        Self { steps, spread }
    }

    /// The steps to a part of the config, without the first one.
    pub(super) fn of(steps: impl IntoIterator<Item = String>) -> Self {
        let steps = [ROOT.to_owned()].into_iter().chain(steps).collect();
        Self {
            steps,
            spread: false,
        }
    }

    fn upto(&self, count: usize) -> String {
        format!("/{}", self.steps[..count].join("/"))
    }

    fn split(&self) -> (&[String], &str) {
        match self.steps.split_last() {
            Some((last, around)) => (around, last),
            None => (&[], ""),
        }
    }

    fn leads_nowhere(&self, index: usize) -> NotPossible {
        NotPossible::Wrong(format!("nothing can be below `{}`", self.upto(index)))
    }
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.upto(self.steps.len()))
    }
}

/// The value of a part; null if it is missing and could be there.
pub(super) fn read(config: &Value, place: &Place) -> Result<Value, NotPossible> {
    let (around, last) = place.split();
    let [root, around @ ..] = around else {
        return Ok(match last {
            ROOT => config.clone(),
            _ => Value::Null,
        });
    };
    if root != ROOT {
        return Err(place.leads_nowhere(1));
    }
    let mut here = config;
    for (index, step) in around.iter().enumerate() {
        here = match here {
            Value::Object(members) => members.get(step).unwrap_or(&Value::Null),
            Value::Array(items) => &items[position(place, step, items.len())?],
            Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
                return Err(place.leads_nowhere(index + 1));
            }
        };
    }
    match here {
        Value::Object(members) => Ok(members.get(last).cloned().unwrap_or_default()),
        Value::Array(items) => Ok(items[position(place, last, items.len())?].clone()),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            Err(place.leads_nowhere(around.len() + 1))
        }
    }
}

/// Edits a part of a config. A config that is null is none.
pub(super) fn edit(config: Value, place: &Place, edit: Edit) -> Result<Value, NotPossible> {
    let mut root = Map::new();
    if !config.is_null() {
        root.insert(ROOT.into(), config);
    }
    let mut root = Value::Object(root);
    let (around, last) = place.split();
    let mut here = &mut root;
    for (index, step) in around.iter().enumerate() {
        here = descend(here, place, index, step, &edit)?;
    }
    match here {
        Value::Object(members) => edit_member(members, place, last, edit)?,
        Value::Array(items) => edit_element(items, place, last, edit)?,
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            return Err(place.leads_nowhere(around.len()));
        }
    }
    Ok(root.get_mut(ROOT).map(Value::take).unwrap_or_default())
}

/// One step down; who makes a part makes what is around it.
fn descend<'a>(
    here: &'a mut Value,
    place: &Place,
    index: usize,
    step: &str,
    edit: &Edit,
) -> Result<&'a mut Value, NotPossible> {
    match here {
        Value::Object(members) => {
            if matches!(edit, Edit::Put(_)) {
                let next = members.entry(step).or_insert(Value::Null);
                if next.is_null() {
                    *next = Map::new().into();
                }
                Ok(next)
            } else {
                (members.get_mut(step)).ok_or_else(|| place.leads_nowhere(index + 1))
            }
        }
        Value::Array(items) => {
            let position = position(place, step, items.len())?;
            Ok(&mut items[position])
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            Err(place.leads_nowhere(index))
        }
    }
}

fn edit_member(
    members: &mut Map<String, Value>,
    place: &Place,
    name: &str,
    edit: Edit,
) -> Result<(), NotPossible> {
    let is_there = members.contains_key(name);
    match edit {
        Edit::Post(value) => {
            if let Some(Value::Array(items)) = members.get_mut(name) {
                return add(items, place, value);
            }
            elements(place, &value)?;
            members.insert(name.into(), value);
        }
        Edit::Put(_) if is_there => {
            let message = format!("`{place}` is there already; replace it with PATCH");
            return Err(NotPossible::Exists(message));
        }
        Edit::Patch(_) | Edit::Delete if !is_there => {
            return Err(NotPossible::Missing(format!("there is no `{place}`")));
        }
        Edit::Put(value) | Edit::Patch(value) => {
            members.insert(name.into(), value);
        }
        Edit::Delete => {
            members.shift_remove(name);
        }
    }
    Ok(())
}

fn edit_element(
    items: &mut Vec<Value>,
    place: &Place,
    step: &str,
    edit: Edit,
) -> Result<(), NotPossible> {
    match edit {
        // As in Caddy, it does not matter which element is named.
        Edit::Post(value) => add(items, place, value)?,
        Edit::Put(value) => items.insert(position(place, step, items.len() + 1)?, value),
        Edit::Patch(value) => {
            let position = position(place, step, items.len())?;
            items[position] = value;
        }
        Edit::Delete => {
            items.remove(position(place, step, items.len())?);
        }
    }
    Ok(())
}

fn add(items: &mut Vec<Value>, place: &Place, value: Value) -> Result<(), NotPossible> {
    elements(place, &value)?;
    match value {
        Value::Array(values) if place.spread => items.extend(values),
        value => items.push(value),
    }
    Ok(())
}

/// Only the elements of an array can be added one by one.
fn elements(place: &Place, value: &Value) -> Result<(), NotPossible> {
    if place.spread && !value.is_array() {
        let message = format!("`{place}/{SPREAD}` takes an array, whose elements are added");
        return Err(NotPossible::Wrong(message));
    }
    Ok(())
}

/// The position that a step names in an array of so many elements.
fn position(place: &Place, step: &str, count: usize) -> Result<usize, NotPossible> {
    let position = step.parse::<usize>().ok();
    let position = position.filter(|position| position.to_string() == step);
    position
        .filter(|position| *position < count)
        .ok_or_else(|| {
            let message =
                format!("`{step}` in `{place}` is not one of the {count} places of an array");
            NotPossible::Wrong(message)
        })
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Edit, NotPossible, Place, edit, read};

    fn config() -> Value {
        json!({ "apps": { "http": { "listen": ["a", "b"], "grid": [[1, 2], [3]], "name": "x", "none": null } } })
    }

    /// The part around which everything in these tests happens, after an edit.
    fn after(path: &str, what: Edit) -> Result<Value, NotPossible> {
        let config = edit(config(), &Place::read(path), what)?;
        read(&config, &Place::read("/config/apps/http"))
    }

    #[test]
    fn a_part_is_read_by_its_path() {
        for (path, value) in [
            ("/config/apps/http/listen/1", json!("b")),
            ("/config/apps/http/listen/...", json!(["a", "b"])),
            ("/config/apps/http/grid/0/1/", json!(2)),
            ("/config/nope", Value::Null),
            ("/config/", config()),
        ] {
            assert_eq!(
                read(&config(), &Place::read(path)).unwrap(),
                value,
                "{path}"
            );
        }
        for path in [
            "/config/nope/x",
            "/config/apps/http/name/x",
            "/config/apps/http/listen/2",
            "/config/apps/http/listen/-1",
            "/config/apps/http/listen/00",
            "/config/apps/http/listen/x/y",
        ] {
            let read = read(&config(), &Place::read(path));
            assert!(
                matches!(read, Err(NotPossible::Wrong(_))),
                "{path}: {read:?}"
            );
        }
    }

    #[test]
    fn post_sets_and_adds_to_arrays() {
        let at = |path: &str, value| after(&format!("/config/apps/http/{path}"), Edit::Post(value));
        assert_eq!(
            at("listen", json!("c")).unwrap()["listen"],
            json!(["a", "b", "c"])
        );
        assert_eq!(
            at("listen/9", json!("c")).unwrap()["listen"],
            json!(["a", "b", "c"])
        );
        assert_eq!(
            at("listen/...", json!(["c", "d"])).unwrap()["listen"],
            json!(["a", "b", "c", "d"])
        );
        assert_eq!(
            at("grid/1", json!([4])).unwrap()["grid"],
            json!([[1, 2], [3], [4]])
        );
        assert_eq!(
            at("fresh/...", json!(["c"])).unwrap()["fresh"],
            json!(["c"])
        );
        assert_eq!(at("name", json!("y")).unwrap()["name"], json!("y"));
        assert!(at("listen/...", json!("c")).is_err());
        assert!(at("nope/x", json!(1)).is_err());
    }

    #[test]
    fn put_makes_parts_and_never_replaces_one() {
        let at = |path: &str, value| after(&format!("/config/apps/http/{path}"), Edit::Put(value));
        assert_eq!(at("x/y", json!(1)).unwrap()["x"], json!({ "y": 1 }));
        assert_eq!(at("none/y", json!(1)).unwrap()["none"], json!({ "y": 1 }));
        assert_eq!(
            at("listen/0", json!("c")).unwrap()["listen"],
            json!(["c", "a", "b"])
        );
        assert_eq!(
            at("listen/2", json!("c")).unwrap()["listen"],
            json!(["a", "b", "c"])
        );
        assert!(at("listen/3", json!("c")).is_err());
        for path in ["listen", "listen/...", "none"] {
            assert!(
                matches!(at(path, json!(1)), Err(NotPossible::Exists(_))),
                "{path}"
            );
        }
    }

    #[test]
    fn patch_and_delete_need_what_they_change() {
        let at = |path: &str, what| after(&format!("/config/apps/http/{path}"), what);
        assert_eq!(
            at("listen/1", Edit::Patch(json!("c"))).unwrap()["listen"],
            json!(["a", "c"])
        );
        assert_eq!(
            at("listen/0", Edit::Delete).unwrap()["listen"],
            json!(["b"])
        );
        assert_eq!(at("name", Edit::Delete).unwrap().get("name"), None);
        for what in [Edit::Patch(json!(1)), Edit::Delete] {
            let missing = at("nope", what.clone());
            assert!(
                matches!(missing, Err(NotPossible::Missing(_))),
                "{missing:?}"
            );
            assert!(matches!(at("listen/2", what), Err(NotPossible::Wrong(_))));
        }
    }

    #[test]
    fn a_config_that_is_null_is_none() {
        let none = |path: &str, what| edit(Value::Null, &Place::read(path), what);
        let made = none("/config/apps/http", Edit::Put(json!({}))).unwrap();
        assert_eq!(made, json!({ "apps": { "http": {} } }));
        assert_eq!(none("/config/", Edit::Post(json!({}))).unwrap(), json!({}));
        assert!(none("/config/apps", Edit::Post(json!({}))).is_err());
        assert!(matches!(
            none("/config/", Edit::Delete),
            Err(NotPossible::Missing(_))
        ));
        let whole = edit(config(), &Place::read("/config/"), Edit::Delete);
        assert_eq!(whole.unwrap(), Value::Null);
    }
}
