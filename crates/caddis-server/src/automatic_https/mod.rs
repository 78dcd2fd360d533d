//! Automatic HTTPS: which servers are encrypted, which names need certificates, and where plain HTTP is redirected.

mod names;
mod plan;
mod redirects;

pub(crate) use plan::{Plan, plan};
