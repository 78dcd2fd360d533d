//! What `servers` says, and to which servers it applies.

use std::collections::BTreeMap;
use std::collections::HashMap;

use caddis_ir::{Duration, IpSource, Server};
use caddis_source::{Code, Diagnostic, Span};

use crate::origins::{At, Trail};
use crate::scope::State;

const TWICE: Code = Code("servers/twice");

/// What of a server in the JSON `servers` alone can say.
const KEYS: [&str; 11] = [
    "read_timeout",
    "read_header_timeout",
    "write_timeout",
    "idle_timeout",
    "keepalive_interval",
    "max_header_bytes",
    "protocols",
    "strict_sni_host",
    "trusted_proxies",
    "client_ip_headers",
    "trusted_proxies_strict",
];

/// What one `servers` block says.
#[derive(Clone, Debug)]
pub(crate) struct ServerOptions {
    /// The listener address of the servers that it is for; empty for those that no other one is for.
    pub(crate) listener: String,
    pub(crate) span: Span,
    pub(crate) name: Option<(String, Span)>,
    pub(crate) read_timeout: Option<Duration>,
    pub(crate) read_header_timeout: Option<Duration>,
    pub(crate) write_timeout: Option<Duration>,
    pub(crate) idle_timeout: Option<Duration>,
    pub(crate) keepalive_interval: Option<Duration>,
    pub(crate) max_header_bytes: Option<u64>,
    pub(crate) protocols: Vec<String>,
    pub(crate) strict_sni_host: Option<bool>,
    pub(crate) trusted_proxies: Option<IpSource>,
    pub(crate) client_ip_headers: Vec<String>,
    pub(crate) trusted_proxies_strict: bool,
}

impl ServerOptions {
    pub(crate) fn new(listener: &str, span: Span) -> Self {
        Self {
            listener: listener.into(),
            span,
            name: None,
            read_timeout: None,
            read_header_timeout: None,
            write_timeout: None,
            idle_timeout: None,
            keepalive_interval: None,
            max_header_bytes: None,
            protocols: Vec::new(),
            strict_sni_host: None,
            trusted_proxies: None,
            client_ip_headers: Vec::new(),
            trusted_proxies_strict: false,
        }
    }

    fn apply(&self, server: &mut Server) {
        server.read_timeout = self.read_timeout;
        server.read_header_timeout = self.read_header_timeout;
        server.write_timeout = self.write_timeout;
        server.idle_timeout = self.idle_timeout;
        server.keepalive_interval = self.keepalive_interval;
        server.max_header_bytes = self.max_header_bytes;
        server.protocols.clone_from(&self.protocols);
        server.strict_sni_host = self.strict_sni_host;
        server.trusted_proxies.clone_from(&self.trusted_proxies);
        server.client_ip_headers.clone_from(&self.client_ip_headers);
        server.trusted_proxies_strict = u8::from(self.trusted_proxies_strict);
    }
}

/// Puts the longest listener addresses first, and refuses two blocks for one address and names that come twice.
pub(super) fn check(servers: &mut [ServerOptions], state: &mut State) {
    let mut listeners: HashMap<&str, Span> = HashMap::new();
    let mut names: HashMap<&str, Span> = HashMap::new();
    for server in servers.iter() {
        if let Some(first) = listeners.insert(&server.listener, server.span) {
            let of = match server.listener.as_str() {
                "" => "every address".to_owned(),
                listener => format!("`{listener}`"),
            };
            let message = format!("there are two `servers` for {of}");
            state.diagnostics.push(twice(message, server.span, first));
        }
        if let Some((name, span)) = &server.name
            && let Some(first) = names.insert(name, *span)
        {
            let message = format!("two servers are called `{name}`");
            state.diagnostics.push(twice(message, *span, first));
        }
    }
    servers.sort_by_key(|server| std::cmp::Reverse(server.listener.len()));
}

fn twice(message: String, span: Span, first: Span) -> Diagnostic {
    Diagnostic::error(TWICE, span, message)
        .label("again here")
        .also(first, "first here")
        .help("put them into one")
}

/// Applies the options, and gives the servers their names.
pub(crate) fn apply(
    servers: Vec<(String, (Server, Trail))>,
    options: &[ServerOptions],
) -> BTreeMap<String, (Server, Trail)> {
    let named = servers.into_iter().map(|(name, (mut target, mut trail))| {
        let options = options.iter().find(|options| {
            options.listener.is_empty() || target.listen.contains(&options.listener)
        });
        let Some(options) = options else {
            return (name, (target, trail));
        };
        options.apply(&mut target);
        for key in KEYS {
            trail.children.push((At::Key(key), Trail::at(options.span)));
        }
        let own = options.name.as_ref().map(|(name, _)| name.clone());
        (own.unwrap_or(name), (target, trail))
    });
    named.collect()
}
