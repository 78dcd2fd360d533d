//! Values for the variables that a Caddyfile names.

use std::collections::BTreeMap;

/// Variables of an environment, by name.
pub type Variables = BTreeMap<String, String>;

/// Parts of names, and a value that they suggest.
const SUGGESTED: &[(&[&str], &str)] = &[
    (&["PORT"], "8080"),
    (&["MAIL"], "admin@example.com"),
    (
        &["HASH", "PASS"],
        "$2a$14$abcdefghijklmnopqrstuuABCDEFGHIJKLMNOPQRSTUVWXYZabcde",
    ),
    (&["DOMAIN", "HOST", "SITE", "ADDRESS"], "example.com"),
];

/// No variable is set.
pub fn empty(_text: &str) -> Variables {
    Variables::new()
}

/// Each variable of the text has a value that its name suggests.
pub fn plausible(text: &str) -> Variables {
    let names = text.split("{$").skip(1).map(|piece| {
        let name = piece.split(['}', ':']).next().unwrap_or_default();
        name.to_owned()
    });
    // No process can have a variable with such a name.
    let names = names.filter(|name| !name.is_empty() && !name.contains(['=', '\0']));
    names.map(|name| (name.clone(), value(&name))).collect()
}

fn value(name: &str) -> String {
    let name = name.to_uppercase();
    let suggested = SUGGESTED
        .iter()
        .find(|(parts, _)| parts.iter().any(|part| name.contains(part)));
    suggested.map_or("value", |(_, value)| value).to_owned()
}
