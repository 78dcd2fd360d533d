//! The options of `output file`: permissions, and when and how the file is rolled.

use caddis_ir::FileWriter;
use caddis_source::Code;
use caddis_syntax::Line;

use crate::{Args, Result, Token, read};

const OPTIONS: &[&str] = &[
    "mode",
    "dir_mode",
    "roll_disabled",
    "roll_size",
    "roll_interval",
    "roll_minutes",
    "roll_at",
    "roll_uncompressed",
    "roll_compression",
    "roll_local_time",
    "roll_keep",
    "roll_keep_for",
    "backup_time_format",
];

const COMPRESSIONS: [&str; 3] = ["none", "gzip", "zstd"];

const NOT_A_MODE: Code = Code("log/not-a-mode");
const NOT_A_COUNT: Code = Code("log/not-a-count");
const NOT_A_MINUTE: Code = Code("log/not-a-minute");
const EMPTY: Code = Code("log/empty-value");
const NEGATIVE: Code = Code("log/negative-time");
const COMPRESSION: Code = Code("log/unknown-compression");

const MEBIBYTE: u64 = 1024 * 1024;

/// Reads an option of `output file`, and gives the field of the JSON that it is about.
pub(super) fn option(line: &Line, of: &Args<'_>, file: &mut FileWriter) -> Result<&'static str> {
    let name = line.name();
    let mut args = Args::new(line, syntax(name));
    Ok(match name.text() {
        "mode" => {
            file.mode = mode(args.only("permissions")?)?;
            "mode"
        }
        "dir_mode" => {
            file.dir_mode = dir_mode(args.only("permissions")?)?;
            "dir_mode"
        }
        "roll_disabled" => {
            file.roll = Some(false);
            args.finish()?;
            "roll"
        }
        "roll_size" => {
            let bytes = read::size(args.only("a size")?)?;
            file.roll_size_mb = Some(bytes.div_ceil(MEBIBYTE)).filter(|size| *size > 0);
            "roll_size_mb"
        }
        "roll_keep" => {
            let count = count(args.only("a number of files")?)?;
            file.roll_keep = Some(count).filter(|count| *count > 0);
            "roll_keep"
        }
        "roll_keep_for" => {
            file.roll_keep_days = keep_days(args.only("a duration")?)?;
            "roll_keep_days"
        }
        "roll_interval" | "roll_minutes" | "roll_at" => when(&mut args, file)?,
        _ => how(&mut args, of, file)?,
    })
}

/// When the file is rolled.
fn when(args: &mut Args<'_>, file: &mut FileWriter) -> Result<&'static str> {
    Ok(match args.name().text() {
        "roll_interval" => {
            let time = read::duration_without_days(args.only("a duration")?)?;
            file.roll_interval = Some(time).filter(|time| time.0 != 0);
            "roll_interval"
        }
        "roll_minutes" => {
            let minutes = list(args.at_least_one("minutes of the hour")?)?;
            let minutes = minutes.into_iter().map(|(text, word)| minute(text, word));
            file.roll_minutes = minutes.collect::<Result<_>>()?;
            args.finish()?;
            "roll_minutes"
        }
        _ => {
            let times = list(args.at_least_one("times of the day")?)?;
            file.roll_at = times.into_iter().map(|(text, _)| text.into()).collect();
            args.finish()?;
            "roll_at"
        }
    })
}

/// How rolled files are written.
fn how(args: &mut Args<'_>, of: &Args<'_>, file: &mut FileWriter) -> Result<&'static str> {
    let name = args.name();
    Ok(match name.text() {
        "roll_uncompressed" => {
            file.roll_gzip = Some(false);
            args.finish()?;
            "roll_gzip"
        }
        "roll_compression" => {
            file.roll_compression = compression(args.only("a compression")?)?;
            "roll_compression"
        }
        "roll_local_time" => {
            file.roll_local_time = true;
            args.finish()?;
            "roll_local_time"
        }
        "backup_time_format" => {
            file.backup_time_format = args.only("a format")?.text().into();
            "backup_time_format"
        }
        _ => return Err(of.unknown(name, OPTIONS)),
    })
}

/// How an option is written; nothing for what is none.
fn syntax(name: &Token) -> &'static str {
    match name.text() {
        "mode" => "mode <permissions>",
        "dir_mode" => "dir_mode <permissions> | inherit | from_file",
        "roll_size" => "roll_size <size>",
        "roll_keep" => "roll_keep <count>",
        "roll_keep_for" => "roll_keep_for <duration>",
        "roll_interval" => "roll_interval <duration>",
        "roll_minutes" => "roll_minutes <minutes...>",
        "roll_at" => "roll_at <times...>",
        "roll_disabled" => "roll_disabled",
        "roll_uncompressed" => "roll_uncompressed",
        "roll_compression" => "roll_compression none | gzip | zstd",
        "roll_local_time" => "roll_local_time",
        "backup_time_format" => "backup_time_format <format>",
        _ => "",
    }
}

