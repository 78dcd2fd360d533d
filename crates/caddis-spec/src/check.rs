//! What was expected, held against what happened.

use http::HeaderName;
use http::response::Parts;
use serde_json::Value;

use crate::spec::{BodyLine, Expectation, Expected, Step};
use crate::stubs::{Received, Record};
use crate::{Answer, Pattern};

/// An expectation that was not met.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The line of the expectation, if it is one.
    pub span: Option<caddis_source::Span>,
    /// What was written.
    pub wanted: String,
    /// What happened.
    pub got: String,
}

/// What happened in a step.
pub(crate) struct Happened<'a> {
    pub answer: &'a Answer,
    pub body: &'a str,
    pub record: &'a Record,
    pub log: &'a [Value],
}

/// Every expectation of a step that was not met, in the order of its lines; then surprises.
pub(crate) fn mismatches(step: &Step, happened: &Happened<'_>) -> Vec<Mismatch> {
    let mut found = Vec::new();
    let mut request = happened.record.requests.last();
    for expectation in &step.expectations {
        if let Expected::Seen(name, method, path) = &expectation.what {
            let wanted = format!("^> {name} {method} {path}");
            let like = |one: &&Received| {
                one.upstream == *name && one.method == *method && path.matches(&one.target)
            };
            request = happened.record.requests.iter().find(like);
            if request.is_none() {
                found.push(mismatch(expectation, wanted, seen(happened.record)));
            }
            continue;
        }
        found.extend(check(expectation, happened, request));
    }
    found.extend(body(step, happened.body, request));
    found.extend(happened.record.surprises.iter().map(|surprise| Mismatch {
        span: None,
        wanted: String::new(),
        got: surprise.clone(),
    }));
    found.extend(broken_off(step, happened.answer));
    found
}

fn check(
    expectation: &Expectation,
    happened: &Happened<'_>,
    request: Option<&Received>,
) -> Option<Mismatch> {
    let head = head(happened.answer);
    let of = |name| head.map_or_else(Vec::new, |head| values(&head.headers, name));
    let (wanted, got) = match &expectation.what {
        Expected::Status(wanted) => {
            let ok = head.is_some_and(|head| head.status == *wanted);
            (!ok).then(|| (format!("< {}", wanted.as_u16()), status(happened.answer)))
        }
        Expected::Aborted => {
            let ok = match happened.answer {
                Answer::Aborted => true,
                Answer::Response { broken, .. } => broken.is_some(),
            };
            (!ok).then(|| ("< abort".into(), status(happened.answer)))
        }
        Expected::Header(name, pattern) => field("<", name.as_str(), pattern, &of(name)),
        Expected::Absent(name) => no_field("<", name.as_str(), &of(name)),
        Expected::Json(wanted) => json("<{", wanted, happened.body),
        Expected::Chunk(pattern) => chunk(pattern, &happened.record.chunks),
        Expected::NothingSeen => {
            let ok = happened.record.requests.is_empty();
            (!ok).then(|| ("^ none".into(), seen(happened.record)))
        }
        Expected::SeenHeader(name, pattern) => seen_field(name, pattern, request),
        Expected::SeenAbsent(name) => seen_no_field(name, request),
        Expected::Log(level, wanted) => log(level, wanted, happened.log),
        // Bodies are compared whole, and `Seen` chooses the request that the lines after it are about.
        Expected::Body(_) | Expected::SeenBody(_) | Expected::Seen(..) => None,
    }?;
    Some(mismatch(expectation, wanted, got))
}

fn seen_field(name: &HeaderName, pattern: &Pattern, request: Option<&Received>) -> Difference {
    match request {
        Some(request) => {
            let values = values(&request.headers, name);
            field("^>", name.as_str(), pattern, &values)
        }
        None => Some((
            format!("^> {}: {pattern}", title_case(name.as_str())),
            "^ none".into(),
        )),
    }
}

fn seen_no_field(name: &HeaderName, request: Option<&Received>) -> Difference {
    match request {
        Some(request) => no_field("^", name.as_str(), &values(&request.headers, name)),
        None => Some((format!("^! {}", title_case(name.as_str())), "^ none".into())),
    }
}

fn mismatch(expectation: &Expectation, wanted: String, got: String) -> Mismatch {
    Mismatch {
        span: Some(expectation.span),
        wanted,
        got,
    }
}

fn head(answer: &Answer) -> Option<&Parts> {
    match answer {
        Answer::Response { head, .. } => Some(head),
        Answer::Aborted => None,
    }
}

fn status(answer: &Answer) -> String {
    head(answer).map_or_else(
        || "< abort".into(),
        |head| format!("< {}", head.status.as_u16()),
    )
}

fn values(headers: &http::HeaderMap, name: &HeaderName) -> Vec<String> {
    let values = headers.get_all(name).iter();
    values
        .map(|value| String::from_utf8_lossy(value.as_bytes()).into_owned())
        .collect()
}

type Difference = Option<(String, String)>;

fn field(mark: &str, name: &str, pattern: &Pattern, values: &[String]) -> Difference {
    if values.iter().any(|value| pattern.matches(value)) {
        return None;
    }
    let name = title_case(name);
    let wanted = format!("{mark} {name}: {pattern}");
    let got = match values {
        [] => format!("{}! {name}", mark.trim_end_matches('>')),
        values => {
            let lines = values.iter().map(|value| format!("{mark} {name}: {value}"));
            lines.collect::<Vec<_>>().join("\n")
        }
    };
    Some((wanted, got))
}

