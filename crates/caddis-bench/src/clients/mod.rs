//! What clients do, each until its turn is over.

mod bodies;
mod exchange;
mod passwords;
mod requests;
mod streams;

pub(crate) use bodies::{too_large, uploads};
pub(crate) use exchange::exchange;
pub(crate) use passwords::{login, logins, strange_logins};
pub(crate) use requests::{handshakes, http1, http2};
pub(crate) use streams::{first_tokens, read};
