//! Which sites are served at which address to listen on.

use std::collections::{BTreeMap, HashMap};

use caddis_source::{Code, Diagnostic, Span};

use crate::network::Listener;
use crate::scope::State;
use crate::sites::{Key, Site};
use crate::{Options, Result};

const SCHEME: Code = Code("site/scheme");
const SCHEME_AND_PORT: Code = Code("site/scheme-and-port");
const LISTENER: Code = Code("bind/not-an-address");

/// Addresses to listen on, and the sites that are served at all of them: a server.
#[derive(Debug, Default)]
pub(crate) struct Pairing {
    pub(crate) listeners: Vec<Listener>,
    /// The protocols of each listener; an empty name stands for those of the server.
    pub(crate) protocols: Vec<Vec<String>>,
    pub(crate) shares: Vec<Share>,
}

/// The part of a site that a server has.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Share {
    pub(crate) site: usize,
    /// Which of the site's addresses.
    pub(crate) keys: Vec<usize>,
}

/// An address as text, and one of the protocols spoken there.
type Place = (String, String);

/// Pairs sites with addresses; addresses with the same sites become one server.
pub(crate) fn pair(sites: &[Site], options: &Options, state: &mut State) -> Vec<Pairing> {
    let mut by_place: BTreeMap<Place, (Listener, Vec<Share>)> = BTreeMap::new();
    for (at, site) in sites.iter().enumerate() {
        for (place, (listener, keys)) in of_site(site, options, state) {
            let (_, shares) = by_place
                .entry(place)
                .or_insert_with(|| (listener, Vec::new()));
            shares.push(Share { site: at, keys });
        }
    }
    let mut servers: HashMap<Vec<Share>, (usize, String)> = HashMap::new();
    let mut pairings: Vec<Pairing> = Vec::new();
    for ((address, protocol), (listener, shares)) in by_place {
        if let Some((at, first)) = servers.get(&shares) {
            pairings[*at].add(listener, protocol);
            // Caddy makes a server without sites for every protocol but the first of an address.
            if *first == address {
                pairings.push(Pairing::default());
            }
            continue;
        }
        servers.insert(shares.clone(), (pairings.len(), address));
        let mut pairing = Pairing {
            shares,
            ..Pairing::default()
        };
        pairing.add(listener, protocol);
        pairings.push(pairing);
    }
    pairings
}

impl Pairing {
    /// Adds a protocol of an address; those of one address come one after the other.
    fn add(&mut self, listener: Listener, protocol: String) {
        if self.listeners.last() == Some(&listener)
            && let Some(protocols) = self.protocols.last_mut()
        {
            protocols.push(protocol);
            return;
        }
        self.listeners.push(listener);
        self.protocols.push(vec![protocol]);
    }

    /// The protocols of each listener that has its own, as the JSON has them; nothing if none has.
    pub(crate) fn listen_protocols(&self) -> Vec<Option<Vec<String>>> {
        let is_own = |protocols: &&Vec<String>| protocols.iter().any(|name| !name.is_empty());
        let own = self.protocols.iter().map(|of| Some(of).filter(is_own));
        if own.clone().all(|protocols| protocols.is_none()) {
            return Vec::new();
        }
        own.map(Option::<&Vec<String>>::cloned).collect()
    }
}

/// The addresses of a site with their protocols, each with the keys that are served there.
fn of_site(
    site: &Site,
    options: &Options,
    state: &mut State,
) -> BTreeMap<Place, (Listener, Vec<usize>)> {
    let mut own: BTreeMap<Place, (Listener, Vec<usize>)> = BTreeMap::new();
    for (at, key) in site.keys.iter().enumerate() {
        let listeners = match of_key(key, site, options) {
            Ok(listeners) => listeners,
            Err(error) => {
                state.diagnostics.push(error);
                continue;
            }
        };
        for (listener, protocols) in listeners {
            let default = [String::new()];
            let protocols = Some(protocols).filter(|protocols| !protocols.is_empty());
            for protocol in protocols.unwrap_or(&default) {
                let entry = own.entry((listener.text.clone(), protocol.clone()));
                let (_, keys) = entry.or_insert_with(|| (listener.clone(), Vec::new()));
                if keys.last() != Some(&at) {
                    keys.push(at);
                }
            }
        }
    }
    own
}

/// The addresses of a key, each with the protocols of its `bind`; of two for one address the last counts.
fn of_key<'a>(
    key: &Key,
    site: &'a Site,
    options: &'a Options,
) -> Result<Vec<(Listener, &'a [String])>> {
    let port = port(key, options)?;
    let binds = if site.binds.is_empty() {
        &options.default_bind
    } else {
        &site.binds
    };
    if binds.is_empty() {
        return Ok(vec![(listener("", &port, key.span)?, &[])]);
    }
    let mut listeners: Vec<(Listener, &[String])> = Vec::new();
    for bind in binds {
        for address in &bind.addresses {
            let listener = listener(address, &port, bind.span)?;
            listeners.retain(|(known, _)| *known != listener);
            listeners.push((listener, &bind.protocols));
        }
    }
    Ok(listeners)
}

fn listener(bind: &str, port: &str, span: Span) -> Result<Listener> {
    Listener::new(bind, port).map_err(|message| {
        let error = Diagnostic::error(LISTENER, span, message);
        if bind.contains('|') {
            error.help("write the permissions in octal: `unix//run/site.sock|0220`")
        } else {
            error
        }
    })
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
