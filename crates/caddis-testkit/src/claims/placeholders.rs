//! Texts with placeholders: what a request brings is filled in once, and read as text ever after.

#![expect(
    clippy::missing_panics_doc,
    reason = "a claim that does not hold is a panic, for tests and fuzzers to catch"
)]

use std::sync::Arc;

use serde_json::json;

use super::served::{SECRET, ask, build, request, runtime};
use super::upstream::Upstreams;

/// The first line is filled for a request: to the second line, with the fields after it, and a body after those.
pub fn placeholders(text: &str) {
    let (template, rest) = text.split_once('\n').unwrap_or((text, "/"));
    let (target, rest) = rest.split_once('\n').unwrap_or((rest, ""));
    let (fields, body) = rest.split_once("\n\n").unwrap_or((rest, ""));
    // Files of this machine are nothing to be read here, and the input must not bring what is looked for.
    if template.contains("file.") || text.contains(SECRET) {
        return;
    }
    let Some(request) = request(target, fields, body) else {
        return;
    };
    let config = config(template);
    let Some((app, seen)) = build(&config, Arc::new(Upstreams::default())) else {
        return;
    };
    let answer = runtime().block_on(ask(&app, request));
    seen.methods();
    let Some(answer) = answer.filter(|answer| answer.status == 200) else {
        return;
    };
    let values = answer.headers.values().map(http::HeaderValue::as_bytes);
    for text in values.chain([&*answer.body]) {
        let known = contains(text, SECRET.as_bytes());
        assert!(!known || template.contains("env"), "filled twice");
    }
    if !template.contains(['{', '\\']) {
        assert_eq!(answer.body, template, "text that is filled changes");
    }
}

/// The text is filled as a variable, as fields, and as a body that has the variable in it.
fn config(template: &str) -> caddis_ir::Config {
    let routes = json!([{"handle": [
        {"handler": "vars", "v": template, "q": "{http.request.uri.query.q}"},
        {"handler": "headers", "request": {"set": {"X-T": [template]}}},
        {"handler": "map", "source": template, "destinations": ["{m}"],
            "mappings": [{"input_regexp": "(.*)", "outputs": ["$1"]}], "defaults": ["{http.vars.q}"]},
        {"handler": "headers", "response": {"set": {
            "X-T": ["{http.request.header.X-T}"],
            "X-V": ["{http.vars.v}{http.vars.q}"],
            "X-M": ["{m}"],
        }}},
        {"handler": "static_response", "body": template},
    ]}]);
    let config = json!({"apps": {"http": {"servers": {"s": {"routes": routes}}}}});
    caddis_ir::from_value(&config).expect("any text may be filled")
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}
