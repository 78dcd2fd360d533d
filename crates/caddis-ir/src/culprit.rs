//! Which part of a JSON value keeps it from being read.
//!
//! The reader of tagged enums looks at a whole object before it knows what is in it, so its error has no place. What is
//! left out one part after the other until the same error needs every part that is left.

use serde_json::{Map, Value};

use crate::{Path, Step};

/// The keys by which modules are chosen: without them an object is wrong for another reason.
pub(crate) const TAGS: [&str; 18] = [
    "algorithm",
    "backend",
    "filter",
    "format",
    "handler",
    "loader",
    "module",
    "name",
    "output",
    "policy",
    "protocol",
    "provider",
    "publisher",
    "source",
    "verifier",
    "wrapper",
    "from",
    "via",
];

/// The deepest part that is wrong, and what is wrong with it. The value as a whole is known to be wrong.
pub(crate) fn find(mut json: Value, wrong: impl Fn(&Value) -> Option<String>) -> (Path, String) {
    let message = wrong(&json).unwrap_or_default();
    let is_the_same = |json: &Value| wrong(json).as_ref() == Some(&message);
    let mut path = Vec::new();
    let mut pointer = Path::root();
    while let Some(step) = narrow(&mut json, &pointer, is_the_same) {
        let shrunk = match &step {
            Step::Key(_) => step.clone(),
            // All others are gone.
            Step::Index(_) => Step::Index(0),
        };
        path.push(step);
        pointer.0.push(shrunk);
    }
    (Path(path), message)
}

/// Leaves only one part in the container at the pointer, if the error is in there; `None` if it is about the container.
fn narrow(json: &mut Value, pointer: &Path, is_the_same: impl Fn(&Value) -> bool) -> Option<Step> {
    let steps = steps(at(json, pointer)?);
    let without_any = with(json, pointer, Vec::new());
    if steps.is_empty() || is_the_same(&without_any) {
        return None;
    }
    let mut kept = parts(at(json, pointer)?);
    let mut size = kept.len().div_ceil(2);
    loop {
        let mut start = 0;
        while start < kept.len() && kept.len() > 1 {
            let end = (start + size).min(kept.len());
            let mut fewer = kept.clone();
            fewer.drain(start..end);
            if !fewer.is_empty() && is_the_same(&with(json, pointer, fewer.clone())) {
                kept = fewer;
            } else {
                start = end;
            }
        }
        if size == 1 {
            break;
        }
        size = size.div_ceil(2);
    }
    let step = culprit(&kept)?;
    *json = with(json, pointer, kept);
    Some(step)
}

/// Of the parts that the error needs, the one that it is about: not the name of the module.
fn culprit(kept: &[(Step, Value)]) -> Option<Step> {
    let is_tag = |step: &Step| matches!(step, Step::Key(key) if TAGS.contains(&key.as_str()));
    let other = kept.iter().find(|(step, _)| !is_tag(step));
    other.or(kept.first()).map(|(step, _)| step.clone())
}

fn steps(container: &Value) -> Vec<Step> {
    parts(container).into_iter().map(|(step, _)| step).collect()
}

fn parts(container: &Value) -> Vec<(Step, Value)> {
    match container {
        Value::Object(members) => {
            let members = members.iter();
            members
                .map(|(key, value)| (Step::Key(key.clone()), value.clone()))
                .collect()
        }
        Value::Array(items) => {
            let items = items.iter().enumerate();
            items
                .map(|(index, value)| (Step::Index(index), value.clone()))
                .collect()
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => Vec::new(),
    }
}

fn at<'a>(json: &'a Value, pointer: &Path) -> Option<&'a Value> {
    pointer.0.iter().try_fold(json, |json, step| match step {
        Step::Key(key) => json.get(key),
        Step::Index(index) => json.get(index),
    })
}

/// The value, with only these parts in the container at the pointer.
fn with(json: &Value, pointer: &Path, parts: Vec<(Step, Value)>) -> Value {
    let mut json = json.clone();
    let target = pointer
        .0
        .iter()
        .try_fold(&mut json, |json, step| match step {
            Step::Key(key) => json.get_mut(key),
            Step::Index(index) => json.get_mut(index),
        });
    if let Some(target) = target {
        *target = match target {
            Value::Array(_) => parts.into_iter().map(|(_, value)| value).collect(),
            _ => Value::Object(members(parts)),
        };
    }
    json
}

fn members(parts: Vec<(Step, Value)>) -> Map<String, Value> {
    let members = parts.into_iter().filter_map(|(step, value)| match step {
        Step::Key(key) => Some((key, value)),
        Step::Index(_) => None,
    });
    members.collect()
}
