//! Golden runner, in-memory client and the comparison with the real Caddy; for tests only.

pub mod claims;
pub mod golden;
pub mod lines;
pub mod normalize;
pub mod oracle;
pub mod parallel;
pub mod shared;
pub mod variables;
