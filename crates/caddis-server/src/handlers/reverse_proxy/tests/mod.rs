//! Tests of the proxy over connections in memory: what goes up and what comes down, byte by byte.

mod connections;
mod dynamic;
mod edits;
mod fastcgi;
mod health;
mod http1;
mod http2;
mod limits;
mod ollama;
mod plain;
mod streams;
mod transports;
mod upgrades;
mod upstreams;
mod world;
