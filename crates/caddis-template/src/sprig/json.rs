//! JSON, as Go writes it.

use std::fmt::Write;

use crate::args::{Args, Function, exactly};
use crate::printed::{general, with_exponent};
use crate::{Error, Result, Run, Value, pages};

pub(super) fn find(name: &str) -> Option<Function> {
    match name {
        "fromJson" => exactly(1, |args, run| Ok(read(args, run).unwrap_or_default())),
        "mustFromJson" => exactly(1, read),
        "toJson" => exactly(1, |args, run| Ok(lenient(args, Style::Escaped, run))),
        "mustToJson" => exactly(1, |args, run| strict(args, Style::Escaped, run)),
        "toPrettyJson" => exactly(1, |args, run| Ok(lenient(args, Style::Pretty, run))),
        "mustToPrettyJson" => exactly(1, |args, run| strict(args, Style::Pretty, run)),
        "toRawJson" => exactly(1, |args, run| Ok(lenient(args, Style::Raw, run))),
        "mustToRawJson" => exactly(1, |args, run| strict(args, Style::Raw, run)),
        _ => None,
    }
}

/// How it is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Style {
    Escaped,
    Pretty,
    Raw,
}

fn read(args: &Args<'_>, run: &mut Run<'_>) -> Result<Value> {
    let text = args.text(0)?;
    run.steps(text.len() / 16)?;
    let value = serde_json::from_str(text).map_err(|error| Error::new(error.to_string()))?;
    Ok(pages::from_json(value))
}

fn lenient(args: &Args<'_>, style: Style, run: &mut Run<'_>) -> Value {
    strict(args, style, run).unwrap_or_else(|_| "".into())
}

fn strict(args: &Args<'_>, style: Style, run: &mut Run<'_>) -> Result<Value> {
    let mut out = String::new();
    write_at(&mut out, args.any(0), style, 0, run)?;
    Ok(out.into())
}

/// How deep values are written.
const MAX_DEPTH: usize = 100;

fn write_at(
    out: &mut String,
    value: &Value,
    style: Style,
    depth: usize,
    run: &mut Run<'_>,
) -> Result<()> {
    if depth > MAX_DEPTH {
        return Err(Error::new("the value is nested too deeply"));
    }
    run.step()?;
    run.room(out.len())?;
    match value {
        Value::Nil => out.push_str("null"),
        Value::Bool(is) => out.push_str(if *is { "true" } else { "false" }),
        Value::Int(number) | Value::Int64(number) => out.push_str(&number.to_string()),
        Value::Byte(number) => out.push_str(&number.to_string()),
        Value::Float(number) => out.push_str(&float(*number)?),
        Value::Text(text) => string(out, text, style),
        Value::Time(time) => {
            let text = crate::layout::format(time, "2006-01-02T15:04:05.999999999Z07:00");
            string(out, &text, style);
        }
        Value::List(list) => {
            let items = list.items().iter().map(|item| (None, item.clone()));
            nested(out, ['[', ']'], items.collect(), style, depth, run)?;
        }
        other => match (other.as_dict(), other) {
            (Some(dict), _) => {
                let entries = dict.entries().into_iter();
                let entries = entries.map(|(key, value)| (Some(key), value));
                nested(out, ['{', '}'], entries.collect(), style, depth, run)?;
            }
            (None, Value::Object(object)) => match object.number() {
                Some(number) => out.push_str(&number.to_string()),
                None => {
                    return Err(Error::new(format!(
                        "json: unsupported type: {}",
                        object.type_name()
                    )));
                }
            },
            (None, _) => {}
        },
    }
    Ok(())
}

fn nested(
    out: &mut String,
    brackets: [char; 2],
    items: Vec<(Option<std::sync::Arc<str>>, Value)>,
    style: Style,
    depth: usize,
    run: &mut Run<'_>,
) -> Result<()> {
    let is_empty = items.is_empty();
    let line = |out: &mut String, depth: usize| {
        if style == Style::Pretty && !is_empty {
            out.push('\n');
            out.push_str(&"  ".repeat(depth));
        }
    };
    out.push(brackets[0]);
    for (index, (key, value)) in items.into_iter().enumerate() {
        if index > 0 {
            out.push(',');
        }
        line(out, depth + 1);
        if let Some(key) = key {
            string(out, &key, style);
            out.push_str(if style == Style::Pretty { ": " } else { ":" });
        }
        write_at(out, &value, style, depth + 1, run)?;
    }
    line(out, depth);
    out.push(brackets[1]);
    Ok(())
}

fn string(out: &mut String, text: &str, style: Style) {
    out.push('"');
    for letter in text.chars() {
        let is_markup = matches!(letter, '<' | '>' | '&') && style != Style::Raw;
        match letter {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\x08' => out.push_str("\\b"),
            '\x0c' => out.push_str("\\f"),
            '\u{2028}' | '\u{2029}' => escape(out, letter),
            letter if is_markup || u32::from(letter) < 0x20 => escape(out, letter),
            letter => out.push(letter),
        }
    }
    out.push('"');
}

fn escape(out: &mut String, letter: char) {
    let _ = write!(out, "\\u{:04x}", u32::from(letter));
}

fn float(number: f64) -> Result<String> {
    if !number.is_finite() {
        let number = general(number, 21);
        return Err(Error::new(format!("json: unsupported value: {number}")));
    }
    if number != 0.0 && !(1e-6..1e21).contains(&number.abs()) {
        let text = format!("{number:e}");
        let (mantissa, exponent) = text.split_once('e').unwrap_or((&text, "0"));
        let text = with_exponent(mantissa, exponent.parse().unwrap_or_default());
        return Ok(text.replace("e-0", "e-"));
    }
    Ok(format!("{number}"))
}
