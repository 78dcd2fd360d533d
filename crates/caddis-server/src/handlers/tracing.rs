//! `tracing`: tell a collector of every request. Refused before anything is served: `runs/served.rs` does not list it.

use caddis_ir::{Path, Tracing};

use crate::Node;
use crate::build::Builder;

/// Nothing of it is served yet.
pub(crate) fn build(_: &Tracing, _: &Path, _: &mut Builder<'_>, next: Node) -> Node {
    next
}
