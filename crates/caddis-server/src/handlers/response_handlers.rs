//! What is done with the answers of other handlers: another status, or routes that answer in their place.

use caddis_ir::{Path, ResponseHandler};
use http::{HeaderMap, StatusCode};

use crate::builder::Builder;
use crate::handlers::static_response::Status;
use crate::matchers::ResponseMatcher;
use crate::{Node, route};

/// What is done with which answer; the first that matches is taken.
pub(crate) struct ResponseHandlers(Box<[Prepared]>);

struct Prepared {
    require: ResponseMatcher,
    then: Then,
}

/// What is done with an answer.
pub(crate) enum Then {
    /// It gets another status.
    Status(Status),
    /// They answer in its place.
    Routes(Node),
}

impl ResponseHandlers {
    /// Prepares them; after the routes comes `next`.
    pub(crate) fn build(
        config: &[ResponseHandler],
        at: &Path,
        builder: &mut Builder<'_>,
        next: &Node,
    ) -> Self {
        let handlers = config.iter().enumerate().map(|(index, handler)| {
            let at = at.index(index);
            let require = handler.require.clone().unwrap_or_default();
            let then = if let Some(status) = &handler.status_code {
                Then::Status(Status::build(status, &at.key("status_code"), builder))
            } else {
                let at = at.key("routes");
                Then::Routes(route::chain(&handler.routes, &at, builder, next.clone()))
            };
            let require = ResponseMatcher::build(&require);
            Prepared { require, then }
        });
        Self(handlers.collect())
    }

    /// What is done with an answer; `None` if it goes on as it is.
    pub(crate) fn find(&self, status: StatusCode, headers: &HeaderMap) -> Option<&Then> {
        let mut handlers = self.0.iter();
        let found = handlers.find(|handler| handler.require.matches(status, headers))?;
        Some(&found.then)
    }
}
