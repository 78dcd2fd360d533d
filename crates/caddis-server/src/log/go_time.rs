//! Times and durations as Go writes them.

use std::fmt::Write as _;
use std::time::Duration;

use time::OffsetDateTime;

/// A time by an example: what stands for 2 January 2006, 15:04:05 in the zone seven hours west of Greenwich is written
/// for the time (<https://pkg.go.dev/time#pkg-constants>).
pub(crate) fn format(layout: &str, at: OffsetDateTime) -> String {
    let mut out = String::new();
    let mut rest = layout;
    while let Some(first) = rest.chars().next() {
        if let Some((length, part)) = part(rest) {
            part.write(at, rest.get(..length).unwrap_or_default(), &mut out);
            rest = rest.get(length..).unwrap_or_default();
        } else {
            out.push(first);
            rest = rest.get(first.len_utf8()..).unwrap_or_default();
        }
    }
    out
}

/// A part of a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Part {
    Year,
    ShortYear,
    Month,
    ShortMonth,
    MonthNumber(Width),
    Weekday,
    ShortWeekday,
    Day(Width),
    DayOfYear(Width),
    Hour,
    HalfHour(Width),
    Minute(Width),
    Second(Width),
    /// With its point or comma, and with the zeros at its end.
    Fraction,
    /// With its point or comma, if anything is left of it without the zeros at its end.
    ShortFraction,
    Noon(&'static str, &'static str),
    /// `Z` for Greenwich, or none.
    Offset(Option<char>, OffsetForm),
    Zone,
}

/// How wide a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Width {
    /// As it needs.
    Free,
    /// With zeros before it.
    Zeros(usize),
    /// With blanks before it.
    Blanks(usize),
}

/// How an offset from Greenwich is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct OffsetForm {
    colon: &'static str,
    /// Hours; minutes; seconds.
    parts: usize,
}

const fn colons(parts: usize) -> OffsetForm {
    OffsetForm { colon: ":", parts }
}

const fn plain(parts: usize) -> OffsetForm {
    OffsetForm { colon: "", parts }
}

use Part::{
    Day, DayOfYear, Fraction, HalfHour, Hour, Minute, Month, MonthNumber, Noon, Offset, Second,
    ShortFraction, ShortMonth, ShortWeekday, ShortYear, Weekday, Year, Zone,
};
use Width::{Blanks, Free, Zeros};

/// The longer ones come first.
const PARTS: &[(&str, Part)] = &[
    ("January", Month),
    ("Jan", ShortMonth),
    ("Monday", Weekday),
    ("Mon", ShortWeekday),
    ("MST", Zone),
    ("2006", Year),
    ("__2", DayOfYear(Blanks(3))),
    ("_2", Day(Blanks(2))),
    ("002", DayOfYear(Zeros(3))),
    ("01", MonthNumber(Zeros(2))),
    ("02", Day(Zeros(2))),
    ("03", HalfHour(Zeros(2))),
    ("04", Minute(Zeros(2))),
    ("05", Second(Zeros(2))),
    ("06", ShortYear),
    ("15", Hour),
    ("1", MonthNumber(Free)),
    ("2", Day(Free)),
    ("3", HalfHour(Free)),
    ("4", Minute(Free)),
    ("5", Second(Free)),
    ("PM", Noon("AM", "PM")),
    ("pm", Noon("am", "pm")),
    ("-07:00:00", Offset(None, colons(3))),
    ("-070000", Offset(None, plain(3))),
    ("-07:00", Offset(None, colons(2))),
    ("-0700", Offset(None, plain(2))),
    ("-07", Offset(None, plain(1))),
    ("Z07:00:00", Offset(Some('Z'), colons(3))),
    ("Z070000", Offset(Some('Z'), plain(3))),
    ("Z07:00", Offset(Some('Z'), colons(2))),
    ("Z0700", Offset(Some('Z'), plain(2))),
    ("Z07", Offset(Some('Z'), plain(1))),
];

