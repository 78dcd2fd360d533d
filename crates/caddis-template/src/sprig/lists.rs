//! Functions of lists.

use super::{cast, defaults};
use crate::args::{at_least, exactly};
use crate::compare::deeply_equal;
use crate::{Args, Error, Function, Result, Run, Value};

/// How deep elements are compared.
pub(super) const DEPTH: usize = 100;

pub(super) fn find(name: &str) -> Option<Function> {
    match name {
        "list" | "tuple" => at_least(0, |args, _| Ok(Value::list(args.all().to_vec()))),
        "append" | "mustAppend" | "push" | "mustPush" => exactly(2, |args, _| {
            Ok(Value::list([args.list(0)?.items(), args.from(1)].concat()))
        }),
        "prepend" | "mustPrepend" => exactly(2, |args, _| {
            Ok(Value::list([args.from(1), args.list(0)?.items()].concat()))
        }),
        "first" | "mustFirst" => exactly(1, |args, _| {
            Ok(args.list(0)?.items().first().cloned().unwrap_or_default())
        }),
        "last" | "mustLast" => exactly(1, |args, _| {
            Ok(args.list(0)?.items().last().cloned().unwrap_or_default())
        }),
        "rest" | "mustRest" => exactly(1, |args, _| {
            let items = args.list(0)?.items();
            Ok(Value::list(items.get(1..).unwrap_or_default().to_vec()))
        }),
        "initial" | "mustInitial" => exactly(1, |args, _| {
            let kept = args.list(0)?.items().split_last();
            Ok(Value::list(
                kept.map(|(_, kept)| kept.to_vec()).unwrap_or_default(),
            ))
        }),
        "reverse" | "mustReverse" => exactly(1, |args, _| {
            let items = args.list(0)?.items().iter().rev();
            Ok(Value::list(items.cloned().collect()))
        }),
        "compact" | "mustCompact" => exactly(1, |args, _| {
            let items = args.list(0)?.items().iter();
            let items = items.filter(|item| !defaults::is_empty(item));
            Ok(Value::list(items.cloned().collect()))
        }),
        "uniq" | "mustUniq" => exactly(1, uniq),
        "without" | "mustWithout" => at_least(1, without),
        "has" | "mustHas" => exactly(2, |args, run| match args.any(1) {
            Value::Nil => Ok(Value::Bool(false)),
            _ => contains(args.list(1)?.items(), args.any(0), run).map(Value::Bool),
        }),
        "slice" | "mustSlice" => at_least(1, slice),
        "concat" => at_least(0, |args, _| {
            let mut items = Vec::new();
            for index in 0..args.all().len() {
                items.extend_from_slice(args.list(index)?.items());
            }
            Ok(Value::list(items))
        }),
        "chunk" | "mustChunk" => exactly(2, |args, _| {
            let size = args.size(0)?.max(1);
            let chunks = args.list(1)?.items().chunks(size);
            Ok(Value::list(
                chunks.map(|chunk| Value::list(chunk.to_vec())).collect(),
            ))
        }),
        _ => None,
    }
}

fn contains(items: &[Value], wanted: &Value, run: &mut Run<'_>) -> Result<bool> {
    for item in items {
        run.step()?;
        if deeply_equal(item, wanted, DEPTH)? {
            return Ok(true);
        }
    }
    Ok(false)
}

fn uniq(args: &Args<'_>, run: &mut Run<'_>) -> Result<Value> {
    let mut kept: Vec<Value> = Vec::new();
    for item in args.list(0)?.items() {
        if !contains(&kept, item, run)? {
            kept.push(item.clone());
        }
    }
    Ok(Value::list(kept))
}

fn without(args: &Args<'_>, run: &mut Run<'_>) -> Result<Value> {
    let mut kept = Vec::new();
    for item in args.list(0)?.items() {
        if !contains(args.from(1), item, run)? {
            kept.push(item.clone());
        }
    }
    Ok(Value::list(kept))
}

fn slice(args: &Args<'_>, _: &mut Run<'_>) -> Result<Value> {
    let items = args.list(0)?.items();
    if items.is_empty() {
        return Ok(Value::Nil);
    }
    let at = |index: usize, otherwise: usize| match args.all().get(index) {
        None => Some(otherwise),
        Some(value) => usize::try_from(cast::int(value)).ok(),
    };
    let range = at(1, 0).zip(at(2, items.len()));
    let part = range.and_then(|(from, to)| items.get(from..to));
    let part = part.ok_or_else(|| Error::new("reflect.Value.Slice: slice index out of bounds"))?;
    Ok(Value::list(part.to_vec()))
}
