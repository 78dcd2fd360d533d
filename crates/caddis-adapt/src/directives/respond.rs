//! `respond`: answer with a text, a status, or both.

use caddis_ir::{Handler, StaticResponse};
use caddis_syntax::Line;

use crate::{Args, Directive, Lower, Result, Scope, read};

const OPTIONS: &[&str] = &["body", "close"];

pub(super) const DIRECTIVE: Directive = Directive {
    name: "respond",
    old_names: &[],
    summary: "Answer with a text, a status, or both.",
    syntax: "respond [<matcher>] <status> | <body> [<status>]",
    subdirectives: OPTIONS,
    examples: &[
        "respond \"Hello, world!\"",
        "respond /health 200",
        "respond /admin/* \"Not for you\" 403",
    ],
    lower: Lower::Handler(lower),
};

fn lower(args: &mut Args<'_>, _: &mut Scope<'_>) -> Result<Handler> {
    let first = args.required("a text or a status")?;
    let mut response = StaticResponse::default();
    match args.optional() {
        None if read::looks_like_status(first) => {
            response.status_code = Some(read::status(first)?);
        }
        None => response.body = first.text().into(),
        // Caddy leaves a status out that an empty variable stands for.
        Some(status) if status.text().is_empty() => response.body = first.text().into(),
        Some(status) => {
            response.body = first.text().into();
            response.status_code = Some(read::status(status)?);
        }
    }
    for line in args.options() {
        option(line, args, &mut response)?;
    }
    args.finish()?;
    Ok(response.into())
}

fn option(line: &Line, args: &Args<'_>, response: &mut StaticResponse) -> Result<()> {
    let name = line.name();
    match name.text() {
        "body" if !response.body.is_empty() => return Err(args.twice(name)),
        "body" => {
            let text = Args::new(line, "body <text>").only("a text")?;
            response.body = text.text().into();
        }
        "close" if response.close => return Err(args.twice(name)),
        "close" => {
            Args::new(line, "close").finish()?;
            response.close = true;
        }
        _ => return Err(args.unknown(name, OPTIONS)),
    }
    Ok(())
}
