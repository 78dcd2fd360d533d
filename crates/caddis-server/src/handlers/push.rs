//! `push`: send resources before they are asked for.
//!
//! No browser takes them any more, and hyper has no way to send them: requests go on as they do in Caddy for clients
//! that do not want them. `instance.rs` says so in the log.

use caddis_ir::{Path, Push};

use crate::Node;
use crate::builder::Builder;

/// Hands on.
pub(crate) fn build(_: &Push, _: &Path, _: &mut Builder<'_>, next: Node) -> Node {
    next
}
