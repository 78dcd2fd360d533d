//! What is around a template: functions that are not the language's own, and somebody who waits for it.

use crate::{Result, Run, Value};

/// What is around a template.
pub trait World {
    /// Whether it has a function of this name.
    fn knows(&self, function: &str) -> bool;

    /// Calls a function that it has.
    fn call(&self, function: &str, args: &[Value], run: &mut Run<'_>) -> Result<Value>;

    /// Whether anybody still waits for the text.
    fn waits(&self) -> bool;
}
