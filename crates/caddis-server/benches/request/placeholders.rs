//! Placeholders, each in a field of the answer.

use divan::Bencher;
use serde_json::json;

use crate::tree::measure;

const TEXTS: &[&str] = &[
    "no placeholder",
    "{http.request.method}",
    "{http.request.uri}",
    "{http.request.uri.path}",
    "{http.request.uri.query.model}",
    "{http.request.host}",
    "{http.request.header.User-Agent}",
    "{http.request.cookie.session}",
    "{http.request.remote.host}",
    "{http.request.uuid}",
    "{time.now.unix}",
    "{http.request.scheme}://{http.request.host}{http.request.uri}",
];

#[divan::bench(args = TEXTS)]
fn placeholder(bencher: Bencher, text: &str) {
    let fields = json!({"X-Text": [text]});
    let answer = json!({"handler": "static_response", "status_code": 204, "headers": fields});
    measure(bencher, &json!([{"handle": [answer]}]));
}
