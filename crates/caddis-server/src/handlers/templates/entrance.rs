//! The way from a page back into its own server, for the requests that a template makes.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};

use http::request::Parts;
use http::{HeaderValue, StatusCode};

use crate::client::TrustedProxies;
use crate::node::WeakNode;
use crate::{Connection, Context, HandlerError, Node, Request, Response, Result, door};

/// The root of a server, once it is built. It does not keep the server alive: the server keeps it.
#[derive(Clone, Default)]
pub(crate) struct Entrance(Arc<OnceLock<Inside>>);

struct Inside {
    root: WeakNode,
    proxies: Arc<TrustedProxies>,
}

/// Where the requests of templates come from, as in Caddy.
const PEER: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 10_000);

impl Entrance {
    /// Leads to a server.
    pub(crate) fn open(&self, root: &Node, proxies: &Arc<TrustedProxies>) {
        let inside = Inside {
            root: root.weak(),
            proxies: Arc::clone(proxies),
        };
        let _ = self.0.set(inside);
    }

    /// Answers a request that a page makes while it is rendered for another one.
    pub(super) async fn answer(&self, request: Request, of: &Context) -> Result<Response> {
        let gone = || HandlerError::status(StatusCode::SERVICE_UNAVAILABLE);
        let inside = self.0.get().ok_or_else(gone)?;
        let root = inside.root.upgrade().ok_or_else(gone)?;
        let (mut head, body) = request.into_parts();
        door::check(&mut head).map_err(|refusal| HandlerError::status(refusal.status))?;
        let context = inside.context(&head, of);
        context
            .notes()
            .name_server(HeaderValue::from_static(crate::entry::SERVER_NAME));
        head.extensions.insert(context);
        root.run(Request::from_parts(head, body)).await
    }
}

impl Inside {
    fn context(&self, head: &Parts, of: &Context) -> Context {
        let connection = Arc::new(Connection {
            peer: PEER,
            tls: None,
            ..of.connection().clone()
        });
        let (client_ip, trusted) = self.proxies.client(&connection, &head.headers);
        Context::new(connection, client_ip, trusted, head)
    }
}
