//! Functions of dates.

use jiff::tz::TimeZone;
use jiff::{SignedDuration, Timestamp, Unit, ZonedDateTime};

use super::cast;
use crate::args::{Args, Function, exactly, wrong};
use crate::{Error, Result, Value, duration, layout, moment, reading};

pub(super) fn find(name: &str) -> Option<Function> {
    match name {
        "now" => exactly(0, |_, _| Ok(Value::time(ZonedDateTime::now()))),
        "date" => exactly(2, |args, _| {
            dated(args.text(0)?, args.any(1), TimeZone::system())
        }),
        "dateInZone" | "date_in_zone" => exactly(3, |args, _| {
            dated(args.text(0)?, args.any(1), zone(args.text(2)?))
        }),
        "htmlDate" => exactly(1, |args, _| {
            dated("2006-01-02", args.any(0), TimeZone::system())
        }),
        "htmlDateInZone" => exactly(2, |args, _| {
            dated("2006-01-02", args.any(0), zone(args.text(1)?))
        }),
        "dateModify" | "date_modify" => exactly(2, |args, _| {
            moved(args).or_else(|_| time_arg(args.any(1)).map(Value::time))
        }),
        "mustDateModify" | "must_date_modify" => exactly(2, |args, _| moved(args)),
        "toDate" => exactly(2, |args, _| {
            let time = reading::parse(args.text(0)?, args.text(1)?, &TimeZone::system());
            Ok(Value::time(time.unwrap_or_else(|_| moment::zero())))
        }),
        "mustToDate" => exactly(2, |args, _| {
            let time = reading::parse(args.text(0)?, args.text(1)?, &TimeZone::system());
            time.map(Value::time)
        }),
        "unixEpoch" => exactly(1, |args, _| {
            Ok(time_arg(args.any(0))?
                .timestamp()
                .as_second()
                .to_string()
                .into())
        }),
        "ago" => exactly(1, |args, _| {
            let since = since(&point(args.any(0), TimeZone::system())?);
            let rounded = since.round(Unit::Second).unwrap_or(since);
            Ok(duration::written(rounded).into())
        }),
        "duration" => exactly(1, |args, _| {
            let seconds = match args.any(0) {
                Value::Text(text) => text.parse().unwrap_or_default(),
                Value::Int64(seconds) => *seconds,
                _ => 0,
            };
            Ok(duration::written(SignedDuration::from_secs(seconds)).into())
        }),
        "durationRound" => exactly(1, |args, _| Ok(rounded(args))),
        _ => None,
    }
}

fn zone(name: &str) -> TimeZone {
    match name {
        "Local" => TimeZone::system(),
        "" | "UTC" => TimeZone::UTC,
        name => TimeZone::get(name).unwrap_or(TimeZone::UTC),
    }
}

/// The time that an argument stands for: a time, seconds since 1970, or else now.
fn point(value: &Value, zone: TimeZone) -> Result<ZonedDateTime> {
    let seconds = match value {
        Value::Time(time) => return Ok(time.with_time_zone(zone)),
        Value::Int(seconds) | Value::Int64(seconds) => *seconds,
        _ => return Ok(ZonedDateTime::now().with_time_zone(zone)),
    };
    let time = Timestamp::from_second(seconds);
    let time = time.map_err(|error| Error::new(error.to_string()))?;
    Ok(time.to_zoned_datetime(zone))
}

fn dated(form: &str, value: &Value, zone: TimeZone) -> Result<Value> {
    Ok(layout::format(&point(value, zone)?, form).into())
}

fn time_arg(value: &Value) -> Result<ZonedDateTime> {
    match value {
        Value::Time(time) => Ok((**time).clone()),
        other => Err(wrong("time.Time", other)),
    }
}

fn moved(args: &Args<'_>) -> Result<Value> {
    let by = duration::parse(args.text(0)?)?;
    moment::later(&time_arg(args.any(1))?, by).map(Value::time)
}

fn since(time: &ZonedDateTime) -> SignedDuration {
    ZonedDateTime::now().duration_since(time)
}

/// A day in seconds.
const DAY: u64 = 86_400;

/// The largest unit of a length of time, and how many there are of it: `2h10m5s` is `2h`.
fn rounded(args: &Args<'_>) -> Value {
    let length = match args.any(0) {
        Value::Text(text) => duration::parse(text).unwrap_or_default(),
        Value::Int64(nanoseconds) => SignedDuration::from_nanos(*nanoseconds),
        Value::Time(time) => since(time),
        other => match other {
            Value::Object(_) => SignedDuration::from_nanos(cast::int(other)),
            _ => SignedDuration::ZERO,
        },
    };
    let seconds = length.as_secs().unsigned_abs();
    let sign = if length.is_negative() { "-" } else { "" };
    let units = [
        (365 * DAY, "y"),
        (30 * DAY, "mo"),
        (DAY, "d"),
        (3600, "h"),
        (60, "m"),
        (1, "s"),
    ];
    let found = units.into_iter().find(|(unit, _)| seconds > *unit);
    let text = match found {
        Some((unit, name)) => format!("{sign}{}{name}", seconds / unit),
        None => format!("{sign}{seconds}s"),
    };
    text.into()
}
