//! Every directive, in the order in which Caddy sorts them.

mod abort;
mod acme_server;
mod basic_auth;
mod bind;
mod error;
mod handle;
mod handle_path;
mod header;
mod header_rules;
mod http_transport;
mod invoke;
mod log;
mod log_append;
mod log_encoder;
mod log_name;
mod log_skip;
mod log_writer;
mod map;
mod method;
mod metrics;
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
mod tracing;
mod upstream;
mod uri;
mod vars;

pub(crate) use log::{LogOf, read as read_log};
pub(crate) use tls_issuer::{OPTIONS as ISSUER_OPTIONS, read as read_issuer};

use crate::Directive;

pub(crate) const DIRECTIVES: &[Directive] = &[
    tracing::DIRECTIVE,
    // set variables that the others may use
    map::DIRECTIVE,
    vars::DIRECTIVE,
    log_append::DIRECTIVE,
    log_skip::DIRECTIVE,
    log_name::DIRECTIVE,
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
    invoke::DIRECTIVE,
    handle::DIRECTIVE,
    handle_path::DIRECTIVE,
    route::DIRECTIVE,
    // answer
    abort::DIRECTIVE,
    error::DIRECTIVE,
    respond::DIRECTIVE,
    metrics::DIRECTIVE,
    reverse_proxy::DIRECTIVE,
    acme_server::DIRECTIVE,
    // settings of a site
    bind::DIRECTIVE,
    log::DIRECTIVE,
    tls::DIRECTIVE,
];
