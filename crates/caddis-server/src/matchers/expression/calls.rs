//! The calls that are Caddy's own: placeholders, and matchers as functions.

use std::collections::BTreeMap;

use caddis_ir::{FileMatch, IpRanges, MatcherSet, Pattern};
use cel::common::ast::{CallExpr, EntryExpr, Expr, IdedExpr, LiteralValue, operators};

/// The name of the placeholder that a call stands for: `ph(req, "name")`.
pub(super) fn placeholder(call: &CallExpr) -> Option<&str> {
    let ("ph", None, [request, name]) = (&*call.func_name, &call.target, &*call.args) else {
        return None;
    };
    let is_request = matches!(&request.expr, Expr::Ident(name) if name == "req");
    literal(name).filter(|_| is_request)
}

/// The text of a literal.
pub(super) fn literal(expression: &IdedExpr) -> Option<&str> {
    match &expression.expr {
        Expr::Literal(LiteralValue::String(text)) => Some(text.inner()),
        _ => None,
    }
}

/// The matchers that can be called.
const MATCHERS: [&str; 13] = [
    "client_ip",
    "file",
    "header",
    "header_regexp",
    "host",
    "method",
    "path",
    "path_regexp",
    "protocol",
    "query",
    "remote_ip",
    "vars",
    "vars_regexp",
];

/// Whether a matcher is called.
pub(super) fn is_matcher(call: &CallExpr) -> bool {
    call.target.is_none() && MATCHERS.contains(&&*call.func_name)
}

/// The matcher that a call stands for. A regular expression without a name has that of the expression.
pub(super) fn matcher(call: &CallExpr, name: &str) -> Result<MatcherSet, String> {
    let mut set = MatcherSet::default();
    match &*call.func_name {
        "client_ip" => set.client_ip = Some(ranges(call)?),
        "remote_ip" => set.remote_ip = Some(ranges(call)?),
        "host" => set.host = Some(texts(call)?),
        "method" => set.method = Some(texts(call)?),
        "path" => set.path = Some(texts(call)?),
        "protocol" => match &*call.args {
            [one] => set.protocol = Some(text(one, call)?),
            _ => return Err(wrong(call, "takes one text")),
        },
        "header" => {
            let fields = map(call)?.into_iter();
            set.header = Some(fields.map(|(name, values)| (name, Some(values))).collect());
        }
        "query" => set.query = Some(map(call)?),
        "vars" => set.vars = Some(map(call)?),
        "header_regexp" => set.header_regexp = Some(named_pattern(call, name)?),
        "vars_regexp" => set.vars_regexp = Some(named_pattern(call, name)?),
        "path_regexp" => {
            let (own, pattern) = match &*call.args {
                [pattern] => (name.to_owned(), pattern),
                [own, pattern] => (constant(own, call)?, pattern),
                _ => return Err(wrong(call, "takes a pattern, or a name and a pattern")),
            };
            set.path_regexp = Some(Pattern {
                name: own,
                pattern: constant(pattern, call)?,
            });
        }
        _ => set.file = Some(file(call)?),
    }
    Ok(set)
}

fn wrong(call: &CallExpr, what: &str) -> String {
    format!("`{}` {what}", call.func_name)
}

fn ranges(call: &CallExpr) -> Result<IpRanges, String> {
    Ok(IpRanges {
        ranges: texts(call)?,
    })
}

fn texts(call: &CallExpr) -> Result<Vec<String>, String> {
    if call.args.is_empty() {
        return Err(wrong(call, "takes at least one text"));
    }
    call.args.iter().map(|one| text(one, call)).collect()
}

/// A text with placeholders: literals and placeholders, and what is put together from them with `+`.
fn text(expression: &IdedExpr, call: &CallExpr) -> Result<String, String> {
    if let Some(text) = literal(expression) {
        return Ok(text.to_owned());
    }
    if let Expr::Call(inner) = &expression.expr {
        if let Some(name) = placeholder(inner) {
            return Ok(format!("{{{name}}}"));
        }
        if let (operators::ADD, [one, two]) = (&*inner.func_name, &*inner.args) {
            return Ok(text(one, call)? + &text(two, call)?);
        }
    }
    Err(wrong(call, "takes texts and placeholders"))
}

/// A text that is the same for every request.
fn constant(expression: &IdedExpr, call: &CallExpr) -> Result<String, String> {
    let text = literal(expression).map(str::to_owned);
    text.ok_or_else(|| wrong(call, "takes names and patterns as texts"))
}

fn named_pattern(call: &CallExpr, name: &str) -> Result<BTreeMap<String, Pattern>, String> {
    let (own, key, pattern) = match &*call.args {
        [key, pattern] => (name.to_owned(), key, pattern),
        [own, key, pattern] => (constant(own, call)?, key, pattern),
        _ => {
            return Err(wrong(
                call,
                "takes what is looked at and a pattern, and a name before them",
            ));
        }
    };
    let pattern = Pattern {
        name: own,
        pattern: constant(pattern, call)?,
    };
    Ok(BTreeMap::from([(constant(key, call)?, pattern)]))
}

/// `{"name": "value", "other": ["one", "two"]}`
fn map(call: &CallExpr) -> Result<BTreeMap<String, Vec<String>>, String> {
    let [
        IdedExpr {
            expr: Expr::Map(map),
            ..
        },
    ] = &*call.args
    else {
        return Err(wrong(call, "takes a map of texts: `{\"name\": \"value\"}`"));
    };
    let mut read = BTreeMap::new();
    for entry in &map.entries {
        let EntryExpr::MapEntry(entry) = &entry.expr else {
            continue;
        };
        let values = match &entry.value.expr {
            Expr::List(list) => {
                let values = list.elements.iter().map(|value| text(value, call));
                values.collect::<Result<_, _>>()?
            }
            _ => vec![text(&entry.value, call)?],
        };
        read.insert(constant(&entry.key, call)?, values);
    }
    Ok(read)
}

/// `file()`, `file("one", "two")`, `file({"try_files": ["one"], "root": "/srv"})`
fn file(call: &CallExpr) -> Result<FileMatch, String> {
    let mut file = FileMatch::default();
    if let [
        IdedExpr {
            expr: Expr::Map(_), ..
        },
    ] = &*call.args
    {
        for (name, values) in map(call)? {
            let last = || values.last().cloned().unwrap_or_default();
            match &*name {
                "root" => file.root = last(),
                "try_files" => file.try_files = values,
                "try_policy" => file.try_policy = last(),
                "split_path" => file.split_path = values,
                _ => return Err(wrong(call, &format!("has no `{name}`"))),
            }
        }
    } else if !call.args.is_empty() {
        file.try_files = texts(call)?;
    }
    Ok(file)
}
