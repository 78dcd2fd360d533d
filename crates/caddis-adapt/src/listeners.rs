//! Which sites are served at which address to listen on.

use std::collections::{BTreeMap, HashMap};

use caddis_source::{Code, Diagnostic};

use crate::network::Listener;
use crate::scope::State;
use crate::sites::{Key, Site};
use crate::{Options, Result};

const SCHEME: Code = Code("site/scheme");
const SCHEME_AND_PORT: Code = Code("site/scheme-and-port");
const LISTENER: Code = Code("bind/not-an-address");

/// Addresses to listen on, and the sites that are served at all of them: a server.
#[derive(Debug)]
pub(crate) struct Pairing {
    pub(crate) listeners: Vec<Listener>,
    pub(crate) shares: Vec<Share>,
}

/// The part of a site that a server has.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Share {
    pub(crate) site: usize,
    /// Which of the site's addresses.
    pub(crate) keys: Vec<usize>,
}

/// Pairs sites with addresses; addresses with the same sites become one server.
pub(crate) fn pair(sites: &[Site], options: &Options, state: &mut State) -> Vec<Pairing> {
    let mut by_address: BTreeMap<String, (Listener, Vec<Share>)> = BTreeMap::new();
    for (at, site) in sites.iter().enumerate() {
        for (text, (listener, keys)) in of_site(site, options, state) {
            let (_, shares) = by_address
                .entry(text)
                .or_insert_with(|| (listener, Vec::new()));
            shares.push(Share { site: at, keys });
        }
    }
    let mut servers: HashMap<Vec<Share>, usize> = HashMap::new();
    let mut pairings: Vec<Pairing> = Vec::new();
    for (listener, shares) in by_address.into_values() {
        if let Some(pairing) = servers.get(&shares).and_then(|at| pairings.get_mut(*at)) {
            pairing.listeners.push(listener);
            continue;
        }
        servers.insert(shares.clone(), pairings.len());
        pairings.push(Pairing {
            listeners: vec![listener],
            shares,
        });
    }
    pairings
}

/// The addresses of a site, each with the keys that are served there.
fn of_site(
    site: &Site,
    options: &Options,
    state: &mut State,
) -> BTreeMap<String, (Listener, Vec<usize>)> {
    let mut own: BTreeMap<String, (Listener, Vec<usize>)> = BTreeMap::new();
    for (at, key) in site.keys.iter().enumerate() {
        let listeners = match of_key(key, site, options) {
            Ok(listeners) => listeners,
            Err(error) => {
                state.diagnostics.push(error);
                continue;
            }
        };
        for listener in listeners {
            let entry = own.entry(listener.text.clone());
            let (_, keys) = entry.or_insert_with(|| (listener, Vec::new()));
            if keys.last() != Some(&at) {
                keys.push(at);
            }
        }
    }
    own
}

fn of_key(key: &Key, site: &Site, options: &Options) -> Result<Vec<Listener>> {
    let port = port(key, options)?;
    let binds = if site.binds.is_empty() {
        &options.default_bind
    } else {
        &site.binds
    };
    if binds.is_empty() {
        return Ok(vec![listener("", &port, key)?]);
    }
    let addresses = binds.iter().flat_map(|bind| &bind.addresses);
    addresses
        .map(|address| listener(address, &port, key))
        .collect()
}

fn listener(bind: &str, port: &str, key: &Key) -> Result<Listener> {
    Listener::new(bind, port).map_err(|message| Diagnostic::error(LISTENER, key.span, message))
}

/// The port of a site address: the one that is written, or the scheme's.
fn port(key: &Key, options: &Options) -> Result<String> {
    let address = &key.address;
    check_scheme(key)?;
    let (http, https) = (options.http().to_string(), options.https().to_string());
    let port = match (address.port.as_str(), address.scheme.as_str()) {
        ("", "http") => http.clone(),
        ("", _) => https.clone(),
        (port, _) => port.into(),
    };
    let other = match address.scheme.as_str() {
        "http" if port == https => "HTTPS",
        "https" if port == http => "HTTP",
        _ => return Ok(port),
    };
    let message = format!(
        "`{}` says {}, but {port} is the {other} port",
        key.text, address.scheme
    );
    Err(Diagnostic::error(SCHEME_AND_PORT, key.span, message)
        .label("scheme and port contradict each other")
        .help("take the scheme or the port away"))
}

fn check_scheme(key: &Key) -> Result<()> {
    let scheme = key.address.scheme.as_str();
    let instead = match scheme {
        "" | "http" | "https" => return Ok(()),
        "wss" => "https",
        "ws" => "http",
        _ => {
            let message = format!("`{scheme}://` is not a scheme that a site can have");
            return Err(Diagnostic::error(SCHEME, key.span, message)
                .caddys(format!("unsupported URL scheme {scheme}://"))
                .help("write `http://` or `https://`, or nothing"));
        }
    };
    let message = format!("`{scheme}://` is a scheme for browsers, not for a site address");
    Err(Diagnostic::error(SCHEME, key.span, message)
        .help(format!("write `{instead}://`: WebSockets work through it")))
}
