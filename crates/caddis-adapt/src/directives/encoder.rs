//! Encodings of `encode`, and their settings: `gzip 6`, `zstd best`.

use caddis_ir::{Gzip, Zstd};
use caddis_source::{Code, Diagnostic, suggest};
use caddis_syntax::Line;

use crate::{Args, Result, Scope, Token};

const UNKNOWN: Code = Code("encode/no-such-encoding");
const NOT_A_LEVEL: Code = Code("encode/not-a-level");
const LEVEL_OUT_OF_RANGE: Code = Code("encode/level-out-of-range");

const ENCODERS: &[&str] = &["gzip", "zstd"];

const ZSTD_OPTIONS: &[&str] = &["level", "disable_checksum"];

const ZSTD_LEVELS: [&str; 4] = ["fastest", "default", "better", "best"];

const GZIP_LEVELS: std::ops::RangeInclusive<i64> = -3..=9;

/// An encoding with its settings.
pub(super) enum Encoder {
    Gzip(Gzip),
    Zstd(Zstd),
}

impl Encoder {
    pub(super) fn name(&self) -> &'static str {
        match self {
            Self::Gzip(_) => "gzip",
            Self::Zstd(_) => "zstd",
        }
    }
}

/// gzip, without settings.
pub(super) fn gzip() -> Encoder {
    Encoder::Gzip(Gzip::default())
}

/// Zstandard, without settings.
pub(super) fn zstd() -> Encoder {
    Encoder::Zstd(Zstd::default())
}

/// The encoding of this name, without settings; `other` words can stand in its place.
pub(super) fn named(name: &Token, other: &[&'static str]) -> Result<Encoder> {
    match name.text() {
        "gzip" => Ok(gzip()),
        "zstd" => Ok(zstd()),
        _ => Err(unknown(name, other)),
    }
}

/// The encoding that a line of the block names, with its settings.
pub(super) fn read(line: &Line, other: &[&'static str], scope: &mut Scope<'_>) -> Result<Encoder> {
    match named(line.name(), other)? {
        Encoder::Gzip(mut gzip) => {
            let mut args = Args::new(line, "gzip [<level>]");
            if let Some(level) = args.optional() {
                gzip.level = gzip_level(level, scope)?;
            }
            scope.ignored(&args);
            Ok(Encoder::Gzip(gzip))
        }
        Encoder::Zstd(mut zstd) => {
            read_zstd(line, &mut zstd)?;
            Ok(Encoder::Zstd(zstd))
        }
    }
}

fn gzip_level(token: &Token, scope: &mut Scope<'_>) -> Result<i64> {
    const EXPECTED: &str = "expected a number from 1 (fast) to 9 (small)";
    let text = token.text();
    let Ok(level) = text.parse() else {
        let message = format!("`{text}` is not a level of gzip");
        return Err(token.error(NOT_A_LEVEL, message).label(EXPECTED));
    };
    if !GZIP_LEVELS.contains(&level) {
        let message = format!("gzip has no level {level}");
        let warning = token.warning(LEVEL_OUT_OF_RANGE, message).label(EXPECTED);
        scope.report(warning.help("write `9`, or leave the level out for a good one"));
    }
    Ok(level)
}

fn read_zstd(line: &Line, zstd: &mut Zstd) -> Result<()> {
    let mut args = Args::new(line, "zstd [<level>] [{ disable_checksum }]");
    if let Some(level) = args.optional() {
        zstd.level = zstd_level(level)?.into();
    }
    args.no_more()?;
    for option in args.options() {
        match option.name().text() {
            "level" if !zstd.level.is_empty() => return Err(args.twice(option.name())),
            "level" => {
                let level = Args::new(option, "level <level>").only("a level")?;
                zstd.level = zstd_level(level)?.into();
            }
            "disable_checksum" => {
                Args::new(option, "disable_checksum").finish()?;
                zstd.checksum = Some(false);
            }
            _ => return Err(args.unknown(option.name(), ZSTD_OPTIONS)),
        }
    }
    Ok(())
}

fn zstd_level(token: &Token) -> Result<&str> {
    let text = token.text();
    if ZSTD_LEVELS
        .iter()
        .any(|level| level.eq_ignore_ascii_case(text))
    {
        return Ok(text);
    }
    let message = format!("`{text}` is not a level of zstd");
    Err(token
        .error(NOT_A_LEVEL, message)
        .label("expected fastest, default, better or best"))
}

fn unknown(name: &Token, other: &[&'static str]) -> Diagnostic {
    let text = name.text();
    let error = name
        .error(UNKNOWN, format!("there is no encoding `{text}`"))
        .label(format!("needs the module `http.encoders.{text}`"));
    let known = ENCODERS.iter().chain(other).copied();
    match suggest(text, known) {
        Some(near) => error.help(format!("did you mean `{near}`?")),
        None => error.help("write `zstd`, `gzip` or both"),
    }
}
