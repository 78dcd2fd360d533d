//! Values from JSON and TOML.

use std::sync::Arc;

use jiff::civil::{Date, DateTime, Time};
use jiff::tz::{Offset, TimeZone};

use crate::Value;

/// A value from JSON: all numbers are floats.
pub(crate) fn from_json(value: serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Value::Nil,
        serde_json::Value::Bool(is) => Value::Bool(is),
        serde_json::Value::Number(number) => Value::Float(number.as_f64().unwrap_or_default()),
        serde_json::Value::String(text) => text.into(),
        serde_json::Value::Array(items) => Value::list(items.into_iter().map(from_json).collect()),
        serde_json::Value::Object(members) => {
            let members = members.into_iter();
            Value::dict(
                members
                    .map(|(key, value)| (Arc::from(key), from_json(value)))
                    .collect(),
            )
        }
    }
}

/// A value from TOML.
pub(super) fn from_toml(value: toml::Value) -> Value {
    match value {
        toml::Value::Boolean(is) => Value::Bool(is),
        toml::Value::Integer(number) => Value::Int64(number),
        toml::Value::Float(number) => Value::Float(number),
        toml::Value::String(text) => text.into(),
        toml::Value::Datetime(time) => from_time(&time).unwrap_or_else(|| time.to_string().into()),
        toml::Value::Array(items) => Value::list(items.into_iter().map(from_toml).collect()),
        toml::Value::Table(members) => {
            let members = members.into_iter();
            Value::dict(
                members
                    .map(|(key, value)| (Arc::from(key), from_toml(value)))
                    .collect(),
            )
        }
    }
}

fn from_time(time: &toml::value::Datetime) -> Option<Value> {
    let date = time.date?;
    let (year, month, day) = (
        i16::try_from(date.year).ok()?,
        i8::try_from(date.month).ok()?,
        i8::try_from(date.day).ok()?,
    );
    let date = Date::new(year, month, day).ok()?;
    let clock = match &time.time {
        None => Time::midnight(),
        Some(time) => Time::new(
            i8::try_from(time.hour).ok()?,
            i8::try_from(time.minute).ok()?,
            i8::try_from(time.second.unwrap_or_default()).ok()?,
            i32::try_from(time.nanosecond.unwrap_or_default()).ok()?,
        )
        .ok()?,
    };
    let zone = match time.offset {
        Some(toml::value::Offset::Custom { minutes }) if minutes != 0 => {
            TimeZone::fixed(Offset::from_seconds(i32::from(minutes) * 60).ok()?)
        }
        _ => TimeZone::UTC,
    };
    let time = DateTime::from_parts(date, clock).to_zoned_datetime(zone);
    Some(Value::time(time.ok()?))
}
