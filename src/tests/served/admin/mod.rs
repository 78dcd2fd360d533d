//! The admin endpoint over sockets.

mod config;
mod guests;
mod life;
mod managed;

pub(crate) use managed::{Managed, caddyfile, try_send};
