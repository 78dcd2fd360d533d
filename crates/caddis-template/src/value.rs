//! Values of templates: Go's types, as far as a template can tell them apart.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::ZonedDateTime;
use parking_lot::Mutex;

use crate::{Error, Object, Result};

/// A value. Cheap to clone; clones of a map are one map.
#[derive(Clone, Default)]
pub enum Value {
    /// `nil`, and what is not there.
    #[default]
    Nil,
    /// `bool`.
    Bool(bool),
    /// `int`.
    Int(i64),
    /// `int64`.
    Int64(i64),
    /// `uint8`.
    Byte(u8),
    /// `float64`.
    Float(f64),
    /// `string`.
    Text(Arc<str>),
    /// A slice.
    List(Arc<List>),
    /// A map with strings as keys.
    Dict(Arc<Dict>),
    /// `time.Time`.
    Time(Arc<ZonedDateTime>),
    /// Anything with members.
    Object(Arc<dyn Object>),
}

/// What lists and maps hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// `interface {}`.
    Any,
    /// `string`.
    Text,
    /// `int`.
    Int,
}

/// A slice.
pub struct List {
    of: Of,
    items: Vec<Value>,
}

/// A map with strings as keys, which functions may change.
pub struct Dict {
    of: Of,
    entries: Mutex<BTreeMap<Arc<str>, Value>>,
}

/// How deep values may be looked through.
const MAX_DEPTH: usize = 100;

impl Of {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Any => "interface {}",
            Self::Text => "string",
            Self::Int => "int",
        }
    }
}

impl List {
    /// The elements.
    pub fn items(&self) -> &[Value] {
        &self.items
    }

    pub(crate) fn of(&self) -> Of {
        self.of
    }
}

impl Dict {
    /// The keys with their values, sorted.
    pub fn entries(&self) -> Vec<(Arc<str>, Value)> {
        let entries = self.entries.lock();
        let pairs = entries.iter();
        pairs
            .map(|(key, value)| (key.clone(), value.clone()))
            .collect()
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<Value> {
        self.entries.lock().get(key).cloned()
    }

    /// The value of a key, or what Go has for one that is not there.
    pub(crate) fn get_or_zero(&self, key: &str) -> Value {
        self.get(key).unwrap_or(match self.of {
            Of::Any => Value::Nil,
            Of::Text => Value::text(""),
            Of::Int => Value::Int(0),
        })
    }

    /// How many keys there are.
    pub(crate) fn len(&self) -> usize {
        self.entries.lock().len()
    }

    pub(crate) fn of(&self) -> Of {
        self.of
    }

    /// Takes a key away.
    pub(crate) fn remove(&self, key: &str) {
        let removed = self.entries.lock().remove(key);
        // Not under the lock: it may be the last that holds other maps.
        drop(removed);
    }

    /// Sets a key. A map must not come to hold itself: nobody could print it, and it would never be let go.
    pub(crate) fn set(self: &Arc<Self>, key: Arc<str>, value: Value) -> Result<()> {
        let mut left = MAX_LOOKED_THROUGH;
        if value.holds(self, MAX_DEPTH, &mut left)? {
            return Err(Error::new("a map cannot hold itself"));
        }
        let before = self.entries.lock().insert(key, value);
        drop(before);
        Ok(())
    }
}

/// How many values are looked through before one is put into a map.
const MAX_LOOKED_THROUGH: usize = 100_000;

impl Value {
    /// A text.
    pub fn text(text: impl Into<Arc<str>>) -> Self {
        Self::Text(text.into())
    }

    /// A count.
    pub fn count(count: usize) -> Self {
        Self::Int(i64::try_from(count).unwrap_or(i64::MAX))
    }

    /// A list of anything.
    pub fn list(items: Vec<Self>) -> Self {
        Self::list_of(Of::Any, items)
    }

    /// A list of texts.
    pub fn texts<T: Into<Arc<str>>>(items: impl IntoIterator<Item = T>) -> Self {
        Self::list_of(Of::Text, items.into_iter().map(Self::text).collect())
    }

    pub(crate) fn list_of(of: Of, items: Vec<Self>) -> Self {
        Self::List(Arc::new(List { of, items }))
    }

    /// A map to anything.
    pub fn dict(entries: BTreeMap<Arc<str>, Self>) -> Self {
        Self::dict_of(Of::Any, entries)
    }

