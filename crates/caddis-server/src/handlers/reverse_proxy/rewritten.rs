//! A proxy that asks for another method or target than the client: what it says of the request is what the client
//! asked for.

use std::sync::Arc;

use caddis_ir::{Path, Rewrite};
use http::{Uri, request};
use parking_lot::Mutex;

use crate::builder::Builder;
use crate::handlers::rewrite;
use crate::{Body, Context, Handle, Node, Request, Response, Result};

/// Keeps the request as it came, for the proxy after the rewrite.
struct Before;

/// The request as it came.
#[derive(Clone)]
pub(super) struct Kept {
    request: Arc<Mutex<Option<(request::Parts, Body)>>>,
    rewritten: Option<Uri>,
}

/// A rewrite before a proxy.
pub(super) fn build(config: &Rewrite, at: &Path, builder: &mut Builder<'_>, proxy: Node) -> Node {
    Node::handler(Before, rewrite::build(config, at, builder, proxy))
}

impl Handle for Before {
    async fn handle(&self, request: Request, next: &Node) -> Result<Response> {
        let rewritten = Context::of(&request).notes().rewritten.clone();
        let (mut head, body) = request.into_parts();
        let kept = Kept {
            request: Arc::new(Mutex::new(Some((head.clone(), body)))),
            rewritten,
        };
        head.extensions.insert(kept);
        next.run(Request::from_parts(head, Body::Empty)).await
    }
}

impl Kept {
    /// The request, and takes back what is known of the rewrite: it is for the upstream alone.
    pub(super) fn take(self, context: &Context) -> Option<(request::Parts, Body)> {
        context.notes().rewritten = self.rewritten;
        self.request.lock().take()
    }
}
