//! What holds for every config and every request.

use std::borrow::Cow;

use caddis_ir::Server;
use proptest::prelude::*;
use serde_json::json;

use crate::testing::{Log, environment, request, serve_in};
use crate::uri::{self, Slashes};

/// Pieces that texts of a config are made of: placeholders, braces, wildcards, what does not belong in a header.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("{http.request.uri}"),
        Just("{http.request.uri.path}"),
        Just("{http.request.uri.query.q}"),
        Just("{http.request.header.X-A}"),
        Just("{http.request.host.labels.1}"),
        Just("{http.request.cookie.c}"),
        Just("{http.regexp.r.1}"),
        Just("{http.error.message}"),
        Just("{nope}"),
        Just("{"),
        Just("}"),
        Just("\\"),
        Just("*"),
        Just("/"),
        Just("//"),
        Just("%2f"),
        Just("%"),
        Just("?"),
        Just("["),
        Just(".."),
        Just("a"),
        Just("ä"),
        Just("\r\n"),
        Just("\0"),
        Just("="),
        Just("&"),
    ];
    proptest::collection::vec(piece, 0..6).prop_map(|pieces| pieces.concat())
}

fn name() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("X-A".to_owned()),
        Just("Host".to_owned()),
        Just("Content-Length".to_owned()),
        Just("Content-Type".to_owned()),
        text(),
    ]
}

fn handler() -> impl Strategy<Value = serde_json::Value> {
    let rules = (name(), text(), name(), text(), any::<bool>()).prop_map(
        |(set, value, delete, replace, deferred)| {
            json!({
                "request": {"set": {&set: [&value]}, "delete": [&delete]},
                "response": {
                    "add": {&set: [&value]},
                    "replace": {&delete: [{"search": &replace, "replace": &value}]},
                    "deferred": deferred,
                },
                "handler": "headers",
            })
        },
    );
    let rewrite = (text(), text(), text()).prop_map(|(uri, prefix, suffix)| {
        json!({"handler": "rewrite", "uri": uri, "strip_path_prefix": prefix, "strip_path_suffix": suffix})
    });
    let answer = (text(), name(), text(), 200_u16..999).prop_map(|(body, name, value, status)| {
        json!({"handler": "static_response", "body": body, "headers": {name: [value]}, "status_code": status})
    });
    let error = (text(), 400_u16..600).prop_map(
        |(error, status)| json!({"handler": "error", "error": error, "status_code": status}),
    );
    prop_oneof![rules, rewrite, answer, error]
}

fn route() -> impl Strategy<Value = serde_json::Value> {
    let matchers = prop_oneof![
        Just(json!({})),
        text().prop_map(|pattern| json!({"path": [pattern]})),
        text().prop_map(|host| json!({"host": [host]})),
        (name(), text()).prop_map(|(name, value)| json!({"header": {name: [value]}})),
        (text(), text()).prop_map(|(name, value)| json!({"query": {name: [value]}})),
        text().prop_map(|pattern| json!({"path_regexp": {"name": "r", "pattern": pattern}})),
        text().prop_map(|pattern| json!({"not": [{"path": [pattern]}]})),
    ];
    let handlers = proptest::collection::vec(handler(), 0..3);
    let group = prop_oneof![Just(""), Just("g")];
    (matchers, handlers, group, any::<bool>()).prop_map(|(set, handle, group, terminal)| {
        json!({"match": [set], "handle": handle, "group": group, "terminal": terminal})
    })
}

fn server() -> impl Strategy<Value = Server> {
    let routes = || proptest::collection::vec(route(), 0..6);
    (routes(), proptest::option::of(routes())).prop_map(|(routes, errors)| {
        let errors = errors.map(|routes| json!({ "routes": routes }));
        serde_json::from_value(json!({"routes": routes, "errors": errors})).unwrap()
    })
}

fn target() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        Just("/"),
        Just("a"),
        Just("%2f"),
        Just("%0d%0a"),
        Just("%00"),
        Just("%ff"),
        Just(".."),
        Just("ä"),
        Just("%zz"),
        Just("%7Benv.HOME%7D"),
    ];
    let path = proptest::collection::vec(piece, 0..6);
    (path, proptest::option::of("[a-z=&%;{}]{0,8}")).prop_map(|(path, query)| {
        let query = query.map(|query| format!("?q={query}")).unwrap_or_default();
        format!("/{}{query}", path.concat())
    })
}

proptest! {
    /// An answer or an abort, never a panic, never a header field that ends early, and never a value filled twice.
    #[test]
    fn every_request_on_every_config_is_answered(
        server in server(),
        targets in proptest::collection::vec(target(), 1..4),
        value in "[ -~]{0,12}",
    ) {
        let log = Log::default();
        let _logging = crate::testing::logging_to(&log);
        let runtime = tokio::runtime::Builder::new_current_thread().build().unwrap();
        let Ok(served) = serve_in(server, &environment()) else { return Ok(()) };
        for target in targets {
            let mut request = request(&target);
            request.headers_mut().append("x-a", value.parse().unwrap());
            let Ok(answer) = runtime.block_on(served.ask(request)) else { continue };
            for field in answer.headers.values() {
                prop_assert!(!field.as_bytes().iter().any(|byte| b"\r\n\0".contains(byte)));
            }
            prop_assert!(!answer.body.windows(5).any(|part| part == b"/home"));
        }
        prop_assert!(!log.text().contains("panic: "), "{}", log.text());
    }

    #[test]
    fn a_clean_path_equals_that_of_a_naive_model(path in "/?([a.]|//|/|\\.\\.){0,12}") {
        let cleaned = uri::clean(Cow::Borrowed(path.as_bytes()), Slashes::Merged);
        prop_assert_eq!(String::from_utf8_lossy(&cleaned).into_owned(), naive(&path));
    }

    #[test]
    fn cleaning_twice_is_cleaning_once(path in "/([a.]|//|/|\\.\\.|%2f){0,12}") {
        for slashes in [Slashes::Merged, Slashes::Kept] {
            let once = uri::clean(Cow::Borrowed(path.as_bytes()), slashes).into_owned();
            let twice = uri::clean(Cow::Borrowed(&once), slashes).into_owned();
            prop_assert_eq!(once, twice);
        }
    }

    #[test]
    fn an_escaped_path_decodes_to_what_it_was(path in proptest::collection::vec(any::<u8>(), 0..20)) {
        let mut escaped = Vec::new();
        uri::path_escape(&path, &mut escaped);
        let decoded: Vec<u8> = percent_encoding::percent_decode(&escaped).collect();
        prop_assert_eq!(&decoded, &path);
        prop_assert_eq!(&*uri::normal_path(&escaped), &*escaped);
    }
}

/// What Go's `path.Clean` does, element by element, with a slash at the end kept.
fn naive(path: &str) -> String {
    let mut elements: Vec<&str> = Vec::new();
    for element in path.split('/') {
        match element {
            "" | "." => {}
            ".." if elements.last().is_some_and(|last| *last != "..") => {
                elements.pop();
            }
            ".." if path.starts_with('/') => {}
            _ => elements.push(element),
        }
    }
    let root = if path.starts_with('/') { "/" } else { "" };
    let mut cleaned = format!("{root}{}", elements.join("/"));
    if cleaned.is_empty() {
        cleaned.push('.');
    }
    if path.ends_with('/') && cleaned != "/" {
        cleaned.push('/');
    }
    cleaned
}
