//! How the parts of an entry are named and written.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use caddis_ir::EncoderKeys;
use serde_json::Value;
use time::{OffsetDateTime, UtcOffset};

use super::{Level, go_time};

/// How the parts of an entry are named and written. What has no name is left out.
#[derive(Clone, Debug)]
pub(super) struct Form {
    pub(super) message_key: String,
    pub(super) level_key: String,
    pub(super) time_key: String,
    pub(super) name_key: String,
    pub(super) line_ending: String,
    time: Time,
    is_local: bool,
    duration: Durations,
    level: Levels,
}

/// The form of a time.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Time {
    /// Seconds since 1970, with a fraction.
    Seconds,
    /// Milliseconds since 1970, with a fraction.
    Milliseconds,
    /// Nanoseconds since 1970.
    Nanoseconds,
    /// A text, by an example in Go's way.
    Layout(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Durations {
    Seconds,
    Milliseconds,
    Nanoseconds,
    Text,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Levels {
    Lower,
    Upper,
    Colour,
}

const WALL_MILLISECONDS: &str = "2006/01/02 15:04:05.000";

impl Form {
    pub(super) fn json() -> Self {
        Self {
            message_key: "msg".into(),
            level_key: "level".into(),
            time_key: "ts".into(),
            name_key: "logger".into(),
            line_ending: "\n".into(),
            time: Time::Seconds,
            is_local: false,
            duration: Durations::Seconds,
            level: Levels::Lower,
        }
    }

    pub(super) fn console(colour: bool) -> Self {
        Self {
            time: Time::Layout(WALL_MILLISECONDS.into()),
            level: if colour {
                Levels::Colour
            } else {
                Levels::Upper
            },
            ..Self::json()
        }
    }

    /// The same with what a config says.
    pub(super) fn with(mut self, keys: &EncoderKeys) -> Result<Self, String> {
        let EncoderKeys {
            message_key,
            level_key,
            time_key,
            name_key,
            // Caddy writes them where a config asks for callers and stacks, which is refused in `runs/served.rs`.
            caller_key: _,
            stacktrace_key: _,
            line_ending,
            time_format,
            time_local,
            duration_format,
            level_format,
        } = keys;
        let named = [
            (message_key, &mut self.message_key),
            (level_key, &mut self.level_key),
            (time_key, &mut self.time_key),
            (name_key, &mut self.name_key),
            (line_ending, &mut self.line_ending),
        ];
        for (given, key) in named {
            if let Some(given) = given {
                key.clone_from(given);
            }
        }
        // An entry that does not end its line would run into the next one.
        if self.line_ending.is_empty() {
            self.line_ending = "\n".into();
        }
        self.time = time(time_format, self.time);
        self.is_local = *time_local;
        self.duration = durations(duration_format)?;
        self.level = levels(level_format, self.level)?;
        Ok(self)
    }

    pub(super) fn level(&self, level: Level) -> String {
        match self.level {
            Levels::Lower => level.lower().to_owned(),
            Levels::Upper => level.lower().to_uppercase(),
            Levels::Colour => {
                let code = match level {
                    Level::Debug => "35",
                    Level::Info => "34",
                    Level::Warn => "33",
                    Level::Error => "31",
                };
                let name = level.lower().to_uppercase();
                ["\u{1b}[", code, "m", &name, "\u{1b}[0m"].concat()
            }
        }
    }

    #[expect(
        clippy::cast_precision_loss,
        reason = "the format has a float, which is exact to a tenth of a microsecond"
    )]
    pub(super) fn time(&self, at: SystemTime) -> Value {
        let since = at.duration_since(UNIX_EPOCH).unwrap_or_default();
        match &self.time {
            Time::Seconds => (since.as_nanos() as f64 / 1e9).into(),
            Time::Milliseconds => (since.as_nanos() as f64 / 1e6).into(),
            Time::Nanoseconds => u64::try_from(since.as_nanos()).unwrap_or(u64::MAX).into(),
            Time::Layout(layout) => {
                let mut at = OffsetDateTime::from(at);
                if self.is_local
                    && let Ok(offset) = UtcOffset::local_offset_at(at)
                {
                    at = at.to_offset(offset);
                }
                go_time::format(layout, at).into()
            }
        }
    }

    pub(super) fn duration(&self, duration: Duration) -> Value {
        let whole = |number: u128| u64::try_from(number).unwrap_or(u64::MAX).into();
        match self.duration {
            Durations::Seconds => duration.as_secs_f64().into(),
            Durations::Milliseconds => whole(duration.as_millis()),
            Durations::Nanoseconds => whole(duration.as_nanos()),
            Durations::Text => go_time::duration(duration).into(),
        }
    }
}

/// The names are those of <https://caddyserver.com/docs/caddyfile/directives/log#format-modules>.
fn time(format: &str, usual: Time) -> Time {
    let layout = |layout: &str| Time::Layout(layout.to_owned());
    match format {
        "" => usual,
        "unix_seconds_float" => Time::Seconds,
        "unix_milli_float" => Time::Milliseconds,
        "unix_nano" => Time::Nanoseconds,
        "iso8601" => layout("2006-01-02T15:04:05.000Z0700"),
        "rfc3339" => layout("2006-01-02T15:04:05Z07:00"),
        "rfc3339_nano" => layout("2006-01-02T15:04:05.999999999Z07:00"),
        "wall" => layout("2006/01/02 15:04:05"),
        "wall_milli" => layout(WALL_MILLISECONDS),
        "wall_nano" => layout("2006/01/02 15:04:05.000000000"),
        "common_log" => layout("02/Jan/2006:15:04:05 -0700"),
        other => layout(other),
    }
}

fn durations(format: &str) -> Result<Durations, String> {
    match format {
        "" | "s" | "second" | "seconds" => Ok(Durations::Seconds),
        "ms" | "milli" | "millis" => Ok(Durations::Milliseconds),
        "ns" | "nano" | "nanos" => Ok(Durations::Nanoseconds),
        "string" => Ok(Durations::Text),
        other => Err(format!(
            "`{other}` is no form of a duration: write `seconds`, `ms`, `nano` or `string`"
        )),
    }
}

fn levels(format: &str, usual: Levels) -> Result<Levels, String> {
    match format {
        "" => Ok(usual),
        "lower" => Ok(Levels::Lower),
        "upper" => Ok(Levels::Upper),
        "color" => Ok(Levels::Colour),
        other => Err(format!(
            "`{other}` is no form of a level: write `lower`, `upper` or `color`"
        )),
    }
}
