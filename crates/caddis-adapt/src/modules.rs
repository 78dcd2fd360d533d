//! Modules are refused by name where stock Caddy lacks them.

use caddis_source::{Code, Diagnostic, suggest};

use crate::Token;

/// An error for a module that stock Caddy does not have, where `known` are those that it has.
pub(crate) fn unknown(name: &Token, code: Code, kind: &str, known: &[&str]) -> Diagnostic {
    let message = format!("there is no {kind} `{}`", name.text());
    let error = name.error(code, message);
    if let Some(near) = suggest(name.text(), known.iter().copied()) {
        return error.help(format!("did you mean `{near}`?"));
    }
    let plugins = "another one needs a plugin of Caddy's, and caddis has no plugins";
    match known {
        [] => error.help(format!(
            "take it away: each {kind} needs a plugin of Caddy's, and caddis has no plugins"
        )),
        [only] => error.help(format!("write `{only}`; {plugins}")),
        _ => error.help(format!("write one of {}; {plugins}", known.join(", "))),
    }
}
