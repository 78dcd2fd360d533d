//! `transport` in the block of `reverse_proxy`: how an upstream is asked.

use caddis_ir::{Path, Transport};
use caddis_source::{Code, Diagnostic, suggest};
use caddis_syntax::Line;

use super::{fastcgi_transport, http_transport};
use crate::{Args, Result, Scope, Token};

const TRANSPORTS: &[&str] = &["fastcgi", "http"];

const UNKNOWN_TRANSPORT: Code = Code("reverse_proxy/unknown-transport");

/// Reads `transport <name> { … }`.
pub(super) fn read(line: &Line, scope: &mut Scope<'_>) -> Result<Transport> {
    let mut args = Args::new(line, "transport http | fastcgi { … }");
    let name = args.required("the name of a transport")?;
    // Caddy does not see the block behind an argument too many.
    let lines = if args.left() == 0 {
        args.options()
    } else {
        &[]
    };
    scope.ignored(&args);
    scope.origin(&Path::root().key("transport"), line.span());
    match name.text() {
        "fastcgi" => {
            let fastcgi = fastcgi_transport::read(&args, lines, scope)?;
            Ok(Transport::Fastcgi(Box::new(fastcgi)))
        }
        "http" => {
            let http = http_transport::read(&args, lines, scope)?;
            Ok(Transport::Http(Box::new(http)))
        }
        _ => Err(unknown(name)),
    }
}

fn unknown(name: &Token) -> Diagnostic {
    let message = format!("there is no transport `{}`", name.text());
    let error = name.error(UNKNOWN_TRANSPORT, message);
    match suggest(name.text(), TRANSPORTS.iter().copied()) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help("write `transport http` or `transport fastcgi`"),
    }
}
