//! `caddis version`

use crate::report::{Failure, Io, Outcome};

/// The version of Caddy whose behaviour is followed.
pub(crate) const CADDY: &str = "2.11.4";

/// Our own version first: scripts read the first word.
pub(crate) fn run(io: &Io) -> Result<Outcome, Failure> {
    let own = env!("CARGO_PKG_VERSION");
    io.print(&format!("{own} (caddis, follows Caddy {CADDY})\n"))?;
    Ok(Outcome::SUCCESS)
}
