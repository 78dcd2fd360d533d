//! Routes: which requests go where, in order.

use caddis_ir::{Path, Route};

use crate::Node;
use crate::build::{self, Builder};

/// Links routes in their order; after the last one comes `next`.
pub(crate) fn chain(routes: &[Route], at: &Path, builder: &mut Builder<'_>, next: Node) -> Node {
    let mut otherwise = next;
    for (index, route) in routes.iter().enumerate().rev() {
        let at = at.index(index);
        if route.matchers.iter().any(|set| !set.is_empty()) {
            builder.error(&at.key("match"), "matchers are not there yet");
        }
        let mut then = if route.terminal {
            Node::end()
        } else {
            otherwise.clone()
        };
        for (index, handler) in route.handle.iter().enumerate().rev() {
            then = build::handler(handler, &at.key("handle").index(index), builder, then);
        }
        otherwise = then;
    }
    otherwise
}
