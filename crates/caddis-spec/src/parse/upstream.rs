//! `upstream NAME at ADDRESS`, and the canned answers below it.

use std::time::Duration;

use caddis_source::{Code, Span};
use http::{HeaderName, HeaderValue, Method, StatusCode};

use super::line::{Kind, Line};
use super::measure;
use super::reader::Reader;
use crate::Pattern;
use crate::pattern::spaces;
use crate::spec::{Piece, Reply, Stub, Upstream};

const NOT_A_STATUS: Code = Code("spec/not-a-status");
const NOT_A_FIELD: Code = Code("spec/not-a-header-field");
const NOT_AN_ADDRESS: Code = Code("spec/not-an-address");
const NO_STUB: Code = Code("spec/no-stub");

/// Reads the stubs below an `upstream` line.
pub(super) fn read(reader: &mut Reader<'_>, line: &Line<'_>, span: Span) -> Upstream {
    let address = line.text(Kind::address);
    if !is_address(address) {
        reader
            .error(
                NOT_AN_ADDRESS,
                span,
                format!("`{address}` is not an address"),
            )
            .hint("write HOST:PORT, as the upstream stands in the config");
    }
    let mut stubs: Vec<Stub> = Vec::new();
    while let Some((line, span)) = reader.next_if(is_part) {
        if line.kind == Kind::stub {
            stubs.extend(stub(reader, &line, span));
        } else if let Some(stub) = stubs.last_mut() {
            detail(reader, &mut stub.reply, &line, span);
        } else {
            reader
                .error(NO_STUB, span, "this answers no request")
                .hint("write a line with one tab and `METHOD PATH` before it");
        }
    }
    Upstream {
        name: line.text(Kind::word).into(),
        address: address.into(),
        stubs,
        span,
    }
}

fn is_part(kind: Kind) -> bool {
    use Kind::{stub, stub_body, stub_chunk, stub_header, stub_status};
    matches!(
        kind,
        stub | stub_body | stub_chunk | stub_header | stub_status
    )
}

fn is_address(text: &str) -> bool {
    let (host, port) = text.rsplit_once(':').unwrap_or_default();
    !host.is_empty() && port.parse::<u16>().is_ok()
}

fn stub(reader: &mut Reader<'_>, line: &Line<'_>, span: Span) -> Option<Stub> {
    let path = match line.text(Kind::path) {
        "*" => "[..]",
        path => path,
    };
    Some(Stub {
        method: line
            .part(Kind::method)
            .and_then(|method| Method::from_bytes(method.as_bytes()).ok()),
        path: reader.pattern(span, Pattern::text(path))?,
        reply: Reply {
            status: StatusCode::OK,
            headers: Vec::new(),
            body: Vec::new(),
        },
    })
}

fn detail(reader: &mut Reader<'_>, reply: &mut Reply, line: &Line<'_>, span: Span) {
    let text = line.text(Kind::text);
    match line.kind {
        Kind::stub_status => {
            reply.status = status(reader, line.text(Kind::code), span).unwrap_or_default();
        }
        Kind::stub_header => reply.headers.extend(field(reader, line, span)),
        Kind::stub_chunk => {
            let delay = line.part(Kind::delay).and_then(measure::duration);
            let delay = delay.unwrap_or(Duration::ZERO);
            reply.body.push(Piece::Chunk(delay, spaces(text)));
        }
        // `is_part` lets no other kind through.
        _ => reply.body.push(Piece::Line(spaces(text))),
    }
}

/// Reads a status code.
pub(super) fn status(reader: &mut Reader<'_>, code: &str, span: Span) -> Option<StatusCode> {
    let status = code.parse().ok();
    if status.is_none() {
        reader
            .error(NOT_A_STATUS, span, format!("`{code}` is not a status"))
            .hint("write a number from 100 to 999");
    }
    status
}

/// Reads a header field with a literal value.
pub(super) fn field(
    reader: &mut Reader<'_>,
    line: &Line<'_>,
    span: Span,
) -> Option<(HeaderName, HeaderValue)> {
    let name = line.text(Kind::name).parse().ok();
    let value = HeaderValue::from_str(&spaces(line.text(Kind::text))).ok();
    let field = name.zip(value);
    if field.is_none() {
        reader
            .error(NOT_A_FIELD, span, "this cannot be sent as a header field")
            .hint("names are letters, digits and `-`; values have no control characters");
    }
    field
}
