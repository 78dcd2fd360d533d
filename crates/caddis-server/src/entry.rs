//! The way of a request through a server: the door, the tree, the error page.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use caddis_ir::{Path, Server};
use futures_util::FutureExt;
use http::{HeaderMap, HeaderValue, Method, StatusCode, Version, header};
use http_body::Body as _;

use crate::build;
use crate::builder::Builder;
use crate::client::TrustedProxies;
use crate::door::{self, Refusal};
use crate::errors::{self, ErrorTree};
use crate::handlers::invoke::{self, NamedRoutes};
use crate::handlers::templates::Entrance;
use crate::record::{self, AccessLog, Failed, Head, Unsent};
use crate::tls::asks_clients;
use crate::{Body, Connection, Context, HandlerError, Node, Request, Response, Result, route, uri};

/// A server, ready to answer requests.
pub struct ServerTree {
    name: String,
    settings: Server,
    proxies: Arc<TrustedProxies>,
    root: Node,
    errors: Option<ErrorTree>,
    /// Whether the host of a request must be the name that its connection was made for.
    strict_sni: bool,
    log: Option<Arc<dyn AccessLog>>,
}

/// What stands in `Server`, where Caddy writes its own name.
pub(crate) const SERVER_NAME: &str = "caddis";

/// The connection has to be closed without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aborted;

impl ServerTree {
    pub(crate) fn build(name: &str, server: &Server, at: &Path, builder: &mut Builder<'_>) -> Self {
        let errors = server.errors.as_ref();
        builder.named_routes = NamedRoutes::of(&server.named_routes, at.key("named_routes"));
        builder.count(name);
        builder.entrance = Entrance::default();
        let root = route::chain(&server.routes, &at.key("routes"), builder, Node::end());
        let proxies = Arc::new(TrustedProxies::build(server, at, builder));
        builder.entrance.open(&root, &proxies);
        let tree = Self {
            name: name.to_owned(),
            settings: build::settings(server),
            proxies,
            root,
            errors: errors
                .map(|errors| ErrorTree::build(errors, &at.key("errors"), builder, Node::end())),
            strict_sni: wants_strict_sni(server),
            log: None,
        };
        invoke::check_others(builder);
        tree
    }

    /// A server of one node, for tests.
    #[cfg(test)]
    pub(crate) fn of(root: Node) -> Self {
        let environment = crate::testing::environment();
        let mut builder = Builder::new(&environment);
        let mut tree = Self::build("test", &Server::default(), &Path::root(), &mut builder);
        tree.root = root;
        tree
    }

    /// Where requests come in.
    #[cfg(test)]
    pub(crate) fn root(&self) -> &Node {
        &self.root
    }

    /// Its name in the config.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The config of this server without its routes.
    pub fn settings(&self) -> &Server {
        &self.settings
    }

    /// The addresses to listen on, as the config has them.
    pub fn listen(&self) -> &[String] {
        &self.settings.listen
    }

    /// Whether its connections are TLS connections.
    pub fn is_tls(&self) -> bool {
        self.settings.tls_connection_policies.is_some()
    }

    /// Has its requests written down.
    pub fn set_access_log(&mut self, log: Arc<dyn AccessLog>) {
        self.log = Some(log);
    }

    /// Answers a request that came on a connection.
    pub async fn answer(
        &self,
        connection: Arc<Connection>,
        request: Request,
    ) -> Result<Response, Aborted> {
        let (mut head, body) = request.into_parts();
        if let Err(refusal) = door::check(&mut head) {
            return Ok(refused(head.version, refusal));
        }
        if door::is_ping(&head) {
            return Ok(Response::new(Body::Empty));
        }
        let (client_ip, trusted) = self.proxies.client(&connection, &head.headers);
        door::drop_named_by_connection(&mut head.headers);
        let context = Context::new(connection, client_ip, trusted, &head);
        head.extensions.insert(context.clone());
        let request = Request::from_parts(head, body);
        // Taken before any rewrite: Caddy undoes them for the error routes of a server.
        let is_kept = self.log.is_some() || self.errors.is_some();
        let kept = is_kept.then(|| Arc::new(Head::of(&request)));
        let log = self.log.as_ref().zip(kept.as_ref());
        let Some(record) = log.and_then(|(log, head)| log.begin(head)) else {
            return self.pass(&context, request, kept.as_ref()).await;
        };
        let (request, bytes_read) = record::counted(request);
        match self.pass(&context, request, kept.as_ref()).await {
            Ok(response) => Ok(record::recorded(response, record, context, bytes_read)),
            Err(aborted) => {
                record::aborted(record, context, &bytes_read);
                Err(aborted)
            }
        }
    }

    /// Through the tree, and to the end of the answer's header.
    async fn pass(
        &self,
        context: &Context,
        request: Request,
        kept: Option<&Arc<Head>>,
    ) -> Result<Response, Aborted> {
        let server = HeaderValue::from_static(SERVER_NAME);
        context.notes().name_server(server);
        let (version, is_head) = (request.version(), request.method() == Method::HEAD);
        let answered = match self.check_sni(context) {
            Ok(()) => unpanicked(self.root.run(request)).await,
            Err(error) => Err(error),
        };
        let mut response = match answered {
            Ok(response) => response,
            Err(error) => self.answer_error(context, kept, error).await?,
        };
        finish(&mut response, version, is_head);
        Ok(response)
    }

