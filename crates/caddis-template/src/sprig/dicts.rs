//! Functions of maps.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::{cast, defaults};
use crate::args::{at_least, dict_of, exactly};
use crate::value::Of;
use crate::{Args, Dict, Error, Function, Result, Run, Value};

pub(super) fn find(name: &str) -> Option<Function> {
    match name {
        "dict" => at_least(0, |args, _| Ok(dict(args))),
        "get" => exactly(2, |args, _| {
            let found = args.dict(0)?.get(args.text(1)?);
            Ok(found.unwrap_or_else(|| "".into()))
        }),
        "set" => exactly(3, |args, run| {
            let dict = args.dict(0)?;
            run.steps(1)?;
            dict.set(args.text(1)?.clone(), args.any(2).clone())?;
            Ok(args.any(0).clone())
        }),
        "unset" => exactly(2, |args, _| {
            args.dict(0)?.remove(args.text(1)?);
            Ok(args.any(0).clone())
        }),
        "hasKey" => exactly(2, |args, _| {
            Ok(Value::Bool(args.dict(0)?.get(args.text(1)?).is_some()))
        }),
        "pluck" => at_least(1, |args, _| {
            let key = args.text(0)?;
            let mut found = Vec::new();
            for value in args.from(1) {
                found.extend(dict_of(value)?.get(key));
            }
            Ok(Value::list(found))
        }),
        "keys" => at_least(0, |args, _| {
            let mut keys = Vec::new();
            for value in args.all() {
                keys.extend(dict_of(value)?.entries().into_iter().map(|(key, _)| key));
            }
            Ok(Value::texts(keys))
        }),
        "values" => exactly(1, |args, _| {
            let entries = args.dict(0)?.entries().into_iter();
            Ok(Value::list(entries.map(|(_, value)| value).collect()))
        }),
        "pick" => at_least(1, |args, _| kept(args, |is_named| is_named)),
        "omit" => at_least(1, |args, _| kept(args, |is_named| !is_named)),
        "merge" | "mustMerge" => at_least(1, |args, run| merged(args, Wins::Target, run)),
        "mergeOverwrite" | "mustMergeOverwrite" => {
            at_least(1, |args, run| merged(args, Wins::Source, run))
        }
        "deepCopy" | "mustDeepCopy" => exactly(1, |args, run| copied(args.any(0), 100, run)),
        "dig" => at_least(3, dig),
        _ => None,
    }
}

fn dict(args: &Args<'_>) -> Value {
    let mut entries = BTreeMap::new();
    for pair in args.all().chunks(2) {
        let key = pair.first().map(cast::text).unwrap_or_default();
        let value = pair.get(1).cloned().unwrap_or_else(|| "".into());
        entries.insert(Arc::from(key), value);
    }
    Value::dict(entries)
}

fn kept(args: &Args<'_>, is_kept: fn(bool) -> bool) -> Result<Value> {
    let mut names = Vec::new();
    for index in 1..args.all().len() {
        names.push(args.text(index)?);
    }
    let entries = args.dict(0)?.entries().into_iter();
    let entries = entries.filter(|(key, _)| is_kept(names.contains(&key)));
    Ok(Value::dict(entries.collect()))
}

/// Whose value stays where both have one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wins {
    Target,
    Source,
}

fn merged(args: &Args<'_>, wins: Wins, run: &mut Run<'_>) -> Result<Value> {
    let target = args.dict(0)?;
    for value in args.from(1) {
        merge(target, dict_of(value)?, wins, 100, run)?;
    }
    Ok(args.any(0).clone())
}

fn merge(
    target: &Arc<Dict>,
    source: &Arc<Dict>,
    wins: Wins,
    depth: usize,
    run: &mut Run<'_>,
) -> Result<()> {
    let too_deep = || Error::new("the maps are nested too deeply");
    let depth = depth.checked_sub(1).ok_or_else(too_deep)?;
    for (key, value) in source.entries() {
        run.step()?;
        match (target.get(&key), &value) {
            (Some(Value::Dict(own)), Value::Dict(other)) => {
                merge(&own, other, wins, depth, run)?;
            }
            (Some(own), _) if wins == Wins::Target && !defaults::is_empty(&own) => {}
            _ => target.set(key, value)?,
        }
    }
    Ok(())
}

fn copied(value: &Value, depth: usize, run: &mut Run<'_>) -> Result<Value> {
    let too_deep = || Error::new("the value is nested too deeply");
    let depth = depth.checked_sub(1).ok_or_else(too_deep)?;
    run.step()?;
    Ok(match value {
        Value::List(list) => {
            let items = list.items().iter().map(|item| copied(item, depth, run));
            Value::list_of(list.of(), items.collect::<Result<_>>()?)
        }
        Value::Dict(dict) => {
            let entries = dict.entries().into_iter();
            let entries = entries.map(|(key, item)| Ok((key, copied(&item, depth, run)?)));
            Value::dict_of(dict.of(), entries.collect::<Result<_>>()?)
        }
        other => other.clone(),
    })
}

/// A value in maps in a map, or another one if it is not there: `dig "a" "b" "otherwise" $map`.
fn dig(args: &Args<'_>, _: &mut Run<'_>) -> Result<Value> {
    let [keys @ .., otherwise, start] = args.all() else {
        return Err(Error::new("dig needs at least three arguments"));
    };
    let mut value = Value::Dict(Arc::clone(dict_of(start)?));
    for key in keys {
        let Value::Text(key) = key else {
            return Err(crate::args::wrong("string", key));
        };
        let dict = match &value {
            Value::Dict(dict) if dict.of() == Of::Any => dict.get(key),
            other => return Err(crate::args::wrong("map[string]interface {}", other)),
        };
        match dict {
            Some(next) => value = next,
            None => return Ok(otherwise.clone()),
        }
    }
    Ok(value)
}
