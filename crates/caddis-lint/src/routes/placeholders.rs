//! What placeholders are worth in a request that somebody without credentials sends.

use super::matching::{KNOWN_SECRET, Secrets, State};

/// Beginnings of placeholders that Caddy fills, and so do not simply vanish.
const KNOWN: [&str; 9] = [
    "http.", "tls.", "env.", "file.", "system.", "time.", "caddy.", "l4.", "args.",
];

/// The names between braces in a text, in order.
pub(crate) fn names(text: &str) -> Vec<&str> {
    let mut names = Vec::new();
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        rest = rest.get(open + 1..).unwrap_or("");
        let Some(close) = rest.find(['}', '{']) else {
            break;
        };
        if rest.as_bytes().get(close) == Some(&b'}') {
            names.push(rest.get(..close).unwrap_or(""));
            rest = rest.get(close + 1..).unwrap_or("");
        }
    }
    names
}

/// True if a placeholder of this name is filled by nobody, so that nothing stands in its place.
pub(crate) fn unset(name: &str) -> bool {
    let looks_like_one = name
        .chars()
        .all(|c| c.is_ascii_alphanumeric() || "._-[]:/".contains(c));
    looks_like_one && name.contains('.') && !KNOWN.iter().any(|known| name.starts_with(known))
}

/// A text with its placeholders filled; `None` if one of them is not known.
pub(super) fn fill(text: &str, state: &State<'_>) -> Option<String> {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(open) = rest.find('{') {
        out.push_str(rest.get(..open)?);
        let inner = rest.get(open + 1..)?;
        let Some(close) = inner.find('}') else {
            out.push_str(rest.get(open..)?);
            return Some(out);
        };
        out.push_str(&value(inner.get(..close)?, state)?);
        rest = inner.get(close + 1..)?;
    }
    out.push_str(rest);
    Some(out)
}

/// The value of one placeholder.
pub(super) fn value(name: &str, state: &State<'_>) -> Option<String> {
    let request = state.request;
    if let Some(field) = name.strip_prefix("http.request.header.") {
        return Some(
            request
                .header(field)
                .first()
                .copied()
                .unwrap_or("")
                .to_owned(),
        );
    }
    if let Some(key) = name.strip_prefix("http.request.uri.query.") {
        let pair = request.query.iter().find(|(known, _)| known == key);
        return Some(pair.map(|(_, value)| value.clone()).unwrap_or_default());
    }
    if let Some(variable) = name.strip_prefix("env.") {
        return match (state.environment.values.get(variable), state.secrets) {
            (Some(value), Secrets::Set | Secrets::Known) => Some(value.clone()),
            (None, Secrets::Set) if state.environment.is_strict => Some(String::new()),
            (_, Secrets::Unset) => Some(String::new()),
            (None, Secrets::Set) => None,
            (None, Secrets::Known) => Some(KNOWN_SECRET.into()),
        };
    }
    if name.starts_with("file.") {
        return match state.secrets {
            Secrets::Set => None,
            Secrets::Unset => Some(String::new()),
            Secrets::Known => Some(KNOWN_SECRET.into()),
        };
    }
    if name.starts_with("http.auth.")
        || name.starts_with("http.request.cookie.")
        || name.starts_with("http.request.tls.client.")
    {
        return Some(String::new());
    }
    Some(match name {
        "http.request.method" => state.method.clone(),
        "http.request.scheme" => request.scheme.clone(),
        "http.request.host" | "http.request.hostport" => request.host.clone(),
        "http.request.uri.path" | "http.request.uri" => state.path.clone()?,
        "http.request.uri.query" | "http.request.uri.prefixed_query" => String::new(),
        "http.request.orig_uri.path" | "http.request.orig_uri" => request.path.clone(),
        _ if unset(name) => String::new(),
        _ => return None,
    })
}
