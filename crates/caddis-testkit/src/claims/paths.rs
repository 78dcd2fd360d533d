//! Paths: cleaning twice is cleaning once, letters match in any case, and what is matched is what is sent.

#![expect(
    clippy::missing_panics_doc,
    reason = "a claim that does not hold is a panic, for tests and fuzzers to catch"
)]

use std::sync::{Arc, LazyLock};

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde_json::{Value, json};

use super::served::{ask, build, request, runtime};
use super::upstream::Upstreams;

/// What stands for bytes that are not text.
const NO_TEXT: char = '\u{FFFD}';

/// The first line is a pattern, the second one is the target of a request.
pub fn paths(text: &str) {
    let (pattern, target) = text.split_once('\n').unwrap_or(("/a*", text));
    let target = target.lines().next().unwrap_or_default();
    if !target.starts_with('/') {
        return;
    }
    let Some(clean) = cleaned(target) else {
        return;
    };
    cleaning_is_done_at_once(&clean);
    // What is filled in is another target's subject.
    if pattern.contains('{') {
        return;
    }
    let Some((is_match, sent)) = matched(pattern, target) else {
        return;
    };
    let again = matched(pattern, &sent).map(|(is_match, _)| is_match);
    assert_eq!(again, Some(is_match), "{target:?} is sent as {sent:?}");
    assert_eq!(
        cleaned(&sent),
        Some(clean.clone()),
        "{target:?} is sent as {sent:?}"
    );
    let swapped = swap_case(target);
    let found = matched(pattern, &swapped).map(|(is_match, _)| is_match);
    assert_eq!(found, Some(is_match), "{target:?} and {swapped:?} differ");
    let swapped = swap_case(pattern);
    let found = matched(&swapped, target).map(|(is_match, _)| is_match);
    assert_eq!(found, Some(is_match), "{pattern:?} and {swapped:?} differ");
    if let Some(expected) = plainly(pattern, &clean) {
        assert_eq!(is_match, expected, "{pattern:?} and {clean:?}");
    }
}

fn cleaning_is_done_at_once(clean: &str) {
    assert!(!clean.contains("//"), "not clean: {clean:?}");
    let mut segments = clean.split('/');
    assert!(
        !segments.any(|one| one == "." || one == ".."),
        "not clean: {clean:?}"
    );
    if clean.starts_with('/') {
        let segments = clean.split('/');
        let escaped = segments.map(|one| utf8_percent_encode(one, NON_ALPHANUMERIC).to_string());
        let escaped: Vec<_> = escaped.collect();
        assert_eq!(cleaned(&escaped.join("/")).as_deref(), Some(clean));
    }
}

/// What patterns without anything special in them match.
fn plainly(pattern: &str, clean: &str) -> Option<bool> {
    let (text, is_prefix) = match pattern.strip_suffix('*') {
        Some(text) => (text, true),
        None => (pattern, false),
    };
    let is_plain =
        text.is_ascii() && clean.is_ascii() && !text.contains(['*', '?', '[', '\\', '%']);
    if !is_plain || text.contains("//") {
        return None;
    }
    let (text, path) = (text.to_ascii_lowercase(), clean.to_ascii_lowercase());
    Some(if is_prefix {
        path.starts_with(&text)
    } else {
        path == text
    })
}

/// A target's path, decoded and cleaned, as a pattern is shown it.
fn cleaned(target: &str) -> Option<String> {
    static CONFIG: LazyLock<caddis_ir::Config> = LazyLock::new(|| {
        config(&json!([{
            "match": [{"path_regexp": {"name": "r", "pattern": "(?s)^(.*)$"}}],
            "handle": [{"handler": "static_response", "body": "{http.regexp.r.1}"}],
        }]))
    });
    let request = request(target, "", "")?;
    let (app, seen) = build(&CONFIG, Arc::new(Upstreams::default()))?;
    let answer = runtime().block_on(ask(&app, request))?;
    seen.methods();
    let clean = String::from_utf8(answer.body.to_vec());
    let clean = clean.expect("what is matched is text");
    (!clean.contains(NO_TEXT)).then_some(clean)
}

/// Whether a pattern matches, and the target that the upstream got.
fn matched(pattern: &str, target: &str) -> Option<(bool, String)> {
    let proxy = |name| json!({"handler": "reverse_proxy", "upstreams": [{"dial": name}]});
    let config = config(&json!([
        {"match": [{"path": [pattern]}], "handle": [proxy("yes:1")], "terminal": true},
        {"handle": [proxy("no:1")]},
    ]));
    let request = request(target, "", "")?;
    let upstreams = Upstreams::default();
    let (app, seen) = build(&config, Arc::new(upstreams.clone()))?;
    runtime().block_on(ask(&app, request));
    seen.methods();
    let got = upstreams.requests();
    let (name, got) = got.first()?;
    let target = String::from_utf8(got.target.clone()).expect("a target is text");
    Some((name == "yes:1", target))
}

fn config(routes: &Value) -> caddis_ir::Config {
    let config = json!({"apps": {"http": {"servers": {"s": {"routes": routes}}}}});
    caddis_ir::from_value(&config).expect("any pattern may be written")
}

/// Letters of ASCII in their other case.
fn swap_case(text: &str) -> String {
    let swap = |char: char| match char {
        'a'..='z' => char.to_ascii_uppercase(),
        _ => char.to_ascii_lowercase(),
    };
    text.chars().map(swap).collect()
}
