//! Placeholders that have nothing to do with a request: variables of the environment, the system, the time.

use time::OffsetDateTime;
use time::macros::format_description;

use super::name::{Placeholder, Read};
use super::scan::{Piece, scan};
use crate::Environment;
use crate::environment::Variables;

/// A way to write the time of day.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Clock {
    /// As Go writes a time by default.
    Go,
    /// As `Date` has it.
    Http,
    /// As the common log format has it.
    CommonLog,
    /// The year.
    Year,
    /// Seconds since 1970.
    Unix,
    /// Milliseconds since 1970.
    UnixMs,
}

/// Reads a name.
pub(super) fn read(name: &str, environment: &Environment) -> Read {
    if let Some(clock) = clock(name) {
        return Read::Value(Placeholder::Now(clock));
    }
    constant(name, &environment.variable).map_or(Read::Nobodys, Read::Constant)
}

/// The value of a placeholder that has nothing to do with a request, as it is now.
pub(crate) fn global(name: &str, variables: &Variables) -> Option<String> {
    if let Some(clock) = clock(name) {
        let mut out = Vec::new();
        write(clock, &mut out);
        return String::from_utf8(out).ok();
    }
    constant(name, variables)
}

/// A text with its placeholders filled, those that nobody has kept.
pub(crate) fn globals(text: &str, variables: &Variables) -> String {
    let value = |name: &[u8]| global(std::str::from_utf8(name).ok()?, variables);
    let Ok(pieces) = scan(text.as_bytes(), |name| value(name).is_some()) else {
        return text.to_owned();
    };
    let filled = pieces.into_iter().map(|piece| match piece {
        Piece::Text(range) => text.get(range).unwrap_or_default().to_owned(),
        Piece::Name(range) => value(&text.as_bytes()[range]).unwrap_or_default(),
    });
    filled.collect()
}

fn constant(name: &str, variables: &Variables) -> Option<String> {
    if let Some(variable) = name.strip_prefix("env.") {
        return Some(variables(variable).unwrap_or_default());
    }
    Some(match name {
        "system.hostname" => hostname(),
        "system.slash" => std::path::MAIN_SEPARATOR_STR.to_owned(),
        "system.os" => go_os().to_owned(),
        "system.arch" => go_arch().to_owned(),
        "system.wd" => std::env::current_dir()
            .map(|path| path.display().to_string())
            .unwrap_or_default(),
        _ => return None,
    })
}

fn clock(name: &str) -> Option<Clock> {
    Some(match name {
        "time.now" => Clock::Go,
        "time.now.http" => Clock::Http,
        "time.now.common_log" => Clock::CommonLog,
        "time.now.year" => Clock::Year,
        "time.now.unix" => Clock::Unix,
        "time.now.unix_ms" => Clock::UnixMs,
        _ => return None,
    })
}

fn hostname() -> String {
    std::fs::read_to_string("/proc/sys/kernel/hostname")
        .map(|name| name.trim().to_owned())
        .unwrap_or_default()
}

fn go_os() -> &'static str {
    match std::env::consts::OS {
        "macos" => "darwin",
        other => other,
    }
}

fn go_arch() -> &'static str {
    match std::env::consts::ARCH {
        "x86_64" => "amd64",
        "aarch64" => "arm64",
        "x86" => "386",
        other => other,
    }
}

/// Writes the time of day.
pub(super) fn write(clock: Clock, out: &mut Vec<u8>) {
    use std::io::Write as _;
    let now = OffsetDateTime::now_utc();
    let text = match clock {
        Clock::Go => now.format(format_description!(
            "[year]-[month]-[day] [hour]:[minute]:[second].[subsecond digits:9] +0000 UTC"
        )),
        Clock::Http => Ok(httpdate::fmt_http_date(now.into())),
        Clock::CommonLog => now.format(format_description!(
            "[day]/[month repr:short]/[year]:[hour]:[minute]:[second] +0000"
        )),
        Clock::Year => Ok(now.year().to_string()),
        Clock::Unix => Ok(now.unix_timestamp().to_string()),
        Clock::UnixMs => Ok((now.unix_timestamp_nanos() / 1_000_000).to_string()),
    };
    let _ = out.write_all(text.unwrap_or_default().as_bytes());
}