/// Octal digits, written with a zero before them as Caddy does; nothing for zero.
fn mode(token: &Token) -> Result<Option<String>> {
    match octal(token.text()) {
        Some(0) => Ok(None),
        Some(mode) => Ok(Some(format!("{mode:04o}"))),
        None => Err(not_a_mode(token).help("write `mode 0640`")),
    }
}

/// Octal digits as they are written, or a word.
fn dir_mode(token: &Token) -> Result<String> {
    let text = token.text().trim();
    let is_word = ["inherit", "from_file"].contains(&text.to_lowercase().as_str());
    if is_word || octal(text).is_some() {
        return Ok(text.into());
    }
    Err(not_a_mode(token).help("write `dir_mode 0755`, `dir_mode inherit` or `dir_mode from_file`"))
}

/// Nothing is zero, as in Caddy.
fn octal(text: &str) -> Option<u32> {
    if text.starts_with(['+', '-']) {
        return None;
    }
    u32::from_str_radix(&format!("0{text}"), 8).ok()
}

fn not_a_mode(token: &Token) -> caddis_source::Diagnostic {
    let message = format!("`{}` is not a file's permissions", token.text());
    token
        .error(NOT_A_MODE, message)
        .label("expected octal digits")
}

/// Values with spaces or commas between them.
fn list(words: &[Token]) -> Result<Vec<(&str, &Token)>> {
    let mut values = Vec::new();
    for word in words {
        for value in word.text().split(',').map(str::trim) {
            if value.is_empty() {
                return Err(word
                    .error(EMPTY, "a value is empty")
                    .help("take the comma away, or write a value on both sides of it"));
            }
            values.push((value, word));
        }
    }
    Ok(values)
}

fn minute(text: &str, word: &Token) -> Result<i64> {
    text.parse().map_err(|_| {
        word.error(NOT_A_MINUTE, format!("`{text}` is not a number"))
            .label("expected minutes of the hour")
            .help("write `roll_minutes 0 30`")
    })
}

fn compression(token: &Token) -> Result<String> {
    let text = token.text().trim().to_lowercase();
    if COMPRESSIONS.contains(&text.as_str()) {
        return Ok(text);
    }
    let message = format!("there is no compression `{}`", token.text());
    Err(token
        .error(COMPRESSION, message)
        .help("write `none`, `gzip` or `zstd`"))
}

fn count(token: &Token) -> Result<u64> {
    token.text().parse().map_err(|_| {
        token
            .error(NOT_A_COUNT, format!("`{}` is not a number", token.text()))
            .label("expected how many files are kept")
            .help("write `roll_keep 10`")
    })
}

/// Whole days, the last one begun.
fn keep_days(token: &Token) -> Result<Option<u64>> {
    const DAY: u64 = 24 * 3600 * 1_000_000_000;
    let time = read::duration(token)?;
    let Ok(nanoseconds) = u64::try_from(time.0) else {
        return Err(token
            .error(NEGATIVE, "a time to keep files cannot be negative")
            .help("write days or hours: `30d`, `720h`"));
    };
    Ok(Some(nanoseconds.div_ceil(DAY)).filter(|days| *days > 0))
}
