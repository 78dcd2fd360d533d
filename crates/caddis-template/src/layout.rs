//! Points in time as text: Go's layouts, such as `2006-01-02`.

use std::fmt::Write;

use jiff::ZonedDateTime;

/// A part of a layout, longest first where one begins with another.
const PARTS: &[&str] = &[
    "January",
    "Jan",
    "Monday",
    "Mon",
    "MST",
    "2006",
    "-07:00:00",
    "-070000",
    "-07:00",
    "-0700",
    "-07",
    "Z07:00",
    "Z0700",
    "Z07",
    "__2",
    "002",
    "01",
    "02",
    "03",
    "04",
    "05",
    "06",
    "15",
    "_2",
    "PM",
    "pm",
    "1",
    "2",
    "3",
    "4",
    "5",
];

pub(crate) const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
pub(crate) const DAYS: [&str; 7] = [
    "Sunday",
    "Monday",
    "Tuesday",
    "Wednesday",
    "Thursday",
    "Friday",
    "Saturday",
];

/// What a layout begins with, and the rest: text, a part, or a fraction of a second with so many digits.
pub(crate) enum Piece<'a> {
    Text(&'a str),
    Part(&'static str),
    Fraction { digits: usize, is_fixed: bool },
}

pub(crate) fn split(layout: &str) -> Option<(Piece<'_>, &str)> {
    let first = layout.chars().next()?;
    if let Some(part) = PARTS.iter().find(|part| layout.starts_with(**part)) {
        return Some((Piece::Part(part), &layout[part.len()..]));
    }
    if matches!(first, '.' | ',') {
        let rest = &layout[1..];
        for digit in ['0', '9'] {
            let digits = rest.chars().take_while(|letter| *letter == digit).count();
            let after = rest[digits..].chars().next();
            if digits > 0 && !after.is_some_and(|letter| letter.is_ascii_digit()) {
                let is_fixed = digit == '0';
                return Some((Piece::Fraction { digits, is_fixed }, &rest[digits..]));
            }
        }
    }
    let length = first.len_utf8();
    Some((Piece::Text(&layout[..length]), &layout[length..]))
}

/// A time in a layout.
pub(crate) fn format(time: &ZonedDateTime, layout: &str) -> String {
    let mut out = String::new();
    let mut rest = layout;
    while let Some((piece, after)) = split(rest) {
        match piece {
            Piece::Text(text) => out.push_str(text),
            Piece::Part(part) => write_part(&mut out, time, part),
            Piece::Fraction { digits, is_fixed } => {
                let nanoseconds = format!("{:09}", time.subsec_nanosecond());
                let shown: String = nanoseconds.chars().take(digits).collect();
                let shown = if is_fixed {
                    &shown
                } else {
                    shown.trim_end_matches('0')
                };
                if !shown.is_empty() {
                    out.push_str(&rest[..1]);
                    out.push_str(shown);
                }
            }
        }
        rest = after;
    }
    out
}

fn write_part(out: &mut String, time: &ZonedDateTime, part: &str) {
    let hour_12 = match time.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    void(match part {
        "January" => out.write_str(month_name(time)),
        "Jan" => out.write_str(&month_name(time)[..3]),
        "Monday" => out.write_str(day_name(time)),
        "Mon" => out.write_str(&day_name(time)[..3]),
        "MST" => out.write_str(&zone_name(time)),
        "2006" => write!(out, "{:04}", time.year()),
        "06" => write!(out, "{:02}", time.year().rem_euclid(100)),
        "01" => write!(out, "{:02}", time.month()),
        "1" => write!(out, "{}", time.month()),
        "02" => write!(out, "{:02}", time.day()),
        "_2" => write!(out, "{:2}", time.day()),
        "2" => write!(out, "{}", time.day()),
        "002" => write!(out, "{:03}", time.day_of_year()),
        "__2" => write!(out, "{:3}", time.day_of_year()),
        "15" => write!(out, "{:02}", time.hour()),
        "03" => write!(out, "{hour_12:02}"),
        "3" => write!(out, "{hour_12}"),
        "04" => write!(out, "{:02}", time.minute()),
        "4" => write!(out, "{}", time.minute()),
        "05" => write!(out, "{:02}", time.second()),
        "5" => write!(out, "{}", time.second()),
        "PM" => out.write_str(if time.hour() < 12 { "AM" } else { "PM" }),
        "pm" => out.write_str(if time.hour() < 12 { "am" } else { "pm" }),
        zone => write_zone(out, time.offset().seconds(), zone),
    });
}

fn void(_: std::fmt::Result) {}

fn write_zone(out: &mut String, seconds: i32, part: &str) -> std::fmt::Result {
    if seconds == 0 && part.starts_with('Z') {
        return out.write_char('Z');
    }
    let sign = if seconds < 0 { '-' } else { '+' };
    let seconds = seconds.unsigned_abs();
    let (hours, minutes) = (seconds / 3600, seconds / 60 % 60);
    write!(out, "{sign}{hours:02}")?;
    let colon = if part.contains(':') { ":" } else { "" };
    if part.len() > "-07".len() {
        write!(out, "{colon}{minutes:02}")?;
    }
    if part.len() >= "-070000".len() {
        write!(out, "{colon}{:02}", seconds % 60)?;
    }
    Ok(())
}

pub(crate) fn month_name(time: &ZonedDateTime) -> &'static str {
    let index = usize::try_from(time.month() - 1).unwrap_or_default();
    MONTHS.get(index).copied().unwrap_or("January")
}

pub(crate) fn day_name(time: &ZonedDateTime) -> &'static str {
    let index = usize::try_from(time.weekday().to_sunday_zero_offset()).unwrap_or_default();
    DAYS.get(index).copied().unwrap_or("Sunday")
}

fn zone_name(time: &ZonedDateTime) -> String {
    let info = time.time_zone().to_offset_info(time.timestamp());
    let name = info.abbreviation();
    if name.starts_with(|letter: char| letter.is_ascii_alphabetic()) {
        return name.to_owned();
    }
    let mut out = String::new();
    let seconds = time.offset().seconds();
    let part = if seconds % 3600 == 0 { "-07" } else { "-0700" };
    void(write_zone(&mut out, seconds, part));
    out
}

/// How a time is printed.
pub(crate) fn printed(time: &ZonedDateTime) -> String {
    format(time, "2006-01-02 15:04:05.999999999 -0700 MST")
}
