//! What is done with a request; one file per handler, named as in the JSON.

pub(crate) mod authentication;
#[cfg(test)]
mod authentication_tests;
pub(crate) mod error;
pub(crate) mod header_rules;
pub(crate) mod headers;
#[cfg(test)]
mod headers_tests;
pub(crate) mod request_body;
pub(crate) mod reverse_proxy;
pub(crate) mod rewrite;
pub(crate) mod static_response;
pub(crate) mod subroute;
