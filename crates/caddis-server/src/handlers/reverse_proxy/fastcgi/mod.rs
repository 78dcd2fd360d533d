//! `FastCGI`: upstreams that run scripts, such as PHP's.

mod ask;
mod build;
mod head;
mod paths;
mod record;
mod stdout;
mod variables;

pub(super) use ask::{Cgi, ask};
pub(super) use build::build;
pub(super) use stdout::Stdout;
