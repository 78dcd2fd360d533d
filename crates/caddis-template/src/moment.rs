//! Points in time as values: their fields and methods.

use jiff::civil::DateTime;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, ZonedDateTime};

use crate::duration::Span;
use crate::layout::{day_name, format, month_name, printed};
use crate::object::no_arguments;
use crate::{Args, Error, Object, Result, Value};

/// A field or method of a time.
pub(crate) fn member(time: &ZonedDateTime, name: &str, args: &[Value]) -> Option<Result<Value>> {
    let with_argument = matches!(
        name,
        "Format" | "Before" | "After" | "Equal" | "Sub" | "AddDate"
    );
    if !with_argument && let Err(error) = no_arguments(name, args) {
        return Some(Err(error));
    }
    let small = |number: i64| Value::Int(number);
    Some(Ok(match name {
        "Year" => small(time.year().into()),
        "Month" => Value::object(Named(time.month().into(), month_name(time), "time.Month")),
        "Day" => small(time.day().into()),
        "Hour" => small(time.hour().into()),
        "Minute" => small(time.minute().into()),
        "Second" => small(time.second().into()),
        "Nanosecond" => small(time.subsec_nanosecond().into()),
        "YearDay" => small(time.day_of_year().into()),
        "Weekday" => {
            let number = time.weekday().to_sunday_zero_offset().into();
            Value::object(Named(number, day_name(time), "time.Weekday"))
        }
        "Unix" => Value::Int64(time.timestamp().as_second()),
        "UnixMilli" => Value::Int64(time.timestamp().as_millisecond()),
        "UTC" => Value::time(time.with_time_zone(TimeZone::UTC)),
        "Local" => Value::time(time.with_time_zone(TimeZone::system())),
        "IsZero" => Value::Bool(*time == zero()),
        "String" => printed(time).into(),
        "Format" | "Before" | "After" | "Equal" | "Sub" | "AddDate" => {
            return Some(with(time, name, &Args(args)));
        }
        _ => return None,
    }))
}

fn with(time: &ZonedDateTime, name: &str, args: &Args<'_>) -> Result<Value> {
    if name == "Format" {
        return Ok(format(time, args.text(0)?).into());
    }
    if name == "AddDate" {
        let months = args.int(0)?.saturating_mul(12).saturating_add(args.int(1)?);
        let span = jiff::Span::new();
        let span = span
            .try_months(months)
            .and_then(|span| span.try_days(args.int(2).unwrap_or(0)));
        let moved = span.and_then(|span| time.checked_add(span));
        return moved
            .map(Value::time)
            .map_err(|error| Error::new(error.to_string()));
    }
    let Value::Time(other) = args.any(0) else {
        return Err(crate::args::wrong("time.Time", args.any(0)));
    };
    Ok(match name {
        "Before" => Value::Bool(time < **other),
        "After" => Value::Bool(time > **other),
        "Equal" => Value::Bool(time == **other),
        _ => Value::object(Span(time.duration_since(other))),
    })
}

/// Go's zero time.
pub(crate) fn zero() -> ZonedDateTime {
    let first = DateTime::constant(1, 1, 1, 0, 0, 0, 0);
    first.to_zoned_datetime(TimeZone::UTC).unwrap_or_default()
}

/// A time that is so much later.
pub(crate) fn later(time: &ZonedDateTime, by: SignedDuration) -> Result<ZonedDateTime> {
    time.checked_add(by)
        .map_err(|error| Error::new(error.to_string()))
}

/// A number with a name: a month, a day of the week.
struct Named(i64, &'static str, &'static str);

impl Object for Named {
    fn type_name(&self) -> &str {
        self.2
    }

    fn kind(&self) -> &'static str {
        "int"
    }

    fn member(&self, name: &str, args: &[Value]) -> Option<Result<Value>> {
        (name == "String" && args.is_empty()).then(|| Ok(self.1.into()))
    }

    fn printed(&self) -> String {
        self.1.into()
    }

    fn number(&self) -> Option<i64> {
        Some(self.0)
    }
}
