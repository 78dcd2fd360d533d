//! The forms that values have in JSON: what Caddy's decoder takes is read, and what it refuses is refused.

use serde_json::{Value, json};

/// A config with one handler beside a member that is `null`, which must change nothing.
fn with_handler(handler: &Value) -> Value {
    json!({"apps": {"http": {"servers": {"a": {"idle_timeout": null, "routes": [{"handle": [handler]}]}}}}})
}

fn with_server(server: &Value) -> Value {
    json!({"apps": {"http": {"servers": {"a": server}}}})
}

fn with_matcher(matcher: &Value) -> Value {
    with_server(&json!({"routes": [{"match": [matcher]}]}))
}

fn with_log(log: &Value) -> Value {
    json!({"logging": {"logs": {"default": log}}})
}

/// What a handler is after it was read and written.
fn read_handler(handler: &Value) -> Value {
    let config = caddis_ir::from_value(&with_handler(handler))
        .unwrap_or_else(|error| panic!("{handler}: {error}"));
    caddis_ir::value(&config)["apps"]["http"]["servers"]["a"]["routes"][0]["handle"][0].clone()
}

#[test]
fn handlers_are_read_in_every_form_that_caddy_takes() {
    let status = |status: Value| json!({"handler": "static_response", "status_code": status});
    let response = json!({"handler": "static_response"});
    let cases = [
        (status(json!("404")), status(json!(404))),
        (status(json!("{a}")), status(json!("{a}"))),
        (status(json!("")), response.clone()),
        (status(json!(null)), response.clone()),
        (
            json!({"handler": "static_response", "headers": null, "body": null, "close": null, "@id": "x"}),
            response,
        ),
        (
            json!({"handler": "static_response", "headers": {"A": null, "B": []}}),
            json!({"handler": "static_response", "headers": {"A": [], "B": []}}),
        ),
        (
            json!({"handler": "request_body", "max_size": 1e3, "read_timeout": 2.0}),
            json!({"handler": "request_body", "max_size": 1000, "read_timeout": 2}),
        ),
        (
            json!({"handler": "reverse_proxy", "flush_interval": "1d", "upstreams": null}),
            json!({"handler": "reverse_proxy", "flush_interval": 86_400_000_000_000_i64}),
        ),
        (
            json!({"handler": "reverse_proxy", "headers": {"request": null}, "health_checks": {"active": {"path": null, "method": null, "headers": {"A": null}}}}),
            json!({"handler": "reverse_proxy", "headers": {}, "health_checks": {"active": {"headers": {"A": []}}}}),
        ),
        (
            json!({"handler": "headers", "response": {"set": {"A": null}, "add": null, "require": {"headers": {"B": null}, "status_code": null}}}),
            json!({"handler": "headers", "response": {"set": {"A": []}, "require": {"headers": {"B": null}}}}),
        ),
        (
            json!({"handler": "rewrite", "method": null, "uri": "/a", "query": {"set": [{"key": "a", "val": null}]}}),
            json!({"handler": "rewrite", "uri": "/a", "query": {"set": [{"key": "a"}]}}),
        ),
        (
            json!({"handler": "acme_server", "host": null}),
            json!({"handler": "acme_server"}),
        ),
        (
            json!({"handler": "templates", "match": null}),
            json!({"handler": "templates"}),
        ),
        (
            json!({"handler": "encode", "match": {"status_code": null}}),
            json!({"handler": "encode", "match": {}}),
        ),
    ];
    for (written, expected) in cases {
        assert_eq!(read_handler(&written), expected, "{written}");
    }
}

#[test]
fn null_is_a_value_where_values_are_free() {
    for handler in [
        json!({"handler": "vars", "a": null, "b": {"c": [null]}}),
        json!({"handler": "map", "source": "{a}", "destinations": ["{b}"], "mappings": [{"input": "c", "outputs": [null, {"d": null}]}]}),
        json!({"handler": "subroute", "routes": [{"match": [{"header": {"A": null}, "host": null, "method": null, "path": null}]}]}),
    ] {
        assert_eq!(read_handler(&handler), handler);
    }
    let log =
        with_log(&json!({"level": null, "encoder": {"format": "append", "fields": {"a": null}}}));
    let config = caddis_ir::from_value(&log).map(|config| caddis_ir::value(&config));
    assert_eq!(
        config,
        Ok(with_log(
            &json!({"encoder": {"format": "append", "fields": {"a": null}}})
        ))
    );
}

#[test]
fn null_in_a_list_of_routes_or_matchers_is_an_empty_one() {
    let written = json!({"handler": "subroute", "routes": [null, {"match": [null, {"query": {"a": null}}], "group": null}]});
    let expected =
        json!({"handler": "subroute", "routes": [{}, {"match": [{}, {"query": {"a": []}}]}]});
    assert_eq!(read_handler(&written), expected);
}

