//! `map`: variables that depend on a value. Refused before anything is served: `runs/served.rs` does not list it.

use caddis_ir::{MapHandler, Path};

use crate::Node;
use crate::build::Builder;

/// Nothing of it is served yet.
pub(crate) fn build(_: &MapHandler, _: &Path, _: &mut Builder<'_>, next: Node) -> Node {
    next
}
