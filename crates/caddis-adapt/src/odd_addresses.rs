//! Warnings about addresses that do not mean what they seem to.

use caddis_source::{Code, Diagnostic};

use crate::listeners::Pairing;
use crate::scope::State;
use crate::servers::keys;
use crate::sites::{Key, Site};

const PATH: Code = Code("site/path");
const CREDENTIALS: Code = Code("site/credentials");
const UNSPECIFIED: Code = Code("site/unspecified-ip");

/// Warns of the odd ones among the addresses of a server.
pub(crate) fn report(pairing: &Pairing, sites: &[Site], state: &mut State) {
    for share in &pairing.shares {
        for key in keys(share, &sites[share.site]) {
            for warning in [path(key), credentials(key), unspecified(key)] {
                push_once(warning, state);
            }
        }
    }
}

fn path(key: &Key) -> Option<Diagnostic> {
    let path = key.address.path.as_str();
    let message = format!("`{}` has a path, which is deprecated", key.text);
    let warning = Diagnostic::warning(PATH, key.span, message)
        .help(format!("write `handle {path} {{ … }}` in the site"));
    (!path.is_empty()).then_some(warning)
}

/// Caddy takes `user:password@host:80` for the name of a host, which no client can send. The text is not repeated:
/// it may hold a password.
fn credentials(key: &Key) -> Option<Diagnostic> {
    let message = "no request is for a host with `@` in its name";
    let warning = Diagnostic::warning(CREDENTIALS, key.span, message)
        .label("read as the name of a host as a whole")
        .help("write the host alone, and `basic_auth` in the site to ask for a password");
    // Over HTTPS it is refused already: no certificate can have such a name.
    let is_odd = key.address.host.contains('@') && key.address.scheme == "http";
    is_odd.then_some(warning)
}

fn unspecified(key: &Key) -> Option<Diagnostic> {
    let host = key.address.host.as_str();
    let message = format!("`{host}` only takes requests whose Host header says so");
    let warning = Diagnostic::warning(UNSPECIFIED, key.span, message)
        .help("to listen on every interface, leave the host out; to choose one, use `bind`");
    matches!(host, "0.0.0.0" | "::").then_some(warning)
}

/// A site on several listeners is looked at several times.
fn push_once(finding: Option<Diagnostic>, state: &mut State) {
    let Some(finding) = finding else { return };
    let said =
        |other: &Diagnostic| other.code() == finding.code() && other.span() == finding.span();
    if !state.diagnostics.iter().any(said) {
        state.diagnostics.push(finding);
    }
}
