//! Every directive, in the order in which Caddy sorts them.

mod abort;
mod error;
mod header;
mod header_rules;
mod redir;
mod request_body;
mod request_header;
mod respond;
mod response_matcher;

use crate::Directive;

pub(crate) const DIRECTIVES: &[Directive] = &[
    // edit headers, answer at once
    header::DIRECTIVE,
    request_body::DIRECTIVE,
    redir::DIRECTIVE,
    // change the request
    request_header::DIRECTIVE,
    // answer
    abort::DIRECTIVE,
    error::DIRECTIVE,
    respond::DIRECTIVE,
];
