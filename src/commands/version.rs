//! `caddis version`

use crate::name::Name;
use crate::report::{Failure, Io, Outcome};

/// The version of Caddy whose behaviour is followed.
pub(crate) const CADDY: &str = "2.11.4";

/// Scripts read the first word: our own version, or that of Caddy for who asks `caddy`.
pub(crate) fn run(io: &Io) -> Result<Outcome, Failure> {
    let own = env!("CARGO_PKG_VERSION");
    io.print(&match io.name {
        Name::Caddis => format!("{own} (caddis, follows Caddy {CADDY})\n"),
        Name::Caddy => format!("{CADDY} (caddis {own})\n"),
    })?;
    Ok(Outcome::SUCCESS)
}
