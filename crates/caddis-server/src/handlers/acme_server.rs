//! `acme_server`: a certificate authority for other ACME clients. Refused before anything is served: `runs/served.rs` does not list it.

use caddis_ir::{AcmeServer, Path};

use crate::Node;
use crate::builder::Builder;

/// Nothing of it is served yet.
pub(crate) fn build(_: &AcmeServer, _: &Path, _: &mut Builder<'_>, next: Node) -> Node {
    next
}
