//! Front matter: YAML, TOML or JSON before the text of a page.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::plain::{from_json, from_toml};
use super::yaml;
use crate::{Error, Object, Result, Value, no_arguments};

/// A page: what stands in its front matter, and its text.
struct Page {
    meta: Value,
    body: Arc<str>,
}

/// How the front matter is written.
#[derive(Clone, Copy)]
enum Form {
    Yaml,
    Toml,
    Json,
}

/// The largest front matter that is read.
const MAX_SIZE: usize = 1 << 20;

/// Splits a page into its front matter and its text.
pub fn split_front_matter(text: &str) -> Result<Value> {
    let first = text.split('\n').next().unwrap_or_default();
    let (form, closing) = match first.trim() {
        "---" => (Form::Yaml, &["---", "..."][..]),
        "+++" => (Form::Toml, &["+++"][..]),
        "{" => (Form::Json, &["}"][..]),
        _ => return Ok(page(Value::dict(BTreeMap::new()), text)),
    };
    let start = match form {
        Form::Json => 0,
        Form::Yaml | Form::Toml => first.len(),
    };
    let inside = text.get(first.len()..).unwrap_or_default();
    let found = closing.iter().filter_map(|fence| fence_at(inside, fence));
    let Some((at, length)) = found.min() else {
        return Err(Error::new("unterminated front matter"));
    };
    let end = first.len() + at;
    let end_of_matter = match form {
        Form::Json => end + length,
        Form::Yaml | Form::Toml => end,
    };
    let matter = text.get(start..end_of_matter).unwrap_or_default();
    if matter.len() > MAX_SIZE {
        return Err(Error::new("the front matter is too large"));
    }
    let meta = read(matter, form)?;
    Ok(page(meta, text.get(end + length..).unwrap_or_default()))
}

/// Where a line that is the fence begins, with its line end, and how long that is.
fn fence_at(text: &str, fence: &str) -> Option<(usize, usize)> {
    let mut from = 0;
    while let Some(found) = text.get(from..)?.find('\n') {
        let start = from + found;
        let line = text.get(start + 1..)?;
        let line = line.split('\n').next().unwrap_or(line);
        if line.trim_end_matches('\r') == fence {
            return Some((start, 1 + line.trim_end_matches('\r').len()));
        }
        from = start + 1;
    }
    None
}

fn read(text: &str, form: Form) -> Result<Value> {
    let wrong = |error: String| Error::new(error.trim_end().to_owned());
    match form {
        Form::Yaml => match yaml::read(text)? {
            Value::Nil => Ok(Value::dict(BTreeMap::new())),
            dict @ Value::Dict(_) => Ok(dict),
            other => Err(Error::new(format!(
                "front matter is a {}, not a map",
                other.kind()
            ))),
        },
        Form::Toml => {
            let table: toml::Table =
                toml::from_str(text).map_err(|error| wrong(error.to_string()))?;
            Ok(from_toml(toml::Value::Table(table)))
        }
        Form::Json => {
            let value = serde_json::from_str(text).map_err(|error| wrong(error.to_string()))?;
            Ok(from_json(value))
        }
    }
}

fn page(meta: Value, body: &str) -> Value {
    let body = body.into();
    Value::object(Page { meta, body })
}

impl Object for Page {
    fn type_name(&self) -> &'static str {
        "templates.parsedMarkdownDoc"
    }

    fn member(&self, name: &str, args: &[Value]) -> Option<Result<Value>> {
        let value = match name {
            "Meta" => self.meta.clone(),
            "Body" => Value::Text(self.body.clone()),
            _ => return None,
        };
        Some(no_arguments(name, args).map(|()| value))
    }

    fn printed(&self) -> String {
        format!("{{{:?} {}}}", self.meta, self.body)
    }
}
