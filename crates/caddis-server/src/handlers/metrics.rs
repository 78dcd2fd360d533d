//! `metrics`: answer with the metrics of the server. Refused before anything is served: `runs/served.rs` does not list it.

use caddis_ir::{MetricsHandler, Path};

use crate::Node;
use crate::build::Builder;

/// Nothing of it is served yet.
pub(crate) fn build(_: &MetricsHandler, _: &Path, _: &mut Builder<'_>, next: Node) -> Node {
    next
}
