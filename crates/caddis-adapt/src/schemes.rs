//! A listener speaks HTTP or HTTPS, never both.

use caddis_source::{Code, Diagnostic, Span};

use crate::Options;
use crate::listeners::Pairing;
use crate::network::Listener;
use crate::scope::State;
use crate::servers::keys;
use crate::sites::{Key, Site};

const BOTH: Code = Code("site/http-and-https");
const TLS_ON_HTTP: Code = Code("tls/on-http");

/// True if some listener is not at the HTTP port.
pub(crate) fn is_beside(listeners: &[Listener], http_port: u16) -> bool {
    listeners
        .iter()
        .any(|listener| listener.is_not_at(http_port))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Scheme {
    Http,
    Https,
}

impl Scheme {
    fn name(self) -> &'static str {
        match self {
            Self::Http => "HTTP",
            Self::Https => "HTTPS",
        }
    }
}

/// Refuses a server whose addresses contradict each other.
pub(crate) fn check(
    pairing: &Pairing,
    sites: &[Site],
    has_policies: bool,
    options: &Options,
    state: &mut State,
) {
    let mut spoken: Option<(Scheme, Span)> = None;
    for share in &pairing.shares {
        let site = &sites[share.site];
        for key in keys(share, site) {
            let Some(scheme) = scheme(key, has_policies, options) else {
                continue;
            };
            let error = match spoken {
                Some((other, span)) if other != scheme => both(key, scheme, span, pairing),
                _ if scheme == Scheme::Http && has_policies => tls_on_http(key, pairing, sites),
                _ => {
                    spoken.get_or_insert((scheme, key.span));
                    continue;
                }
            };
            state.diagnostics.push(error);
            return;
        }
    }
}

fn scheme(key: &Key, has_policies: bool, options: &Options) -> Option<Scheme> {
    let address = &key.address;
    let port = |port: u16| address.port == port.to_string();
    if address.scheme == "http" || port(options.http()) {
        Some(Scheme::Http)
    } else if address.scheme == "https" || port(options.https()) || has_policies {
        Some(Scheme::Https)
    } else {
        address.host.is_empty().then_some(Scheme::Http)
    }
}

fn both(key: &Key, scheme: Scheme, other: Span, pairing: &Pairing) -> Diagnostic {
    let listen = listen(pairing);
    let message = format!("{listen} would have to speak both HTTP and HTTPS");
    let error = Diagnostic::error(BOTH, key.span, message)
        .label(format!("this is {}", scheme.name()))
        .also(other, "this is the other one");
    if scheme == Scheme::Http && key.address.scheme.is_empty() && key.address.host.is_empty() {
        error.help("write `https://` before the address")
    } else {
        error.help("give one of them another port")
    }
}

fn tls_on_http(key: &Key, pairing: &Pairing, sites: &[Site]) -> Diagnostic {
    let message = format!(
        "{} is HTTP, but a site there has TLS settings",
        listen(pairing)
    );
    let settings = pairing.shares.iter().find_map(|share| {
        let (_, span) = sites[share.site].connection_policies.first()?;
        Some(*span)
    });
    let error = Diagnostic::error(TLS_ON_HTTP, key.span, message).label("this is HTTP");
    match settings {
        Some(span) => error.also(span, "these are for HTTPS"),
        None => error,
    }
    .help("take `tls` away, or give the site an HTTPS address")
}

fn listen(pairing: &Pairing) -> String {
    let listeners: Vec<_> = pairing
        .listeners
        .iter()
        .map(|at| at.text.as_str())
        .collect();
    format!("`{}`", listeners.join(", "))
}
