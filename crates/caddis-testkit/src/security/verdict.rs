//! Whether what came of a case is what must come of it.

use super::bytes::show;
use super::case::{Asked, BREAKING, Case, Claim, FIRST_UPSTREAM, TUNNEL, Then};
use super::client::{Answer, End, Heard};

/// What came of a case.
#[derive(Clone, Debug)]
pub struct Outcome {
    pub(super) heard: Heard,
    pub(super) asked: Vec<Asked>,
}

/// What is sent of a body, whose length is compared anyway.
const FRAMING: [&str; 2] = ["content-length", "transfer-encoding"];

const PROBE_LINE: &str = "GET /probe HTTP/1.1";

/// All that is not as the case says.
pub fn differences(case: &Case, outcome: &Outcome) -> Vec<String> {
    let mut found = Vec::new();
    found.extend(answers(case, &outcome.heard));
    let last = outcome.heard.answers.last();
    found.extend(
        case.expected
            .claims
            .iter()
            .filter_map(|claim| broken(claim, last)),
    );
    let expected = expected(case);
    let asked = arrived(outcome);
    let lines = |requests: &[Asked]| requests.iter().map(Asked::told).collect::<Vec<_>>();
    if lines(&expected) == lines(&asked) {
        let pairs = expected.iter().zip(&asked);
        found.extend(pairs.flat_map(|(expected, asked)| fields(expected, asked)));
    } else {
        let (expected, asked) = (told(&expected), told(&asked));
        found.push(format!("upstreams: {asked}; expected {expected}"));
    }
    let titled = |text| format!("{}: {text}", case.title);
    found.into_iter().map(titled).collect()
}

/// The requests that must arrive, the probe included.
fn expected(case: &Case) -> Vec<Asked> {
    let mut requests = case.expected.requests.clone();
    if case.then == Then::Probes && !case.expected.closes {
        requests.push(Asked {
            port: FIRST_UPSTREAM,
            line: PROBE_LINE.into(),
            ..Asked::default()
        });
    }
    requests
}

/// The requests that arrived. Nobody acts on one that is not whole.
fn arrived(outcome: &Outcome) -> Vec<Asked> {
    let mut asked = outcome.asked.clone();
    asked.retain(|asked| !(asked.is_broken && asked.line.contains(BREAKING)));
    asked
}

fn told(requests: &[Asked]) -> String {
    if requests.is_empty() {
        return "nothing".into();
    }
    requests
        .iter()
        .map(Asked::told)
        .collect::<Vec<_>>()
        .join(", ")
}

fn answers(case: &Case, heard: &Heard) -> Option<String> {
    let statuses: Vec<_> = heard.answers.iter().map(|answer| answer.status).collect();
    let end = if case.expected.closes {
        End::Closed
    } else {
        End::Open
    };
    if statuses == case.expected.statuses && heard.end == end {
        return None;
    }
    Some(format!(
        "answered {statuses:?} and {:?}; expected {:?} and {end:?}",
        heard.end, case.expected.statuses
    ))
}

/// What is wrong with the last answer.
fn broken(claim: &Claim, last: Option<&Answer>) -> Option<String> {
    let last = last?;
    match claim {
        Claim::Field(name, value) if last.field(name) != Some(value) => Some(format!(
            "{name} is {:?}; expected {value:?}",
            last.field(name)
        )),
        Claim::NoField(name) if last.field(name).is_some() => {
            Some(format!("{name} is {:?}; expected none", last.field(name)))
        }
        Claim::Body(text) if last.body != *text => {
            Some(format!("the body is {:?}; expected {text:?}", last.body))
        }
        Claim::Field(..) | Claim::NoField(_) | Claim::Body(_) => None,
    }
}

