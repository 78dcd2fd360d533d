//! Arguments of functions: how many, and of which types, as Go checks them.

use std::ops::RangeInclusive;
use std::sync::Arc;

use crate::{Dict, Error, List, Result, Run, Value};

/// A function of the language or of its library.
#[derive(Clone)]
pub struct Function {
    pub(crate) arity: RangeInclusive<usize>,
    pub(crate) call: fn(&Args<'_>, &mut Run<'_>) -> Result<Value>,
}

/// The arguments of a call.
pub struct Args<'a>(pub &'a [Value]);

/// A function with so many arguments; as what is found under a name.
#[expect(
    clippy::unnecessary_wraps,
    reason = "tables of functions say nothing else for each of their names"
)]
pub(crate) fn exactly(
    count: usize,
    call: fn(&Args<'_>, &mut Run<'_>) -> Result<Value>,
) -> Option<Function> {
    let arity = count..=count;
    Some(Function { arity, call })
}

/// A function with at least so many arguments; as what is found under a name.
#[expect(
    clippy::unnecessary_wraps,
    reason = "tables of functions say nothing else for each of their names"
)]
pub(crate) fn at_least(
    count: usize,
    call: fn(&Args<'_>, &mut Run<'_>) -> Result<Value>,
) -> Option<Function> {
    let arity = count..=usize::MAX;
    Some(Function { arity, call })
}

impl<'a> Args<'a> {
    /// All of them.
    pub fn all(&self) -> &'a [Value] {
        self.0
    }

    /// Those from one on.
    pub fn from(&self, index: usize) -> &'a [Value] {
        self.0.get(index..).unwrap_or_default()
    }

    /// One of any type.
    pub fn any(&self, index: usize) -> &'a Value {
        self.0.get(index).unwrap_or(&Value::Nil)
    }

    /// The last one.
    pub fn last(&self) -> &'a Value {
        self.0.last().unwrap_or(&Value::Nil)
    }

    /// A `string`.
    pub fn text(&self, index: usize) -> Result<&'a Arc<str>> {
        match self.any(index) {
            Value::Text(text) => Ok(text),
            other => Err(wrong("string", other)),
        }
    }

    /// An `int`.
    pub fn int(&self, index: usize) -> Result<i64> {
        match self.any(index) {
            Value::Int(number) => Ok(*number),
            other => Err(wrong("int", other)),
        }
    }

    /// An `int` that counts something: below zero it is zero.
    pub fn size(&self, index: usize) -> Result<usize> {
        Ok(usize::try_from(self.int(index)?.max(0)).unwrap_or(usize::MAX))
    }

    /// A `bool`.
    pub fn bool(&self, index: usize) -> Result<bool> {
        match self.any(index) {
            Value::Bool(is) => Ok(*is),
            other => Err(wrong("bool", other)),
        }
    }

    /// A map to anything.
    pub fn dict(&self, index: usize) -> Result<&'a Arc<Dict>> {
        dict_of(self.any(index))
    }

    /// A slice.
    pub fn list(&self, index: usize) -> Result<&'a List> {
        match self.any(index) {
            Value::List(list) => Ok(list),
            other => Err(Error::new(format!(
                "list should be type of slice or array but {}",
                other.kind()
            ))),
        }
    }
}

/// The map to anything that a value is.
pub(crate) fn dict_of(value: &Value) -> Result<&Arc<Dict>> {
    match value {
        Value::Dict(dict) if dict.of() == crate::Of::Any => Ok(dict),
        other => Err(wrong("map[string]interface {}", other)),
    }
}

pub(crate) fn wrong(expected: &str, got: &Value) -> Error {
    Error::new(match got {
        Value::Nil => format!("invalid value; expected {expected}"),
        other => format!(
            "wrong type for value; expected {expected}; got {}",
            other.type_name()
        ),
    })
}
