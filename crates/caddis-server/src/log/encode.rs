//! Entries as text, in the forms that Caddy has for them.

use caddis_ir::Encoder;
use serde_json::{Map, Value};

use super::change::{Change, Fill};
use super::entry::Entry;
use super::fields::fields;
use super::form::Form;
use super::go_time;

/// The form of an entry.
#[derive(Clone, Debug)]
pub(super) struct Encoding {
    lines: Lines,
    form: Form,
    /// What is done with the fields, in this order.
    changes: Vec<Change>,
    /// Whether the level stands before the line, as journald reads it.
    has_priority: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Lines {
    /// One JSON object per line.
    Json,
    /// Columns for people.
    Console,
}

impl Encoding {
    /// One JSON object per line, as Caddy has it by default.
    pub(super) fn json() -> Self {
        Self::of(Lines::Json, Form::json())
    }

    /// Columns for people, with the level in colour if wanted.
    pub(super) fn console(colour: bool) -> Self {
        Self::of(Lines::Console, Form::console(colour))
    }

    fn of(lines: Lines, form: Form) -> Self {
        Self {
            lines,
            form,
            changes: Vec::new(),
            has_priority: false,
        }
    }

    /// Reads what a config says; `usual` is taken for what it does not say, and columns have colours if wanted.
    pub(super) fn read(
        encoder: Option<&Encoder>,
        usual: &Self,
        colour: bool,
        fill: Fill<'_>,
    ) -> Result<Self, String> {
        let Some(encoder) = encoder else {
            return Ok(usual.clone());
        };
        let wrapped = |wrap: Option<&Encoder>| Self::read(wrap, usual, colour, fill);
        Ok(match encoder {
            Encoder::Json(keys) => Self::of(Lines::Json, Form::json().with(keys)?),
            Encoder::Console(keys) => Self::of(Lines::Console, Form::console(colour).with(keys)?),
            Encoder::Append(append) => {
                wrapped(append.wrap.as_deref())?.after(Change::append(&append.fields, fill))
            }
            Encoder::Filter(filter) => {
                wrapped(filter.wrap.as_deref())?.after(Change::filter(&filter.fields)?)
            }
            Encoder::Journald(journald) => Self {
                has_priority: true,
                ..wrapped(journald.wrap.as_deref())?
            },
        })
    }

    /// The same behind a change.
    fn after(mut self, change: Change) -> Self {
        self.changes.insert(0, change);
        self
    }

    /// The entry as a line.
    pub(super) fn line(&self, entry: &Entry) -> String {
        let mut fields = fields(&entry.about, &self.form);
        for change in &self.changes {
            change.apply(&mut fields);
        }
        let mut line = String::new();
        if self.has_priority {
            line.push_str(entry.level.priority());
        }
        match self.lines {
            Lines::Json => self.json_line(entry, fields, &mut line),
            Lines::Console => self.console_line(entry, fields, &mut line),
        }
        line.push_str(&self.form.line_ending);
        line
    }

    fn json_line(&self, entry: &Entry, fields: Map<String, Value>, line: &mut String) {
        let form = &self.form;
        let mut object = Map::new();
        let mut put = |key: &str, value: Value| {
            if !key.is_empty() {
                object.insert(key.to_owned(), value);
            }
        };
        put(&form.level_key, form.level(entry.level).into());
        put(&form.time_key, form.time(entry.at));
        if !entry.logger.is_empty() {
            put(&form.name_key, entry.logger.as_ref().into());
        }
        put(&form.message_key, entry.message.as_str().into());
        object.extend(fields);
        line.push_str(&Value::Object(object).to_string());
    }

    fn console_line(&self, entry: &Entry, fields: Map<String, Value>, line: &mut String) {
        let form = &self.form;
        let time = match form.time(entry.at) {
            Value::String(time) => time,
            Value::Number(number) if number.is_f64() => {
                go_time::float(number.as_f64().unwrap_or_default())
            }
            other => other.to_string(),
        };
        let columns = [
            (&form.time_key, time),
            (&form.level_key, form.level(entry.level)),
            (&form.name_key, entry.logger.to_string()),
            (&form.message_key, printable(&entry.message)),
        ];
        let shown = columns
            .iter()
            .filter(|(key, column)| !(key.is_empty() || column.is_empty()));
        let mut columns: Vec<_> = shown.map(|(_, column)| column.clone()).collect();
        if !fields.is_empty() {
            let mut text = String::new();
            spaced(&Value::Object(fields), &mut text);
            columns.push(text);
        }
        line.push_str(&columns.join("\t"));
    }
}

/// What would move the cursor of a terminal is written as an escape.
fn printable(text: &str) -> String {
    let mut printable = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() {
            printable.extend(c.escape_default());
        } else {
            printable.push(c);
        }
    }
    printable
}

/// JSON with a space after each colon and comma.
fn spaced(value: &Value, out: &mut String) {
    match value {
        Value::Object(map) => {
            out.push('{');
            for (at, (key, value)) in map.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                out.push_str(&Value::from(key.as_str()).to_string());
                out.push_str(": ");
                spaced(value, out);
            }
            out.push('}');
        }
        Value::Array(items) => {
            out.push('[');
            for (at, item) in items.iter().enumerate() {
                out.push_str(if at == 0 { "" } else { ", " });
                spaced(item, out);
            }
            out.push(']');
        }
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => {
            out.push_str(&value.to_string());
        }
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::time::{Duration, UNIX_EPOCH};

    use serde_json::Value;

    use super::Encoding;
    use crate::log::Level;
    use crate::log::entry::{About, Entry};

    fn entry(message: &str) -> Entry {
        Entry {
            at: UNIX_EPOCH + Duration::from_millis(1_795_467_479_500),
            level: Level::Warn,
            logger: Cow::Borrowed("tls"),
            message: message.into(),
            about: About::Event(vec![
                ("names", Value::from(vec!["a", "b"])),
                ("n", 1.into()),
            ]),
        }
    }

    #[test]
    fn entries_have_the_form_of_caddys() {
        assert_eq!(
            Encoding::json().line(&entry("stapling OCSP")),
            "{\"level\":\"warn\",\"ts\":1795467479.5,\"logger\":\"tls\",\"msg\":\"stapling OCSP\",\
             \"names\":[\"a\",\"b\"],\"n\":1}\n"
        );
        assert_eq!(
            Encoding::console(true).line(&entry("stapling OCSP")),
            "2026/11/23 20:57:59.500\t\u{1b}[33mWARN\u{1b}[0m\ttls\tstapling OCSP\t\
             {\"names\": [\"a\", \"b\"], \"n\": 1}\n"
        );
    }

    #[test]
    fn no_entry_can_end_its_line_or_move_the_cursor() {
        for encoding in [Encoding::json(), Encoding::console(false)] {
            let line = encoding.line(&entry("a\nb\u{1b}[2Jc\rd"));
            assert_eq!(
                line.matches(char::is_control)
                    .filter(|c| *c != "\t")
                    .count(),
                1,
                "{line:?}"
            );
            assert!(line.ends_with('\n'));
        }
    }
}