/// The part that a layout begins with, and how long it is there.
fn part(layout: &str) -> Option<(usize, Part)> {
    if let Some(found) = fraction(layout) {
        return Some(found);
    }
    let begins = |word: &str| {
        let rest = layout.strip_prefix(word)?;
        // Neither "Janus" nor "Monk" is a part of a time, and the blank of "_2006" stands for itself.
        let is_other = match word {
            "Jan" | "Mon" => rest.starts_with(|next: char| next.is_ascii_lowercase()),
            "_2" => rest.starts_with("006"),
            _ => false,
        };
        (!is_other).then_some(word.len())
    };
    let mut parts = PARTS.iter();
    parts.find_map(|(word, part)| Some((begins(word)?, *part)))
}

/// `.000` or `,999`, and no digit behind it.
fn fraction(layout: &str) -> Option<(usize, Part)> {
    let digits = layout.strip_prefix(['.', ','])?;
    let part = match digits.chars().next()? {
        '0' => Fraction,
        '9' => ShortFraction,
        _ => return None,
    };
    let rest = digits.trim_start_matches(if part == Fraction { '0' } else { '9' });
    let is_other = rest.starts_with(|next: char| next.is_ascii_digit());
    (!is_other).then_some((layout.len() - rest.len(), part))
}

impl Part {
    fn write(self, at: OffsetDateTime, word: &str, out: &mut String) {
        let hour = at.hour();
        let half = if hour.is_multiple_of(12) {
            12
        } else {
            hour % 12
        };
        match self {
            Year => number(at.year(), Zeros(4), out),
            ShortYear => number(at.year().rem_euclid(100), Zeros(2), out),
            Month => out.push_str(&at.month().to_string()),
            ShortMonth => out.push_str(at.month().to_string().get(..3).unwrap_or_default()),
            MonthNumber(width) => number(u8::from(at.month()).into(), width, out),
            Weekday => out.push_str(&at.weekday().to_string()),
            ShortWeekday => out.push_str(at.weekday().to_string().get(..3).unwrap_or_default()),
            Day(width) => number(at.day().into(), width, out),
            DayOfYear(width) => number(at.ordinal().into(), width, out),
            Hour => number(hour.into(), Zeros(2), out),
            HalfHour(width) => number(half.into(), width, out),
            Minute(width) => number(at.minute().into(), width, out),
            Second(width) => number(at.second().into(), width, out),
            Fraction => write_fraction(at.nanosecond(), word, false, out),
            ShortFraction => write_fraction(at.nanosecond(), word, true, out),
            Noon(before, after) => out.push_str(if hour < 12 { before } else { after }),
            Offset(Some(greenwich), _) if at.offset().is_utc() => out.push(greenwich),
            Offset(_, form) => offset(at, form, out),
            Zone if at.offset().is_utc() => out.push_str("UTC"),
            Zone => {
                let has_minutes = at.offset().minutes_past_hour() != 0;
                offset(at, plain(if has_minutes { 2 } else { 1 }), out);
            }
        }
    }
}

fn number(number: i32, width: Width, out: &mut String) {
    let _ = match width {
        Free => write!(out, "{number}"),
        Zeros(width) => write!(out, "{number:0width$}"),
        Blanks(width) => write!(out, "{number:width$}"),
    };
}

fn write_fraction(nanoseconds: u32, word: &str, is_short: bool, out: &mut String) {
    let (point, example) = word.split_at(1);
    let width = example.len();
    // More digits than a nanosecond has are zeros.
    let digits = format!("{nanoseconds:09}{:0>width$}", "");
    let digits = digits.get(..width).unwrap_or_default();
    let digits = if is_short {
        digits.trim_end_matches('0')
    } else {
        digits
    };
    if !digits.is_empty() {
        out.extend([point, digits]);
    }
}

