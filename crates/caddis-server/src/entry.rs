//! The way of a request through a server: the door, the tree, the error page.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use caddis_ir::{Path, Server};
use futures_util::FutureExt;
use http::{HeaderValue, StatusCode, header};

use crate::build::{self, Builder};
use crate::{Body, Connection, Context, HandlerError, Node, Request, Response, Result, route};

/// A server, ready to answer requests.
pub struct ServerTree {
    name: String,
    settings: Server,
    root: Node,
}

/// The connection has to be closed without an answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Aborted;

impl ServerTree {
    pub(crate) fn build(name: &str, server: &Server, at: &Path, builder: &mut Builder<'_>) -> Self {
        Self {
            name: name.to_owned(),
            settings: build::settings(server),
            root: route::chain(&server.routes, &at.key("routes"), builder, Node::end()),
        }
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

    /// Answers a request that came on a connection.
    pub async fn answer(
        &self,
        connection: Arc<Connection>,
        request: Request,
    ) -> Result<Response, Aborted> {
        let version = request.version();
        let (mut head, body) = request.into_parts();
        let context = Context::new(connection.clone(), connection.peer.ip(), false, &head);
        head.extensions.insert(context.clone());
        let answer = AssertUnwindSafe(self.root.run(Request::from_parts(head, body)));
        let result = answer.catch_unwind().await.unwrap_or_else(|_| {
            tracing::error!(target: "http.log.error", "a handler panicked");
            Err(HandlerError::status(StatusCode::INTERNAL_SERVER_ERROR))
        });
        let mut response = match result {
            Ok(response) => response,
            Err(error) => error_page(&context, &error)?,
        };
        let headers = response.headers_mut();
        if !headers.contains_key(header::SERVER) && !context.notes().is_from_upstream {
            headers.insert(header::SERVER, HeaderValue::from_static("caddis"));
        }
        *response.version_mut() = version;
        Ok(response)
    }
}

/// The plain page of an error: its status and nothing else, as Caddy has it.
fn error_page(context: &Context, error: &HandlerError) -> Result<Response, Aborted> {
    let status = error.status.ok_or(Aborted)?;
    let mut response = context.response(Body::Empty);
    *response.status_mut() = status;
    if error.close {
        let close = HeaderValue::from_static("close");
        response.headers_mut().insert(header::CONNECTION, close);
    }
    Ok(response)
}
