//! Texts of a log with what nobody should read taken out: hashes, patterns, cookies, parameters of a query.

use std::fmt::Write as _;

use caddis_ir::RegexpOperation;
use percent_encoding::percent_decode_str;
use regex::Regex;
use sha2::{Digest, Sha256};

use crate::matchers::regexp::from_go;
use crate::uri;

/// How many bytes of a hash are written.
const HASH_BYTES: usize = 4;

/// The start of a text's SHA-256.
pub(super) fn hash(text: &str) -> String {
    let digest = Sha256::digest(text.as_bytes());
    let mut hash = String::new();
    for byte in digest.iter().take(HASH_BYTES) {
        let _ = write!(hash, "{byte:02x}");
    }
    hash
}

/// A pattern, and what is written for what it matches.
#[derive(Clone, Debug)]
pub(super) struct Replacement {
    pattern: Regex,
    value: String,
}

impl Replacement {
    pub(super) fn read(operation: &RegexpOperation) -> Result<Self, String> {
        let pattern = Regex::new(&from_go(&operation.regexp))
            .map_err(|error| format!("`{}` is no pattern: {error}", operation.regexp))?;
        Ok(Self {
            pattern,
            value: operation.value.clone(),
        })
    }

    pub(super) fn apply(&self, text: &str) -> String {
        let value = self.value.as_str();
        self.pattern.replace_all(text, value).into_owned()
    }
}

/// What becomes of a cookie or a parameter.
#[derive(Clone, Debug)]
pub(super) struct Action {
    name: String,
    what: What,
}

#[derive(Clone, Debug)]
enum What {
    Delete,
    Hash,
    Replace(String),
}

impl Action {
    pub(super) fn read(kind: &str, name: &str, value: &str) -> Result<Self, String> {
        let what = match kind {
            "delete" => What::Delete,
            "hash" => What::Hash,
            "replace" => What::Replace(value.to_owned()),
            other => {
                return Err(format!(
                    "`{other}` is nothing that can be done: write `replace`, `hash` or `delete`"
                ));
            }
        };
        let name = name.to_owned();
        Ok(Self { name, what })
    }
}

/// What is left of a value; `None` if nothing is.
fn acted(name: &str, value: &str, actions: &[Action]) -> Option<String> {
    let mut value = value.to_owned();
    for action in actions.iter().filter(|action| action.name == name) {
        match &action.what {
            What::Delete => return None,
            What::Hash => value = hash(&value),
            What::Replace(with) => value.clone_from(with),
        }
    }
    Some(value)
}

/// The cookies of a header as one text.
pub(super) fn cookies(fields: &[&str], actions: &[Action]) -> String {
    let pairs = fields.iter().flat_map(|field| field.split(';'));
    let pairs = pairs.map(str::trim).filter(|pair| !pair.is_empty());
    let kept = pairs.filter_map(|pair| {
        let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
        Some(format!("{name}={}", acted(name, value, actions)?))
    });
    kept.collect::<Vec<_>>().join("; ")
}

/// A target with the parameters of its query in the order of their names.
pub(super) fn parameters(target: &str, actions: &[Action]) -> String {
    let Some((path, query)) = target.split_once('?') else {
        return target.to_owned();
    };
    let text = |part: &str| {
        let spaced = part.replace('+', " ");
        percent_decode_str(&spaced).decode_utf8_lossy().into_owned()
    };
    let pairs = query.split('&').filter(|pair| !pair.is_empty());
    let mut kept: Vec<_> = pairs
        .filter_map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            let (name, value) = (text(name), text(value));
            let value = acted(&name, &value, actions)?;
            Some((name, value))
        })
        .collect();
    kept.sort_by(|(a, _), (b, _)| a.cmp(b));
    let mut out = Vec::new();
    for (at, (name, value)) in kept.iter().enumerate() {
        out.extend_from_slice(if at == 0 { b"?" } else { b"&" });
        uri::query_escape(name.as_bytes(), &mut out);
        out.push(b'=');
        uri::query_escape(value.as_bytes(), &mut out);
    }
    format!("{path}{}", String::from_utf8_lossy(&out))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn actions() -> Vec<Action> {
        let read = |kind: &str, name: &str, value: &str| Action::read(kind, name, value).unwrap();
        vec![
            read("replace", "a", "new value"),
            read("delete", "b", ""),
            read("hash", "c", ""),
        ]
    }

    #[test]
    fn cookies_are_replaced_deleted_and_hashed() {
        assert_eq!(
            cookies(&["a=1; b=2; c=abc", "d=4"], &actions()),
            "a=new value; c=ba7816bf; d=4"
        );
    }

    #[test]
    fn parameters_are_replaced_deleted_and_hashed() {
        assert_eq!(
            parameters("/x?d=%41+b&c=abc&b=1&a=1&a", &actions()),
            "/x?a=new+value&a=new+value&c=ba7816bf&d=A+b"
        );
        assert_eq!(parameters("/x?b=1", &actions()), "/x");
    }
}
