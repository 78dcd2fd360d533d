//! The span that a request comes from, as its header says (W3C Trace Context).

use http::{HeaderMap, HeaderName, HeaderValue};

use super::ids::{SpanId, TraceId, is_digit};

const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");
const TRACESTATE: HeaderName = HeaderName::from_static("tracestate");
/// The flag of a span that is written down.
const SAMPLED: u8 = 1;
/// The most bytes and members of a state that is passed on.
const MAX_STATE: usize = 512;
const MAX_MEMBERS: usize = 32;

/// The span that a request comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Parent {
    pub(crate) trace: TraceId,
    pub(crate) span: SpanId,
    /// Whether it is written down.
    pub(crate) sampled: bool,
    /// What others have noted of the trace.
    pub(crate) state: String,
}

impl Parent {
    /// What a header says; `None` if it says nothing that can be read.
    pub(crate) fn read(headers: &HeaderMap) -> Option<Self> {
        let text = headers.get(TRACEPARENT)?.to_str().ok()?;
        let mut parts = text.trim().split('-');
        let (version, trace) = (parts.next()?, parts.next()?);
        let (span, flags) = (parts.next()?, parts.next()?);
        let is_byte = |part: &str| part.len() == 2 && part.bytes().all(is_digit);
        let more = parts.next().is_some();
        if !is_byte(version) || version == "ff" || !is_byte(flags) || (version == "00" && more) {
            return None;
        }
        let flags = u8::from_str_radix(flags, 16).ok()?;
        Some(Self {
            trace: TraceId::parse(trace)?,
            span: SpanId::parse(span)?,
            sampled: flags & SAMPLED != 0,
            state: state(headers).unwrap_or_default(),
        })
    }
}

/// Says in a header which span its request comes from now. A state without a parent is nobody's.
pub(crate) fn write(headers: &mut HeaderMap, parent: &Parent) {
    let flags = u8::from(parent.sampled);
    let text = format!("00-{}-{}-{flags:02x}", parent.trace, parent.span);
    if let Ok(text) = HeaderValue::from_str(&text) {
        headers.insert(TRACEPARENT, text);
    }
    match HeaderValue::from_str(&parent.state) {
        Ok(state) if !state.is_empty() => {
            headers.insert(TRACESTATE, state);
        }
        Ok(_) | Err(_) => {
            headers.remove(TRACESTATE);
        }
    }
}

/// The state in all its fields, if it is one.
fn state(headers: &HeaderMap) -> Option<String> {
    let fields = headers.get_all(TRACESTATE).iter();
    let fields: Vec<_> = fields
        .map(|field| field.to_str().ok())
        .collect::<Option<_>>()?;
    let members = fields.iter().flat_map(|field| field.split(','));
    let members: Vec<_> = (members.map(str::trim))
        .filter(|member| !member.is_empty())
        .collect();
    let are_pairs = members.iter().all(|member| {
        member
            .split_once('=')
            .is_some_and(|(key, _)| !key.is_empty())
    });
    let state = members.join(",");
    (are_pairs && members.len() <= MAX_MEMBERS && state.len() <= MAX_STATE).then_some(state)
}

#[cfg(test)]
mod tests {
    use http::{HeaderMap, HeaderValue};

    use super::{Parent, write};

    const TRACE: &str = "0af7651916cd43dd8448eb211c80319c";

    fn read(parent: &str, states: &[&str]) -> Option<Parent> {
        let mut headers = HeaderMap::new();
        headers.insert("traceparent", HeaderValue::from_str(parent).unwrap());
        for state in states {
            headers.append("tracestate", HeaderValue::from_str(state).unwrap());
        }
        Parent::read(&headers)
    }

    #[test]
    fn a_parent_is_read_and_written_again() {
        let text = format!("00-{TRACE}-b7ad6b7169203331-01");
        let parent = read(&text, &["a=b, c=d", "e=f"]).unwrap();
        assert_eq!(parent.trace.to_string(), TRACE);
        assert_eq!(parent.state, "a=b,c=d,e=f");
        let mut headers = HeaderMap::new();
        write(&mut headers, &parent);
        assert_eq!(headers["traceparent"], text);
        assert_eq!(headers["tracestate"], "a=b,c=d,e=f");
        let unsampled = read(&format!("00-{TRACE}-b7ad6b7169203331-00"), &[]).unwrap();
        assert!(!unsampled.sampled);
        write(&mut headers, &unsampled);
        assert!(!headers.contains_key("tracestate"));
    }

    #[test]
    fn later_versions_may_say_more_and_nonsense_says_nothing() {
        let of = |text: &str| read(text, &[]).is_some();
        assert!(of(&format!("01-{TRACE}-b7ad6b7169203331-01-more")));
        for text in [
            "",
            "bad",
            &format!("ff-{TRACE}-b7ad6b7169203331-01"),
            &format!("00-{TRACE}-b7ad6b7169203331-01-more"),
            &format!("00-{TRACE}-0000000000000000-01"),
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            &format!("00-{}-b7ad6b7169203331-01", TRACE.to_uppercase()),
            &format!("00-+{}-b7ad6b7169203331-01", &TRACE[1..]),
            &format!("00-{TRACE}-b7ad6b7169203331-1"),
        ] {
            assert!(!of(text), "{text}");
        }
    }

    #[test]
    fn a_state_that_is_none_is_left_out() {
        let text = format!("00-{TRACE}-b7ad6b7169203331-01");
        let long = format!("a={}", "x".repeat(600));
        let many = vec!["a=b"; 33].join(",");
        for state in ["no", "=x", &long, &many] {
            assert_eq!(read(&text, &[state]).unwrap().state, "");
        }
    }
}
