//! Which header fields and query parameters say who somebody is, and which conditions ask for that.

use caddis_ir::MatcherSet;

/// Fields that are credentials by their whole name.
const FIELDS: [&str; 6] = [
    "authorization",
    "proxy-authorization",
    "cookie",
    "x-api-key",
    "api-key",
    "apikey",
];

/// Parts of a name that make it one of a credential.
const PARTS: [&str; 9] = [
    "token",
    "secret",
    "api-key",
    "apikey",
    "api_key",
    "password",
    "passwd",
    "x-auth",
    "access-key",
];

/// Query parameters that are credentials by their whole name.
const KEYS: [&str; 5] = ["key", "auth", "sig", "signature", "pass"];

/// Placeholders that say who somebody is.
const PLACEHOLDERS: [&str; 4] = [
    "http.auth.",
    "tls.client.",
    "tls_client_",
    "http.request.cookie.",
];

/// Fields in which proxies say who the client is.
const FORWARDED: [&str; 8] = [
    "x-forwarded-for",
    "x-real-ip",
    "forwarded",
    "cf-connecting-ip",
    "true-client-ip",
    "x-client-ip",
    "x-cluster-client-ip",
    "x-original-forwarded-for",
];

/// True for a header field in which proxies say who the client is.
pub(crate) fn is_forwarded_field(name: &str) -> bool {
    FORWARDED.contains(&name.to_ascii_lowercase().as_str())
}

/// True for a header field that says who somebody is.
pub(crate) fn is_credential_field(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    FIELDS.contains(&name.as_str()) || PARTS.iter().any(|part| name.contains(part))
}

/// True for a query parameter that says who somebody is.
pub(crate) fn is_credential_key(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    KEYS.contains(&name.as_str()) || PARTS.iter().any(|part| name.contains(part))
}

/// True for a text with a placeholder that says who somebody is.
pub(crate) fn names_credentials(text: &str) -> bool {
    let text = text.to_ascii_lowercase();
    if PLACEHOLDERS.iter().any(|one| text.contains(one)) {
        return true;
    }
    let mut fields = text
        .match_indices("header.")
        .map(|(at, found)| at + found.len());
    let field = fields.any(|at| is_credential_field(word(&text, at)));
    let mut keys = text
        .match_indices("query.")
        .map(|(at, found)| at + found.len());
    field || keys.any(|at| is_credential_key(word(&text, at)))
}

fn word(text: &str, at: usize) -> &str {
    let rest = text.get(at..).unwrap_or("");
    let is_end = |c: char| !(c.is_ascii_alphanumeric() || c == '-' || c == '_');
    rest.split(is_end).next().unwrap_or("")
}

/// True if one of the sets asks who somebody is, or from where they come.
pub(crate) fn sets_ask_for_credentials(sets: &[MatcherSet]) -> bool {
    sets.iter().any(asks_for_credentials)
}

fn asks_for_credentials(set: &MatcherSet) -> bool {
    let header = set
        .header
        .iter()
        .flatten()
        .any(|(name, _)| is_credential_field(name) || is_forwarded_field(name));
    let regexp = set
        .header_regexp
        .iter()
        .flatten()
        .any(|(name, _)| is_credential_field(name));
    let query = set.query.as_ref();
    let query = query.is_some_and(|query| query.keys().any(|key| is_credential_key(key)));
    let vars = set.vars.as_ref();
    let vars = vars.is_some_and(|vars| vars.keys().any(|key| names_credentials(key)));
    let expression = set.expression.as_ref();
    let expression = expression.is_some_and(|expression| names_credentials(&expression.expr));
    let address = set.remote_ip.is_some() || set.client_ip.is_some();
    let not = set
        .not
        .as_ref()
        .is_some_and(|sets| sets_ask_for_credentials(sets));
    header || regexp || query || vars || expression || address || not
}
