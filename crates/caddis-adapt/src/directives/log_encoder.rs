//! `format` in the block of `log`: what an entry looks like.

use caddis_ir::{AppendEncoder, Encoder, EncoderKeys, JournaldEncoder};
use caddis_source::{Code, Diagnostic};
use caddis_syntax::Line;

use super::log_filter;
use crate::origins::{At, Trail};
use crate::routes::warn_of_ignored;
use crate::scalar::scalar;
use crate::{Args, Result, Token, modules};

const ENCODERS: &[&str] = &["json", "console", "filter", "append", "journald"];

/// Options of `json` and `console`, and how each is written.
const OPTIONS: &[(&str, &str)] = &[
    ("message_key", "message_key <key>"),
    ("level_key", "level_key <key>"),
    ("time_key", "time_key <key>"),
    ("name_key", "name_key <key>"),
    ("caller_key", "caller_key <key>"),
    ("stacktrace_key", "stacktrace_key <key>"),
    ("line_ending", "line_ending <text>"),
    ("time_format", "time_format <format>"),
    ("time_local", "time_local"),
    ("duration_format", "duration_format <format>"),
    ("level_format", "level_format <format>"),
];

const UNKNOWN_ENCODER: Code = Code("log/unknown-format");

/// Reads `format <encoder>` and `wrap <encoder>`; warnings go to `found`.
pub(super) fn read(line: &Line, found: &mut Vec<Diagnostic>) -> Result<(Encoder, Trail)> {
    let mut args = Args::new(line, "format json | console | filter | append | journald");
    let name = args.required("a format")?;
    let mut trail = Trail::at(line.span());
    let encoder = match name.text() {
        "json" => Encoder::Json(keys(&mut args, &mut trail)?.into()),
        "console" => Encoder::Console(keys(&mut args, &mut trail)?.into()),
        "filter" => Encoder::Filter(log_filter::read(&mut args, &mut trail, found)?),
        "append" => Encoder::Append(append(&mut args, &mut trail, found)?),
        "journald" => Encoder::Journald(journald(&mut args, &mut trail, found)?),
        _ => {
            let error = modules::unknown(name, UNKNOWN_ENCODER, "format", ENCODERS);
            return Err(args.with_usage(error));
        }
    };
    Ok((encoder, trail))
}

/// Reads `wrap <encoder>`, and notes where it stands.
pub(super) fn wrapped(
    line: &Line,
    trail: &mut Trail,
    found: &mut Vec<Diagnostic>,
) -> Result<Option<Box<Encoder>>> {
    let (encoder, place) = read(line, found)?;
    trail.children.push((At::Key("wrap"), place));
    Ok(Some(Box::new(encoder)))
}

fn keys(args: &mut Args<'_>, trail: &mut Trail) -> Result<EncoderKeys> {
    args.no_more()?;
    let mut keys = EncoderKeys::default();
    for line in args.options() {
        key(line, args, &mut keys)?;
        let place = Trail::at(line.span());
        let name = line.name().text().to_owned();
        trail.children.push((At::Name(name), place));
    }
    Ok(keys)
}

fn key(line: &Line, of: &Args<'_>, keys: &mut EncoderKeys) -> Result<()> {
    let name = line.name();
    let Some((_, syntax)) = OPTIONS.iter().find(|(known, _)| *known == name.text()) else {
        let known: Vec<&str> = OPTIONS.iter().map(|(name, _)| *name).collect();
        return Err(of.unknown(name, &known));
    };
    let mut args = Args::new(line, syntax);
    if name.text() == "time_local" {
        keys.time_local = true;
        return args.finish();
    }
    let text = args.only("a value")?.text().to_owned();
    match name.text() {
        "message_key" => keys.message_key = Some(text),
        "level_key" => keys.level_key = Some(text),
        "time_key" => keys.time_key = Some(text),
        "name_key" => keys.name_key = Some(text),
        "caller_key" => keys.caller_key = Some(text),
        "stacktrace_key" => keys.stacktrace_key = Some(text),
        "line_ending" => keys.line_ending = Some(text),
        "time_format" => keys.time_format = text,
        "duration_format" => keys.duration_format = text,
        _ => keys.level_format = text,
    }
    Ok(())
}

fn append(
    args: &mut Args<'_>,
    trail: &mut Trail,
    found: &mut Vec<Diagnostic>,
) -> Result<AppendEncoder> {
    let mut encoder = AppendEncoder::default();
    // With an argument, Caddy does not look at the block either.
    let lines = if args.peek().is_none() {
        args.options()
    } else {
        &[]
    };
    found.extend(warn_of_ignored(args));
    for line in lines {
        match line.name().text() {
            "wrap" => encoder.wrap = wrapped(line, trail, found)?,
            "fields" => {
                let mut inner = Args::new(line, "fields { <field> <value> }");
                inner.no_more()?;
                for line in inner.options() {
                    field(line, &mut encoder)?;
                }
            }
            _ => field(line, &mut encoder)?,
        }
    }
    Ok(encoder)
}

fn field(line: &Line, encoder: &mut AppendEncoder) -> Result<()> {
    let value: &Token = Args::new(line, "<field> <value>").only("a value")?;
    let name = line.name().text().to_owned();
    encoder.fields.insert(name, scalar(value)?);
    Ok(())
}

fn journald(
    args: &mut Args<'_>,
    trail: &mut Trail,
    found: &mut Vec<Diagnostic>,
) -> Result<JournaldEncoder> {
    args.no_more()?;
    let mut encoder = JournaldEncoder::default();
    for line in args.options() {
        match line.name().text() {
            "wrap" => encoder.wrap = wrapped(line, trail, found)?,
            _ => return Err(args.unknown(line.name(), &["wrap"])),
        }
    }
    Ok(encoder)
}
