//! A text with placeholders, read once and filled for each request.

use std::borrow::Cow;

use http::HeaderValue;

use super::name::{self, Placeholder};
use super::scan::{Piece, scan};
use super::value::Values;
use crate::{Environment, uri};

/// What becomes of a placeholder that nobody has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unknown {
    /// Nothing stands in its place.
    Empty,
    /// It stays as it is written.
    Kept,
}

/// A text with placeholders. One without any costs nothing when it is filled.
#[derive(Clone, Debug)]
pub(crate) struct Template {
    parts: Parts,
    unknown: Unknown,
}

#[derive(Clone, Debug)]
enum Parts {
    Constant(Box<str>),
    Mixed(Box<[Part]>),
}

#[derive(Clone, Debug)]
enum Part {
    Text(Box<str>),
    Value(Placeholder, Box<str>),
}

impl Template {
    /// Reads a text; the error says why it cannot be served.
    pub(crate) fn parse(
        text: &str,
        unknown: Unknown,
        environment: &Environment,
    ) -> Result<Self, String> {
        let is_taken = |name: &[u8]| {
            let name = std::str::from_utf8(name).unwrap_or_default();
            unknown == Unknown::Empty || name::read(name, environment) != name::Read::Nobodys
        };
        let pieces = scan(text.as_bytes(), is_taken)
            .map_err(|_| "the text has too many braces that are not closed".to_owned())?;
        let mut parts = Vec::new();
        for piece in pieces {
            match piece {
                Piece::Text(range) => push_text(&mut parts, &text[range]),
                Piece::Name(range) => push_value(&mut parts, &text[range], environment)?,
            }
        }
        let parts = match parts.as_slice() {
            [] => Parts::Constant("".into()),
            [Part::Text(text)] => Parts::Constant(text.clone()),
            _ => Parts::Mixed(parts.into()),
        };
        Ok(Self { parts, unknown })
    }

    /// A text that has no placeholders.
    pub(crate) fn text(text: &str) -> Self {
        Self {
            parts: Parts::Constant(text.into()),
            unknown: Unknown::Kept,
        }
    }

    /// The text, if it is the same for every request.
    pub(crate) fn constant(&self) -> Option<&str> {
        match &self.parts {
            Parts::Constant(text) => Some(text),
            Parts::Mixed(_) => None,
        }
    }

    /// The text for one request.
    pub(crate) fn fill(&self, values: &Values<'_>) -> Cow<'_, [u8]> {
        let parts = match &self.parts {
            Parts::Constant(text) => return Cow::Borrowed(text.as_bytes()),
            Parts::Mixed(parts) => parts,
        };
        let mut out = Vec::new();
        for part in parts {
            match part {
                Part::Text(text) => out.extend_from_slice(text.as_bytes()),
                Part::Value(placeholder, name) => {
                    let is_set =
                        values.write(placeholder, &mut out) || values.write_mapped(name, &mut out);
                    if !is_set && self.unknown == Unknown::Kept {
                        out.push(b'{');
                        out.extend_from_slice(name.as_bytes());
                        out.push(b'}');
                    }
                }
            }
        }
        Cow::Owned(out)
    }

    /// The text for one request, with values escaped for a query; a whole query may be left as it is.
    pub(super) fn fill_for_query(
        &self,
        values: &Values<'_>,
        whole_query_is_escaped: bool,
    ) -> Cow<'_, [u8]> {
        let parts = match &self.parts {
            Parts::Constant(text) => return Cow::Borrowed(text.as_bytes()),
            Parts::Mixed(parts) => parts,
        };
        let mut out = Vec::new();
        for part in parts {
            match part {
                Part::Text(text) => out.extend_from_slice(text.as_bytes()),
                Part::Value(placeholder, name) => {
                    let mut value = Vec::new();
                    if !values.write(placeholder, &mut value) {
                        values.write_mapped(name, &mut value);
                    }
                    if whole_query_is_escaped && placeholder.is_whole_query() {
                        out.extend_from_slice(&value);
                    } else {
                        uri::query_escape(&value, &mut out);
                    }
                }
            }
        }
        Cow::Owned(out)
    }

    /// The text for one request, with values that a function escapes.
    pub(crate) fn fill_escaped(
        &self,
        values: &Values<'_>,
        escape: impl Fn(&[u8], &mut Vec<u8>),
    ) -> Cow<'_, [u8]> {
        let parts = match &self.parts {
            Parts::Constant(text) => return Cow::Borrowed(text.as_bytes()),
            Parts::Mixed(parts) => parts,
        };
        let mut out = Vec::new();
        for part in parts {
            match part {
                Part::Text(text) => out.extend_from_slice(text.as_bytes()),
                Part::Value(placeholder, _) => {
                    let mut value = Vec::new();
                    values.write(placeholder, &mut value);
                    escape(&value, &mut out);
                }
            }
        }
        Cow::Owned(out)
    }

    /// The text for one request, with what is not UTF-8 replaced.
    pub(crate) fn fill_text(&self, values: &Values<'_>) -> Cow<'_, str> {
        match self.constant() {
            Some(text) => Cow::Borrowed(text),
            None => match String::from_utf8(self.fill(values).into_owned()) {
                Ok(text) => Cow::Owned(text),
                Err(error) => Cow::Owned(String::from_utf8_lossy(error.as_bytes()).into_owned()),
            },
        }
    }

    /// The text for one request as the value of a header field.
    pub(crate) fn fill_header(&self, values: &Values<'_>) -> HeaderValue {
        header_value(self.fill(values).into_owned())
    }
}

/// A header value of any text. Line ends become spaces, as Go's server writes them, and so does every other byte
/// that may not stand in a header.
pub(crate) fn header_value(mut text: Vec<u8>) -> HeaderValue {
    for byte in &mut text {
        if (*byte < b' ' && *byte != b'\t') || *byte == 0x7f {
            *byte = b' ';
        }
    }
    HeaderValue::from_bytes(text.trim_ascii()).expect("control bytes are gone")
}

fn push_text(parts: &mut Vec<Part>, text: &str) {
    if text.is_empty() {
        return;
    }
    if let Some(Part::Text(before)) = parts.last_mut() {
        *before = format!("{before}{text}").into();
    } else {
        parts.push(Part::Text(text.into()));
    }
}

fn push_value(parts: &mut Vec<Part>, name: &str, environment: &Environment) -> Result<(), String> {
    match name::read(name, environment) {
        name::Read::Value(placeholder) => parts.push(Part::Value(placeholder, name.into())),
        name::Read::Constant(text) => push_text(parts, &text),
        name::Read::Nobodys => {}
        name::Read::NotYet => {
            return Err(name::not_yet(name));
        }
    }
    Ok(())
}
