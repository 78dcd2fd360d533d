//! Points in time from text in Go's layouts.

use jiff::ZonedDateTime;
use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};

use crate::layout::{DAYS, MONTHS, Piece, split};
use crate::{Error, Result};

/// The parts of a time that were read.
struct Read {
    year: i16,
    month: i8,
    day: i8,
    hour: i8,
    minute: i8,
    second: i8,
    nanosecond: i32,
    is_pm: Option<bool>,
    zone: Option<TimeZone>,
}

/// Reads a text in a layout.
pub(crate) fn parse(layout: &str, text: &str, zone: &TimeZone) -> Result<ZonedDateTime> {
    let cannot = || {
        Error::new(format!(
            "parsing time \"{text}\" as \"{layout}\": cannot parse"
        ))
    };
    let mut read = Read {
        year: 0,
        month: 1,
        day: 1,
        hour: 0,
        minute: 0,
        second: 0,
        nanosecond: 0,
        is_pm: None,
        zone: None,
    };
    let (mut rest, mut left) = (layout, text);
    while let Some((piece, after)) = split(rest) {
        left = match piece {
            Piece::Text(expected) => left.strip_prefix(expected),
            Piece::Part(part) => read.part(part, left),
            Piece::Fraction { .. } => read.fraction(left),
        }
        .ok_or_else(cannot)?;
        // Go takes a fraction behind the seconds that the layout does not name.
        let follows = after.starts_with(['.', ',']);
        if matches!(piece, Piece::Part("05" | "5")) && !follows && left.starts_with('.') {
            left = read.fraction(left).ok_or_else(cannot)?;
        }
        rest = after;
    }
    if !left.is_empty() {
        return Err(cannot());
    }
    read.time(zone).ok_or_else(cannot)
}

impl Read {
    fn part<'t>(&mut self, part: &str, text: &'t str) -> Option<&'t str> {
        match part {
            "January" => self.month = i8::try_from(named(&MONTHS, usize::MAX, text)?).ok()? + 1,
            "Jan" => self.month = i8::try_from(named(&MONTHS, 3, text)?).ok()? + 1,
            _ => {}
        }
        Some(match part {
            "January" => &text[MONTHS.get(usize::try_from(self.month - 1).ok()?)?.len()..],
            "Jan" | "MST" if part == "Jan" => text.get(3..)?,
            "Monday" => &text[DAYS.get(named(&DAYS, usize::MAX, text)?)?.len()..],
            "Mon" => {
                named(&DAYS, 3, text)?;
                text.get(3..)?
            }
            "MST" => {
                let length = text.chars().take_while(char::is_ascii_uppercase).count();
                if length < 3 {
                    return None;
                }
                if matches!(&text[..length], "UTC" | "GMT") {
                    self.zone = Some(TimeZone::UTC);
                }
                &text[length..]
            }
            "2006" => number(text, 4, 4, &mut self.year)?,
            "06" => {
                let rest = number(text, 2, 2, &mut self.year)?;
                self.year += if self.year >= 69 { 1900 } else { 2000 };
                rest
            }
            "01" => number(text, 2, 2, &mut self.month)?,
            "1" => number(text, 1, 2, &mut self.month)?,
            "02" => number(text, 2, 2, &mut self.day)?,
            "_2" | "2" => number(text.trim_start_matches(' '), 1, 2, &mut self.day)?,
            "15" | "03" => number(text, 2, 2, &mut self.hour)?,
            "3" => number(text, 1, 2, &mut self.hour)?,
            "04" => number(text, 2, 2, &mut self.minute)?,
            "4" => number(text, 1, 2, &mut self.minute)?,
            "05" => number(text, 2, 2, &mut self.second)?,
            "5" => number(text, 1, 2, &mut self.second)?,
            "PM" | "pm" => {
                let half = text.get(..2)?;
                self.is_pm = Some(match half.to_ascii_uppercase().as_str() {
                    "AM" => false,
                    "PM" => true,
                    _ => return None,
                });
                text.get(2..)?
            }
            "002" | "__2" => return None,
            zone => self.offset(zone, text)?,
        })
    }

    fn fraction<'t>(&mut self, text: &'t str) -> Option<&'t str> {
        let digits = text.strip_prefix(['.', ','])?;
        let length = digits.bytes().take_while(u8::is_ascii_digit).count();
        let (digits, rest) = digits.split_at(length);
        let nine: String = digits.chars().chain("000000000".chars()).take(9).collect();
        self.nanosecond = nine.parse().ok()?;
        Some(rest)
    }

    fn offset<'t>(&mut self, part: &str, text: &'t str) -> Option<&'t str> {
        if let Some(rest) = text.strip_prefix('Z').filter(|_| part.starts_with('Z')) {
            self.zone = Some(TimeZone::UTC);
            return Some(rest);
        }
        let sign = match text.chars().next()? {
            '+' => 1,
            '-' => -1,
            _ => return None,
        };
        let (mut hours, mut minutes) = (0_i32, 0_i32);
        let mut rest = number(&text[1..], 2, 2, &mut hours)?;
        if part.len() > "-07".len() {
            if part.contains(':') {
                rest = rest.strip_prefix(':')?;
            }
            rest = number(rest, 2, 2, &mut minutes)?;
        }
        let seconds = sign * (hours * 3600 + minutes * 60);
        self.zone = Some(match seconds {
            0 => TimeZone::UTC,
            seconds => TimeZone::fixed(Offset::from_seconds(seconds).ok()?),
        });
        Some(rest)
    }

    fn time(self, zone: &TimeZone) -> Option<ZonedDateTime> {
        let hour = match self.is_pm {
            Some(true) if self.hour < 12 => self.hour + 12,
            Some(false) if self.hour == 12 => 0,
            _ => self.hour,
        };
        let date = Date::new(self.year, self.month, self.day).ok()?;
        let time = Time::new(hour, self.minute, self.second, self.nanosecond).ok()?;
        let zone = self.zone.unwrap_or_else(|| zone.clone());
        DateTime::from_parts(date, time)
            .to_zoned_datetime(zone)
            .ok()
    }
}

fn named(names: &[&str], length: usize, text: &str) -> Option<usize> {
    names.iter().position(|name| {
        let name = name.get(..length).unwrap_or(name);
        text.get(..name.len())
            .is_some_and(|start| start.eq_ignore_ascii_case(name))
    })
}

fn number<'t, N: std::str::FromStr>(
    text: &'t str,
    least: usize,
    most: usize,
    into: &mut N,
) -> Option<&'t str> {
    let length = text
        .bytes()
        .take(most)
        .take_while(u8::is_ascii_digit)
        .count();
    if length < least {
        return None;
    }
    *into = text[..length].parse().ok()?;
    Some(&text[length..])
}
