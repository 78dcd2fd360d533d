//! The program that users get, on real sockets, with the clients that people use.
//!
//! `CADDIS` names the program to test; without it the one that Cargo built for the tests is taken. Set to the path
//! of the real Caddy, it shows that these tests ask for nothing that Caddy does not do.

mod acme;
mod admin;
mod answers;
mod asker;
mod background;
mod browser;
mod collector;
mod curl;
mod fairness;
mod faults;
mod first_light;
mod get_certificate;
mod guards;
mod guide;
mod life;
mod load;
mod logs;
mod many_requests;
mod named;
mod nginx;
mod ocsp;
mod ollama;
mod pebble;
mod process;
mod python;
mod reload;
mod respond;
mod responder;
mod security;
mod server;
mod stage;
mod streams;
mod tls;
mod tls_policies;
mod tracing;
mod troubleshooting;
mod websockets;
mod whole_guide;
