//! `error`: fail, for the error routes to answer.

use caddis_ir::{Path, StaticError};
use http::StatusCode;

use crate::builder::Builder;
use crate::handlers::static_response::Status;
use crate::node::Reply;
use crate::placeholders::{Template, Values};
use crate::{HandlerError, Node, Request, Response, Result};

struct Failure {
    status: Status,
    message: Template,
}

/// Prepares an error.
pub(crate) fn build(config: &StaticError, at: &Path, builder: &mut Builder<'_>) -> Node {
    let status = match &config.status_code {
        None => Status::Fixed(StatusCode::INTERNAL_SERVER_ERROR),
        Some(status) => Status::build(status, &at.key("status_code"), builder),
    };
    let message = builder.template_known(&config.error, &at.key("error"));
    Node::reply(Failure { status, message })
}

impl Reply for Failure {
    fn reply(&self, request: Request) -> Result<Response> {
        let values = Values::of(&request);
        let error = HandlerError::status(self.status.of(&values)?);
        let message = self.message.fill_text(&values).into_owned();
        Err(if message.is_empty() {
            error
        } else {
            error.because(message)
        })
    }
}
