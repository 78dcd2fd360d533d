//! Requests to the endpoint, with a stub in place of the server.

mod config;
mod guests;
mod load;
mod world;
