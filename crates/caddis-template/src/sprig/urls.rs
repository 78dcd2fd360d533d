//! Functions that take URLs apart and put them together.

use std::collections::BTreeMap;
use std::sync::Arc;

use percent_encoding::percent_decode_str;

use crate::args::{Args, Function, exactly};
use crate::{Error, Result, Run, Value};

pub(super) fn find(name: &str) -> Option<Function> {
    match name {
        "urlParse" => exactly(1, parse),
        "urlJoin" => exactly(1, join),
        _ => None,
    }
}

fn parse(args: &Args<'_>, _: &mut Run<'_>) -> Result<Value> {
    let text = args.text(0)?;
    if text.contains(|letter: char| letter.is_ascii_control()) {
        return Err(Error::new(
            "unable to parse url: invalid control character in URL",
        ));
    }
    let (rest, fragment) = text.split_once('#').unwrap_or((text, ""));
    let (scheme, rest) = match rest.split_once(':') {
        Some((scheme, rest)) if is_scheme(scheme) => (scheme.to_lowercase(), rest),
        _ => (String::new(), rest),
    };
    let (rest, query) = rest.split_once('?').unwrap_or((rest, ""));
    let (authority, path) = match rest.strip_prefix("//") {
        Some(rest) => rest.split_at(rest.find('/').unwrap_or(rest.len())),
        None => ("", rest),
    };
    let (userinfo, host) = authority.rsplit_once('@').unwrap_or(("", authority));
    let is_opaque = !scheme.is_empty() && authority.is_empty() && !path.starts_with('/');
    let (opaque, path) = if is_opaque { (path, "") } else { ("", path) };
    let hostname = match host.strip_prefix('[') {
        Some(inner) => inner.split(']').next().unwrap_or(inner),
        None => host.split(':').next().unwrap_or(host),
    };
    let decoded = |text: &str| percent_decode_str(text).decode_utf8_lossy().into_owned();
    let parts = [
        ("scheme", scheme),
        ("host", host.to_owned()),
        ("hostname", hostname.to_owned()),
        ("path", decoded(path)),
        ("query", query.to_owned()),
        ("opaque", opaque.to_owned()),
        ("fragment", decoded(fragment)),
        ("userinfo", userinfo.to_owned()),
    ];
    let parts = parts.map(|(name, part)| (Arc::from(name), Value::from(part)));
    Ok(Value::dict(BTreeMap::from(parts)))
}

fn is_scheme(text: &str) -> bool {
    let mut letters = text.bytes();
    letters
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic())
        && letters.all(|letter| letter.is_ascii_alphanumeric() || b"+-.".contains(&letter))
}

fn join(args: &Args<'_>, _: &mut Run<'_>) -> Result<Value> {
    let dict = args.dict(0)?;
    let part = |name: &str| match dict.get(name) {
        None => Ok(String::new()),
        Some(Value::Text(text)) => Ok(text.to_string()),
        Some(other) => Err(Error::new(format!(
            "unable to parse {name} key, must be of type string, but {} found",
            other.type_name()
        ))),
    };
    let mut out = String::new();
    let (scheme, opaque, host) = (part("scheme")?, part("opaque")?, part("host")?);
    if !scheme.is_empty() {
        out = format!("{scheme}:");
    }
    if opaque.is_empty() {
        let (userinfo, path) = (part("userinfo")?, part("path")?);
        if !scheme.is_empty() || !host.is_empty() || !userinfo.is_empty() {
            let at = if userinfo.is_empty() { "" } else { "@" };
            if !host.is_empty() || !path.is_empty() || !userinfo.is_empty() {
                out.push_str("//");
            }
            out = format!("{out}{userinfo}{at}{host}");
        }
        let slash = !path.is_empty() && !path.starts_with('/') && !host.is_empty();
        out.push_str(if slash { "/" } else { "" });
        out.push_str(&crate::escape::whole_path(&path));
    } else {
        out.push_str(&opaque);
    }
    for (mark, name) in [('?', "query"), ('#', "fragment")] {
        let text = part(name)?;
        if !text.is_empty() {
            out.push(mark);
            out.push_str(&text);
        }
    }
    Ok(out.into())
}
