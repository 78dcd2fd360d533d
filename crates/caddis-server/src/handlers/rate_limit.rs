//! `rate_limit`: answer 429 to those who ask too often. Refused before anything is served: `runs/served.rs` does not list it.

use caddis_ir::{Path, RateLimit};

use crate::Node;
use crate::build::Builder;

/// Nothing of it is served yet.
pub(crate) fn build(_: &RateLimit, _: &Path, _: &mut Builder<'_>, next: Node) -> Node {
    next
}
