//! `keepalive` and the like in the block of `transport http`: whether connections are used again.

use caddis_ir::HttpTransport;
use caddis_syntax::Line;

use super::line_values::{number, time};
use crate::{Args, Result};

const OPTIONS: &[&str] = &[
    "keepalive",
    "keepalive_interval",
    "keepalive_idle_conns",
    "keepalive_idle_conns_per_host",
];

/// Reads a line that starts with one of the options.
pub(super) fn option(line: &Line, of: &Args<'_>, transport: &mut HttpTransport) -> Result<()> {
    let name = line.name();
    if !OPTIONS.contains(&name.text()) {
        return Err(of.unknown(name, OPTIONS));
    }
    let keep_alive = transport.keep_alive.get_or_insert_default();
    match name.text() {
        "keepalive"
            if line
                .arguments()
                .first()
                .is_some_and(|word| word.text() == "off") =>
        {
            Args::new(line, "keepalive off | <duration>").only("`off`")?;
            keep_alive.enabled = Some(false);
        }
        "keepalive" => keep_alive.idle_timeout = time(line, "keepalive off | <duration>")?,
        "keepalive_interval" => {
            keep_alive.probe_interval = time(line, "keepalive_interval <duration>")?;
        }
        "keepalive_idle_conns" => {
            keep_alive.max_idle_conns = number(line, "keepalive_idle_conns <number>")?;
        }
        _ => {
            let syntax = "keepalive_idle_conns_per_host <number>";
            keep_alive.max_idle_conns_per_host = number(line, syntax)?;
        }
    }
    Ok(())
}
