//! The types of expressions.

use std::fmt;

/// The type of a part of an expression, as far as it is known before there is a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Type {
    /// What a placeholder stands for.
    Any,
    /// Known when it is evaluated.
    Dyn,
    Bool,
    Int,
    Uint,
    Double,
    String,
    Bytes,
    Null,
    /// The type of a type.
    Meta,
    List(Box<Type>),
    Map(Box<Type>, Box<Type>),
}

impl Type {
    pub(super) fn list(of: Self) -> Self {
        Self::List(Box::new(of))
    }

    pub(super) fn map(key: Self, value: Self) -> Self {
        Self::Map(Box::new(key), Box::new(value))
    }

    /// Whether any type may turn out to be here.
    pub(super) fn is_open(&self) -> bool {
        matches!(self, Self::Any | Self::Dyn)
    }

    /// Whether a value of this type may stand where another one is asked for.
    pub(super) fn fits(&self, wanted: &Self) -> bool {
        self.joined(wanted).is_some()
    }

    /// The type of what is of one or the other; `None` if they have nothing in common.
    pub(super) fn joined(&self, other: &Self) -> Option<Self> {
        match (self, other) {
            (Self::List(one), Self::List(two)) => Some(Self::list(one.joined(two)?)),
            (Self::Map(key, value), Self::Map(other_key, other_value)) => Some(Self::map(
                key.joined(other_key)?,
                value.joined(other_value)?,
            )),
            _ if self == other => Some(self.clone()),
            _ if self.is_open() || other.is_open() => Some(Self::Dyn),
            _ => None,
        }
    }
}

impl fmt::Display for Type {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Any => "any",
            Self::Dyn => "dyn",
            Self::Bool => "bool",
            Self::Int => "int",
            Self::Uint => "uint",
            Self::Double => "double",
            Self::String => "string",
            Self::Bytes => "bytes",
            Self::Null => "null",
            Self::Meta => "type",
            Self::List(of) => return write!(f, "list({of})"),
            Self::Map(key, value) => return write!(f, "map({key}, {value})"),
        })
    }
}
