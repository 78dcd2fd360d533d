//! Findings as text: for people, for scripts, and for what shows them elsewhere.

mod checkstyle;
mod concise;
mod full;
mod github;
mod gitlab;
mod json;
mod junit;
mod sarif;
mod tap;
#[cfg(test)]
mod tests;
mod xml;

pub use checkstyle::checkstyle;
pub use concise::concise;
pub use full::full;
pub use github::github;
pub use gitlab::gitlab;
pub use json::json;
pub use junit::junit;
pub use sarif::sarif;
pub use tap::tap;
