//! `=== title` and its steps: modifiers, a request, expectations.

use std::time::Duration;

use caddis_source::{Code, Span, suggest};
use http::{Method, Uri};

use super::expect::{self, is_expectation};
use super::line::{Kind, Line};
use super::measure;
use super::reader::Reader;
use super::upstream::field;
use crate::pattern::spaces;
use crate::spec::{Case, Protocol, Request, RequestBody, Step};

const NO_REQUEST: Code = Code("spec/no-request");
const TWO_REQUESTS: Code = Code("spec/two-requests");
const OUT_OF_PLACE: Code = Code("spec/out-of-place");
const MODIFIER: Code = Code("spec/unknown-modifier");
const VALUE: Code = Code("spec/not-a-value");
const NOT_THERE_YET: Code = Code("spec/not-there-yet");
const NOT_A_URL: Code = Code("spec/not-a-url");

const MODIFIERS: [&str; 5] = ["peer", "proto", "env", "repeat", "clock"];
/// Modifiers of the design that are not there yet.
const LATER: [&str; 2] = ["reload", "expect-lint"];
/// Fillers are made in memory.
const MAX_FILLER: u64 = 256 * 1024 * 1024;
const MAX_REPEAT: u32 = 10_000;
const ORDER: &str = "setup lines come first; then cases, each begun by `=== title`; in a step: \
                     `@`, then `>`, then `<`, `^` and `log`";

/// Reads the cases up to the end of the file.
pub(super) fn read(reader: &mut Reader<'_>) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    while let Some((line, span)) = reader.next_if(|_| true) {
        match (line.kind, cases.last_mut()) {
            (Kind::title, _) => {
                let mut case = Case {
                    title: line.text(Kind::text).trim().into(),
                    span,
                    env: Vec::new(),
                    steps: Vec::new(),
                };
                step(reader, &mut case, "", span);
                cases.push(case);
            }
            (Kind::part, Some(case)) => {
                step(reader, case, line.text(Kind::text).trim(), span);
            }
            _ => reader
                .error(OUT_OF_PLACE, span, "this does not belong here")
                .hint(ORDER),
        }
    }
    cases
}

/// Reads one step into its case.
fn step(reader: &mut Reader<'_>, case: &mut Case, title: &str, heading: Span) {
    let mut modifiers = Modifiers::default();
    while let Some((line, span)) = reader.next_if(|kind| kind == Kind::modifier) {
        if line.text(Kind::word) == "env" && !case.steps.is_empty() {
            reader
                .error(
                    OUT_OF_PLACE,
                    span,
                    "`@env` belongs to the first step of a case",
                )
                .hint("the server is started for the whole case; write another case");
        } else {
            modifier(reader, &mut modifiers, &line, span);
        }
    }
    case.env.append(&mut modifiers.env);
    let request = request(reader, heading);
    let mut expectations = Vec::new();
    let mut answers = Vec::new();
    while let Some((line, span)) = reader.next_if(is_expectation) {
        if line.kind == Kind::answer {
            answers.extend(expect::answer(reader, &line, span));
        } else {
            expectations.extend(expect::expectation(reader, &line, span));
        }
    }
    case.steps.extend(request.map(|request| Step {
        title: title.into(),
        peer: modifiers.peer,
        protocol: modifiers.protocol,
        repeat: modifiers.repeat.unwrap_or(1),
        advance: modifiers.advance,
        request,
        answers,
        expectations,
    }));
}

#[derive(Default)]
struct Modifiers {
    peer: Option<std::net::IpAddr>,
    protocol: Protocol,
    env: Vec<(String, String)>,
    repeat: Option<u32>,
    advance: Duration,
}

