//! Functions that choose between values.

use crate::args::{at_least, exactly};
use crate::{Error, Function, Value};

pub(super) fn find(name: &str) -> Option<Function> {
    match name {
        "default" => at_least(1, |args, _| {
            let given = args.all().get(1).filter(|value| !is_empty(value));
            Ok(given.unwrap_or(args.any(0)).clone())
        }),
        "empty" => exactly(1, |args, _| Ok(Value::Bool(is_empty(args.any(0))))),
        "coalesce" => at_least(0, |args, _| {
            let mut values = args.all().iter();
            let found = values.find(|value| !is_empty(value));
            Ok(found.cloned().unwrap_or_default())
        }),
        "all" => at_least(0, |args, _| {
            Ok(Value::Bool(!args.all().iter().any(is_empty)))
        }),
        "any" => at_least(0, |args, _| {
            Ok(Value::Bool(!args.all().iter().all(is_empty)))
        }),
        "ternary" => exactly(3, |args, _| {
            let index = usize::from(!args.bool(2)?);
            Ok(args.any(index).clone())
        }),
        "fail" => exactly(1, |args, _| Err(Error::new(&**args.text(0)?))),
        _ => None,
    }
}

/// Whether a value is what its type has when nobody says anything.
pub(super) fn is_empty(value: &Value) -> bool {
    !value.is_true()
}
