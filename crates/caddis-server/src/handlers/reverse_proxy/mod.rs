//! `reverse_proxy`: ask another server, and pass its answer on as it comes.
//!
//! As Caddy 2.11.4 does it, header for header, but for what is better or cannot be had:
//!
//! * Nothing is held back, so `flush_interval` is read and changes nothing: every value means "at once".
//! * An upstream is not asked for gzip that the client did not ask for, so that nothing is ever unpacked here.
//! * An upstream that changes the protocol unasked gets the client a 502; Caddy answers 200 with nothing.
//! * Trailers reach a client of HTTP/1.1 that sends `TE: trailers` (RFC 9110, 6.5.1), and those of requests go up.
//! * Answers such as 103 Early Hints, which come before the answer itself, are not passed on.
//! * An answer may have 100 header fields, and they may have 128 KB; with more it is a bad gateway. So it is
//!   with more than 1 MB of answers such as 103 before the answer.

mod active;
mod active_build;
mod announce;
mod answer_body;
mod ask;
mod balance;
mod buffer;
mod build;
mod build_tls;
mod build_transport;
mod cookie;
mod crowd;
mod download;
mod dynamic;
mod dynamic_build;
mod edits;
mod exchange;
mod expect;
mod facts;
mod failure;
mod fastcgi;
mod forward;
mod handle_response;
mod hop;
mod host;
mod http1;
mod keep;
mod member;
mod no_proxy;
mod ollama;
mod pass;
mod passive;
mod policy;
mod policy_build;
mod pool;
mod proxy;
mod retries;
mod rewritten;
mod socks;
mod steps;
#[cfg(test)]
mod tests;
mod timed;
mod tls;
mod transport;
mod tunnel;
mod upload;
mod upstream;
mod upstreams;
mod verbose;

pub(crate) use build::build;
pub use download::Download;
pub(crate) use facts::Facts;
pub(crate) use handle_response::{Handled, sent};
pub(crate) use host::Hosts;
