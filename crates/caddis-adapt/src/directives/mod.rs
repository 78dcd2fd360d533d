//! Every directive, in the order in which Caddy sorts them.

mod abort;
mod basic_auth;
mod bind;
mod error;
mod handle;
mod handle_path;
mod header;
mod header_rules;
mod http_transport;
mod log;
mod log_encoder;
mod log_field;
mod log_file;
mod log_filter;
mod log_sampling;
mod log_writer;
mod method;
mod proxy_options;
mod redir;
mod request_body;
mod request_header;
mod respond;
mod response_matcher;
mod reverse_proxy;
mod rewrite;
mod route;
mod tls;
mod tls_issuer;
mod tls_options;
mod upstream;
mod uri;

pub(crate) use bind::protocols as bind_protocols;
pub(crate) use log::{LogOf, read as read_log};
pub(crate) use tls_issuer::{OPTIONS as ISSUER_OPTIONS, read as read_issuer};

use crate::Directive;

pub(crate) const DIRECTIVES: &[Directive] = &[
    // edit headers, answer at once
    header::DIRECTIVE,
    request_body::DIRECTIVE,
    redir::DIRECTIVE,
    // change the request
    method::DIRECTIVE,
    rewrite::DIRECTIVE,
    uri::DIRECTIVE,
    // stand around what comes after them
    basic_auth::DIRECTIVE,
    request_header::DIRECTIVE,
    // choose among routes
    handle::DIRECTIVE,
    handle_path::DIRECTIVE,
    route::DIRECTIVE,
    // answer
    abort::DIRECTIVE,
    error::DIRECTIVE,
    respond::DIRECTIVE,
    reverse_proxy::DIRECTIVE,
    // settings of a site
    bind::DIRECTIVE,
    log::DIRECTIVE,
    tls::DIRECTIVE,
];
