//! Diagnostics as text: drawn for people, a line each for scripts, JSON for programs.

mod concise;
mod excerpt;
mod full;
mod github;
mod json;

pub use concise::concise;
pub use full::{Style, drawn_each, full};
pub use github::github;
pub use json::json;
