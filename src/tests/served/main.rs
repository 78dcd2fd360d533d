//! The program that users get, on real sockets, with the clients that people use.
//!
//! `CADDIS` names the program to test; without it the one that Cargo built for the tests is taken. Set to the path
//! of the real Caddy, it shows that these tests ask for nothing that Caddy does not do.

mod admin;
mod answers;
mod curl;
mod first_light;
mod guide;
mod life;
mod ollama;
mod process;
mod python;
mod server;
mod streams;
