//! What the targets ask of every text: the same as the tests.

#[path = "../../caddis-testkit/src/claims/mod.rs"]
pub mod claims;
