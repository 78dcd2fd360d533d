//! Every directive, in the order in which Caddy sorts them.

mod abort;
mod acme_issuer;
mod acme_server;
mod basic_auth;
mod bind;
mod browse;
mod certificate_manager;
mod client_auth;
mod copy_response;
mod copy_response_headers;
mod dns_challenge;
mod dns_provider;
mod dynamic_upstreams;
mod encode;
mod encoder;
mod error;
mod fastcgi_transport;
mod file_server;
mod forward_auth;
mod fs;
mod handle;
mod handle_errors;
mod handle_path;
mod handle_response;
mod header;
mod header_rules;
mod health_checks;
mod http_transport;
mod http_transport_tls;
mod intercept;
mod invoke;
mod keep_alive;
mod line_values;
mod load_balancing;
mod log;
mod log_append;
mod log_encoder;
mod log_field;
mod log_file;
mod log_filter;
mod log_name;
mod log_sampling;
mod log_skip;
mod log_writer;
mod map;
mod method;
mod metrics;
mod network_proxy;
mod passed_on;
mod php_fastcgi;
mod precompressed;
mod preferred_chains;
mod proxy_options;
mod proxy_subdirectives;
mod push;
mod rate_limit;
mod redir;
mod request_body;
mod request_header;
mod respond;
mod response_matcher;
mod reverse_proxy;
mod rewrite;
mod root;
mod route;
mod selection_policy;
mod templates;
mod tls;
mod tls_issuer;
mod tls_options;
mod tracing;
mod transport;
mod trust_pool;
mod try_files;
mod upstream;
mod uri;
mod uri_query;
mod vars;
mod zerossl_issuer;

pub(crate) use bind::protocols as bind_protocols;
pub(crate) use dns_provider::{no_provider, read as read_dns_provider};
pub(crate) use log::{LogOf, read as read_log};
pub(crate) use preferred_chains::{
    OPTIONS as CHAIN_OPTIONS, SYNTAX as CHAIN_SYNTAX, read as read_chains,
};
pub(crate) use tls_issuer::{OPTIONS as ISSUER_OPTIONS, read as read_issuer};

use crate::Directive;

pub(crate) const DIRECTIVES: &[Directive] = &[
    tracing::DIRECTIVE,
    // set variables that the others may use
    map::DIRECTIVE,
    vars::DIRECTIVE,
    fs::DIRECTIVE,
    root::DIRECTIVE,
    log_append::DIRECTIVE,
    log_skip::DIRECTIVE,
    log_name::DIRECTIVE,
    // edit headers, answer at once
    header::DIRECTIVE,
    copy_response_headers::DIRECTIVE,
    request_body::DIRECTIVE,
    redir::DIRECTIVE,
    // change the request
    method::DIRECTIVE,
    rewrite::DIRECTIVE,
    uri::DIRECTIVE,
    try_files::DIRECTIVE,
    // stand around what comes after them
    rate_limit::DIRECTIVE,
    basic_auth::DIRECTIVE,
    forward_auth::DIRECTIVE,
    request_header::DIRECTIVE,
    encode::DIRECTIVE,
    push::DIRECTIVE,
    intercept::DIRECTIVE,
    templates::DIRECTIVE,
    // choose among routes
    invoke::DIRECTIVE,
    handle::DIRECTIVE,
    handle_path::DIRECTIVE,
    route::DIRECTIVE,
    // answer
    abort::DIRECTIVE,
    error::DIRECTIVE,
    copy_response::DIRECTIVE,
    respond::DIRECTIVE,
    metrics::DIRECTIVE,
    reverse_proxy::DIRECTIVE,
    php_fastcgi::DIRECTIVE,
    file_server::DIRECTIVE,
    acme_server::DIRECTIVE,
    // settings of a site
    bind::DIRECTIVE,
    handle_errors::DIRECTIVE,
    log::DIRECTIVE,
    tls::DIRECTIVE,
];
