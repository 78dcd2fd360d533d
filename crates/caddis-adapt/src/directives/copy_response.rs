//! `copy_response`: send the answer that `handle_response` has in hand.

use caddis_ir::{CopyResponse, Handler, StatusCode};
use caddis_syntax::Line;

use super::handle_response::new_status;
use crate::{Args, Directive, Lower, Result, Scope};

const OPTIONS: &[&str] = &["status"];

pub(super) const DIRECTIVE: Directive = Directive {
    name: "copy_response",
    old_names: &[],
    summary: "Send the answer that is being handled, within `handle_response`.",
    syntax: "copy_response [<matcher>] [<status>]",
    subdirectives: OPTIONS,
    examples: &["copy_response 404", "copy_response"],
    lower: Lower::Handler(lower),
};

fn lower(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<Handler> {
    let mut copy = CopyResponse::default();
    // Caddy takes one number, and then looks at nothing else; other arguments have no effect.
    if let (1, Some(status)) = (args.left(), args.peek())
        && let Ok(code @ 1..) = status.text().parse()
    {
        args.optional();
        copy.status_code = Some(StatusCode::Fixed(code));
        return Ok(Handler::CopyResponse(copy));
    }
    for line in args.options() {
        option(line, args, &mut copy, scope)?;
    }
    Ok(Handler::CopyResponse(copy))
}

fn option(
    line: &Line,
    args: &Args<'_>,
    copy: &mut CopyResponse,
    scope: &mut Scope<'_>,
) -> Result<()> {
    let name = line.name();
    if name.text() != "status" {
        return Err(args.unknown(name, OPTIONS));
    }
    let status = Args::new(line, "status <code>").only("a status")?;
    copy.status_code = new_status(status, scope)?;
    Ok(())
}
