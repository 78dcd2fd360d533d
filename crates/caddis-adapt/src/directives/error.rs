//! `error`: fail, for `handle_errors` or the plain error page to answer.

use caddis_ir::{Handler, StaticError};
use caddis_syntax::Line;

use crate::{Args, Directive, Lower, Result, Scope, read};

const OPTIONS: &[&str] = &["message"];

pub(super) const DIRECTIVE: Directive = Directive {
    name: "error",
    old_names: &[],
    summary: "Fail, for the error routes or the plain error page to answer.",
    syntax: "error [<matcher>] <status> | <message> [<status>]",
    subdirectives: OPTIONS,
    examples: &["error /private* \"Keep out\" 403", "error 503"],
    lower: Lower::Handler(lower),
};

fn lower(args: &mut Args<'_>, _: &mut Scope<'_>) -> Result<Handler> {
    let first = args.required("a message or a status")?;
    let mut error = StaticError::default();
    match args.optional() {
        None if read::looks_like_status(first) => error.status_code = Some(read::status(first)?),
        None => error.error = first.text().into(),
        // Caddy leaves a status out that an empty variable stands for.
        Some(status) if status.text().is_empty() => error.error = first.text().into(),
        Some(status) => {
            error.error = first.text().into();
            error.status_code = Some(read::status(status)?);
        }
    }
    for line in args.options() {
        option(line, args, &mut error)?;
    }
    args.finish()?;
    Ok(Handler::Error(error))
}

fn option(line: &Line, args: &Args<'_>, error: &mut StaticError) -> Result<()> {
    let name = line.name();
    match name.text() {
        "message" if !error.error.is_empty() => Err(args.twice(name)),
        "message" => {
            let text = Args::new(line, "message <text>").only("a text")?;
            error.error = text.text().into();
            Ok(())
        }
        _ => Err(args.unknown(name, OPTIONS)),
    }
}
