//! Tests of the proxy over connections in memory: what goes up and what comes down, byte by byte.

mod connections;
mod edits;
mod fastcgi;
mod http2;
mod limits;
mod ollama;
mod plain;
mod transports;
mod upgrades;
mod upstreams;
mod world;
