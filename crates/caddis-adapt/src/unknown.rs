//! Errors for names that are not there: not yet, or not at all.

use caddis_source::{Code, Diagnostic, suggest};

use crate::plugins::{self, Known};
use crate::{Token, surface};

pub(crate) const DIRECTIVE: Code = Code("directive/unknown");
pub(crate) const DIRECTIVE_NOT_YET: Code = Code("directive/not-yet");
pub(crate) const OPTION: Code = Code("option/unknown");
pub(crate) const DIRECTIVE_OF_PLUGIN: Code = Code("directive/of-plugin");
pub(crate) const OPTION_OF_PLUGIN: Code = Code("option/of-plugin");
pub(crate) const OPTION_NOT_YET: Code = Code("option/not-yet");

/// A directive that caddis does not have.
pub(crate) fn directive(name: &Token) -> Diagnostic {
    let text = name.text();
    if surface::directives().any(|known| known == text) {
        let message = format!("`{text}` is a directive of Caddy that caddis does not have yet");
        return name
            .error(DIRECTIVE_NOT_YET, message)
            .label("not there yet");
    }
    if let Some(known) = plugins::directive(text) {
        return elsewhere(name, "directive", [DIRECTIVE, DIRECTIVE_OF_PLUGIN], known);
    }
    let error = name
        .error(DIRECTIVE, format!("there is no directive `{text}`"))
        .label("not a directive")
        .caddys(format!("unrecognized directive: {text}"))
        .caddys_before(name.span());
    if text == "import" {
        return name
            .error(DIRECTIVE, "Caddy expands no `import` in a named route")
            .label("cannot stand here")
            .caddys("unrecognized directive: import")
            .caddys_before(name.span())
            .help("write the directives themselves, or a snippet that holds the whole route, and import that");
    }
    if let Some(near) = suggest(text, surface::directives()) {
        return error.help(format!("did you mean `{near}`?"));
    }
    if text == "}" || text == "{" {
        return error
            .help("check that every `{` ends its line and every `}` has a line of its own");
    }
    if looks_like_an_address(text) {
        return error.help("to define a second site, put braces around each of the sites");
    }
    error.help("those of Caddy are at https://caddyserver.com/docs/caddyfile/directives; caddis has no plugins")
}

fn looks_like_an_address(text: &str) -> bool {
    text.contains("://") || text.contains('.') || text.starts_with(':')
}

/// A name of Caddy 1, or of a plugin's.
fn elsewhere(name: &Token, kind: &str, [old, of_plugin]: [Code; 2], known: Known) -> Diagnostic {
    let text = name.text();
    match known {
        Known::Plugin(address) => name
            .error(
                of_plugin,
                format!("`{text}` is a {kind} of a plugin, and not of Caddy itself"),
            )
            .label("not of Caddy itself")
            .help(format!(
                "it needs a Caddy that was built with {address}; caddis has no plugins"
            )),
        Known::Old(today) => name
            .error(old, format!("`{text}` is a {kind} of Caddy 1"))
            .label("not known any more")
            .help(format!("today this is `{today}`")),
    }
}

/// A global option that caddis does not have.
pub(crate) fn option(name: &Token) -> Diagnostic {
    let text = name.text();
    if surface::OPTIONS.contains(&text) {
        let message = format!("`{text}` is a global option of Caddy that caddis does not have yet");
        return name.error(OPTION_NOT_YET, message).label("not there yet");
    }
    if let Some(known) = plugins::option(text) {
        return elsewhere(name, "global option", [OPTION, OPTION_OF_PLUGIN], known);
    }
    let error = name
        .error(OPTION, format!("there is no global option `{text}`"))
        .label("not a global option")
        .caddys(format!("unrecognized global option: {text}"))
        .caddys_before(name.span());
    if let Some(near) = suggest(text, surface::OPTIONS.iter().copied()) {
        return error.help(format!("did you mean `{near}`?"));
    }
    if surface::directives().any(|known| known == text) {
        return error.help("it is a directive: put it into the block of a site");
    }
    if text.contains(['.', ':', '/']) {
        return error.help("a site's address stands before the `{` of its block");
    }
    error.help("those of Caddy are at https://caddyserver.com/docs/caddyfile/options; caddis has no plugins")
}
