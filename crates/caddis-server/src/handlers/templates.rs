//! `templates`: fill in templates. Refused before anything is served: `runs/served.rs` does not list it.

use caddis_ir::{Path, Templates};

use crate::Node;
use crate::build::Builder;

/// Nothing of it is served yet.
pub(crate) fn build(_: &Templates, _: &Path, _: &mut Builder<'_>, next: Node) -> Node {
    next
}
