//! `log_append`: put a field into the access log. Refused before anything is served: `runs/served.rs` does not list it.

use caddis_ir::{LogAppend, Path};

use crate::Node;
use crate::build::Builder;

/// Nothing of it is served yet.
pub(crate) fn build(_: &LogAppend, _: &Path, _: &mut Builder<'_>, next: Node) -> Node {
    next
}
