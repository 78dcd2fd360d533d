//! `intercept`: look at answers on their way to the client. Refused before anything is served: `runs/served.rs` does not list it.

use caddis_ir::{Intercept, Path};

use crate::Node;
use crate::build::Builder;

/// Nothing of it is served yet.
pub(crate) fn build(_: &Intercept, _: &Path, _: &mut Builder<'_>, next: Node) -> Node {
    next
}
