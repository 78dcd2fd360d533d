//! `output` in the block of `log`: where entries are written.

use caddis_ir::{Duration, Writer};
use caddis_source::{Code, Diagnostic, suggest};
use caddis_syntax::Line;

use crate::{Args, Result, Token, read};

const WRITERS: &[&str] = &["stdout", "stderr", "discard", "file", "net"];

const FILE_OPTIONS: &[&str] = &[
    "mode",
    "roll_disabled",
    "roll_size",
    "roll_uncompressed",
    "roll_local_time",
    "roll_keep",
    "roll_keep_for",
    "roll_interval",
];

/// Options of Caddy that are not there yet.
const FILE_NOT_YET: &[&str] = &[
    "backup_time_format",
    "dir_mode",
    "roll_at",
    "roll_compression",
    "roll_minutes",
];

const NOT_YET: Code = Code("log/not-yet");
const UNKNOWN_WRITER: Code = Code("log/unknown-writer");
const NOT_A_MODE: Code = Code("log/not-a-mode");
const NOT_A_COUNT: Code = Code("log/not-a-count");
const NEGATIVE: Code = Code("log/negative-time");

/// Reads `output <writer> … { … }`.
pub(super) fn read(line: &Line) -> Result<Writer> {
    let mut args = Args::new(line, "output stdout | stderr | discard | file <name>");
    let name = args.required("where to write")?;
    let writer = match name.text() {
        "stdout" => Writer::Stdout {},
        "stderr" => Writer::Stderr {},
        "discard" => Writer::Discard {},
        "file" => {
            let file = args.required("the name of a file")?;
            args.no_more()?;
            return self::file(file, args.options(), &args);
        }
        _ => return Err(args.with_usage(other(name))),
    };
    // Nothing but a file has settings.
    args.finish()?;
    Ok(writer)
}

fn other(name: &Token) -> Diagnostic {
    if WRITERS.contains(&name.text()) {
        let message = format!(
            "`{}` is an output of Caddy that caddis does not have yet",
            name.text()
        );
        return name.error(NOT_YET, message).label("not there yet");
    }
    let message = format!("there is no output `{}`", name.text());
    let error = name.error(UNKNOWN_WRITER, message);
    match suggest(name.text(), WRITERS.iter().copied()) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error,
    }
}

/// The settings of a file.
#[derive(Default)]
struct File {
    mode: Option<String>,
    roll: Option<bool>,
    roll_size_mb: Option<u64>,
    roll_gzip: Option<bool>,
    roll_local_time: bool,
    roll_keep: Option<u64>,
    roll_keep_days: Option<u64>,
    roll_interval: Option<Duration>,
}

fn file(name: &Token, lines: &[Line], of: &Args<'_>) -> Result<Writer> {
    let mut file = File::default();
    for line in lines {
        option(line, of, &mut file)?;
    }
    Ok(Writer::File {
        filename: name.text().into(),
        mode: file.mode,
        roll: file.roll,
        roll_size_mb: file.roll_size_mb,
        roll_gzip: file.roll_gzip,
        roll_local_time: file.roll_local_time,
        roll_keep: file.roll_keep,
        roll_keep_days: file.roll_keep_days,
        roll_interval: file.roll_interval,
    })
}

fn option(line: &Line, of: &Args<'_>, file: &mut File) -> Result<()> {
    let name = line.name();
    let mut args = Args::new(line, "");
    match name.text() {
        "mode" => file.mode = Some(mode(args.only("permissions")?)?),
        "roll_size" => {
            let bytes = read::size(args.only("a size")?)?;
            file.roll_size_mb = Some(bytes.div_ceil(MEBIBYTE)).filter(|size| *size > 0);
        }
        "roll_keep" => {
            let count = count(args.only("a number of files")?)?;
            file.roll_keep = Some(count).filter(|count| *count > 0);
        }
        "roll_keep_for" => file.roll_keep_days = keep_days(args.only("a duration")?)?,
        "roll_interval" => {
            let time = read::duration_without_days(args.only("a duration")?)?;
            file.roll_interval = Some(time).filter(|time| time.0 != 0);
        }
        other => {
            match other {
                "roll_disabled" => file.roll = Some(false),
                "roll_uncompressed" => file.roll_gzip = Some(false),
                "roll_local_time" => file.roll_local_time = true,
                _ if FILE_NOT_YET.contains(&other) => return Err(of.not_yet(name)),
                _ => return Err(of.unknown(name, FILE_OPTIONS)),
            }
            args.finish()?;
        }
    }
    Ok(())
}

const MEBIBYTE: u64 = 1024 * 1024;

/// Octal digits, written with a zero before them as Caddy does.
fn mode(token: &Token) -> Result<String> {
    const HIGHEST: u32 = 0o7777;
    match u32::from_str_radix(token.text(), 8) {
        Ok(mode) if mode <= HIGHEST => Ok(format!("{mode:04o}")),
        _ => Err(token
            .error(
                NOT_A_MODE,
                format!("`{}` is not a file's permissions", token.text()),
            )
            .label("expected octal digits, such as 0640")),
    }
}

fn count(token: &Token) -> Result<u64> {
    token.text().parse().map_err(|_| {
        token
            .error(NOT_A_COUNT, format!("`{}` is not a number", token.text()))
            .label("expected how many files are kept")
    })
}

/// Whole days, the last one begun.
fn keep_days(token: &Token) -> Result<Option<u64>> {
    const DAY: u64 = 24 * 3600 * 1_000_000_000;
    let time = read::duration(token)?;
    let Ok(nanoseconds) = u64::try_from(time.0) else {
        return Err(token.error(NEGATIVE, "a time to keep files cannot be negative"));
    };
    Ok(Some(nanoseconds.div_ceil(DAY)).filter(|days| *days > 0))
}