fn offset(at: OffsetDateTime, form: OffsetForm, out: &mut String) {
    let (hours, minutes, seconds) = at.offset().as_hms();
    out.push(if at.offset().is_negative() { '-' } else { '+' });
    let parts = [hours, minutes, seconds].into_iter().take(form.parts);
    for (place, part) in parts.enumerate() {
        let colon = if place > 0 { form.colon } else { "" };
        let _ = write!(out, "{colon}{:02}", part.unsigned_abs());
    }
}

/// A duration, as in `1h2m3.5s` or `1.5ms`.
pub(crate) fn duration(duration: Duration) -> String {
    const SECOND: u128 = 1_000_000_000;
    const UNITS: [(u128, &str); 4] = [
        (SECOND, "s"),
        (1_000_000, "ms"),
        (1_000, "\u{b5}s"),
        (1, "ns"),
    ];
    let nanoseconds = duration.as_nanos();
    let (unit, name) = UNITS
        .into_iter()
        .find(|(unit, _)| nanoseconds >= *unit)
        .unwrap_or((SECOND, "s"));
    let minutes = nanoseconds / SECOND / 60;
    let mut text = String::new();
    if minutes >= 60 {
        let _ = write!(text, "{}h", minutes / 60);
    }
    if minutes > 0 {
        let _ = write!(text, "{}m", minutes % 60);
    }
    let rest = nanoseconds - minutes * 60 * SECOND;
    let _ = write!(text, "{}", rest / unit);
    if !rest.is_multiple_of(unit) {
        let width = usize::try_from(unit.ilog10()).unwrap_or_default();
        let fraction = format!("{:0width$}", rest % unit);
        let _ = write!(text, ".{}", fraction.trim_end_matches('0'));
    }
    text.push_str(name);
    text
}

/// A large number with its exponent, as Go prints one: `1.5e+09`.
pub(crate) fn float(number: f64) -> String {
    let text = format!("{number:e}");
    match text.split_once('e') {
        Some((digits, exponent)) if exponent.len() == 1 => format!("{digits}e+0{exponent}"),
        Some((digits, exponent)) => format!("{digits}e+{exponent}"),
        None => text,
    }
}

#[cfg(test)]
mod tests {
    use time::macros::datetime;

    use super::*;

    #[test]
    fn times_are_written_by_example() {
        let at = datetime!(2026-11-06 13:05:51.486991395 +02:30);
        for (layout, written) in [
            (
                "2006-01-02T15:04:05.000Z07:00",
                "2026-11-06T13:05:51.486+02:30",
            ),
            (
                "Mon, 02 Jan 2006 15:04:05 MST",
                "Fri, 06 Nov 2026 13:05:51 +0230",
            ),
            (
                "_2 Jan 06 03:04PM .000000 -0700",
                " 6 Nov 26 01:05PM .486991 +0230",
            ),
            (
                "2006-002 January Monday 1/2/3/4/5",
                "2026-310 November Friday 11/6/1/5/51",
            ),
            ("15:04:05,999 _2006 Month", "13:05:51,486 _2026 Month"),
            ("Z07 __2", "+02 310"),
        ] {
            assert_eq!(format(layout, at), written, "{layout}");
        }
        let at = datetime!(2026-01-02 00:00:00 UTC);
        assert_eq!(format("Z0700 MST 3pm .999", at), "Z UTC 12am ");
    }

    #[test]
    fn durations_are_written_as_in_go() {
        for (nanoseconds, written) in [
            (0, "0s"),
            (1, "1ns"),
            (296_024, "296.024\u{b5}s"),
            (1_500_000, "1.5ms"),
            (2_000_000_000, "2s"),
            (90_500_000_000, "1m30.5s"),
            (3_600_000_000_000, "1h0m0s"),
        ] {
            assert_eq!(duration(Duration::from_nanos(nanoseconds)), written);
        }
    }
}
