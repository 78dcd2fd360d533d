//! Tests of the proxy over connections in memory: what goes up and what comes down, byte by byte.

mod connections;
mod edits;
mod http2;
mod limits;
mod ollama;
mod plain;
mod upgrades;
mod upstreams;
mod world;
