//! `invoke`: go through a named route. Refused before anything is served: `runs/served.rs` does not list it.

use caddis_ir::{Invoke, Path};

use crate::Node;
use crate::build::Builder;

/// Nothing of it is served yet.
pub(crate) fn build(_: &Invoke, _: &Path, _: &mut Builder<'_>, next: Node) -> Node {
    next
}