    pub(crate) fn dict_of(of: Of, entries: BTreeMap<Arc<str>, Self>) -> Self {
        let entries = Mutex::new(entries);
        Self::Dict(Arc::new(Dict { of, entries }))
    }

    /// Anything with members.
    pub fn object(object: impl Object + 'static) -> Self {
        Self::Object(Arc::new(object))
    }

    /// A point in time.
    pub fn time(time: ZonedDateTime) -> Self {
        Self::Time(Arc::new(time))
    }

    /// The map that it is, or is like.
    pub(crate) fn as_dict(&self) -> Option<Arc<Dict>> {
        match self {
            Self::Dict(dict) => Some(Arc::clone(dict)),
            Self::Object(object) => object.as_dict(),
            _ => None,
        }
    }

    /// Whether it is true for `if`.
    pub fn is_true(&self) -> bool {
        match self {
            Self::Nil => false,
            Self::Bool(is) => *is,
            Self::Int(number) | Self::Int64(number) => *number != 0,
            Self::Byte(number) => *number != 0,
            Self::Float(number) => *number != 0.0,
            Self::Text(text) => !text.is_empty(),
            Self::List(list) => !list.items.is_empty(),
            Self::Dict(dict) => dict.len() > 0,
            Self::Time(_) => true,
            Self::Object(object) => object.as_dict().is_none_or(|dict| dict.len() > 0),
        }
    }

    /// The name of its type in Go.
    pub fn type_name(&self) -> String {
        match self {
            Self::Nil => "<nil>".into(),
            Self::Bool(_) => "bool".into(),
            Self::Int(_) => "int".into(),
            Self::Int64(_) => "int64".into(),
            Self::Byte(_) => "uint8".into(),
            Self::Float(_) => "float64".into(),
            Self::Text(_) => "string".into(),
            Self::List(list) => format!("[]{}", list.of.name()),
            Self::Dict(dict) => format!("map[string]{}", dict.of.name()),
            Self::Time(_) => "time.Time".into(),
            Self::Object(object) => object.type_name().into(),
        }
    }

    /// The name of its kind in Go.
    pub fn kind(&self) -> String {
        match self {
            Self::Nil => "invalid".into(),
            Self::List(_) => "slice".into(),
            Self::Dict(_) => "map".into(),
            Self::Time(_) => "struct".into(),
            Self::Object(object) => object.kind().into(),
            _ => self.type_name(),
        }
    }

    fn holds(&self, dict: &Arc<Dict>, depth: usize, left: &mut usize) -> Result<bool> {
        let too_much = || Error::new("a value is too large to be put into a map");
        *left = left.checked_sub(1).ok_or_else(too_much)?;
        let depth = depth.checked_sub(1).ok_or_else(too_much)?;
        match self {
            Self::Dict(own) if Arc::ptr_eq(own, dict) => Ok(true),
            Self::Dict(own) => {
                for (_, value) in own.entries() {
                    if value.holds(dict, depth, left)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            Self::List(list) => {
                for value in list.items() {
                    if value.holds(dict, depth, left)? {
                        return Ok(true);
                    }
                }
                Ok(false)
            }
            _ => Ok(false),
        }
    }
}

impl From<&str> for Value {
    fn from(text: &str) -> Self {
        Self::text(text)
    }
}

impl From<String> for Value {
    fn from(text: String) -> Self {
        Self::text(text)
    }
}

impl std::fmt::Debug for Value {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&crate::printed::printed(self))
    }
}

// Values in values in values are let go one after the other: a template can nest them deeper than a stack is.
impl Drop for List {
    fn drop(&mut self) {
        let_go(std::mem::take(&mut self.items));
    }
}

impl Drop for Dict {
    fn drop(&mut self) {
        let entries = std::mem::take(self.entries.get_mut());
        let_go(entries.into_values().collect());
    }
}

fn let_go(mut values: Vec<Value>) {
    while let Some(value) = values.pop() {
        match value {
            Value::List(list) => {
                if let Some(mut list) = Arc::into_inner(list) {
                    values.append(&mut list.items);
                }
            }
            Value::Dict(dict) => {
                if let Some(mut dict) = Arc::into_inner(dict) {
                    values.extend(std::mem::take(dict.entries.get_mut()).into_values());
                }
            }
            _ => {}
        }
    }
}
