//! A field of an event that is no plain value: `tracing` has no such fields, but it takes errors.

use std::error::Error;
use std::fmt;

use serde_json::Value;

/// A value for a field: `field = &Nested(value) as &(dyn Error + 'static)`.
#[derive(Clone, Debug)]
pub(crate) struct Nested(pub(crate) Value);

impl fmt::Display for Nested {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl Error for Nested {}