#[test]
fn what_caddys_decoder_refuses_is_refused() {
    let handlers = [
        json!(null),
        json!({}),
        json!({"handler": ""}),
        json!({"handler": 1}),
        json!({"Handler": "static_response"}),
        json!({"handler": "static_response", "headers": {"a": "b"}}),
        json!({"handler": "request_body", "max_size": "1"}),
        json!({"handler": "request_body", "max_size": 1.5}),
        json!({"handler": "request_body", "read_timeout": "1s"}),
        json!({"handler": "reverse_proxy", "flush_interval": 1.5}),
        json!({"handler": "reverse_proxy", "flush_interval": true}),
        json!({"handler": "reverse_proxy", "flush_interval": "1"}),
        json!({"handler": "headers", "response": {"requir": {}}}),
        json!({"handler": "headers", "response": {"require": {"status_code": ["2"]}}}),
        json!({"handler": "authentication", "providers": {"http_basic": {"hash": {"algorithm": "bcrypt", "cost": 1}}}}),
    ];
    let matchers = [
        json!({"expression": null}),
        json!({"file": null}),
        json!({"header": {"A": "b"}}),
        json!({"host": "a"}),
        json!({"not": null}),
        json!({"not": {}}),
        json!({"path_regexp": "a"}),
        json!({"protocol": 1}),
        json!({"query": null}),
        json!({"query": {"a": "b"}}),
        json!({"remote_ip": {"forwarded": true}}),
        json!({"tls": null}),
        json!({"vars": {"a": [1]}}),
    ];
    let servers = [
        json!({"max_header_bytes": 1.0}),
        json!({"idle_timeout": 1.0}),
        json!({"logs": {"logger_names": {"a": null}}}),
        json!({"listener_wrappers": [{"wrapper": "proxy_protocol", "fallback_policy": "x"}]}),
        json!({"tls_connection_policies": [{"match": {"sni": null}}]}),
        json!({"tls_connection_policies": [{"handshake_context": {"module": "x"}}]}),
        json!({"tls_connection_policies": [{"certificate_selection": {"serial_number": ["0x10"]}}]}),
        json!({"tls_connection_policies": [{"certificate_selection": {"serial_number": [16]}}]}),
        json!({"tls_connection_policies": [{"certificate_selection": {"public_key_algorithm": ""}}]}),
    ];
    let logs = [
        json!({"sampling": {"interval": "1s"}}),
        json!({"writer": {"output": "file", "mode": 420}}),
        json!({"writer": {"output": "file", "mode": "x"}}),
        json!({"writer": {"output": "file", "roll_interval": "1h"}}),
    ];
    let others = [
        json!({"storage": {"module": "file_system", "rot": "a"}}),
        json!({"apps": {"caddy.filesystems": {"filesystems": [{"file_system": {"backend": "x"}}]}}}),
        json!({"apps": {"tls": {"certificates": {"load_storage": {"storage": {"module": "file_system"}}}}}}),
        json!({"apps": {"tls": {"automation": {"policies": [{"renewal_window_ratio": "1"}]}}}}),
    ];
    let configs = (handlers.iter().map(with_handler))
        .chain(matchers.iter().map(with_matcher))
        .chain(servers.iter().map(with_server))
        .chain(logs.iter().map(with_log))
        .chain(others);
    let accepted: Vec<Value> = configs
        .filter(|json| caddis_ir::from_value(json).is_ok())
        .collect();
    assert_eq!(accepted, Vec::<Value>::new());
}

#[test]
fn other_forms_that_caddy_takes_are_read() {
    let selection = |key: &str| json!({"certificate_selection": {"public_key_algorithm": key, "serial_number": ["-16"]}});
    for json in [
        with_server(&json!({"logs": {"logger_names": {"a": "b", "c": ["d"]}}})),
        with_server(
            &json!({"max_header_bytes": -1, "allow_0rtt": null, "listen_protocols": [null, ["h1"]]}),
        ),
        with_server(
            &json!({"listener_wrappers": [{"wrapper": "proxy_protocol", "fallback_policy": "ignore"}]}),
        ),
        with_server(&json!({"tls_connection_policies": [selection("RSA"), selection("dsa")]})),
        with_matcher(&json!({"expression": {"expr": "true", "name": "a"}, "not": [], "tls": {}})),
        with_log(&json!({"writer": {"output": "file", "mode": ""}, "sampling": {"interval": 1}})),
        with_log(
            &json!({"encoder": {"format": "filter", "fields": {"a": {"filter": "cookie", "actions": null}}}}),
        ),
        json!({"apps": {"tls": {"automation": {"policies": [{"renewal_window_ratio": 1}]}, "certificates": null}}}),
        json!({"admin": null, "apps": {"caddy.filesystems": {}}, "logging": null}),
    ] {
        assert!(caddis_ir::from_value(&json).is_ok(), "{json}");
    }
}
