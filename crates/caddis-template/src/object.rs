//! Values with members: requests, headers, files, points in time.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::{Dict, Error, Result, Value};

/// A value with members.
pub trait Object: Send + Sync {
    /// The name of its type in Go.
    fn type_name(&self) -> &str;

    /// The name of its kind in Go.
    fn kind(&self) -> &'static str {
        "struct"
    }

    /// A field, or what a method returns; `None` if it has neither.
    fn member(&self, name: &str, args: &[Value]) -> Option<Result<Value>>;

    /// How it is printed.
    fn printed(&self) -> String;

    /// The number that it is compared as.
    fn number(&self) -> Option<i64> {
        None
    }

    /// The map that it can be used as.
    fn as_dict(&self) -> Option<Arc<Dict>> {
        None
    }
}

/// Refuses arguments of a member that takes none.
pub fn no_arguments(name: &str, args: &[Value]) -> Result<()> {
    if args.is_empty() {
        return Ok(());
    }
    let got = args.len();
    Err(Error::new(format!(
        "wrong number of args for {name}: want 0 got {got}"
    )))
}

/// Go's `map[string][]string`: fields of a header, or values of a query.
#[derive(Clone)]
pub struct StringLists {
    /// The name of its type in Go.
    pub type_name: &'static str,
    /// How keys are spelled.
    pub spelled: fn(&str) -> String,
    /// The values of each key.
    pub lists: BTreeMap<String, Vec<String>>,
}

impl StringLists {
    fn values(&self, key: &str) -> &[String] {
        let found = self.lists.get(&(self.spelled)(key));
        found.map_or(&[], Vec::as_slice)
    }
}

impl Object for StringLists {
    fn type_name(&self) -> &str {
        self.type_name
    }

    fn kind(&self) -> &'static str {
        "map"
    }

    fn member(&self, name: &str, args: &[Value]) -> Option<Result<Value>> {
        let key = match args {
            [Value::Text(key)] => Some(key),
            _ => None,
        };
        let Some(key) = key.filter(|_| matches!(name, "Get" | "Values" | "Has")) else {
            return match name {
                "Encode" if self.type_name == "url.Values" && args.is_empty() => {
                    Some(Ok(encoded(&self.lists).into()))
                }
                "Get" | "Values" | "Has" | "Encode" => {
                    Some(Err(Error::new(format!("{name} takes one string"))))
                }
                // As an index of the map would: nothing of what is not there.
                _ if args.is_empty() => {
                    let found = self.lists.get(name).into_iter().flatten();
                    Some(Ok(Value::texts(found.map(String::as_str))))
                }
                _ => None,
            };
        };
        let values = self.values(key);
        Some(Ok(match name {
            "Get" => values.first().map_or("", String::as_str).into(),
            "Has" => Value::Bool(self.lists.contains_key(&**key)),
            _ => Value::texts(values.iter().map(String::as_str)),
        }))
    }

    fn printed(&self) -> String {
        let of = |(key, values): (&String, &Vec<String>)| format!("{key}:[{}]", values.join(" "));
        let all: Vec<_> = self.lists.iter().map(of).collect();
        format!("map[{}]", all.join(" "))
    }

    fn as_dict(&self) -> Option<Arc<Dict>> {
        let lists = self.lists.iter();
        let lists = lists.map(|(key, values)| {
            let values = Value::texts(values.iter().map(String::as_str));
            (Arc::from(key.as_str()), values)
        });
        match Value::dict(lists.collect()) {
            Value::Dict(dict) => Some(dict),
            _ => None,
        }
    }
}

fn encoded(lists: &BTreeMap<String, Vec<String>>) -> String {
    let escape = crate::escape::query;
    let pairs = lists.iter().flat_map(|(key, values)| {
        values
            .iter()
            .map(move |value| format!("{}={}", escape(key), escape(value)))
    });
    pairs.collect::<Vec<_>>().join("&")
}
