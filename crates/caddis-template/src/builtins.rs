//! The functions of the language itself.

use std::cmp::Ordering;

use crate::args::{Args, Function, at_least, exactly, wrong};
use crate::pipeline::any_int;
use crate::printed::{print_all, print_into, printed};
use crate::{Error, Result, Run, Value, compare, escape, printf};

/// A function of the language.
pub(crate) fn find(name: &str) -> Option<Function> {
    match name {
        "eq" => at_least(1, eq),
        "ne" => exactly(2, |args, _| {
            compare::equal(args.any(0), args.any(1)).map(|is| Value::Bool(!is))
        }),
        "lt" => exactly(2, |args, _| ordered(args, Ordering::is_lt)),
        "le" => exactly(2, |args, _| ordered(args, Ordering::is_le)),
        "gt" => exactly(2, |args, _| ordered(args, Ordering::is_gt)),
        "ge" => exactly(2, |args, _| ordered(args, Ordering::is_ge)),
        "not" => exactly(1, |args, _| Ok(Value::Bool(!args.any(0).is_true()))),
        "len" => exactly(1, |args, _| len(args.any(0)).map(Value::count)),
        "index" => at_least(1, index),
        "slice" => at_least(1, slice),
        "print" => at_least(0, |args, run| {
            print_all(args.all(), &mut run.budget).map(Value::from)
        }),
        "println" => at_least(0, println),
        "printf" => at_least(1, |args, run| {
            let text = printf::printf(args.text(0)?, args.from(1), run)?;
            Ok(text.into())
        }),
        "html" => at_least(0, |args, run| escaped(args, run, escape::html)),
        "js" => at_least(0, |args, run| escaped(args, run, escape::js)),
        "urlquery" => at_least(0, |args, run| escaped(args, run, escape::query)),
        // No value of ours is a function.
        "call" => at_least(1, |args, _| {
            let type_name = args.any(0).type_name();
            Err(Error::new(format!("non-function of type {type_name}")))
        }),
        _ => None,
    }
}

fn eq(args: &Args<'_>, _: &mut Run<'_>) -> Result<Value> {
    let others = args.from(1);
    if others.is_empty() {
        return Err(Error::new("missing argument for comparison"));
    }
    for other in others {
        if compare::equal(args.any(0), other)? {
            return Ok(Value::Bool(true));
        }
    }
    Ok(Value::Bool(false))
}

fn ordered(args: &Args<'_>, is: fn(Ordering) -> bool) -> Result<Value> {
    let order = compare::order(args.any(0), args.any(1))?;
    Ok(Value::Bool(order.is_some_and(is)))
}

fn len(value: &Value) -> Result<usize> {
    match value {
        Value::Text(text) => Ok(text.len()),
        Value::List(list) => Ok(list.items().len()),
        other => match other.as_dict() {
            Some(dict) => Ok(dict.len()),
            None => Err(Error::new(format!("len of type {}", other.type_name()))),
        },
    }
}

fn index(args: &Args<'_>, _: &mut Run<'_>) -> Result<Value> {
    let mut value = args.any(0).clone();
    for at in args.from(1) {
        value = match &value {
            Value::Nil => return Err(Error::new("index of untyped nil")),
            Value::Text(text) => Value::Byte(*element(text.as_bytes(), at)?),
            Value::List(list) => element(list.items(), at)?.clone(),
            other => match (other.as_dict(), at) {
                (Some(dict), Value::Text(key)) => dict.get_or_zero(key),
                (Some(_), key) => return Err(wrong("string", key)),
                (None, _) => {
                    let message = format!("can't index item of type {}", other.type_name());
                    return Err(Error::new(message));
                }
            },
        };
    }
    Ok(value)
}

fn element<'a, T>(items: &'a [T], at: &Value) -> Result<&'a T> {
    let Ok(at) = any_int(at) else {
        let message = format!("cannot index slice/array with type {}", at.type_name());
        return Err(Error::new(message));
    };
    let found = usize::try_from(at).ok().and_then(|at| items.get(at));
    found.ok_or_else(|| Error::new(format!("index out of range: {at}")))
}

/// The language's own; Caddy's library has another one of this name in its place.
fn slice(args: &Args<'_>, _: &mut Run<'_>) -> Result<Value> {
    Err(wrong("slice", args.any(0)))
}

fn println(args: &Args<'_>, run: &mut Run<'_>) -> Result<Value> {
    let mut text = String::new();
    for (index, arg) in args.all().iter().enumerate() {
        if index > 0 {
            text.push(' ');
        }
        print_into(&mut text, arg, &mut run.budget)?;
    }
    text.push('\n');
    Ok(text.into())
}

fn escaped(args: &Args<'_>, run: &mut Run<'_>, escape: fn(&str) -> String) -> Result<Value> {
    let text = match args.all() {
        [Value::Text(text)] => text.to_string(),
        // As Go's escapers have it.
        [Value::Nil] => printed(&Value::text("<no value>")),
        all => print_all(all, &mut run.budget)?,
    };
    run.room(text.len().saturating_mul(6))?;
    Ok(escape(&text).into())
}
