//! What is known of a request beside its head and body: the connection it came on, and what handlers noted.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Method, Uri, Version, header};
use parking_lot::{Mutex, MutexGuard};
use smallvec::SmallVec;

use crate::handlers::map::Table;
use crate::handlers::reverse_proxy::Facts;
use crate::handlers::seen_answers::SeenAnswers;
use crate::placeholders::Value;
use crate::{Body, Request, Response};

/// The connection that a request came on.
#[derive(Clone, Debug)]
pub struct Connection {
    /// The other end; unspecified for a unix socket.
    pub peer: SocketAddr,
    /// Our end.
    pub local: SocketAddr,
    /// The worker that serves it: an index into per-worker state such as connection pools.
    pub worker: usize,
    /// What the TLS handshake found out; `None` for plain connections.
    pub tls: Option<TlsConnection>,
}

/// What a TLS handshake found out.
#[derive(Clone, Debug, Default)]
pub struct TlsConnection {
    /// The name that the client asked for; empty if it did not.
    pub server_name: String,
    /// The protocol chosen by ALPN; empty if none was.
    pub alpn: String,
    /// `tls1.2` or `tls1.3`.
    pub version: &'static str,
    /// The cipher suite, in IANA's spelling.
    pub cipher_suite: String,
    /// Whether an earlier session was taken up again.
    pub resumed: bool,
    /// The certificate that the client showed, in DER.
    pub client_certificate: Option<Vec<u8>>,
}

/// What is known of a request. Cheap to clone; all clones share what is noted.
#[derive(Clone, Debug)]
pub struct Context(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    connection: Arc<Connection>,
    client_ip: IpAddr,
    trusted: bool,
    method: Method,
    uri: Uri,
    version: Version,
    host: Option<HeaderValue>,
    started: std::time::Instant,
    notes: Mutex<Notes>,
}

/// What handlers note for each other while a request is served.
#[derive(Debug, Default)]
pub struct Notes {
    /// Variables: `{http.vars.<name>}`.
    pub vars: Vec<(String, Value)>,
    /// Tables that fill placeholders, in the order in which they came by.
    pub(crate) maps: Vec<Arc<Table>>,
    /// How many of them are being looked up within each other.
    pub(crate) map_depth: u8,
    /// How many were looked up since the first of these.
    pub(crate) map_lookups: u16,
    /// Groups of the last match of each regular expression: `{http.regexp.<name>.<group>}`.
    pub captures: Vec<(Arc<str>, String)>,
    /// Placeholders of other handlers, by their full name.
    pub placeholders: Vec<(&'static str, String)>,
    /// The body of the request, where something asks for it.
    pub(crate) body: Option<Bytes>,
    /// Route groups in which a route was taken.
    pub groups: SmallVec<[u32; 4]>,
    /// The status of the error that error routes are at work on.
    pub error: Option<http::StatusCode>,
    /// The target after the last rewrite.
    pub rewritten: Option<Uri>,
    response_headers: HeaderMap,
    /// What `Server` will be: put in when somebody looks, as the answer of a proxy never has it.
    server: Option<HeaderValue>,
    /// Who was let in.
    pub user: Option<String>,
    /// The upstream that was asked: `{http.reverse_proxy.*}`.
    pub(crate) proxied: Option<Facts>,
    /// What was seen of answers that did not go to the client as they were.
    pub(crate) seen: Option<Box<SeenAnswers>>,
    /// Fields that handlers add to the entry of the access log.
    pub(crate) log_fields: Vec<(String, serde_json::Value)>,
    /// The id of the request, once somebody asked for it.
    pub(crate) uuid: Option<String>,
}

impl Notes {
    /// Header fields of the response that is not there yet.
    pub fn response_headers(&mut self) -> &mut HeaderMap {
        if let Some(server) = self.server.take() {
            self.response_headers.insert(header::SERVER, server);
        }
        &mut self.response_headers
    }

    /// Notes who answers.
    pub(crate) fn name_server(&mut self, name: HeaderValue) {
        self.server = Some(name);
    }

