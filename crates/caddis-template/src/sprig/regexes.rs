//! Functions of regular expressions, which take a time that grows with the text alone.

use regex::{NoExpand, Regex, RegexBuilder};

use crate::args::{Args, Function, exactly};
use crate::{Error, Result, Run, Value};

pub(super) fn find(name: &str) -> Option<Function> {
    match name {
        "regexMatch" | "mustRegexMatch" => exactly(2, |args, run| {
            Ok(Value::Bool(regex(args, 1, run)?.is_match(args.text(1)?)))
        }),
        "regexFind" | "mustRegexFind" => exactly(2, |args, run| {
            let regex = regex(args, 1, run)?;
            let found = regex.find(args.text(1)?);
            Ok(found.map_or("", |found| found.as_str()).into())
        }),
        "regexFindAll" | "mustRegexFindAll" => exactly(3, |args, run| {
            let regex = regex(args, 1, run)?;
            let found = regex.find_iter(args.text(1)?).map(|found| found.as_str());
            Ok(Value::texts(found.take(at_most(args.int(2)?))))
        }),
        "regexReplaceAll" | "mustRegexReplaceAll" => exactly(3, replaced),
        "regexReplaceAllLiteral" | "mustRegexReplaceAllLiteral" => exactly(3, |args, run| {
            let regex = regex(args, 1, run)?;
            let (text, new) = (args.text(1)?, args.text(2)?);
            let count = regex.find_iter(text).count();
            run.room(text.len() + count.saturating_mul(new.len()))?;
            Ok(regex.replace_all(text, NoExpand(new)).into_owned().into())
        }),
        "regexSplit" | "mustRegexSplit" => exactly(3, |args, run| {
            let regex = regex(args, 1, run)?;
            let text = args.text(1)?;
            let most = at_most(args.int(2)?);
            Ok(Value::texts(split(&regex, text, most)))
        }),
        "regexQuoteMeta" => exactly(1, |args, _| Ok(quoted(args.text(0)?).into())),
        _ => None,
    }
}

/// The largest that a compiled expression may be.
const MAX_SIZE: usize = 1 << 20;

/// What compiling an expression costs, beside its text.
const COMPILING: usize = 200;

fn regex(args: &Args<'_>, text: usize, run: &mut Run<'_>) -> Result<Regex> {
    let (pattern, text) = (args.text(0)?, args.text(text)?);
    run.steps(COMPILING + pattern.len() + text.len() / 16)?;
    let built = RegexBuilder::new(pattern).size_limit(MAX_SIZE).build();
    built.map_err(|error| Error::new(error.to_string()))
}

fn at_most(count: i64) -> usize {
    usize::try_from(count).unwrap_or(usize::MAX)
}

fn replaced(args: &Args<'_>, run: &mut Run<'_>) -> Result<Value> {
    let regex = regex(args, 1, run)?;
    let (text, new) = (args.text(1)?, args.text(2)?);
    let mut out = String::new();
    let mut end = 0;
    for captures in regex.captures_iter(text) {
        let Some(whole) = captures.get(0) else {
            continue;
        };
        run.step()?;
        out.push_str(&text[end..whole.start()]);
        captures.expand(new, &mut out);
        run.room(out.len())?;
        end = whole.end();
    }
    out.push_str(&text[end..]);
    Ok(out.into())
}

/// The parts between matches, as Go has them: no empty part before a match of nothing at the start.
fn split<'t>(regex: &Regex, text: &'t str, most: usize) -> Vec<&'t str> {
    if most == 0 {
        return Vec::new();
    }
    let mut parts = Vec::new();
    let (mut start, mut end) = (0, 0);
    for found in regex.find_iter(text) {
        if parts.len() + 1 >= most {
            break;
        }
        end = found.start();
        if found.end() != 0 {
            parts.push(&text[start..end]);
        }
        start = found.end();
    }
    if end != text.len() || text.is_empty() {
        parts.push(&text[start..]);
    }
    parts
}

/// A text as an expression that finds it.
fn quoted(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for letter in text.chars() {
        if r"\.+*?()|[]{}^$".contains(letter) {
            out.push('\\');
        }
        out.push(letter);
    }
    out
}