fn modifier(reader: &mut Reader<'_>, modifiers: &mut Modifiers, line: &Line<'_>, span: Span) {
    let (word, value) = (line.text(Kind::word), line.text(Kind::text).trim());
    let read = match word {
        "peer" => value.parse().ok().map(|peer| modifiers.peer = Some(peer)),
        "proto" => protocol(value).map(|protocol| modifiers.protocol = protocol),
        "env" => value.split_once('=').map(|(name, value)| {
            modifiers.env.push((name.into(), value.into()));
        }),
        "repeat" => value
            .parse()
            .ok()
            .filter(|count| (1..=MAX_REPEAT).contains(count))
            .map(|count| modifiers.repeat = Some(count)),
        "clock" => value
            .strip_prefix('+')
            .and_then(measure::duration)
            .map(|advance| modifiers.advance = advance),
        _ => return unknown(reader, word, span),
    };
    if read.is_none() {
        reader
            .error(VALUE, span, format!("`@{word}` cannot take `{value}`"))
            .hint(match word {
                "peer" => "write an IP address",
                "proto" => "write `h1` or `h2` (`h3` is not there yet)",
                "env" => "write NAME=VALUE",
                "repeat" => "write a number from 1 to 10000",
                _ => "write how far to put the clock forward, as in `@clock +61s`",
            });
    }
}

fn unknown(reader: &mut Reader<'_>, word: &str, span: Span) {
    if LATER.contains(&word) {
        let message = format!("`@{word}` cannot be tested yet");
        return reader
            .error(NOT_THERE_YET, span, message)
            .hint("take the case out");
    }
    let help = match suggest(word, MODIFIERS) {
        Some(near) => format!("did you mean `@{near}`?"),
        None => format!("known are: @{}", MODIFIERS.join(", @")),
    };
    reader
        .error(MODIFIER, span, format!("there is no modifier `@{word}`"))
        .hint(help);
}

fn protocol(value: &str) -> Option<Protocol> {
    match value {
        "h1" => Some(Protocol::H1),
        "h2" => Some(Protocol::H2),
        _ => None,
    }
}

fn is_request(kind: Kind) -> bool {
    use Kind::{request, request_body, request_file, request_header, request_size};
    matches!(
        kind,
        request | request_body | request_file | request_header | request_size
    )
}

fn request(reader: &mut Reader<'_>, heading: Span) -> Option<Request> {
    let Some((line, span)) = reader.next_if(|kind| kind == Kind::request) else {
        reader
            .error(NO_REQUEST, heading, "this step sends no request")
            .hint("write `> METHOD http[s]://HOST/PATH` before what is expected");
        return None;
    };
    let url: Option<Uri> = line.text(Kind::url).parse().ok();
    if url.is_none() {
        let message = format!("`{}` is not a URL", line.text(Kind::url));
        reader
            .error(NOT_A_URL, span, message)
            .hint("percent-encode what a URL cannot hold");
    }
    let mut headers = Vec::new();
    let mut body = RequestBody::None;
    while let Some((line, span)) = reader.next_if(is_request) {
        match line.kind {
            Kind::request => reader
                .error(TWO_REQUESTS, span, "a step sends one request")
                .hint("begin another step with `---`"),
            Kind::request_header => headers.extend(field(reader, &line, span)),
            _ => add_to_body(reader, &mut body, &line, span),
        }
    }
    Some(Request {
        method: Method::from_bytes(line.text(Kind::method).as_bytes()).ok()?,
        url: url?,
        headers,
        body,
        span,
    })
}

fn add_to_body(reader: &mut Reader<'_>, body: &mut RequestBody, line: &Line<'_>, span: Span) {
    let text = line.text(Kind::text);
    match (line.kind, &mut *body) {
        (Kind::request_body, RequestBody::Lines(lines)) => lines.push(spaces(text)),
        (Kind::request_body, RequestBody::None) => *body = RequestBody::Lines(vec![spaces(text)]),
        (Kind::request_file, RequestBody::None) => *body = RequestBody::File(text.trim().into()),
        (Kind::request_size, RequestBody::None) => {
            match measure::size(text.trim()).filter(|size| *size <= MAX_FILLER) {
                Some(size) => *body = RequestBody::Filler(size),
                None => reader
                    .error(VALUE, span, format!("`{text}` is not a size"))
                    .hint("write a number and a unit, as in `900KiB`; 256MiB at most"),
            }
        }
        _ => reader
            .error(TWO_REQUESTS, span, "the request has a body already")
            .hint("write lines (`>|`), one file (`>@`) or one size (`>*`)"),
    }
}