    /// Takes back who answers.
    pub(crate) fn forget_server(&mut self) {
        self.server = None;
        self.response_headers.remove(header::SERVER);
    }

    /// Notes a variable in place of its value so far.
    pub fn set_var(&mut self, name: &str, value: impl Into<Value>) {
        self.vars.retain(|(key, _)| key != name);
        self.vars.push((name.into(), value.into()));
    }

    /// The value of a variable.
    pub fn var(&self, name: &str) -> Option<&Value> {
        let found = self.vars.iter().find(|(key, _)| key == name);
        found.map(|(_, value)| value)
    }

    /// Notes a placeholder in place of its value so far.
    pub fn set_placeholder(&mut self, name: &'static str, value: impl Into<String>) {
        self.placeholders.retain(|(key, _)| *key != name);
        self.placeholders.push((name, value.into()));
    }

    /// Notes a group of a regular expression in place of its value so far.
    pub(crate) fn capture(&mut self, key: &Arc<str>, value: &str) {
        self.captures.retain(|(noted, _)| noted != key);
        self.captures.push((key.clone(), value.into()));
    }
}

impl Context {
    /// What is known when a request comes in.
    ///
    /// `client_ip` is the peer, or who a trusted proxy says it is; `trusted` says that the peer is one.
    pub fn new(
        connection: Arc<Connection>,
        client_ip: IpAddr,
        trusted: bool,
        head: &http::request::Parts,
    ) -> Self {
        Self(Arc::new(Inner {
            connection,
            client_ip,
            trusted,
            method: head.method.clone(),
            uri: head.uri.clone(),
            version: head.version,
            host: head.headers.get(header::HOST).cloned(),
            started: std::time::Instant::now(),
            notes: Mutex::default(),
        }))
    }

    /// The context of a request in the tree.
    ///
    /// # Panics
    ///
    /// If the request did not come through the entry of a server, which gives it one.
    pub fn of(request: &Request) -> &Self {
        request
            .extensions()
            .get()
            .expect("the entry of the tree gives every request a context")
    }

    /// The connection that the request came on.
    pub fn connection(&self) -> &Connection {
        &self.0.connection
    }

    /// Who sent it, as far as trusted proxies say.
    pub fn client_ip(&self) -> IpAddr {
        self.0.client_ip
    }

    /// Whether the peer is a trusted proxy.
    pub fn is_trusted_proxy(&self) -> bool {
        self.0.trusted
    }

    /// The method as it was sent.
    pub fn original_method(&self) -> &Method {
        &self.0.method
    }

    /// The target as it was sent.
    pub fn original_uri(&self) -> &Uri {
        &self.0.uri
    }

    /// The version of HTTP that it was sent in.
    pub fn version(&self) -> Version {
        self.0.version
    }

    /// The host that was asked, with its port if it was sent.
    pub fn host(&self) -> &str {
        let host = self.0.host.as_ref();
        host.and_then(|host| host.to_str().ok()).unwrap_or_default()
    }

    /// When the request came in.
    pub fn started(&self) -> std::time::Instant {
        self.0.started
    }

    /// What handlers noted. The guard must not live across an `await`.
    pub fn notes(&self) -> MutexGuard<'_, Notes> {
        self.0.notes.lock()
    }

    /// A random id of this request, in the form of a version 4 UUID.
    pub(crate) fn uuid(&self) -> String {
        let mut notes = self.notes();
        notes.uuid.get_or_insert_with(random_uuid).clone()
    }

    /// A response that begins with the header fields noted so far; the status is 200.
    pub fn response(&self, body: Body) -> Response {
        let mut response = Response::new(body);
        *response.headers_mut() = std::mem::take(self.notes().response_headers());
        response
    }
}

fn random_uuid() -> String {
    let random = u128::from_be_bytes(rand::random());
    let version_4 = random & !(0xf << 76) | (4 << 76);
    let uuid = version_4 & !(3 << 62) | (2 << 62);
    let hex = format!("{uuid:032x}");
    let parts = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)];
    parts.map(|(from, to)| &hex[from..to]).join("-")
}
