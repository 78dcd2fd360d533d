//! `subroute`: routes within a route, and what answers if they fail.

use caddis_ir::{Path, Subroute};

use crate::builder::Builder;
use crate::errors::{self, ErrorTree};
use crate::{Context, Handle, Head, Node, Request, Response, Result, route};

/// Links the routes; after the last one comes `next`.
pub(crate) fn build(config: &Subroute, at: &Path, builder: &mut Builder<'_>, next: Node) -> Node {
    let routes = route::chain(&config.routes, &at.key("routes"), builder, next.clone());
    let Some(errors) = &config.errors else {
        return routes;
    };
    let errors = ErrorTree::build(errors, &at.key("errors"), builder, next);
    Node::handler(Caught { errors }, routes)
}

struct Caught {
    errors: ErrorTree,
}

impl Handle for Caught {
    async fn handle(&self, request: Request, next: &Node) -> Result<Response> {
        let context = Context::of(&request).clone();
        let head = Head::of(&request);
        match next.run(request).await {
            Ok(response) => Ok(response),
            Err(error) => match errors::failure(&error) {
                Some(failure) => self.errors.answer(&head, &context, &failure).await,
                None => Err(error),
            },
        }
    }
}
