//! `copy_response_headers`: copy header fields of the answer that is being handled. Refused before anything is served: `runs/served.rs` does not list it.

use caddis_ir::{CopyResponseHeaders, Path};

use crate::Node;
use crate::build::Builder;

/// Nothing of it is served yet.
pub(crate) fn build(_: &CopyResponseHeaders, _: &Path, _: &mut Builder<'_>, next: Node) -> Node {
    next
}
