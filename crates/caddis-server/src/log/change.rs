//! What is done with the fields of an entry before they are written: some are added, others changed or taken away.

use std::collections::BTreeMap;

use caddis_ir::FieldFilter;
use serde_json::{Map, Value};

use super::mask::Mask;
use super::secrets::{Action, Replacement, cookies, hash, parameters};
use crate::environment::Variables;
use crate::placeholders::global;

/// What placeholders in a log's form are filled from.
pub(super) type Fill<'a> = &'a Variables;

/// A change of the fields of every entry.
#[derive(Clone)]
pub(super) enum Change {
    /// Adds these.
    Append(Vec<(String, Added)>),
    /// Changes these, each by its path.
    Filter(Vec<(Vec<String>, Filter)>),
}

/// The value of a field that is added.
#[derive(Clone)]
pub(super) enum Added {
    Constant(Value),
    /// One placeholder, and nothing else.
    Placeholder(String, Variables),
}

/// What becomes of a field.
#[derive(Clone, Debug)]
pub(super) enum Filter {
    Delete,
    Rename(String),
    Replace(String),
    Hash,
    Mask(Mask),
    Replacements(Vec<Replacement>),
    Cookies(Vec<Action>),
    Parameters(Vec<Action>),
}

impl std::fmt::Debug for Change {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            Self::Append(_) => "Change::Append",
            Self::Filter(_) => "Change::Filter",
        })
    }
}

impl Change {
    /// Adds fields. As in Caddy, a text is filled for each entry if it is one placeholder and nothing else.
    pub(super) fn append(fields: &BTreeMap<String, Value>, fill: Fill<'_>) -> Self {
        let added = |value: &Value| match value {
            Value::String(text) => match only_placeholder(text) {
                Some(name) => Added::Placeholder(name.to_owned(), fill.clone()),
                None => Added::Constant(value.clone()),
            },
            _ => Added::Constant(value.clone()),
        };
        let fields = fields.iter();
        Self::Append(
            fields
                .map(|(name, value)| (name.clone(), added(value)))
                .collect(),
        )
    }

    /// Changes fields; those of an object are named behind `>`.
    pub(super) fn filter(fields: &BTreeMap<String, FieldFilter>) -> Result<Self, String> {
        let filter = |(path, filter): (&String, &FieldFilter)| {
            let steps = path.split('>').map(str::to_owned).collect();
            let filter = Filter::read(filter).map_err(|why| format!("`{path}`: {why}"))?;
            Ok((steps, filter))
        };
        let filters: Result<_, String> = fields.iter().map(filter).collect();
        Ok(Self::Filter(filters?))
    }

    pub(super) fn apply(&self, fields: &mut Map<String, Value>) {
        match self {
            Self::Append(added) => {
                let added = added.iter();
                fields.extend(added.map(|(name, added)| (name.clone(), added.value())));
            }
            Self::Filter(filters) => {
                for (path, filter) in filters {
                    filter.apply_at(path, fields);
                }
            }
        }
    }
}

/// The name of the placeholder that a text is.
fn only_placeholder(text: &str) -> Option<&str> {
    let name = text.strip_prefix('{')?.strip_suffix('}')?;
    (!name.contains(['{', '}'])).then_some(name)
}

impl Added {
    fn value(&self) -> Value {
        match self {
            Self::Constant(value) => value.clone(),
            Self::Placeholder(name, variables) => {
                global(name, variables).map_or(Value::Null, Value::String)
            }
        }
    }
}

impl Filter {
    fn read(filter: &FieldFilter) -> Result<Self, String> {
        Ok(match filter {
            FieldFilter::Delete {} => Self::Delete,
            FieldFilter::Rename { name } => Self::Rename(name.clone()),
            FieldFilter::Replace { value } => Self::Replace(value.clone()),
            FieldFilter::Hash {} => Self::Hash,
            FieldFilter::IpMask {
                ipv4_cidr,
                ipv6_cidr,
            } => Self::Mask(Mask::read(*ipv4_cidr, *ipv6_cidr)?),
            FieldFilter::Regexp(operation) => {
                Self::Replacements(vec![Replacement::read(operation)?])
            }
            FieldFilter::MultiRegexp { operations } => {
                let operations = operations.iter().flatten().map(Replacement::read);
                Self::Replacements(operations.collect::<Result<_, _>>()?)
            }
            FieldFilter::Cookie { actions } => {
                let actions = actions.iter().flatten();
                let read =
                    actions.map(|action| Action::read(&action.kind, &action.name, &action.value));
                Self::Cookies(read.collect::<Result<_, _>>()?)
            }
            FieldFilter::Query { actions } => {
                let actions = actions.iter().flatten();
                let read = actions
                    .map(|action| Action::read(&action.kind, &action.parameter, &action.value));
                Self::Parameters(read.collect::<Result<_, _>>()?)
            }
        })
    }

    fn apply_at(&self, path: &[String], fields: &mut Map<String, Value>) {
        match path {
            [] => {}
            [name] if fields.contains_key(name) => self.apply(name, fields),
            [name, rest @ ..] => {
                if let Some(Value::Object(inner)) = fields.get_mut(name) {
                    self.apply_at(rest, inner);
                }
            }
        }
    }

    fn apply(&self, name: &str, fields: &mut Map<String, Value>) {
        match self {
            Self::Delete => {
                fields.shift_remove(name);
            }
            Self::Rename(new) => {
                let renamed = std::mem::take(fields).into_iter().map(|(key, value)| {
                    let key = if key == name { new.clone() } else { key };
                    (key, value)
                });
                *fields = renamed.collect();
            }
            Self::Replace(value) => {
                fields.insert(name.to_owned(), value.as_str().into());
            }
            Self::Cookies(actions) => {
                if let Some(Value::Array(values)) = fields.get_mut(name) {
                    let texts: Vec<_> = values.iter().filter_map(Value::as_str).collect();
                    *values = vec![cookies(&texts, actions).into()];
                }
            }
            Self::Hash => on_texts(fields.get_mut(name), &hash),
            Self::Mask(mask) => on_texts(fields.get_mut(name), &|text| mask.cut(text)),
            Self::Parameters(actions) => {
                on_texts(fields.get_mut(name), &|text| parameters(text, actions));
            }
            Self::Replacements(replacements) => on_texts(fields.get_mut(name), &|text| {
                let replaced = replacements.iter();
                replaced.fold(text.to_owned(), |text, one| one.apply(&text))
            }),
        }
    }
}

/// Changes a text, or each text of a list. What is neither is not changed.
fn on_texts(value: Option<&mut Value>, change: &dyn Fn(&str) -> String) {
    let texts = match value {
        Some(Value::Array(values)) => values.as_mut_slice(),
        Some(value) => std::slice::from_mut(value),
        None => return,
    };
    for text in texts {
        if let Value::String(text) = text {
            *text = change(text);
        }
    }
}
