//! A proxy that asks for another method or target than the client: what it says of the request is what the client
//! asked for.

use std::sync::Arc;

use caddis_ir::{Path, Rewrite};
use http::{Method, Uri};

use super::edits::Original;
use crate::build::Builder;
use crate::handlers::rewrite;
use crate::{Body, Context, Handle, Node, Request, Response, Result};

/// Keeps the request as it came, for the proxy after the rewrite.
struct Before {
    /// Whether the method is one that has no body, so that none goes up.
    drops_body: bool,
}

/// The request as it came.
#[derive(Clone)]
pub(super) struct Kept {
    pub(super) original: Arc<Original>,
    rewritten: Option<Uri>,
}

/// A rewrite before a proxy.
pub(super) fn build(config: &Rewrite, at: &Path, builder: &mut Builder<'_>, proxy: Node) -> Node {
    // As in Caddy, which looks at the config, and not at what a placeholder stands for.
    let drops_body = [Method::GET, Method::HEAD]
        .iter()
        .any(|method| *method == config.method.as_str());
    Node::handler(
        Before { drops_body },
        rewrite::build(config, at, builder, proxy),
    )
}

impl Handle for Before {
    async fn handle(&self, request: Request, next: &Node) -> Result<Response> {
        let (mut head, mut body) = request.into_parts();
        let original = Original::of(&head);
        if self.drops_body {
            body = Body::Empty;
            head.headers.remove(http::header::CONTENT_LENGTH);
        }
        let mut request = Request::from_parts(head, body);
        let rewritten = Context::of(&request).notes().rewritten.clone();
        request.extensions_mut().insert(Kept {
            original: Arc::new(original),
            rewritten,
        });
        next.run(request).await
    }
}

impl Kept {
    /// Takes back what is known of the rewrite: it is for the upstream alone.
    pub(super) fn restore(&self, context: &Context) {
        context.notes().rewritten.clone_from(&self.rewritten);
    }
}
