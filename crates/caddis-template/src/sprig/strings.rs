//! Functions of texts: cutting, searching, joining.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::cast;
use crate::args::{at_least, exactly};
use crate::printf::quoted;
use crate::value::Of;
use crate::{Args, Error, Function, Result, Run, Value};

pub(super) fn find(name: &str) -> Option<Function> {
    match name {
        "hello" => exactly(0, |_, _| Ok("Hello!".into())),
        "trim" => exactly(1, |args, _| Ok(args.text(0)?.trim().into())),
        "upper" => exactly(1, |args, _| Ok(args.text(0)?.to_uppercase().into())),
        "lower" => exactly(1, |args, _| Ok(args.text(0)?.to_lowercase().into())),
        "trimAll" | "trimall" => exactly(2, |args, _| {
            let set = args.text(0)?;
            let text = args.text(1)?;
            Ok(text.trim_matches(|letter| set.contains(letter)).into())
        }),
        "trimSuffix" => exactly(2, |args, _| {
            let text = args.text(1)?;
            Ok(text.strip_suffix(&**args.text(0)?).unwrap_or(text).into())
        }),
        "trimPrefix" => exactly(2, |args, _| {
            let text = args.text(1)?;
            Ok(text.strip_prefix(&**args.text(0)?).unwrap_or(text).into())
        }),
        "contains" => exactly(2, |args, _| {
            Ok(Value::Bool(args.text(1)?.contains(&**args.text(0)?)))
        }),
        "hasPrefix" => exactly(2, |args, _| {
            Ok(Value::Bool(args.text(1)?.starts_with(&**args.text(0)?)))
        }),
        "hasSuffix" => exactly(2, |args, _| {
            Ok(Value::Bool(args.text(1)?.ends_with(&**args.text(0)?)))
        }),
        "trunc" => exactly(2, trunc),
        "substr" => exactly(3, substr),
        "repeat" => exactly(2, repeat),
        "replace" => exactly(3, replace),
        "indent" => exactly(2, |args, run| indented(args, run, "")),
        "nindent" => exactly(2, |args, run| indented(args, run, "\n")),
        "plural" => exactly(3, |args, _| {
            let (one, many) = (args.text(0)?, args.text(1)?);
            let is_one = args.int(2)? == 1;
            Ok(Value::Text(if is_one { one } else { many }.clone()))
        }),
        "quote" => at_least(0, |args, run| {
            joined(args, run, |value| quoted(&cast::text(value)))
        }),
        "squote" => at_least(0, |args, run| {
            joined(args, run, |value| format!("'{}'", cast::text(value)))
        }),
        "cat" => at_least(0, |args, run| joined(args, run, cast::text)),
        "toString" => exactly(1, |args, _| Ok(cast::text(args.any(0)).into())),
        "toStrings" => exactly(1, |args, _| Ok(Value::texts(cast::texts(args.any(0))))),
        "split" => exactly(2, |args, run| {
            let parts = parts(args.text(0)?, args.text(1)?, usize::MAX, run)?;
            Ok(numbered(&parts))
        }),
        "splitn" => exactly(3, |args, run| {
            let parts = parts(args.text(0)?, args.text(2)?, args.size(1)?, run)?;
            Ok(numbered(&parts))
        }),
        "splitList" => exactly(2, |args, run| {
            Ok(Value::texts(parts(
                args.text(0)?,
                args.text(1)?,
                usize::MAX,
                run,
            )?))
        }),
        "join" => exactly(2, |args, run| {
            let texts = cast::texts(args.any(1));
            let between = args.text(0)?;
            let length: usize = texts.iter().map(|text| text.len() + between.len()).sum();
            run.room(length)?;
            Ok(texts.join(between).into())
        }),
        "sortAlpha" => exactly(1, |args, _| {
            let mut texts = cast::texts(args.any(0));
            texts.sort_unstable();
            Ok(Value::texts(texts))
        }),
        _ => None,
    }
}

/// A part of a text; a letter that is cut through is replaced.
pub(super) fn cut(text: &str, from: usize, to: usize) -> Result<String> {
    let part = text.as_bytes().get(from..to);
    let part = part.ok_or_else(|| Error::new("slice bounds out of range"))?;
    Ok(String::from_utf8_lossy(part).into_owned())
}

fn trunc(args: &Args<'_>, _: &mut Run<'_>) -> Result<Value> {
    let (count, text) = (args.int(0)?, args.text(1)?);
    let length = usize::try_from(count.unsigned_abs()).unwrap_or(usize::MAX);
    if length >= text.len() {
        return Ok(Value::Text(text.clone()));
    }
    let kept = if count < 0 {
        cut(text, text.len() - length, text.len())
    } else {
        cut(text, 0, length)
    };
    kept.map(Value::from)
}

fn substr(args: &Args<'_>, _: &mut Run<'_>) -> Result<Value> {
    let text = args.text(2)?;
    let from = usize::try_from(args.int(0)?).ok();
    let to = usize::try_from(args.int(1)?).ok();
    let part = match (from, to) {
        (None, to) => cut(text, 0, to.unwrap_or(usize::MAX)),
        (Some(from), Some(to)) if to <= text.len() => cut(text, from, to),
        (Some(from), _) => cut(text, from, text.len()),
    };
    part.map(Value::from)
}

fn repeat(args: &Args<'_>, run: &mut Run<'_>) -> Result<Value> {
    let count = usize::try_from(args.int(0)?);
    let count = count.map_err(|_| Error::new("strings: negative Repeat count"))?;
    let text = args.text(1)?;
    run.room(text.len().saturating_mul(count))?;
    Ok(text.repeat(count).into())
}

fn replace(args: &Args<'_>, run: &mut Run<'_>) -> Result<Value> {
    let (old, new, text) = (args.text(0)?, args.text(1)?, args.text(2)?);
    let count = text.matches(&**old).count();
    run.room(text.len() + new.len().saturating_mul(count))?;
    Ok(text.replace(&**old, new).into())
}

fn indented(args: &Args<'_>, run: &mut Run<'_>, before: &str) -> Result<Value> {
    let count = usize::try_from(args.int(0)?);
    let count = count.map_err(|_| Error::new("strings: negative Repeat count"))?;
    let text = args.text(1)?;
    let lines = text.matches('\n').count() + 1;
    run.room(text.len() + lines.saturating_mul(count))?;
    let pad = " ".repeat(count);
    let text = text.replace('\n', &format!("\n{pad}"));
    Ok(format!("{before}{pad}{text}").into())
}

fn joined(args: &Args<'_>, run: &mut Run<'_>, one: fn(&Value) -> String) -> Result<Value> {
    let mut out = String::new();
    let values = args.all().iter();
    for value in values.filter(|value| !matches!(value, Value::Nil)) {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(&one(value));
        run.room(out.len())?;
    }
    Ok(out.into())
}

/// The parts between separators: at most so many. Without a separator, the letters.
fn parts(separator: &str, text: &str, most: usize, run: &mut Run<'_>) -> Result<Vec<String>> {
    let count = match separator {
        "" => text.len(),
        separator => text.matches(separator).count(),
    };
    run.steps(count / 16)?;
    if separator.is_empty() {
        return Ok(text.chars().map(String::from).collect());
    }
    Ok(text.splitn(most, separator).map(str::to_owned).collect())
}

fn numbered(parts: &[String]) -> Value {
    let parts = parts.iter().enumerate();
    let parts: BTreeMap<Arc<str>, Value> = parts
        .map(|(index, part)| (format!("_{index}").into(), part.as_str().into()))
        .collect();
    Value::dict_of(Of::Text, parts)
}
