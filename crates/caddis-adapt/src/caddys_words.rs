//! What Caddy says around and in place of our own messages.

use caddis_source::Caddys;
use caddis_syntax::Line;

use crate::Token;

/// How Caddy begins what it says of a directive or an option.
const PARSING: &str = "parsing caddyfile tokens for";

/// What Caddy adds to an unknown directive that stands in a block.
pub(crate) const STRUCTURE: &str =
    "are you sure your Caddyfile structure (nesting and braces) is correct?";

/// What Caddy adds to an unknown directive in a site without braces.
const SECOND_SITE: &str = "Did you mean to define a second site? If so, you must use curly braces around each site to separate their configurations.";

/// Adds what Caddy says more where an unknown directive stands in a site without braces.
pub(crate) fn in_site_without_braces(caddys: &mut Caddys) {
    if caddys.before.is_some() && caddys.text.starts_with("unrecognized directive") {
        caddys.text.push('\n');
        caddys.text.push_str(SECOND_SITE);
    }
}

/// Puts the directive of this line around words about it, or about something in its block.
pub(crate) fn of_directive(caddys: &mut Caddys, line: &Line) {
    let name = line.name();
    if caddys.before == Some(name.span()) {
        return;
    }
    let nested = caddys.before.is_some() || caddys.text.starts_with(PARSING);
    if caddys.before.take().is_some() {
        caddys.text = format!("{} - {STRUCTURE}", caddys.text);
    }
    caddys.text = format!("{PARSING} '{}': {}", name.text(), caddys.text);
    // The outer directive has been read up to its end when Caddy gives up.
    let end = line.block.as_ref().filter(|_| nested);
    caddys.at.extend(end.map(|block| block.close));
}

/// Puts a global option around words about it.
pub(crate) fn of_option(caddys: &mut Caddys, line: &Line) {
    if caddys.before.is_none() {
        let name = line.name().text();
        caddys.text = format!("{PARSING} '{name}': {}", caddys.text);
    }
}

/// What Caddy says of an option that a directive does not have, where that is known.
pub(crate) fn unknown_option(directive: &str, option: &Token) -> Option<String> {
    let option = option.text();
    Some(match directive {
        "reverse_proxy" => format!("unrecognized subdirective {option}"),
        "respond" | "error" => format!("unrecognized subdirective '{option}'"),
        "request_body" => format!("unrecognized request_body subdirective '{option}'"),
        "servers" => format!("unrecognized servers option '{option}'"),
        "timeouts" => format!("unrecognized timeouts option '{option}'"),
        "pki" => format!("unrecognized pki option '{option}'"),
        _ => return None,
    })
}
