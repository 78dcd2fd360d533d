//! One matcher of each kind, which lets the request through.

use std::fmt;

use divan::Bencher;
use serde_json::{Value, json};

use crate::tree::{answer, measure};

/// A matcher, by what the results call it.
struct Matcher(&'static str, fn() -> Value);

impl fmt::Display for Matcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

const MATCHERS: &[Matcher] = &[
    Matcher("path, whole", || json!({"path": ["/api/generate"]})),
    Matcher("path, beginning", || json!({"path": ["/api/*"]})),
    Matcher(
        "path, last of 10",
        || json!({"path": ["/a/*", "/b/*", "/c/*", "/d/*", "/e/*", "/f/*", "/g/*", "/h/*", "/i/*", "/api/*"]}),
    ),
    Matcher("path, wildcard within", || json!({"path": ["/*/generate"]})),
    Matcher(
        "path_regexp",
        || json!({"path_regexp": {"pattern": "^/api/(\\w+)$"}}),
    ),
    Matcher("method", || json!({"method": ["GET", "POST"]})),
    Matcher("host", || json!({"host": ["site5000.example.com"]})),
    Matcher("host, wildcard", || json!({"host": ["*.example.com"]})),
    Matcher("query", || json!({"query": {"model": ["llama3.2"]}})),
    Matcher(
        "header, whole",
        || json!({"header": {"Authorization": ["Bearer sesame"]}}),
    ),
    Matcher(
        "header, beginning",
        || json!({"header": {"Accept": ["application/*"]}}),
    ),
    Matcher(
        "header_regexp",
        || json!({"header_regexp": {"Authorization": {"pattern": "^Bearer [a-z]+$"}}}),
    ),
    Matcher(
        "remote_ip",
        || json!({"remote_ip": {"ranges": ["10.0.0.0/8", "192.0.2.0/24"]}}),
    ),
    Matcher("protocol", || json!({"protocol": "http"})),
    Matcher(
        "vars",
        || json!({"vars": {"{http.request.method}": ["POST"]}}),
    ),
    Matcher(
        "not header",
        || json!({"not": [{"header": {"Authorization": ["Bearer other"]}}]}),
    ),
    Matcher(
        "expression",
        || json!({"expression": {"expr": "{http.request.method} == 'POST' && {http.request.uri.path}.startsWith('/api/')"}}),
    ),
    Matcher(
        "path, method and header",
        || json!({"path": ["/api/*"], "method": ["POST"], "header": {"Authorization": ["Bearer sesame"]}}),
    ),
];

#[divan::bench(args = MATCHERS)]
fn matcher(bencher: Bencher, matcher: &Matcher) {
    measure(
        bencher,
        &json!([{"match": [matcher.1()], "handle": [answer()]}]),
    );
}
