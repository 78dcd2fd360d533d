//! `get_certificate` in the block of `tls`: who is asked for a certificate at each handshake.

use caddis_ir::CertificateManager;
use caddis_source::{Code, suggest};

use crate::{Args, Result};

const MANAGERS: &[&str] = &["http", "tailscale"];

const UNKNOWN: Code = Code("tls/unknown-manager");

/// Reads `<name> …`, and leaves a block that Caddy does not look at.
pub(super) fn read(args: &mut Args<'_>) -> Result<CertificateManager> {
    let name = args.required("the name of who is asked")?;
    match name.text() {
        "http" => {
            let url = args.only("the address of a web server")?.text().into();
            Ok(CertificateManager::Http { url })
        }
        "tailscale" => {
            args.no_more()?;
            Ok(CertificateManager::Tailscale {})
        }
        other => {
            let message = format!("certificates cannot be got from `{other}`");
            let error = name.error(UNKNOWN, message);
            Err(match suggest(other, MANAGERS.iter().copied()) {
                Some(near) => error.help(format!("did you mean `{near}`?")),
                None => error.help("write `http <url>` or `tailscale`; caddis has no plugins"),
            })
        }
    }
}
