//! What is done with a request; one file per handler, named as in the JSON.

pub(crate) mod request_body;
pub(crate) mod reverse_proxy;
pub(crate) mod static_response;
