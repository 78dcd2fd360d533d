//! What `servers` says, and to which servers it applies.

use std::collections::BTreeMap;
use std::collections::HashMap;

use caddis_ir::{Metrics, Path, Server};
use caddis_source::{Code, Diagnostic, Span};

use crate::origins::Trail;
use crate::scope::State;

const TWICE: Code = Code("servers/twice");
const NAME_TAKEN: Code = Code("servers/name-taken");

/// What one `servers` block says.
#[derive(Clone, Debug)]
pub(crate) struct ServerOptions {
    /// The listener address of the servers that it is for; empty for those that no other one is for.
    pub(crate) listener: String,
    pub(crate) span: Span,
    pub(crate) name: Option<(String, Span)>,
    /// The fields of a server that the block can say; of `logs` the switches.
    pub(crate) settings: Server,
    /// The line of each field, by its path in the JSON.
    pub(crate) places: Vec<(&'static str, Span)>,
}

impl ServerOptions {
    pub(crate) fn new(listener: &str, span: Span) -> Self {
        Self {
            listener: listener.into(),
            span,
            name: None,
            settings: Server::default(),
            places: Vec::new(),
        }
    }

    fn apply(&self, server: &mut Server, trail: &mut Trail) {
        let mut own = std::mem::replace(server, self.settings.clone());
        if let Some(settings) = server.logs.take() {
            let logs = own.logs.get_or_insert_default();
            logs.should_log_credentials = settings.should_log_credentials;
            logs.trace = settings.trace;
        }
        server.listen = own.listen;
        server.routes = own.routes;
        server.errors = own.errors;
        server.named_routes = own.named_routes;
        server.tls_connection_policies = own.tls_connection_policies;
        server.automatic_https = own.automatic_https;
        server.logs = own.logs;
        server.listen_protocols = own.listen_protocols;
        for (path, span) in &self.places {
            let path = path
                .split('/')
                .fold(Path::root(), |path, key| path.key(key));
            trail.note(&path, *span);
        }
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

/// A server by its name, and where it stands.
type Named = BTreeMap<String, (Server, Trail)>;

/// Applies the options, and gives the servers their names.
pub(crate) fn apply(
    servers: Vec<(String, (Server, Trail))>,
    options: &[ServerOptions],
    state: &mut State,
) -> Named {
    let mut named = Named::new();
    let mut renamed = Vec::new();
    for (name, (mut server, mut trail)) in servers {
        let options = options.iter().find(|options| {
            options.listener.is_empty() || server.listen.contains(&options.listener)
        });
        if let Some(options) = options {
            options.apply(&mut server, &mut trail);
            renamed.extend(options.name.iter().map(|new| (name.clone(), new)));
        }
        named.insert(name, (server, trail));
    }
    for (old, (new, span)) in renamed {
        rename(&mut named, &old, new, *span, state);
    }
    named
}

/// Caddy puts the server under its new name before it takes the old name away: a server that has the name already is lost.
fn rename(named: &mut Named, old: &str, new: &str, span: Span, state: &mut State) {
    let taken = named.contains_key(new);
    if let Some(server) = named.remove(old)
        && old != new
    {
        named.insert(new.into(), server);
    }
    if taken {
        let message = format!("`{new}` is the name of another server, or of this one already");
        let warning = Diagnostic::warning(NAME_TAKEN, span, message)
            .label("a server is lost, as in Caddy")
            .help("choose a name that does not look like `srv0`");
        state.diagnostics.push(warning);
    }
}

/// What the servers say of metrics, together with the global option: it is a setting of all of them.
pub(crate) fn metrics(servers: &mut Named, option: Option<&Metrics>) -> Option<Metrics> {
    let said = servers.values_mut();
    let said = said.filter_map(|(server, _)| server.metrics.take());
    let of_servers = said.reduce(|first, second| with(&first, &second));
    match (option, of_servers) {
        (Some(option), Some(said)) => Some(with(option, &said)),
        (option, said) => option.cloned().or(said),
    }
}

/// Caddy puts nothing but `per_host` together, and loses the rest.
fn with(first: &Metrics, second: &Metrics) -> Metrics {
    Metrics {
        per_host: first.per_host || second.per_host,
        ..Metrics::default()
    }
}
