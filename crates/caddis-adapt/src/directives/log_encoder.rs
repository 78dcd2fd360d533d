//! `format` in the block of `log`: what an entry looks like.

use caddis_ir::Encoder;
use caddis_source::{Code, Diagnostic, suggest};
use caddis_syntax::Line;

use crate::{Args, Result, Token};

const ENCODERS: &[&str] = &["json", "console", "filter", "append", "journald"];

/// Options of Caddy's encoders; none of them is there yet.
const OPTIONS: &[&str] = &[
    "message_key",
    "level_key",
    "time_key",
    "name_key",
    "caller_key",
    "stacktrace_key",
    "line_ending",
    "time_format",
    "time_local",
    "duration_format",
    "level_format",
];

const NOT_YET: Code = Code("log/not-yet");
const UNKNOWN_ENCODER: Code = Code("log/unknown-format");

/// Reads `format <encoder>`.
pub(super) fn read(line: &Line) -> Result<Encoder> {
    let mut args = Args::new(line, "format json | console");
    let name = args.required("a format")?;
    let encoder = match name.text() {
        "json" => Encoder::Json {},
        "console" => Encoder::Console {},
        _ => return Err(args.with_usage(other(name))),
    };
    args.no_more()?;
    match args.options().first() {
        None => Ok(encoder),
        Some(option) if OPTIONS.contains(&option.name().text()) => Err(args.not_yet(option.name())),
        Some(option) => Err(args.unknown(option.name(), OPTIONS)),
    }
}

fn other(name: &Token) -> Diagnostic {
    if ENCODERS.contains(&name.text()) {
        let message = format!(
            "`{}` is a format of Caddy that caddis does not have yet",
            name.text()
        );
        return name.error(NOT_YET, message).label("not there yet");
    }
    let message = format!("there is no format `{}`", name.text());
    let error = name.error(UNKNOWN_ENCODER, message);
    match suggest(name.text(), ENCODERS.iter().copied()) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help("the formats are `json` and `console`"),
    }
}
