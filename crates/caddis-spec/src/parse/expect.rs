//! Lines that say what must come of a request.

use caddis_source::{Code, Span};
use http::{HeaderName, Method};
use serde_json::Value;

use super::line::{Kind, Line};
use super::reader::Reader;
use super::upstream::status;
use crate::Pattern;
use crate::spec::{BodyLine, Expectation, Expected, Override};

const NOT_JSON: Code = Code("spec/not-json");
const NOT_A_NAME: Code = Code("spec/not-a-header-field");

/// Whether a line says what must come of a request, or what an upstream answers to it.
pub(super) fn is_expectation(kind: Kind) -> bool {
    use Kind::{
        absent, answer, body, chunk, header, json, log, seen_absent, seen_body, seen_header,
        seen_none, seen_request, status,
    };
    matches!(
        kind,
        status
            | header
            | absent
            | body
            | json
            | chunk
            | log
            | seen_none
            | seen_request
            | seen_header
            | seen_absent
            | seen_body
            | answer
    )
}

/// Reads what an upstream answers for once.
pub(super) fn answer(
    reader: &mut Reader<'_>,
    line: &Line<'_>,
    span: Span,
) -> Option<(String, Override)> {
    let what = match line.part(Kind::code) {
        Some(code) => Override::Status(status(reader, code, span)?),
        None if line.part(Kind::refuse).is_some() => Override::Refuse,
        None => Override::Timeout,
    };
    Some((line.text(Kind::word).into(), what))
}

/// Reads an expectation.
pub(super) fn expectation(
    reader: &mut Reader<'_>,
    line: &Line<'_>,
    span: Span,
) -> Option<Expectation> {
    let text = line.text(Kind::text);
    let what = match line.kind {
        Kind::status => match line.part(Kind::code) {
            Some(code) => Expected::Status(status(reader, code, span)?),
            None => Expected::Aborted,
        },
        Kind::header => Expected::Header(name(reader, line, span)?, value(reader, text, span)?),
        Kind::absent => Expected::Absent(name(reader, line, span)?),
        Kind::body => Expected::Body(body_line(reader, text, span)?),
        Kind::json => Expected::Json(json(reader, text, span)?),
        Kind::chunk => Expected::Chunk(reader.pattern(span, Pattern::text(text))?),
        Kind::log => Expected::Log(line.text(Kind::word).into(), json(reader, text, span)?),
        Kind::seen_none => Expected::NothingSeen,
        Kind::seen_request => Expected::Seen(
            line.text(Kind::word).into(),
            Method::from_bytes(line.text(Kind::method).as_bytes()).ok()?,
            reader.pattern(span, Pattern::text(line.text(Kind::path)))?,
        ),
        Kind::seen_header => {
            Expected::SeenHeader(name(reader, line, span)?, value(reader, text, span)?)
        }
        Kind::seen_absent => Expected::SeenAbsent(name(reader, line, span)?),
        // `is_expectation` lets no other kind through.
        _ => Expected::SeenBody(body_line(reader, text, span)?),
    };
    Some(Expectation { what, span })
}

fn name(reader: &mut Reader<'_>, line: &Line<'_>, span: Span) -> Option<HeaderName> {
    let written = line.text(Kind::name);
    let name = written.parse().ok();
    if name.is_none() {
        reader
            .error(
                NOT_A_NAME,
                span,
                format!("`{written}` is not a header name"),
            )
            .hint("names are letters, digits and `-`");
    }
    name
}

fn value(reader: &mut Reader<'_>, text: &str, span: Span) -> Option<Pattern> {
    reader.pattern(span, Pattern::value(text))
}

fn body_line(reader: &mut Reader<'_>, text: &str, span: Span) -> Option<BodyLine> {
    if text == "..." {
        return Some(BodyLine::Skip);
    }
    reader
        .pattern(span, Pattern::text(text))
        .map(BodyLine::Like)
}

fn json(reader: &mut Reader<'_>, text: &str, span: Span) -> Option<Value> {
    serde_json::from_str(text)
        .map_err(|error| {
            reader
                .error(NOT_JSON, span, "this is not JSON")
                .hint(error.to_string());
        })
        .ok()
}
