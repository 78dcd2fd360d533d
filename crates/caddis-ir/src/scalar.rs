//! Durations and status codes, in the forms that Caddy's JSON has for them.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Error, Visitor};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// A length of time, in nanoseconds; may be negative (`flush_interval -1`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Duration(pub i64);

impl Duration {
    /// Whole seconds.
    pub const fn seconds(seconds: i64) -> Self {
        Self(seconds * 1_000_000_000)
    }

    /// The same length as the standard library has it; a negative one is nothing.
    pub fn to_std(self) -> std::time::Duration {
        std::time::Duration::from_nanos(u64::try_from(self.0).unwrap_or(0))
    }

    /// Reads Go's form (`1h30m`, `1.5s`, `-1ms`), with `d` for days as Caddy has it.
    pub fn parse(text: &str) -> Option<Self> {
        let (negative, mut rest) = match text.as_bytes().first()? {
            b'-' => (true, &text[1..]),
            b'+' => (false, &text[1..]),
            _ => (false, text),
        };
        if rest == "0" {
            return Some(Self(0));
        }
        if rest.is_empty() {
            return None;
        }
        let mut total = 0_i128;
        while !rest.is_empty() {
            let unit_at = rest.find(|c: char| !c.is_ascii_digit() && c != '.')?;
            let (number, after) = rest.split_at(unit_at);
            let unit_end = after
                .find(|c: char| c.is_ascii_digit() || c == '.')
                .unwrap_or(after.len());
            let (unit, after) = after.split_at(unit_end);
            total = total.checked_add(scaled(number, nanoseconds(unit)?)?)?;
            rest = after;
        }
        let total = if negative { -total } else { total };
        i64::try_from(total).ok().map(Self)
    }
}

fn nanoseconds(unit: &str) -> Option<i128> {
    Some(match unit {
        "ns" => 1,
        "us" | "µs" | "μs" => 1_000,
        "ms" => 1_000_000,
        "s" => 1_000_000_000,
        "m" => 60_000_000_000,
        "h" => 3_600_000_000_000,
        "d" => 86_400_000_000_000,
        _ => return None,
    })
}

/// `number` times `unit`, where `number` may have a fraction; what is below a nanosecond is cut.
fn scaled(number: &str, unit: i128) -> Option<i128> {
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    let whole: i128 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    let mut total = whole.checked_mul(unit)?;
    let mut place = unit;
    for digit in fraction.bytes() {
        if !digit.is_ascii_digit() {
            return None;
        }
        place /= 10;
        total = total.checked_add(i128::from(digit - b'0').checked_mul(place)?)?;
    }
    Some(total)
}

impl Serialize for Duration {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0)
    }
}

impl<'de> Deserialize<'de> for Duration {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;
        impl Visitor<'_> for Form {
            type Value = Duration;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("nanoseconds, or a duration such as \"10s\"")
            }
            fn visit_i64<E: Error>(self, value: i64) -> Result<Duration, E> {
                Ok(Duration(value))
            }
            fn visit_u64<E: Error>(self, value: u64) -> Result<Duration, E> {
                i64::try_from(value).map(Duration).map_err(E::custom)
            }
            fn visit_str<E: Error>(self, value: &str) -> Result<Duration, E> {
                Duration::parse(value)
                    .ok_or_else(|| E::custom(format!("`{value}` is not a duration")))
            }
        }
        deserializer.deserialize_any(Form)
    }
}

/// Where Caddy has a duration of Go's and none of its own, which it does not read from texts.
pub(crate) fn number_of_nanoseconds<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<Duration>, D::Error> {
    Ok(Option::<i64>::deserialize(deserializer)?.map(Duration))
}

/// Caddy takes zero and numbers below it for no limit.
pub(crate) fn limit<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Option<u64>, D::Error> {
    let bytes = Option::<i64>::deserialize(deserializer)?;
    Ok(bytes
        .and_then(|bytes| u64::try_from(bytes).ok())
        .filter(|bytes| *bytes > 0))
}

/// A part of a whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, PartialOrd, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Ratio(pub f64);

/// A status code, or a placeholder that becomes one per request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StatusCode {
    /// A number.
    Fixed(u16),
    /// Text with a placeholder in it.
    Placeholder(String),
}

impl From<u16> for StatusCode {
    fn from(code: u16) -> Self {
        Self::Fixed(code)
    }
}

impl Serialize for StatusCode {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Fixed(code) => serializer.serialize_u16(*code),
            Self::Placeholder(text) => serializer.serialize_str(text),
        }
    }
}

impl<'de> Deserialize<'de> for StatusCode {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Form;
        impl Visitor<'_> for Form {
            type Value = StatusCode;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a status code")
            }
            fn visit_i64<E: Error>(self, value: i64) -> Result<StatusCode, E> {
                u16::try_from(value)
                    .map(StatusCode::Fixed)
                    .map_err(E::custom)
            }
            fn visit_u64<E: Error>(self, value: u64) -> Result<StatusCode, E> {
                u16::try_from(value)
                    .map(StatusCode::Fixed)
                    .map_err(E::custom)
            }
            fn visit_str<E: Error>(self, value: &str) -> Result<StatusCode, E> {
                Ok(value
                    .parse()
                    .map_or_else(|_| StatusCode::Placeholder(value.into()), StatusCode::Fixed))
            }
        }
        deserializer.deserialize_any(Form)
    }
}

/// An empty text is a status that was not given.
pub(crate) fn status<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<StatusCode>, D::Error> {
    let status = Option::<StatusCode>::deserialize(deserializer)?;
    Ok(status.filter(|status| *status != StatusCode::Placeholder(String::new())))
}

/// Lists of texts by name, where Go reads `null` as an empty list.
pub(crate) fn lists<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Vec<String>>, D::Error> {
    let lists = Option::<BTreeMap<String, Option<Vec<String>>>>::deserialize(deserializer)?;
    let lists = lists.unwrap_or_default().into_iter();
    Ok(lists
        .map(|(name, list)| (name, list.unwrap_or_default()))
        .collect())
}

/// The same, where it matters whether there are any; `null` is no such thing.
pub(crate) fn some_lists<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Option<BTreeMap<String, Vec<String>>>, D::Error> {
    let lists = BTreeMap::<String, Option<Vec<String>>>::deserialize(deserializer)?.into_iter();
    Ok(Some(
        lists
            .map(|(name, list)| (name, list.unwrap_or_default()))
            .collect(),
    ))
}

#[cfg(test)]
mod tests {
    use super::Duration;

    #[test]
    fn durations_are_read_in_gos_form() {
        let read = |text| Duration::parse(text).map(|duration| duration.0);
        assert_eq!(read("1h30m"), Some(5_400_000_000_000));
        assert_eq!(read("1.5s"), Some(1_500_000_000));
        assert_eq!(read(".5ms"), Some(500_000));
        assert_eq!(read("-1d"), Some(-86_400_000_000_000));
        assert_eq!(read("0"), Some(0));
        for bad in [
            "",
            "-",
            "5",
            "s",
            "1x",
            "1s2",
            ".s",
            "1..2s",
            "999999999999h",
        ] {
            assert_eq!(read(bad), None, "{bad}");
        }
    }
}
