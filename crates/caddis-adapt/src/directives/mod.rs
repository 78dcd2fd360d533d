//! Every directive, in the order in which Caddy sorts them.

mod abort;
mod error;
mod redir;
mod request_body;
mod respond;

use crate::Directive;

pub(crate) const DIRECTIVES: &[Directive] = &[
    // change the request, or answer at once
    request_body::DIRECTIVE,
    redir::DIRECTIVE,
    // answer
    abort::DIRECTIVE,
    error::DIRECTIVE,
    respond::DIRECTIVE,
];
