//! The same job, told to each kind of server.
//!
//! Everywhere: a bearer token is asked for, paths under `/login/` ask for a password instead, bodies under `/small/`
//! may have [`LIMIT`] bytes, two fields of the answer are set and one is removed, the upstream is told the client's
//! address in two ways and the wished host and scheme, the token is kept from it, connections to it stay open, and
//! there is no access log.

mod adapted;
mod caddyfile;
mod haproxy;
mod nginx;
mod world;

pub(crate) use adapted::adapted;
pub(crate) use caddyfile::caddyfile;
pub(crate) use haproxy::{haproxy, map_of_sites};
pub(crate) use nginx::{nginx, passwords};
pub(crate) use world::{
    LIMIT, PASSWORD, Place, USER, VERSION, host_of_site, path_of_route, token_line,
};