/// The fields that a request must have, and has.
fn fields(expected: &Asked, asked: &Asked) -> Vec<String> {
    if expected.line == TUNNEL {
        return Vec::new();
    }
    let mut wanted = expected.fields.clone();
    let host = expected.field("host").unwrap_or("a.test").to_owned();
    // It names the version that the client spoke.
    let mut via = ["1.0 caddis", "1.1 caddis"].into_iter();
    let via = via.rfind(|via| asked.fields.iter().any(|(_, value)| value == via));
    let implied = [
        ("Host", &*host),
        ("Via", via.unwrap_or("1.1 caddis")),
        ("X-Forwarded-For", "127.0.0.1"),
        ("X-Forwarded-Host", &*host),
        ("X-Forwarded-Proto", "http"),
    ];
    for (name, value) in implied {
        let is_told = expected.field(name).is_some() && name != "Via";
        if !is_told {
            wanted.push((name.into(), value.into()));
        }
    }
    let known = |(name, value): &(String, String)| (name.to_ascii_lowercase(), value.clone());
    let framing = |(name, _): &(String, String)| FRAMING.contains(&&**name);
    let mut wanted: Vec<_> = wanted.iter().map(known).collect();
    let mut arrived: Vec<_> = asked.fields.iter().map(known).collect();
    arrived.retain(|field| !framing(field));
    let missing = wanted.clone();
    wanted.retain(|field| !arrived.contains(field));
    arrived.retain(|field| !missing.contains(field));
    if wanted.is_empty() && arrived.is_empty() {
        return Vec::new();
    }
    vec![format!(
        "fields of `{}`: missing {wanted:?}, too many {arrived:?}",
        asked.line
    )]
}

/// What a peer did with the cases.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// How many there were.
    pub cases: usize,
    /// It did what caddis does.
    pub same: usize,
    /// Something reached an upstream where nothing may.
    pub through: usize,
    /// Other requests reached the upstreams than should.
    pub otherwise: usize,
    /// A field of the client arrived that must not.
    pub fields: usize,
    /// It answered with another status, or closed where caddis does not, or the other way round.
    pub answers: usize,
}

/// What a peer does that caddis does not: what arrives, and how it is answered.
pub fn against_a_peer(case: &Case, outcome: &Outcome, tally: &mut Tally) -> Vec<String> {
    tally.cases += 1;
    let mut found = Vec::new();
    let expected = &case.expected.requests;
    // Whether the probe arrives is told with the answers, and nobody acts on half a request.
    let mut asked = outcome.asked.clone();
    asked.retain(|asked| !asked.is_broken && asked.line != PROBE_LINE);
    let lines = |requests: &[Asked]| requests.iter().map(Asked::told).collect::<Vec<_>>();
    if lines(expected) != lines(&asked) {
        if expected.is_empty() {
            tally.through += 1;
            found.push(format!("lets through {}", told(&asked)));
        } else {
            tally.otherwise += 1;
            let (asked, expected) = (told(&asked), told(expected));
            found.push(format!("sends {asked}; not {expected}"));
        }
    } else if let Some(passed) = passed_on(case, expected, &asked) {
        tally.fields += 1;
        found.push(format!("passes on {passed}"));
    }
    if let Some(answer) = answers(case, &outcome.heard) {
        if found.is_empty() {
            tally.answers += 1;
        }
        found.push(answer);
    }
    if found.is_empty() {
        tally.same += 1;
    }
    let titled = |text| format!("{}: {text}", case.title);
    found.into_iter().map(titled).collect()
}

/// Fields that the client sent, and that arrive although they must not.
fn passed_on(case: &Case, expected: &[Asked], asked: &[Asked]) -> Option<String> {
    let sent = show(&case.packets.concat()).to_ascii_lowercase();
    let mut passed = Vec::new();
    for (expected, asked) in expected.iter().zip(asked) {
        for (name, value) in &asked.fields {
            let lower = name.to_ascii_lowercase();
            let is_sent = sent.contains(&format!("{lower}: {}\\r\\n", value.to_ascii_lowercase()));
            let is_it = |(other, text): &(String, String)| {
                other.eq_ignore_ascii_case(name) && text == value
            };
            let is_expected = expected.fields.iter().any(is_it) || lower == "host";
            if is_sent && !is_expected && !FRAMING.contains(&&*lower) {
                passed.push(format!("`{name}: {value}`"));
            }
        }
    }
    (!passed.is_empty()).then(|| passed.join(", "))
}
