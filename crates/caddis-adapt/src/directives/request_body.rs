//! `request_body`: limit what a client sends.

use caddis_ir::{Handler, RequestBody};
use caddis_source::{Code, Diagnostic};
use caddis_syntax::Line;

use crate::{Args, Directive, Lower, Result, Scope, Token, read};

const OPTIONS: &[&str] = &["max_size", "read_timeout", "write_timeout", "set"];

const BLOCK_NOT_READ: Code = Code("request_body/block-not-read");

pub(super) const DIRECTIVE: Directive = Directive {
    name: "request_body",
    old_names: &[],
    summary: "Limit the size of what a client sends, and the time for it.",
    syntax: "request_body [<matcher>] { max_size <size> }",
    subdirectives: OPTIONS,
    examples: &["request_body {\n\tmax_size 100MB\n}"],
    lower: Lower::Handler(lower),
};

fn lower(args: &mut Args<'_>, scope: &mut Scope<'_>) -> Result<Handler> {
    let mut body = RequestBody::default();
    let lines = args.options();
    if args.left() == 0 {
        for line in lines {
            option(line, args, &mut body)?;
        }
    } else if !lines.is_empty() {
        scope.report(block_not_read(args));
    }
    Ok(Handler::RequestBody(body))
}

/// Caddy looks for a block right behind the matcher, and goes on without limits if a word stands there.
fn block_not_read(args: &mut Args<'_>) -> Diagnostic {
    let words = args.rest();
    let span = words.first().map_or(args.span(), Token::span);
    Diagnostic::warning(
        BLOCK_NOT_READ,
        span,
        "the block of this `request_body` has no effect",
    )
    .label("because of this argument")
    .help("remove the argument; limits are written in the block: `max_size 10MB`")
}

fn option(line: &Line, args: &Args<'_>, body: &mut RequestBody) -> Result<()> {
    let name = line.name();
    match name.text() {
        "max_size" => {
            let size = read::size(Args::new(line, "max_size <size>").only("a size")?)?;
            body.max_size = Some(size).filter(|size| *size > 0);
        }
        "read_timeout" => {
            let time = Args::new(line, "read_timeout <duration>").only("a duration")?;
            body.read_timeout = Some(read::duration_without_days(time)?).filter(|time| time.0 != 0);
        }
        "write_timeout" => {
            let time = Args::new(line, "write_timeout <duration>").only("a duration")?;
            body.write_timeout =
                Some(read::duration_without_days(time)?).filter(|time| time.0 != 0);
        }
        "set" => {
            let text = Args::new(line, "set <text>").only("a text")?;
            body.set = text.text().into();
        }
        _ => return Err(args.unknown(name, OPTIONS)),
    }
    Ok(())
}
