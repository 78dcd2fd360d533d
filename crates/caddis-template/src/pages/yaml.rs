//! YAML, as far as front matter needs it. What an alias stands for is shared, not copied.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use jiff::tz::TimeZone;
use saphyr_parser::{Event, Parser, ScalarStyle};

use crate::{Error, Result, Value, reading};

/// How deep lists and maps may be nested.
const MAX_DEPTH: usize = 60;

/// Reads the first document.
pub(super) fn read(text: &str) -> Result<Value> {
    let mut reader = Reader {
        anchors: HashMap::new(),
    };
    let mut open: Vec<Open> = Vec::new();
    for event in Parser::new_from_str(text) {
        let (event, _) = event.map_err(|error| Error::new(format!("yaml: {error}")))?;
        let value = match event {
            Event::SequenceStart(anchor, _) => {
                open.push(Open::list(anchor));
                None
            }
            Event::MappingStart(anchor, _) => {
                open.push(Open::map(anchor));
                None
            }
            Event::SequenceEnd | Event::MappingEnd => {
                let closed = open.pop();
                closed.map(|closed| reader.kept(closed.anchor, closed.value()))
            }
            Event::Alias(anchor) => Some(reader.anchors.get(&anchor).cloned().unwrap_or_default()),
            Event::Scalar(text, style, anchor, tag) => {
                let is_text =
                    style != ScalarStyle::Plain || tag.is_some_and(|tag| tag.suffix == "str");
                let value = if is_text {
                    (*text).into()
                } else {
                    resolved(&text)
                };
                Some(reader.kept(anchor, value))
            }
            Event::DocumentEnd | Event::StreamEnd => break,
            Event::Nothing | Event::StreamStart | Event::DocumentStart(_) => None,
        };
        if open.len() > MAX_DEPTH {
            return Err(Error::new("yaml: nested too deeply"));
        }
        if let Some(value) = value {
            match open.last_mut() {
                Some(open) => open.add(value),
                None => return Ok(value),
            }
        }
    }
    Ok(Value::Nil)
}

struct Reader {
    anchors: HashMap<usize, Value>,
}

impl Reader {
    fn kept(&mut self, anchor: usize, value: Value) -> Value {
        if anchor > 0 {
            self.anchors.insert(anchor, value.clone());
        }
        value
    }
}

/// A list or map that is being read.
struct Open {
    anchor: usize,
    items: Vec<Value>,
    is_map: bool,
}

impl Open {
    fn list(anchor: usize) -> Self {
        Self {
            anchor,
            items: Vec::new(),
            is_map: false,
        }
    }

    fn map(anchor: usize) -> Self {
        Self {
            is_map: true,
            ..Self::list(anchor)
        }
    }

    fn add(&mut self, value: Value) {
        self.items.push(value);
    }

    fn value(self) -> Value {
        if !self.is_map {
            return Value::list(self.items);
        }
        let mut entries: BTreeMap<Arc<str>, Value> = BTreeMap::new();
        let mut merged = Vec::new();
        let mut items = self.items.into_iter();
        while let (Some(key), Some(value)) = (items.next(), items.next()) {
            match (&key, &value) {
                (Value::Text(key), Value::Dict(_)) if &**key == "<<" => merged.push(value),
                (Value::Text(key), _) => {
                    entries.insert(key.clone(), value);
                }
                _ => {
                    entries.insert(format!("{key:?}").into(), value);
                }
            }
        }
        for dict in merged.iter().filter_map(Value::as_dict) {
            for (key, value) in dict.entries() {
                entries.entry(key).or_insert(value);
            }
        }
        Value::dict(entries)
    }
}

/// How times are written.
const LAYOUTS: [&str; 4] = [
    "2006-01-02",
    "2006-1-2T15:4:5.999999999Z07:00",
    "2006-1-2t15:4:5.999999999Z07:00",
    "2006-1-2 15:4:5.999999999",
];

/// What a text without quotes is.
fn resolved(text: &str) -> Value {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => return Value::Nil,
        "true" | "True" | "TRUE" => return Value::Bool(true),
        "false" | "False" | "FALSE" => return Value::Bool(false),
        ".inf" | "+.inf" => return Value::Float(f64::INFINITY),
        "-.inf" => return Value::Float(f64::NEG_INFINITY),
        ".nan" => return Value::Float(f64::NAN),
        _ => {}
    }
    if !text.starts_with(|first: char| first.is_ascii_digit() || "+-.".contains(first)) {
        return text.into();
    }
    let plain = text.replace('_', "");
    if let Ok(number) = plain.parse() {
        return Value::Int(number);
    }
    for (prefix, radix) in [("0x", 16), ("0o", 8), ("0b", 2)] {
        let digits = plain.strip_prefix(prefix);
        if let Some(Ok(number)) = digits.map(|digits| i64::from_str_radix(digits, radix)) {
            return Value::Int(number);
        }
    }
    let is_number = plain
        .bytes()
        .all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(&byte));
    if is_number && let Ok(number) = plain.parse() {
        return Value::Float(number);
    }
    for form in LAYOUTS {
        if let Ok(time) = reading::parse(form, text, &TimeZone::UTC) {
            return Value::time(time);
        }
    }
    text.into()
}
