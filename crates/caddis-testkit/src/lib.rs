//! Golden runner, in-memory client and the comparison with the real Caddy; for tests only.

pub mod claims;
pub mod examples;
pub mod golden;
pub mod lines;
pub mod normalize;
pub mod oracle;
pub mod parallel;
pub mod security;
pub mod shared;
pub mod side_by_side;
pub mod variables;
