//! What is done with a request; one file per handler, named as in the JSON.

pub(crate) mod acme_server;
pub(crate) mod authentication;
#[cfg(test)]
mod authentication_tests;
pub(crate) mod body_reader;
pub(crate) mod copy_response;
pub(crate) mod copy_response_headers;
pub(crate) mod encode;
pub(crate) mod error;
pub(crate) mod file_server;
pub(crate) mod header_rules;
pub(crate) mod headers;
#[cfg(test)]
mod headers_tests;
pub(crate) mod intercept;
pub(crate) mod invoke;
pub(crate) mod log_append;
pub(crate) mod map;
pub(crate) mod metrics;
pub(crate) mod push;
pub(crate) mod rate_limit;
pub(crate) mod request_body;
pub(crate) mod request_body_times;
pub(crate) mod response_handlers;
pub(crate) mod reverse_proxy;
pub(crate) mod rewrite;
mod rewrite_path;
mod rewrite_query;
pub(crate) mod seen_answers;
pub(crate) mod static_response;
pub(crate) mod subroute;
pub(crate) mod templates;
pub(crate) mod tracing;
pub(crate) mod vars;
