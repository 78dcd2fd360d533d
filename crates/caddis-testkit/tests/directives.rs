//! Directives that the Caddy that is asked was built without, or that newer ones do better.

use caddis_testkit::golden::{Outcome, adapt_text};
use serde_json::{Value, json};

fn adapt(lines: &str) -> Outcome {
    let text = format!(":8080 {{\n{lines}\n}}\n");
    adapt_text("Caddyfile", &text, &|_| None)
}

fn check(lines: &str, expected: &Value) {
    let outcome = adapt(lines);
    assert!(!outcome.is_refused(), "{}", outcome.findings());
    let config = caddis_ir::value(&outcome.adapted.config);
    let routes = config.pointer("/apps/http/servers/srv0/routes");
    assert_eq!(routes, Some(expected), "{lines}");
}

// The shapes are those of <https://caddyserver.com/docs/json/apps/http/servers/routes/handle/tracing/>, and of a golden of Caddy's.
#[test]
fn tracing_has_a_span_and_its_attributes() {
    check(
        "tracing",
        &json!([{"handle": [{"handler": "tracing", "span": ""}]}]),
    );
    check(
        "tracing /a {\nspan one\nspan two\n}",
        &json!([{"match": [{"path": ["/a"]}], "handle": [{"handler": "tracing", "span": "two"}]}]),
    );
    check(
        "tracing {\nspan_attributes {\nb {method}\na \"c d\"\n}\n}",
        &json!([{"handle": [{
            "handler": "tracing",
            "span": "",
            "span_attributes": {"a": "c d", "b": "{http.request.method}"},
        }]}]),
    );
}

#[test]
fn tracing_refuses_what_it_does_not_have() {
    for lines in [
        "tracing a",
        "tracing {\nspan\n}",
        "tracing {\nspan a b\n}",
        "tracing {\nspans a\n}",
        "tracing {\nspan_attributes {\na\n}\n}",
        "tracing {\nspan_attributes {\na b c\n}\n}",
    ] {
        assert!(adapt(lines).is_refused(), "{lines}");
    }
}

// Caddy 2.11.4 leaves out what is invoked by a named route only, and fails when a request comes to it; newer ones
// have it (<https://github.com/caddyserver/caddy/pull/7898>, and a golden for what is not defined).
#[test]
fn named_routes_that_named_routes_invoke_are_there_as_well() {
    let text = "\
&(one) {
	invoke two
}
&(two) {
	invoke three
}
&(three) {
	invoke one
}
&(four) {
	invoke missing
}
:8080 {
	invoke one
}
:8081 {
	invoke three
	respond /a a
}
:8082
";
    let outcome = adapt_text("Caddyfile", text, &|_| None);
    assert!(!outcome.is_refused(), "{}", outcome.findings());
    let config = caddis_ir::value(&outcome.adapted.config);
    let names = |server: &str| {
        let routes = config.pointer(&format!("/apps/http/servers/{server}/named_routes"));
        let routes = routes.and_then(Value::as_object);
        routes.map(|routes| routes.keys().cloned().collect::<Vec<_>>())
    };
    let all = Some(["one", "three", "two"].map(String::from).to_vec());
    assert_eq!(names("srv0"), all);
    assert_eq!(names("srv1"), all);
    assert_eq!(names("srv2"), None);
}

#[test]
fn a_named_route_that_is_not_there_is_refused_at_any_depth_and_so_is_a_second_one() {
    let site = ":8080 {\n\tinvoke one\n}\n";
    for (routes, code) in [
        ("&(one) {\n\tinvoke two\n}\n", "route/undefined"),
        (
            "&(one) {\n\tinvoke two\n}\n&(two) {\n\troute {\n\t\tinvoke six\n\t}\n}\n",
            "route/undefined",
        ),
        ("&(one) {\n}\n&(one) {\n}\n", "route/duplicate"),
    ] {
        let outcome = adapt_text("Caddyfile", &format!("{routes}{site}"), &|_| None);
        let codes: Vec<_> = outcome
            .diagnostics
            .iter()
            .map(|found| found.code().0)
            .collect();
        assert_eq!(codes, [code], "{routes}");
    }
}
