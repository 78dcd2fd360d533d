//! Whole configs are loaded and adapted, the server is ended, and authorities are shown.

use caddis_ir::Admin;
use serde_json::{Value, json};

use super::world::{ask, request, send, status, stub};
use crate::admin::serving::Serving;

#[tokio::test]
async fn a_whole_config_is_loaded() {
    let stub = stub();
    let fields = [
        ("cache-control", "must-revalidate"),
        ("caddy-config-source-file", "/etc/caddy/Caddyfile"),
        ("caddy-config-source-adapter", "caddyfile"),
    ];
    let asked = send(
        &stub,
        &Admin::default(),
        request("POST /load", &fields, "{\"a\":1}"),
    )
    .await;
    assert_eq!((asked.status, asked.body.as_str()), (200, ""));
    let current = stub.current();
    assert_eq!(
        (&current.json, *stub.forced.lock()),
        (&json!({ "a": 1 }), 1)
    );
    let source = current.source.as_ref().unwrap();
    assert_eq!(
        (source.file.as_str(), source.adapter.as_str()),
        ("/etc/caddy/Caddyfile", "caddyfile")
    );
    for (body, expected) in [
        ("{\"a\":2}", 200),
        ("", 200),
        ("{", 400),
        ("{}x", 400),
        ("1 2", 400),
        ("{\"@id\":null}", 400),
    ] {
        assert_eq!(
            ask(&stub, "POST /load", body).await.status,
            expected,
            "{body}"
        );
    }
    assert_eq!(*stub.forced.lock(), 1);
}

#[tokio::test]
async fn a_config_that_cannot_be_served_is_refused_with_every_fault() {
    let stub = stub();
    let before = stub.current();
    let asked = ask(&stub, "POST /load", "{\"bad\":1}").await;
    assert_eq!(asked.status, 400);
    let body: Value = serde_json::from_str(&asked.body).unwrap();
    assert_eq!(
        body["error"],
        "the config cannot be served\napps/0: it is bad (make it good)"
    );
    let fault = json!({ "path": "apps/0", "message": "it is bad", "help": "make it good" });
    assert_eq!(body["faults"], json!([fault]));
    assert_eq!(stub.current(), before);
}

#[tokio::test]
async fn other_languages_are_adapted_by_their_type() {
    let stub = stub();
    let post = async |line: &str, kind: &str| {
        let fields = [("content-type", kind)];
        send(&stub, &Admin::default(), request(line, &fields, ":80")).await
    };
    let loaded = post("POST /load", "text/caddyfile; charset=utf-8").await;
    assert_eq!(loaded.status, 200);
    let warning = r#"{"file":"Caddyfile","line":2,"message":"it is \u003cold\u003e"}"#;
    assert_eq!(loaded.body, format!("[{warning}]"));
    assert_eq!(stub.current().json, json!({ "text": ":80" }));
    let adapted = post("POST /adapt", "text/caddyfile").await;
    let expected = format!("{{\"warnings\":[{warning}],\"result\":{{\"text\":\":80\"}}}}\n");
    assert_eq!((adapted.status, adapted.body), (200, expected));
    for (line, kind, expected) in [
        ("POST /load", "text/plain", 400),
        ("POST /load", "caddyfile", 400),
        ("POST /load", "application/json", 400),
        ("POST /adapt", "text/plain", 400),
        ("POST /adapt", "application/json", 500),
    ] {
        assert_eq!(post(line, kind).await.status, expected, "{line} {kind}");
    }
    let empty = [("content-type", "text/caddyfile")];
    let asked = send(
        &stub,
        &Admin::default(),
        request("POST /load", &empty, " \n"),
    )
    .await;
    assert_eq!(asked.status, 400);
    let result = ask(&stub, "POST /adapt", "{\"apps\":{}}").await.body;
    assert_eq!(result, "{\"result\":{\"apps\":{}}}\n");
}

#[tokio::test]
async fn json_that_is_too_deep_is_an_error_and_no_crash() {
    let stub = stub();
    let deep = "[".repeat(10_000) + &"]".repeat(10_000);
    assert_eq!(ask(&stub, "POST /load", &deep).await.status, 400);
    assert_eq!(ask(&stub, "POST /config/x", &deep).await.status, 500);
    let deep = "{\"a\":".repeat(10_000);
    assert_eq!(ask(&stub, "POST /load", &deep).await.status, 400);
}

#[tokio::test]
async fn a_body_that_is_too_long_is_refused() {
    let stub = stub();
    let long = format!("\"{}\"", "a".repeat(100 << 20));
    for line in ["POST /config/x", "POST /load"] {
        let asked = ask(&stub, line, &long).await;
        assert_eq!(asked.status, 400);
        assert!(asked.body.contains("more than 100 MB"), "{}", asked.body);
    }
}

#[tokio::test]
async fn the_end_is_asked_for_by_post_only() {
    let stub = stub();
    assert_eq!(status(&stub, "GET /stop", &[]).await, 405);
    assert_eq!(
        status(&stub, "POST /stop", &[("host", "evil.test")]).await,
        403
    );
    assert!(!*stub.stopped.lock());
    assert_eq!(status(&stub, "POST /stop", &[]).await, 200);
    assert!(*stub.stopped.lock());
}

#[tokio::test]
async fn authorities_show_their_certificates_and_the_local_one_is_made_if_need_be() {
    let stub = stub();
    let asked = ask(&stub, "GET /pki/ca/local", "").await;
    assert_eq!(asked.status, 200, "{}", asked.body);
    let shown: Value = serde_json::from_str(&asked.body).unwrap();
    let kept = stub.folder.path().join("pki/authorities/local/root.crt");
    let root = std::fs::read_to_string(kept).unwrap();
    assert_eq!(
        (&shown["id"], &shown["name"]),
        (&json!("local"), &json!("Caddy Local Authority"))
    );
    assert_eq!(
        shown["intermediate_common_name"],
        "Caddy Local Authority - ECC Intermediate"
    );
    assert_eq!(shown["root_certificate"], root);
    let chain = ask(&stub, "GET /pki/ca/local/certificates", "").await;
    assert_eq!(
        chain.field("content-type"),
        "application/pem-certificate-chain"
    );
    assert_eq!(
        chain.body,
        shown["intermediate_certificate"]
            .as_str()
            .unwrap()
            .to_owned()
            + &root
    );
    for (line, expected) in [
        ("GET /pki/ca/", 404),
        ("GET /pki/ca/nope", 404),
        ("GET /pki/ca/..%2flocal", 301),
        ("GET /pki/ca/local/nope", 404),
        ("POST /pki/ca/local", 405),
    ] {
        assert_eq!(ask(&stub, line, "").await.status, expected, "{line}");
    }
}

#[tokio::test]
async fn upstreams_are_listed_with_what_is_known_of_them() {
    let stub = stub();
    let _hosts = ["b:2", "a:1"].map(|dial| stub.hosts.get(dial));
    let asked = ask(&stub, "GET /reverse_proxy/upstreams", "").await;
    assert_eq!(
        serde_json::from_str::<Value>(&asked.body).unwrap(),
        json!([
            {"address": "a:1", "num_requests": 0, "fails": 0},
            {"address": "b:2", "num_requests": 0, "fails": 0},
        ])
    );
    let posted = ask(&stub, "POST /reverse_proxy/upstreams", "").await;
    assert_eq!(posted.status, 405);
}