fn no_field(mark: &str, name: &str, values: &[String]) -> Difference {
    let name = title_case(name);
    let value = values.first()?;
    let arrow = if mark == "^" { "^>" } else { mark };
    Some((
        format!("{mark}! {name}"),
        format!("{arrow} {name}: {value}"),
    ))
}

/// `content-type` → `Content-Type`.
fn title_case(name: &str) -> String {
    let words = name.split('-').map(|word| {
        let mut letters = word.chars();
        let first = letters.next().map(|first| first.to_ascii_uppercase());
        first.into_iter().chain(letters).collect::<String>()
    });
    words.collect::<Vec<_>>().join("-")
}

fn chunk(pattern: &Pattern, chunks: &[(String, bool)]) -> Difference {
    let wanted = format!("<+ {pattern}");
    match chunks.iter().find(|(text, _)| pattern.matches(text)) {
        Some((_, true)) => None,
        Some((text, false)) => Some((wanted, format!("held back until more came: {text}"))),
        None => Some((wanted, "no upstream made this chunk".into())),
    }
}

fn json(mark: &str, wanted: &Value, body: &str) -> Difference {
    let ok = serde_json::from_str(body).is_ok_and(|got| holds(&got, wanted));
    (!ok).then(|| (format!("{mark} {wanted}"), format!("<| {body}")))
}

fn log(level: &str, wanted: &Value, log: &[Value]) -> Difference {
    let level_of = |entry: &Value| {
        entry
            .get("level")
            .and_then(Value::as_str)
            .map(str::to_lowercase)
    };
    let mut same_level = log
        .iter()
        .filter(|entry| level_of(entry).as_deref() == Some(level));
    if same_level.clone().any(|entry| holds(entry, wanted)) {
        return None;
    }
    let got = same_level.next_back();
    let got = got.map_or_else(
        || "no such entry".into(),
        |entry| format!("log {level} {entry}"),
    );
    Some((format!("log {level} {wanted}"), got))
}

/// Whether a value has everything that is wanted of it: objects may hold more, lists may not.
pub(crate) fn holds(got: &Value, wanted: &Value) -> bool {
    match (got, wanted) {
        (Value::Object(got), Value::Object(wanted)) => wanted
            .iter()
            .all(|(key, wanted)| got.get(key).is_some_and(|got| holds(got, wanted))),
        (Value::Array(got), Value::Array(wanted)) => {
            got.len() == wanted.len()
                && got
                    .iter()
                    .zip(wanted)
                    .all(|(got, wanted)| holds(got, wanted))
        }
        (got, wanted) => got == wanted,
    }
}

/// The bodies, of which the expected lines together are the whole.
fn body(step: &Step, heard: &str, request: Option<&Received>) -> Vec<Mismatch> {
    let lines = |seen: bool| {
        let of = step.expectations.iter();
        of.filter_map(move |expectation| match &expectation.what {
            Expected::Body(line) if !seen => Some((line, expectation)),
            Expected::SeenBody(line) if seen => Some((line, expectation)),
            _ => None,
        })
        .collect::<Vec<_>>()
    };
    let got = request.map(|request| String::from_utf8_lossy(&request.body).into_owned());
    let answer = differs("<|", &lines(false), heard);
    let upstream = differs("^|", &lines(true), &got.unwrap_or_default());
    answer.into_iter().chain(upstream).collect()
}

fn differs(mark: &str, wanted: &[(&BodyLine, &Expectation)], got: &str) -> Option<Mismatch> {
    let (_, first) = wanted.first()?;
    let patterns: Vec<_> = wanted.iter().map(|(line, _)| *line).collect();
    // A line end at the very end is no line.
    let lines: Vec<_> = got.strip_suffix('\n').unwrap_or(got).split('\n').collect();
    if same(&patterns, &lines) {
        return None;
    }
    let show = |lines: Vec<String>| lines.join("\n");
    let pattern = |line: &&BodyLine| match line {
        BodyLine::Like(pattern) => format!("{mark} {pattern}"),
        BodyLine::Skip => format!("{mark} ..."),
    };
    Some(mismatch(
        first,
        show(patterns.iter().map(pattern).collect()),
        show(lines.iter().map(|line| format!("{mark} {line}")).collect()),
    ))
}

fn same(patterns: &[&BodyLine], lines: &[&str]) -> bool {
    match patterns.split_first() {
        None => lines.is_empty(),
        Some((BodyLine::Skip, rest)) => (0..=lines.len()).any(|skip| same(rest, &lines[skip..])),
        Some((BodyLine::Like(pattern), rest)) => lines
            .split_first()
            .is_some_and(|(line, lines)| pattern.matches(line) && same(rest, lines)),
    }
}

/// A body that broke off though nobody expected it to.
fn broken_off(step: &Step, answer: &Answer) -> Option<Mismatch> {
    let expected = |expectation: &Expectation| matches!(expectation.what, Expected::Aborted);
    let Answer::Response {
        broken: Some(broken),
        ..
    } = answer
    else {
        return None;
    };
    (!step.expectations.iter().any(expected)).then(|| Mismatch {
        span: None,
        wanted: String::new(),
        got: format!("the answer broke off: {broken}"),
    })
}

fn seen(record: &Record) -> String {
    if record.requests.is_empty() {
        return "^ none".into();
    }
    let lines = record.requests.iter().map(|request| {
        format!(
            "^> {} {} {}",
            request.upstream, request.method, request.target
        )
    });
    lines.collect::<Vec<_>>().join("\n")
}
