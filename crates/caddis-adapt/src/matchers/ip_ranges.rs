//! Addresses and prefixes, and the word that stands for the private ones.

use crate::Token;

/// What `private_ranges` stands for, in Caddy's order.
const PRIVATE: [&str; 6] = [
    "192.168.0.0/16",
    "172.16.0.0/12",
    "10.0.0.0/8",
    "127.0.0.1/8",
    "fd00::/8",
    "::1",
];

/// Adds an address or prefix, or all private ones.
pub(crate) fn add(token: &Token, ranges: &mut Vec<String>) {
    if token.text() == "private_ranges" {
        ranges.extend(PRIVATE.map(String::from));
    } else {
        ranges.push(token.text().into());
    }
}