    /// Who has shown a certificate for one site must not ask for another one on the same connection.
    fn check_sni(&self, context: &Context) -> Result<()> {
        let Some(tls) = (context.connection().tls.as_ref()).filter(|_| self.strict_sni) else {
            return Ok(());
        };
        let (asked, host) = (tls.server_name.as_str(), context.host());
        let name = host_without_port(host);
        if name.eq_ignore_ascii_case(asked) {
            return Ok(());
        }
        let message = format!(
            "strict host matching: TLS ServerName ({asked}) and HTTP Host ({name}) values differ"
        );
        Err(HandlerError::status(StatusCode::MISDIRECTED_REQUEST).because(message))
    }

    async fn answer_error(
        &self,
        context: &Context,
        kept: Option<&Arc<Head>>,
        error: HandlerError,
    ) -> Result<Response, Aborted> {
        let first = errors::failure(&error).ok_or(Aborted)?;
        let log = |failed| errors::log(self.log.as_deref(), kept, context, failed);
        let mut response = if let (Some(errors), Some(head)) = (&self.errors, kept) {
            match unpanicked(errors.answer(head, context, &first)).await {
                Ok(response) => {
                    log(Failed::Answered(&first));
                    response
                }
                Err(again) => {
                    let again = errors::failure(&again).ok_or(Aborted)?;
                    log(Failed::Twice {
                        first: &first,
                        again: &again,
                    });
                    error_page(context, first.status)
                }
            }
        } else {
            log(Failed::Plainly(&first));
            error_page(context, first.status)
        };
        if error.close {
            let close = HeaderValue::from_static("close");
            response.headers_mut().insert(header::CONNECTION, close);
        }
        Ok(response)
    }
}

/// The host without its port, if it has one; brackets stay where there is none, as in Go.
fn host_without_port(host: &str) -> &str {
    let Some(_) = uri::port(host.as_bytes()) else {
        return host;
    };
    let name = uri::host(host.as_bytes());
    std::str::from_utf8(name).unwrap_or(host)
}

/// What the config says, else whether clients are asked for certificates.
fn wants_strict_sni(server: &Server) -> bool {
    server.strict_sni_host.unwrap_or_else(|| {
        let policies = server.tls_connection_policies.iter().flatten();
        let mut asked = policies.filter_map(|policy| policy.client_authentication.as_ref());
        asked.any(asks_clients)
    })
}

/// The one place where a handler's panic becomes a 500 and a line in the log.
async fn unpanicked(answer: impl Future<Output = Result<Response>>) -> Result<Response> {
    let caught = AssertUnwindSafe(answer).catch_unwind().await;
    caught.unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<&str>().copied();
        let text = text.or_else(|| panic.downcast_ref::<String>().map(String::as_str));
        let message = format!("panic: {}", text.unwrap_or("without a message"));
        Err(HandlerError::status(StatusCode::INTERNAL_SERVER_ERROR).because(message))
    })
}

/// The plain page of an error: its status and nothing else, as Caddy has it.
fn error_page(context: &Context, status: StatusCode) -> Response {
    let mut response = context.response(Body::Empty);
    *response.status_mut() = status;
    response
}

fn refused(version: Version, refusal: Refusal) -> Response {
    let mut response = Response::new(Body::Empty);
    *response.status_mut() = refusal.status;
    if refusal.close && version <= Version::HTTP_11 {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    response
}

/// Makes the header agree with the body, whatever handlers wrote into it.
fn finish(response: &mut Response, version: Version, is_head: bool) {
    if version > Version::HTTP_11 {
        response.headers_mut().remove(header::CONNECTION);
    }
    let status = response.status();
    if status == StatusCode::SWITCHING_PROTOCOLS {
        return;
    }
    let no_body = status == StatusCode::NO_CONTENT || status == StatusCode::NOT_MODIFIED;
    let has_length = response.headers().contains_key(header::CONTENT_LENGTH);
    let length = response.body().size_hint().exact();
    let headers = response.headers_mut();
    // How long an answer is, its body says: a rule that says something else would cut it short, or leave the
    // client waiting. Answers to HEAD and those without a body may well name a length that they do not have.
    headers.remove(header::TRANSFER_ENCODING);
    match length {
        Some(length) if !no_body && (is_head && length > 0 || !is_head && has_length) => {
            if !says_length(headers, length) {
                headers.insert(header::CONTENT_LENGTH, length.into());
            }
            if is_head {
                response.extensions_mut().insert(Unsent {
                    length,
                    is_declared: has_length,
                });
            }
        }
        None if !no_body && !is_head => {
            headers.remove(header::CONTENT_LENGTH);
        }
        Some(_) | None => {}
    }
    if no_body || is_head {
        *response.body_mut() = Body::Empty;
    }
}

/// Whether the header names this length already, once and as we would write it.
fn says_length(headers: &HeaderMap, length: u64) -> bool {
    let mut fields = headers.get_all(header::CONTENT_LENGTH).iter();
    let first = fields.next().map(HeaderValue::as_bytes);
    first == Some(itoa::Buffer::new().format(length).as_bytes()) && fields.next().is_none()
}
