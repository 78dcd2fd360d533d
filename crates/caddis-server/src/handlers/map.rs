//! `map`: placeholders whose value depends on another one. It is looked up anew each time that one of them is read.

use std::sync::Arc;

use bytes::Bytes;
use caddis_ir::{MapHandler, Mapping, Path};
use regex::Regex;

use crate::builder::Builder;
use crate::matchers::regexp;
use crate::placeholders::{Template, Value, Values};
use crate::{Context, Edit, Node, Request, Result};

/// A table, noted by the request when it comes by.
#[derive(Debug)]
pub(crate) struct Table {
    source: Template,
    destinations: Vec<String>,
    rows: Vec<Row>,
    defaults: Vec<Template>,
}

#[derive(Debug)]
struct Row {
    input: Input,
    /// One for each destination; `None` goes on to the next row.
    outputs: Vec<Option<Output>>,
}

#[derive(Debug)]
enum Input {
    Text(Box<str>),
    Pattern(Regex),
}

#[derive(Debug)]
enum Output {
    /// With placeholders.
    Text(Template),
    /// With groups of the expression; placeholders in it stay as they are written, as in Caddy.
    Groups(String),
    /// What is not text.
    Typed(Value),
}

struct Mapped(Arc<Table>);

/// Prepares a table.
pub(crate) fn build(config: &MapHandler, at: &Path, builder: &mut Builder<'_>, next: Node) -> Node {
    check(config, at, builder);
    let rows = (config.mappings.iter().enumerate())
        .filter_map(|(index, row)| Row::build(row, &at.key("mappings").index(index), builder))
        .collect();
    let at_defaults = at.key("defaults");
    let table = Table {
        source: builder.template(&config.source, &at.key("source")),
        destinations: config.destinations.iter().map(|name| bare(name)).collect(),
        rows,
        defaults: (config.defaults.iter().enumerate())
            .map(|(index, text)| builder.template(text, &at_defaults.index(index)))
            .collect(),
    };
    Node::edit(Mapped(Arc::new(table)), next)
}

/// The name of a destination, without its braces.
pub(crate) fn bare(destination: &str) -> String {
    destination.trim_matches(['{', '}']).to_owned()
}

/// What Caddy refuses.
fn check(config: &MapHandler, at: &Path, builder: &mut Builder<'_>) {
    let count = config.destinations.len();
    for (index, name) in config.destinations.iter().enumerate() {
        let at = at.key("destinations").index(index);
        if !name.starts_with('{') || name.matches('{').count() != 1 {
            let message = format!("`{name}` is not a placeholder");
            builder.error_with_help(&at, message, format!("write `{{{}}}`", bare(name)));
        }
    }
    if !config.defaults.is_empty() && config.defaults.len() != count {
        let message = format!(
            "{} defaults for {count} destinations",
            config.defaults.len()
        );
        builder.error(&at.key("defaults"), message);
    }
    for (index, row) in config.mappings.iter().enumerate() {
        let at = at.key("mappings").index(index);
        if row.outputs.len() != count {
            let message = format!("{} outputs for {count} destinations", row.outputs.len());
            builder.error(&at.key("outputs"), message);
        }
        if !row.input.is_empty() && !row.input_regexp.is_empty() {
            builder.error(
                &at,
                "a mapping has an `input` or an `input_regexp`, not both",
            );
        }
        let mut before = config.mappings.iter().take(index);
        if before.any(|other| input_of(other) == input_of(row)) {
            let message = format!("the input `{}` is there twice", input_of(row));
            builder.error(&at, message);
        }
    }
}

/// As Caddy compares them: an expression and a text that read alike are one input.
fn input_of(row: &Mapping) -> &str {
    if row.input_regexp.is_empty() {
        &row.input
    } else {
        &row.input_regexp
    }
}

impl Row {
    fn build(config: &Mapping, at: &Path, builder: &mut Builder<'_>) -> Option<Self> {
        let input = if config.input_regexp.is_empty() {
            Input::Text(config.input.as_str().into())
        } else {
            let at = at.key("input_regexp");
            Input::Pattern(regexp::compile(&config.input_regexp, &at, builder)?)
        };
        let at = at.key("outputs");
        let output = |(index, output): (usize, &serde_json::Value)| {
            Some(match (output, &input) {
                (serde_json::Value::Null, _) => return None,
                (serde_json::Value::String(text), Input::Text(_)) => {
                    Output::Text(builder.template(text, &at.index(index)))
                }
                (output, Input::Pattern(_)) => {
                    let mut text = Vec::new();
                    Value::of_json(output).write(&mut text);
                    Output::Groups(String::from_utf8_lossy(&text).into_owned())
                }
                (output, Input::Text(_)) => Output::Typed(Value::of_json(output)),
            })
        };
        let outputs = config.outputs.iter().enumerate().map(output).collect();
        Some(Self { input, outputs })
    }
}

impl Edit for Mapped {
    fn edit(&self, request: &mut Request) -> Result<()> {
        let context = Context::of(request);
        context.notes().maps.push(Arc::clone(&self.0));
        Ok(())
    }
}

impl Table {
    /// The value of a placeholder that this table fills.
    pub(crate) fn look_up(&self, name: &str, values: &Values<'_>) -> Option<Value> {
        let index = self.destinations.iter().position(|own| own == name)?;
        let input = self.source.fill_text(values);
        for row in &self.rows {
            let Some(Some(output)) = row.outputs.get(index) else {
                continue;
            };
            if let Some(value) = row.value(output, &input, values) {
                return Some(value);
            }
        }
        let default = self.defaults.get(index);
        Some(default.map_or(Value::Null, |text| filled(text, values)))
    }
}

impl Row {
    fn value(&self, output: &Output, input: &str, values: &Values<'_>) -> Option<Value> {
        match (&self.input, output) {
            (Input::Text(text), _) if **text != *input => None,
            (Input::Text(_), Output::Text(template)) => Some(filled(template, values)),
            (Input::Text(_), Output::Typed(value)) => Some(value.clone()),
            (Input::Pattern(regex), Output::Groups(text)) => {
                let mut out = String::new();
                regex.captures(input)?.expand(text, &mut out);
                Some(Value::from(out))
            }
            (Input::Text(_), Output::Groups(_))
            | (Input::Pattern(_), Output::Text(_) | Output::Typed(_)) => None,
        }
    }
}

fn filled(template: &Template, values: &Values<'_>) -> Value {
    Value::Text(Bytes::from(template.fill(values).into_owned()))
}
