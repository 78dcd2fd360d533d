//! What a request pays for each thing in a config: `cargo bench -p caddis-server --bench request [-- WORDS…]`.
//!
//! A request goes through a whole tree in memory, without sockets: from each time, that of `nothing` is to be taken
//! away. Nothing here is a test: machines differ.

mod headers;
mod matchers;
mod placeholders;
mod routes;
mod tree;

use divan::Bencher;
use serde_json::json;

fn main() {
    divan::main();
}

/// An answer without a body from a tree of one route: what every request pays.
#[divan::bench]
fn nothing(bencher: Bencher) {
    tree::measure(bencher, &json!([{"handle": [tree::answer()]}]));
}
