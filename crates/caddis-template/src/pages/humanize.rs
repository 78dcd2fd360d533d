//! Sizes and times for people: `2.0 MB`, `3 weeks ago`.

use jiff::ZonedDateTime;
use jiff::tz::TimeZone;

use crate::{Error, Result, reading};

/// Writes a size in bytes, or a time, for people. What it is may be followed by a layout of times: `time:2006-01-02`.
pub fn humanize(kind: &str, text: &str) -> Result<String> {
    match kind.split_once(':').unwrap_or((kind, "")) {
        ("size", _) => {
            let bytes: u64 = text.parse().map_err(|error| {
                Error::new(format!(
                    "humanize: size cannot be parsed: `{text}`: {error}"
                ))
            })?;
            Ok(size(bytes))
        }
        ("time", form) => {
            let form = if form.is_empty() {
                "Mon, 02 Jan 2006 15:04:05 -0700"
            } else {
                form
            };
            let time = reading::parse(form, text, &TimeZone::UTC);
            let time = time.map_err(|error| {
                Error::new(format!(
                    "humanize: time cannot be parsed: {}",
                    error.message
                ))
            })?;
            Ok(distance(&time, &ZonedDateTime::now()))
        }
        _ => Err(Error::new("humanize knows `size` and `time`")),
    }
}

const UNITS: [&str; 7] = ["B", "kB", "MB", "GB", "TB", "PB", "EB"];

#[expect(clippy::cast_precision_loss, reason = "two digits are shown")]
fn size(bytes: u64) -> String {
    if bytes < 10 {
        return format!("{bytes} B");
    }
    let mut value = bytes as f64;
    let mut unit = 0;
    while value >= 1000.0 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    let value = (value * 10.0 + 0.5).floor() / 10.0;
    let unit = UNITS.get(unit).copied().unwrap_or("B");
    if value < 10.0 {
        format!("{value:.1} {unit}")
    } else {
        format!("{value:.0} {unit}")
    }
}

const MINUTE: u64 = 60;
const HOUR: u64 = 60 * MINUTE;
const DAY: u64 = 24 * HOUR;
const WEEK: u64 = 7 * DAY;
const MONTH: u64 = 30 * DAY;
const YEAR: u64 = 12 * MONTH;

/// What a distance below so many seconds is called, in units of so many.
const DISTANCES: &[(u64, &str, u64)] = &[
    (1, "now", 1),
    (2, "1 second", 1),
    (MINUTE, "{} seconds", 1),
    (2 * MINUTE, "1 minute", 1),
    (HOUR, "{} minutes", MINUTE),
    (2 * HOUR, "1 hour", 1),
    (DAY, "{} hours", HOUR),
    (2 * DAY, "1 day", 1),
    (WEEK, "{} days", DAY),
    (2 * WEEK, "1 week", 1),
    (MONTH, "{} weeks", WEEK),
    (2 * MONTH, "1 month", 1),
    (YEAR, "{} months", MONTH),
    (18 * MONTH, "1 year", 1),
    (2 * YEAR, "2 years", 1),
    (37 * YEAR, "{} years", YEAR),
];

fn distance(time: &ZonedDateTime, now: &ZonedDateTime) -> String {
    let length = now.duration_since(time);
    let seconds = length.as_secs().unsigned_abs();
    let behind = if length.is_negative() {
        "from now"
    } else {
        "ago"
    };
    let found = DISTANCES.iter().find(|(below, _, _)| seconds < *below);
    match found {
        Some((_, "now", _)) => "now".into(),
        Some((_, text, unit)) => {
            let count = (seconds / unit).to_string();
            format!("{} {behind}", text.replace("{}", &count))
        }
        None => format!("a long while {behind}"),
    }
}
