//! A placeholder by itself, whose value keeps its type.

use bytes::Bytes;
use caddis_ir::Path;

use super::name::{self, Placeholder, Read};
use super::{Value, Values};
use crate::Environment;
use crate::builder::Builder;

/// The name of a placeholder, looked up when the config is built.
#[derive(Debug)]
pub(crate) struct PlaceholderName {
    name: Box<str>,
    found: Found,
}

#[derive(Debug)]
enum Found {
    Value(Placeholder),
    Constant(Bytes),
    Nothing,
}

impl PlaceholderName {
    /// Reads a name, without its braces.
    pub(crate) fn build(name: &str, at: &Path, builder: &mut Builder<'_>) -> Self {
        Self::read(name, builder.environment).unwrap_or_else(|message| {
            builder.error(at, message);
            Self {
                name: name.into(),
                found: Found::Nothing,
            }
        })
    }

    /// Reads a name, without its braces, while a request is served; the error says why it has no value.
    pub(crate) fn read(name: &str, environment: &Environment) -> Result<Self, String> {
        let found = match name::read(name, environment) {
            Read::Value(placeholder) => Found::Value(placeholder),
            Read::Constant(text) => Found::Constant(text.into()),
            Read::Nobodys => Found::Nothing,
            Read::NotYet => return Err(name::not_yet(name)),
        };
        Ok(Self {
            name: name.into(),
            found,
        })
    }

    /// The value for one request; null if nobody has set it.
    pub(crate) fn value(&self, values: &Values<'_>) -> Value {
        match &self.found {
            Found::Constant(text) => Value::Text(text.clone()),
            Found::Nothing => Value::Null,
            Found::Value(placeholder) => {
                let value = values.typed(placeholder);
                value
                    .or_else(|| values.mapped(&self.name))
                    .unwrap_or(Value::Null)
            }
        }
    }
}
